#include "chain/wallet_int.h"

#include "base/assert.h"
#include "crypto/bech32m.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The base fee moves by at most 1/8 a block: this outlasts six full blocks in a row. */
enum { HEADROOM = 2, REPLAY_RETRIES = 12, SIGNATURE_BYTES = 80, NONCES_HALF = CROFT_REPLAY_WINDOW / 2 };

croft_err croft_wallet_address(const struct croft_public_key *key, struct croft_address *out)
{
    u8 memory[1024];
    struct croft_arena mem = {memory, memory + sizeof memory};
    const Croft__V1__KeySet *set = croft_key_set_single(key, &mem);
    if (set == NULL)
        return CROFT_ERR_NOMEM;
    *out = croft_key_set_address(set);
    return CROFT_OK;
}

u64 croft_wallet_nonce(const struct croft_key_record *key)
{
    u64 nonce = key->nonce_base + 1;
    for (u32 i = 0; i < CROFT_REPLAY_WINDOW && (key->nonce_map[i / 8] >> (i % 8) & 1) != 0; i++)
        nonce++;
    return nonce;
}

/* The first unused nonce of this half of the window at or after a place drawn by chance. */
static u64 drawn_nonce(const struct croft_key_record *key, u32 half, struct croft_world *world)
{
    u8 draw;
    world->ops->entropy(world, &draw, 1);
    for (u32 i = 0; i < NONCES_HALF; i++) {
        u32 bit = half * NONCES_HALF + (draw + i) % NONCES_HALF;
        if ((key->nonce_map[bit / 8] >> (bit % 8) & 1) == 0)
            return key->nonce_base + 1 + bit;
    }
    return croft_wallet_nonce(key);
}

u64 croft_wallet_random_nonce(const struct croft_key_record *key, struct croft_world *world)
{
    return drawn_nonce(key, 0, world);
}

enum croft_scope croft_wallet_scope(u32 op)
{
    if (op >= CROFT__V1__TX_BODY__OP_KEY_ADD && op <= CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT)
        return CROFT_SCOPE_ADMIN;
    bool votes = op == CROFT__V1__TX_BODY__OP_PROPOSE || op == CROFT__V1__TX_BODY__OP_VOTE;
    return votes ? CROFT_SCOPE_VOTE : CROFT_SCOPE_PAY;
}

static const char *const scope_name[CROFT_SCOPE_COUNT] = {"pay",   "trade", "node", "voucher",
                                                          "audit", "vote",  "admin"};

const char *croft_scope_name(enum croft_scope scope)
{
    CROFT_ASSERT(scope < CROFT_SCOPE_COUNT);
    return scope_name[scope];
}

bool croft_scope_parse(struct croft_bytes text, enum croft_scope *out)
{
    for (u32 i = 0; i < CROFT_SCOPE_COUNT; i++) {
        if (strlen(scope_name[i]) == text.len && memcmp(scope_name[i], text.at, text.len) == 0) {
            *out = (enum croft_scope)i;
            return true;
        }
    }
    return false;
}

/* Records that an operation writes and creates at most, its own account not counted. */
static void touched(const Croft__V1__TxBody *body, u64 *out_writes, u64 *out_creates)
{
    enum { WRITES_MOST = 4, CREATES_MOST = 1 };
    bool transfer = body->op_case == CROFT__V1__TX_BODY__OP_TRANSFER;
    *out_writes = transfer ? body->transfer->n_legs : WRITES_MOST;
    *out_creates = transfer ? body->transfer->n_legs : CREATES_MOST;
}

static u64 add_product(u64 sum, u64 a, u64 b)
{
    u64 product;
    if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(sum, product, &sum))
        return UINT64_MAX;
    return sum;
}

u64 croft_wallet_cost(const struct croft_params *params, const Croft__V1__TxBody *body, size_t tx_bytes,
                      u32 signatures)
{
    u64 writes, creates;
    touched(body, &writes, &creates);
    u64 cost = add_product(0, signatures, params->value[CROFT_PARAM_COST_SIGNATURE]);
    cost = add_product(cost, (tx_bytes + 15) / 16, params->value[CROFT_PARAM_COST_BYTES_16]);
    cost = add_product(cost, writes + 1, params->value[CROFT_PARAM_COST_WRITE]);
    return add_product(cost, creates, params->value[CROFT_PARAM_COST_CREATE]);
}

