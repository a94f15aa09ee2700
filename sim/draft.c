#include "sim/sim_int.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

/* ---- who and when ---- */

ProtobufCBinaryData croft_sim_address(struct croft_sim *s, u32 wallet)
{
    CROFT_ASSERT(wallet < CROFT_SIM_WALLETS);
    return (ProtobufCBinaryData){32, s->wallet[wallet].address.b};
}

u32 croft_sim_wallet_of(const struct croft_sim *s, const struct croft_address *a)
{
    u32 i = 0;
    while (i < CROFT_SIM_WALLETS && memcmp(s->wallet[i].address.b, a->b, sizeof a->b) != 0)
        i++;
    return i;
}

const struct croft_model_account *croft_sim_account(const struct croft_sim *s, u32 wallet)
{
    u32 place = croft_model_account_at(s->model, &s->wallet[wallet].address);
    return place == CROFT_MODEL_NONE ? NULL : &s->model->account[place];
}

u64 croft_sim_now_s(const struct croft_sim *s)
{
    u64 wall_ms = croft_sim_world_wall_ms(&s->world);
    return (wall_ms > s->last_time_ms ? wall_ms : s->last_time_ms) / 1000;
}

struct croft_sim_draft croft_sim_draft_of(struct croft_sim *s, u32 wallet)
{
    Croft__V1__TxBody *body = croft_sim_new(s, Croft__V1__TxBody, 1);
    croft__v1__tx_body__init(body);
    return (struct croft_sim_draft){.wallet = wallet, .body = body};
}

/* ---- filling in ---- */

/* The account as a client sees it: what the chain has, or what it will have when the first transaction shows
 * its keys. */
static struct croft_model_account seen_account(const struct croft_sim *s, u32 wallet)
{
    const struct croft_model_account *found = croft_sim_account(s, wallet);
    struct croft_model_account a = {0};
    if (found != NULL)
        a = *found;
    if (a.r.key_count != 0)
        return a;
    const Croft__V1__KeySet *set = s->wallet[wallet].first;
    a.r.key_count = (u8)set->n_keys;
    memcpy(a.r.threshold, set->thresholds.data, sizeof a.r.threshold);
    for (size_t i = 0; i < set->n_keys; i++) {
        const Croft__V1__Key *k = set->keys[i];
        a.r.key[i] = (struct croft_key_record){.scheme = 1,
                                               .weight = 1,
                                               .scopes = (u8)k->scopes,
                                               .expires_s = k->expires_s,
                                               .nonce_base = a.r.nonce_floor};
        memcpy(a.r.key[i].public_key, k->public_key.data, 32);
    }
    return a;
}

static u32 scope_for(u32 op)
{
    if (op >= CROFT__V1__TX_BODY__OP_PROPOSE)
        return CROFT_SCOPE_VOTE;
    return op >= CROFT__V1__TX_BODY__OP_KEY_ADD ? CROFT_SCOPE_ADMIN : CROFT_SCOPE_PAY;
}

static bool can_sign(const struct croft_sim *s, const struct croft_key_record *k, u32 scope)
{
    bool lives = k->scheme != 0 && (k->expires_s == 0 || k->expires_s > croft_sim_now_s(s));
    return lives && (k->scopes & 1u << scope) != 0 && croft_sim_secret_of(s, k->public_key) != NULL;
}

/* The lead key keeps its place, the others are put in order. */
static void order_signers(struct croft_sim_draft *d)
{
    for (u32 i = 1; i < d->signer_count; i++)
        for (u32 j = i; j > 1 && d->signer[j] < d->signer[j - 1]; j--) {
            u8 signer = d->signer[j];
            struct croft_public_key key = d->key[j];
            d->signer[j] = d->signer[j - 1];
            d->key[j] = d->key[j - 1];
            d->signer[j - 1] = signer;
            d->key[j - 1] = key;
        }
}

/* Takes keys from a random one on until their weight is enough. */
static void choose_signers(struct croft_sim *s, struct croft_sim_draft *d,
                           const struct croft_model_account *a)
{
    u32 scope = scope_for((u32)d->body->op_case), weight = 0, from = (u32)croft_sim_below(s, CROFT_KEYS_MAX);
    u32 extra = croft_sim_chance(s, 8); /* now and then one more than needed */
    d->signer_count = 0;
    for (u32 i = 0; i < CROFT_KEYS_MAX && (weight < a->r.threshold[scope] || extra > 0); i++) {
        u32 place = (from + i) % CROFT_KEYS_MAX;
        const struct croft_key_record *k = &a->r.key[place];
        if (!can_sign(s, k, scope))
            continue;
        extra -= weight >= a->r.threshold[scope];
        d->signer[d->signer_count] = (u8)place;
        memcpy(d->key[d->signer_count++].b, k->public_key, 32);
        weight += k->weight;
    }
    if (d->signer_count == 0) {
        d->signer_count = 1;
        d->signer[0] = 0;
        memcpy(d->key[0].b, s->wallet[d->wallet].first->keys[0]->public_key.data, 32);
    }
    order_signers(d);
}