/* Sets fee_max on a body that is otherwise whole; nothing costs nothing. */
static void choose_fee(const struct croft_wallet *w, u64 base_fee, const struct croft_params *params,
                       u32 signatures, Croft__V1__TxBody *body)
{
    body->fee_max = w->has_fee_max ? croft_amt_units(w->fee_max) : 0;
    if (w->has_fee_max || base_fee == 0 || body->lane == CROFT_LANE_QUOTA)
        return;
    body->fee_max = UINT64_MAX; /* as long as it can get, for the length */
    size_t bytes = croft__v1__tx_body__get_packed_size(body) + (size_t)signatures * SIGNATURE_BYTES;
    u64 cost = croft_wallet_cost(params, body, bytes, signatures);
    body->fee_max = add_product(0, add_product(0, cost, base_fee), HEADROOM);
}

/* ---- the account and its keys ---- */

/* An account as a signature for it needs it.  One that has shown no keys yet gets those of its first key set
 * filled in, as the ledger will do when that is shown. */
struct signing {
    struct croft_account_record account;
    Croft__V1__KeySet *key_set; /* to be shown; NULL: the chain knows the keys */
};

static croft_err no_account(const struct croft_wallet *w, struct croft_why *why)
{
    char text[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, w->account.b, text);
    return croft_fail(why, CROFT_ERR_NOT_FOUND,
                      "the account %s does not exist on network \"%s\" yet\n"
                      "it comes into being with the first payment to it; it then pays its own fees",
                      text, w->client->network_name);
}

static void fill_keys(const Croft__V1__KeySet *set, struct croft_account_record *account)
{
    CROFT_ASSERT(set->n_keys <= CROFT_KEYS_MAX && set->thresholds.len == sizeof account->threshold);
    account->key_count = (u8)set->n_keys;
    memcpy(account->threshold, set->thresholds.data, sizeof account->threshold);
    for (size_t i = 0; i < set->n_keys; i++) {
        const Croft__V1__Key *key = set->keys[i];
        account->key[i] = (struct croft_key_record){.scheme = (u8)key->scheme,
                                                    .weight = (u8)key->weight,
                                                    .scopes = (u8)key->scopes,
                                                    .expires_s = key->expires_s,
                                                    .nonce_base = account->nonce_floor};
        memcpy(account->key[i].public_key, key->public_key.data, sizeof account->key[i].public_key);
    }
}

static croft_err first_keys(const struct croft_wallet *w, const struct croft_public_key *lead,
                            struct croft_arena *mem, struct signing *out, struct croft_why *why)
{
    Croft__V1__KeySet *set = w->key_set;
    if (set == NULL && lead != NULL) {
        set = croft_key_set_single(lead, mem);
        if (set == NULL)
            return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the key set");
    }
    const struct croft_address made = set != NULL ? croft_key_set_address(set) : (struct croft_address){{0}};
    if (memcmp(made.b, w->account.b, sizeof made.b) != 0)
        return croft_fail(
            why, CROFT_ERR_TX_KEY,
            "the account has not shown its keys yet, and this key alone is not what it is made of\n"
            "sign its first transaction with the key that its address belongs to");
    fill_keys(set, &out->account);
    out->key_set = set;
    return CROFT_OK;
}

static croft_err read_signing(const struct croft_wallet *w, const struct croft_public_key *lead,
                              struct croft_arena *mem, struct signing *out, struct croft_why *why)
{
    const struct croft_record_key at = croft_key_of_address(&w->account);
    out->key_set = NULL;
    croft_err err =
        croft_record_read(w->client, CROFT_TABLE_ACCOUNTS, &at, false, mem, &out->account, NULL, why);
    if (err == CROFT_ERR_NOT_FOUND)
        return no_account(w, why);
    CROFT_TRY(err);
    return out->account.key_count == 0 ? first_keys(w, lead, mem, out, why) : CROFT_OK;
}

static croft_err find_place(const struct croft_account_record *account,
                            const struct croft_public_key *public_key, u8 *out, struct croft_why *why)
{
    for (u8 i = 0; i < account->key_count; i++) {
        const struct croft_key_record *key = &account->key[i];
        if (key->scheme == 0 || memcmp(key->public_key, public_key->b, sizeof public_key->b) != 0)
            continue;
        *out = i;
        return CROFT_OK;
    }
    return croft_fail(
        why, CROFT_ERR_TX_KEY,
        "this key is none of the account's keys: it was revoked, replaced or never added\n"
        "\"croft balance\" lists them; choose another with --key, or the account with --account");
}

/* ---- signing and sending ---- */

static u64 now_s(const struct croft_wallet *w, const Croft__V1__StatusResult *status)
{
    struct croft_world *world = w->client->options.world;
    u64 now_ms = world->ops->wall_ms(world);
    return (now_ms > status->time_ms ? now_ms : status->time_ms) / 1000;
}

/* Everything about the body but the fee and what it does. */
static void address_body(const struct croft_wallet *w, const struct signing *s, u8 lead, u64 nonce,
                         u64 valid_until_s, Croft__V1__TxBody *body)
{
    body->format = 1;
    body->account_address = (ProtobufCBinaryData){sizeof w->account.b, (u8 *)(uintptr_t)w->account.b};
    body->nonce = nonce;
    body->valid_until_s = valid_until_s;
    body->lane = w->lane;
    body->key_set = s->key_set;
    body->lead_key = lead;
}

static croft_err sign(const struct croft_wallet *w, u8 place, const Croft__V1__TxBody *body,
                      struct croft_arena *mem, struct croft_bytes *out, struct croft_hash *out_id,
                      struct croft_why *why)
{
    const struct croft_secret_key *keys[] = {w->key};
    struct croft_tx decoded;
    croft_err err = croft_tx_build(body, &w->client->network, keys, &place, 1, mem, out, out_id);
    /* Decoding what we would send says now, and for nothing, what the chain would refuse. */
    if (err == CROFT_OK)
        err = croft_tx_decode(*out, &w->client->network, mem, &decoded);
    return err == CROFT_OK ? CROFT_OK : croft_fail(why, err, "%s\nnothing was sent", croft_err_text(err));
}

/* What leaves the account's balances with the operation, without fee and deposits. */
static void moved_out(const Croft__V1__TxBody *body, struct croft_amt out[CROFT_ASSET_COUNT], bool *out_fits)
{
    u32 asset = CROFT_ASSET_COUNT;
    u64 amount = 0;
    *out_fits = true;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        for (size_t i = 0; i < body->transfer->n_legs; i++) {
            const Croft__V1__Leg *leg = body->transfer->legs[i];
            if (leg->asset < CROFT_ASSET_COUNT)
                *out_fits = croft_amt_add(&out[leg->asset], out[leg->asset], croft_amt_of(leg->amount)) &&
                            *out_fits;
        }
        return;
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        asset = body->pending_open->asset;
        amount = body->pending_open->amount;
        break;
    case CROFT__V1__TX_BODY__OP_REDEEM:
        asset = body->redeem->asset;
        amount = body->redeem->amount;
        break;
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
        asset = body->withdraw->asset;
        amount = body->withdraw->amount;
        break;
    default:
        return;
    }
    if (asset < CROFT_ASSET_COUNT)
        out[asset] = croft_amt_of(amount);
}

/* The chain would find out only after taking a fee. */
static croft_err check_funds(const struct croft_account_record *account, const Croft__V1__TxBody *body,
                             struct croft_why *why)
{
    static const char *const name[CROFT_ASSET_COUNT] = {"credits", "CROFT"};
    struct croft_amt out[CROFT_ASSET_COUNT] = {{0}};
    bool fits;
    moved_out(body, out, &fits);
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++) {
        char has[CROFT_AMT_TEXT_MAX], needs[CROFT_AMT_TEXT_MAX];
        if (fits && croft_amt_cmp(out[asset], account->balance[asset]) <= 0)
            continue;
        croft_amt_format(account->balance[asset], has);
        croft_amt_format(out[asset], needs);
        return croft_fail(why, CROFT_ERR_TX_FUNDS,
                          "the account has %s %s, and this needs %s%s\nnothing was sent; "
                          "\"croft balance\" shows what it has",
                          has, name[asset], fits ? needs : "more than there can be",
                          asset == CROFT_ASSET_CREDIT ? " and a fee" : "");
    }
    return CROFT_OK;
}