static void sign_by_cap_key(struct croft_sim_draft *d, const struct croft_model_account *a)
{
    d->signer_count = 1;
    d->signer[0] = (u8)(d->cap_key - 1);
    memcpy(d->key[0].b, a->r.key[d->signer[0]].public_key, 32);
}

static bool is_flying(const struct croft_sim *s, const struct croft_address *a, u64 nonce)
{
    for (const struct croft_sim_flight *f = s->flight; f != NULL; f = f->behind)
        for (u32 i = 0; i < f->batch.count; i++)
            if (!f->answered[i] && f->tx[i]->body->nonce == nonce &&
                memcmp(f->tx[i]->body->account_address.data, a->b, 32) == 0)
                return true;
    return false;
}

/* Mostly the first one that is free, sometimes any in the window: their order must not matter. */
static u64 choose_nonce(struct croft_sim *s, const struct croft_sim_draft *d,
                        const struct croft_model_account *a)
{
    u64 base = a->r.key[d->signer[0]].nonce_base, skip = croft_sim_chance(s, 6) ? croft_sim_below(s, 256) : 0;
    for (u64 nonce = base + 1 + skip; nonce <= base + 256; nonce++)
        if (!croft_model_nonce_used(s->model, a, d->signer[0], nonce) &&
            !is_flying(s, &s->wallet[d->wallet].address, nonce))
            return nonce;
    return base + 1;
}

/* What it will cost, by an estimate of its length. */
static u64 guess_fee(struct croft_sim *s, const struct croft_sim_draft *d)
{
    size_t len = croft__v1__tx_body__get_packed_size(d->body) + 80 * d->signer_count + 32;
    const struct croft_sim_tx like = {.body = d->body, .bytes.len = len, .signature_count = d->signer_count};
    return croft_model_fee(s->model, croft_model_cost(s->model, &like), CROFT_LANE_NORMAL);
}

void croft_sim_draft_fill(struct croft_sim *s, struct croft_sim_draft *d)
{
    struct croft_model_account a = seen_account(s, d->wallet);
    Croft__V1__TxBody *b = d->body;
    u64 most_s = s->model->param[CROFT_PARAM_VALID_UNTIL_MAX_S];
    b->format = 1;
    b->account_address = croft_sim_address(s, d->wallet);
    b->valid_until_s =
        croft_sim_now_s(s) + (croft_sim_chance(s, 4) ? most_s : croft_sim_below(s, most_s + 1));
    if (d->cap_key != 0)
        sign_by_cap_key(d, &a);
    else
        choose_signers(s, d, &a);
    b->nonce = choose_nonce(s, d, &a);
    const struct croft_model_account *found = croft_sim_account(s, d->wallet);
    bool has_shown = found != NULL && found->r.key_count != 0;
    if (!has_shown || croft_sim_chance(s, 20)) /* showing it again does no harm */
        b->key_set = s->wallet[d->wallet].first;
    u64 fee = guess_fee(s, d);
    b->fee_max = fee < UINT64_MAX / 4 ? fee * 2 + 1000 : fee;
    d->fee_slack = croft_sim_chance(s, 12) ? 1 : d->fee_slack;
}

/* ---- signing ---- */

static struct croft_bytes build(struct croft_sim *s, const struct croft_sim_draft *d,
                                struct croft_hash *out_id)
{
    const struct croft_secret_key *secret[CROFT_TX_SIGNATURES_MAX];
    struct croft_hash network = s->network;
    struct croft_bytes bytes = {0};
    network.b[0] ^= d->foreign ? 1 : 0;
    d->body->lead_key = d->signer[0];
    for (u32 i = 0; i < d->signer_count; i++) {
        secret[i] = croft_sim_secret_of(s, d->key[i].b);
        CROFT_ASSERT(secret[i] != NULL);
    }
    croft_err err =
        croft_tx_build(d->body, &network, secret, d->signer, d->signer_count, &s->mem, &bytes, out_id);
    CROFT_ASSERT(err == CROFT_OK);
    return bytes;
}

/* Makes fee_max the very fee; its own length may change the fee once more. */
static void fit_fee(struct croft_sim *s, const struct croft_sim_draft *d)
{
    for (u32 i = 0; i < 3 && d->fee_slack != 0; i++) {
        struct croft_hash id;
        const struct croft_sim_tx like = {
            .body = d->body, .bytes = build(s, d, &id), .signature_count = d->signer_count};
        u64 fee = croft_model_fee(s->model, croft_model_cost(s->model, &like), d->body->lane % 2);
        d->body->fee_max = fee - (fee > 0 ? d->fee_slack - 1 : 0);
    }
}

/* Makes amount and fee together what is left of the cap. */
static void fit_cap(struct croft_sim *s, const struct croft_sim_draft *d)
{
    for (u32 i = 0; i < 3 && d->cap_key != 0; i++) {
        struct croft_hash id;
        const struct croft_sim_tx like = {
            .body = d->body, .bytes = build(s, d, &id), .signature_count = d->signer_count};
        u64 fee = croft_model_fee(s->model, croft_model_cost(s->model, &like), CROFT_LANE_NORMAL);
        d->body->transfer->legs[0]->amount = fee < d->cap_left ? d->cap_left - fee : 1;
    }
}

void croft_sim_tx_keep(struct croft_sim *s, struct croft_sim_tx *t)
{
    if (s->tx_count == s->tx_room) {
        s->tx_room = s->tx_room * 2 + 1024;
        s->tx = realloc(s->tx, s->tx_room * sizeof *s->tx);
        s->next_in_bucket = realloc(s->next_in_bucket, s->tx_room * sizeof *s->next_in_bucket);
        CROFT_ASSERT(s->tx != NULL && s->next_in_bucket != NULL);
    }
    u32 *bucket = &s->bucket[(t->id.b[0] | t->id.b[1] << 8) % CROFT_SIM_BUCKETS];
    t->serial = s->tx_count;
    s->next_in_bucket[s->tx_count] = *bucket;
    s->tx[s->tx_count++] = t;
    *bucket = s->tx_count;
}

struct croft_sim_tx *croft_sim_draft_sign(struct croft_sim *s, const struct croft_sim_draft *d)
{
    struct croft_sim_tx *t = croft_sim_new(s, struct croft_sim_tx, 1);
    fit_fee(s, d);
    fit_cap(s, d);
    struct croft_bytes made = build(s, d, &t->id);
    u8 *bytes = croft_sim_new(s, u8, made.len + 16);
    memcpy(bytes, made.at, made.len);
    if (d->mangle != NULL)
        d->mangle(s, bytes, &made.len);
    t->bytes = (struct croft_bytes){bytes, made.len};
    t->mangled = d->mangle != NULL;
    t->foreign = d->foreign;
    t->body = d->body;
    t->op = (u32)d->body->op_case;
    t->signature_count = d->signer_count;
    memcpy(t->signer, d->signer, sizeof t->signer);
    memcpy(t->signed_by, d->key, sizeof t->signed_by);
    croft_sim_tx_keep(s, t);
    return t;
}

struct croft_sim_tx *croft_sim_tx_like(struct croft_sim *s, const struct croft_sim_tx *like,
                                       struct croft_bytes bytes)
{
    struct croft_sim_tx *t = croft_sim_new(s, struct croft_sim_tx, 1);
    *t = *like;
    t->bytes = bytes;
    t->flying = 0;
    t->height = 0;
    t->acked = false;
    croft_sim_tx_keep(s, t);
    return t;
}

struct croft_sim_tx *croft_sim_tx_find(const struct croft_sim *s, const struct croft_hash *id,
                                       struct croft_bytes bytes)
{
    u32 at = s->bucket[(id->b[0] | id->b[1] << 8) % CROFT_SIM_BUCKETS];
    for (; at != 0; at = s->next_in_bucket[at - 1]) {
        struct croft_sim_tx *t = s->tx[at - 1];
        if (!t->mangled && t->bytes.len == bytes.len && memcmp(t->bytes.at, bytes.at, bytes.len) == 0)
            return t;
    }
    return NULL;
}

struct croft_sim_tx *croft_sim_tx_in_block(const struct croft_sim *s, const struct croft_hash *id)
{
    u32 at = s->bucket[(id->b[0] | id->b[1] << 8) % CROFT_SIM_BUCKETS];
    for (; at != 0; at = s->next_in_bucket[at - 1])
        if (s->tx[at - 1]->height != 0 && memcmp(s->tx[at - 1]->id.b, id->b, sizeof id->b) == 0)
            return s->tx[at - 1];
    return NULL;
}