/* Asked for longer than the network allows: its own words would be about clocks. */
static croft_err check_valid(const struct croft_wallet *w, const struct croft_params *params,
                             struct croft_why *why)
{
    u64 most = params->value[CROFT_PARAM_VALID_UNTIL_MAX_S];
    if (w->valid_s <= most || most == 0)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_TX_TOO_LONG,
                      "a transaction of this network is valid for at most %" PRIu64 " s (%" PRIu64
                      " h), and this one was to be for %" PRIu64 " s\nnothing was sent; give a shorter --valid",
                      most, most / 3600, w->valid_s);
}

/* drawn: the lowest nonce went to another program, so take one by chance. */
static croft_err prepare(const struct croft_wallet *w, bool drawn, Croft__V1__TxBody *body,
                         struct croft_arena *mem, struct croft_bytes *out, struct croft_hash *out_id,
                         struct croft_why *why)
{
    u8 place = 0;
    struct signing s;
    struct croft_params params = {0};
    const Croft__V1__StatusResult *status;
    const struct croft_public_key own = croft_public_key_of(w->key);
    CROFT_TRY(croft_status_read(w->client, mem, &status, why));
    CROFT_TRY(read_signing(w, &own, mem, &s, why));
    CROFT_TRY(find_place(&s.account, &own, &place, why));
    CROFT_TRY(check_funds(&s.account, body, why));
    u64 valid_s = w->valid_s != 0 ? w->valid_s : CROFT_WALLET_VALID_S;
    const struct croft_key_record *key = &s.account.key[place];
    u64 nonce = drawn ? croft_wallet_random_nonce(key, w->client->options.world) : croft_wallet_nonce(key);
    address_body(w, &s, place, nonce, now_s(w, status) + valid_s, body);
    if ((!w->has_fee_max && status->base_fee != 0) || w->valid_s != 0)
        CROFT_TRY(croft_params_read(w->client, *mem, &params, why));
    CROFT_TRY(check_valid(w, &params, why));
    choose_fee(w, status->base_fee, &params, 1, body);
    return sign(w, place, body, mem, out, out_id, why);
}

/* What was set here lies in an arena or in the wallet. */
static void forget(Croft__V1__TxBody *body)
{
    body->key_set = NULL;
    body->account_address = (ProtobufCBinaryData){0};
}

static croft_err send_once(const struct croft_wallet *w, bool drawn, Croft__V1__TxBody *body,
                           struct croft_arena mem, struct croft_wallet_result *out, bool *out_replayed,
                           struct croft_why *why)
{
    struct croft_bytes tx;
    struct croft_hash id;
    croft_err err = prepare(w, drawn, body, &mem, &tx, &id, why);
    forget(body);
    CROFT_TRY(err);
    return croft_wallet_deliver(w->client, tx, &id, mem, out, out_replayed, why);
}

croft_err croft_wallet_send(const struct croft_wallet *w, Croft__V1__TxBody *body, struct croft_arena *mem,
                            struct croft_wallet_result *out, struct croft_why *why)
{
    CROFT_ASSERT(body->op_case != CROFT__V1__TX_BODY__OP__NOT_SET);
    CROFT_ASSERT(w->lane <= CROFT_LANE_QUOTA);
    for (int tries = 0;; tries++) {
        /* Another program with the same key may take the nonce between our look and our sending. */
        bool replayed = false;
        struct croft_wallet_result result = {.height = 0};
        croft_err err = send_once(w, tries > 0, body, *mem, &result, &replayed, why);
        if (replayed && err == CROFT_ERR_TX_REPLAY && tries < REPLAY_RETRIES)
            continue;
        *out = result;
        return err;
    }
}

/* ---- not sending yet ---- */

static bool may_sign(const struct croft_key_record *key, enum croft_scope scope, u64 at_s)
{
    return key->scheme != 0 && (key->scopes >> scope & 1) != 0 &&
           (key->expires_s == 0 || at_s < key->expires_s);
}

/* A transaction that waits for signatures shares its key's window with those sent meanwhile, which take the
 * lowest nonces; so it takes one from the upper half, and several rarely the same. */
static u64 distant_nonce(const struct croft_wallet *w, const struct croft_key_record *key)
{
    return drawn_nonce(key, 1, w->client->options.world);
}

/* The keys that may sign, as the file keeps them for whoever signs without a chain. */
static void note_keys(const struct croft_account_record *account, enum croft_scope scope, u64 at_s,
                      struct croft_unsent *out)
{
    out->threshold = account->threshold[scope];
    for (u8 i = 0; i < account->key_count; i++) {
        if (!may_sign(&account->key[i], scope, at_s))
            continue;
        struct croft_unsent_key *key = &out->key[out->key_count++];
        key->place = i;
        key->weight = account->key[i].weight;
        memcpy(key->public_key.b, account->key[i].public_key, sizeof key->public_key.b);
    }
}

static croft_err choose_lead(const struct signing *s, const struct croft_public_key *lead,
                             const struct croft_unsent *u, u8 *out, struct croft_why *why)
{
    if (u->key_count == 0)
        return croft_fail(why, CROFT_ERR_TX_SCOPE, "no key of the account has the scope \"%s\"",
                          croft_scope_name(u->scope));
    *out = u->key[0].place;
    if (lead == NULL)
        return CROFT_OK;
    CROFT_TRY(find_place(&s->account, lead, out, why));
    if (croft_unsent_key_at(u, *out) == NULL)
        return croft_fail(why, CROFT_ERR_TX_SCOPE,
                          "this key lacks the scope \"%s\", or has expired\nchoose another with --key",
                          croft_scope_name(u->scope));
    return CROFT_OK;
}

/* As long as the network allows, less what clocks may differ by. */
static u64 longest_valid_s(const struct croft_params *params)
{
    enum { CLOCKS_DIFFER_S = 300 };
    u64 most = params->value[CROFT_PARAM_VALID_UNTIL_MAX_S];
    return most > 2 * CLOCKS_DIFFER_S ? most - CLOCKS_DIFFER_S : most / 2;
}

static croft_err draft(const struct croft_wallet *w, const struct croft_public_key *lead,
                       Croft__V1__TxBody *body, struct croft_arena *mem, struct croft_unsent *out,
                       struct croft_why *why)
{
    u8 place = 0;
    struct signing s;
    struct croft_params params;
    const Croft__V1__StatusResult *status;
    CROFT_TRY(croft_status_read(w->client, mem, &status, why));
    CROFT_TRY(read_signing(w, lead, mem, &s, why));
    CROFT_TRY(croft_params_read(w->client, *mem, &params, why));
    CROFT_TRY(check_valid(w, &params, why));
    u64 at_s = now_s(w, status);
    *out =
        (struct croft_unsent){.network = w->client->network, .scope = croft_wallet_scope((u32)body->op_case)};
    snprintf(out->network_name, sizeof out->network_name, "%s", w->client->network_name);
    note_keys(&s.account, out->scope, at_s, out);
    CROFT_TRY(choose_lead(&s, lead, out, &place, why));
    u64 valid_s = w->valid_s != 0 ? w->valid_s : longest_valid_s(&params);
    address_body(w, &s, place, distant_nonce(w, &s.account.key[place]), at_s + valid_s, body);
    choose_fee(w, status->base_fee, &params, out->key_count, body);
    return croft_unsent_seal(out, body, mem, why);
}

croft_err croft_wallet_draft(const struct croft_wallet *w, const struct croft_public_key *lead,
                             Croft__V1__TxBody *body, struct croft_arena *mem, struct croft_unsent *out,
                             struct croft_why *why)
{
    CROFT_ASSERT(body->op_case != CROFT__V1__TX_BODY__OP__NOT_SET);
    croft_err err = draft(w, lead, body, mem, out, why);
    forget(body);
    return err;
}
