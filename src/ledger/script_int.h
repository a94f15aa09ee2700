/* ledger/script_int.h - for tests only: a chain driven by bytes.
 *
 * Any bytes are a script: what is read past their end is zero.  A script says who does what with which
 * fields, when blocks begin and end, and which are taken back; fields are drawn from where the edges are
 * (whole balances, the longest life, an id in use).  Random bytes make a random chain, libFuzzer's bytes a
 * guided one.
 */
#ifndef CROFT_LEDGER_SCRIPT_INT_H
#define CROFT_LEDGER_SCRIPT_INT_H

#include "ledger/test_int.h"

enum { SCRIPT_ACTORS = 12, SCRIPT_IDS = 6, SCRIPT_KEYS = 8 * CHAIN_ACTORS };

struct script {
    const u8 *at, *end;
};

static inline bool script_is_over(const struct script *s)
{
    return s->at == s->end;
}

static inline u32 script_below(struct script *s, u32 limit)
{
    u32 byte = script_is_over(s) ? 0 : *s->at++;
    return byte % limit;
}

static inline u32 script_actor(struct script *s)
{
    return script_below(s, SCRIPT_ACTORS);
}

/* Mostly little; else around what the actor has. */
static inline u64 script_amount(struct chain *c, struct script *s, u32 n, u32 asset)
{
    u64 all = chain_has(c, n) ? chain_balance(c, n, asset) : 0,
        deposit = chain_param_of(c, CROFT_PARAM_DEPOSIT_RECORD);
    switch (script_below(s, 64)) {
    case 1:
        return all + 1;
    case 2:
        return all - (all > deposit ? deposit : 0) + (all == 0);
    case 3:
        return UINT64_MAX;
    case 4:
        return all / 2 + 1;
    default:
        return 1 + (u64)script_below(s, 256) * script_below(s, 256);
    }
}

static inline u64 script_life(struct chain *c, struct script *s)
{
    switch (script_below(s, 6)) {
    case 1:
        return chain_param_of(c, CROFT_PARAM_PENDING_MAX_S) + script_below(s, 2);
    case 2:
        return chain_param_of(c, CROFT_PARAM_RECOVER_DELAY_MIN_S) + script_below(s, 2) - 1;
    default:
        return script_below(s, 64);
    }
}

/* ---- who and what: mostly those that have a chance ---- */

/* A live slot of the table, or CROFT_SLOT_NONE when it is empty or, sometimes, to try without. */
static inline u32 script_pick(struct chain *c, struct script *s, u32 table)
{
    u32 high = croft_state_high(c->l->state, table), from = script_below(s, 256);
    for (u32 i = 0; i < high && from % 8 != 7; i++)
        if (croft_state_key(c->l->state, table, (from + i) % high).at != NULL)
            return (from + i) % high;
    return CROFT_SLOT_NONE;
}

/* The actor with this address, else any. */
static inline u32 script_actor_at(struct chain *c, struct script *s, const u8 *address)
{
    u32 other = script_below(s, 8) == 7 ? script_actor(s) : CHAIN_ACTORS;
    for (u32 n = 0; n < CHAIN_ACTORS && other == CHAIN_ACTORS; n++)
        if (memcmp(c->actor[n].address.b, address, 32) == 0)
            return n;
    return other == CHAIN_ACTORS ? script_actor(s) : other;
}

static inline u64 script_id_in(struct croft_bytes key, size_t at)
{
    u64 id = 0;
    for (size_t i = at; i < at + 8; i++)
        id = id << 8 | key.at[i];
    return id;
}

/* Somebody's id in a table whose keys are (address, id): one that is live, if there is any. */
static inline u64 script_owned(struct chain *c, struct script *s, u32 table, u32 *out_owner, u32 *out_slot)
{
    *out_slot = script_pick(c, s, table);
    if (*out_slot == CROFT_SLOT_NONE) {
        *out_owner = script_actor(s);
        return script_below(s, SCRIPT_IDS);
    }
    struct croft_bytes key = croft_state_key(c->l->state, table, *out_slot);
    *out_owner = script_actor_at(c, s, key.at);
    return script_id_in(key, 32);
}

static inline u32 script_operator(struct script *s)
{
    u32 n = script_below(s, 16);
    return n < 12 ? 1 + n % CHAIN_OPERATORS : script_actor(s);
}

static inline u32 script_issuer(struct script *s)
{
    return script_below(s, 4) ? CHAIN_ISSUER : script_actor(s);
}

/* ---- operations ---- */

static inline Croft__V1__TxBody *script_transfer(struct chain *c, struct script *s)
{
    u32 n = script_actor(s), asset = script_below(s, CROFT_ASSET_COUNT), to = script_actor(s);
    u64 amount =
        script_below(s, 4) ? 300000000 : script_amount(c, s, n, asset); /* enough to live on for a while */
    Croft__V1__TxBody *body = chain_transfer(c, n, to, asset, amount);
    for (u32 more = script_below(s, 4); more > 1; more--)
        chain_add_leg(c, body->transfer, chain_address(c, script_actor(s)), script_below(s, 2),
                      1 + script_below(s, 100));
    return body;
}

static inline Croft__V1__TxBody *script_pending_open(struct chain *c, struct script *s)
{
    u32 n = script_actor(s), id = script_below(s, SCRIPT_IDS), payee = script_actor(s);
    u32 asset = script_below(s, CROFT_ASSET_COUNT), arbiter = script_below(s, 2 * SCRIPT_ACTORS);
    u64 amount = script_amount(c, s, n, asset);
    Croft__V1__TxBody *body = chain_pending_open(c, n, id, payee, amount, script_life(c, s));
    if (arbiter < SCRIPT_ACTORS)
        body->pending_open->arbiter_address = chain_address(c, arbiter);
    body->pending_open->asset = asset;
    return body;
}

static inline Croft__V1__TxBody *script_pending_post(struct chain *c, struct script *s)
{
    u32 payer, slot;
    struct croft_pending_record p = {.amount = croft_amt_of(9)};
    u64 id = script_owned(c, s, CROFT_TABLE_PENDINGS, &payer, &slot);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(c->l, CROFT_TABLE_PENDINGS, slot, &p);
    u32 n = croft_address_is_system(&p.arbiter) ? payer : script_actor_at(c, s, p.arbiter.b);
    u64 part = script_below(s, 12); /* of a tenth each: eleven are too much */
    return chain_pending_post(c, n, payer, id, part == 10 ? p.amount.units : p.amount.units / 10 * part);
}

static inline Croft__V1__TxBody *script_pending_void(struct chain *c, struct script *s)
{
    u32 payer, slot;
    struct croft_pending_record p = {.amount = croft_amt_of(0)};
    u64 id = script_owned(c, s, CROFT_TABLE_PENDINGS, &payer, &slot);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(c->l, CROFT_TABLE_PENDINGS, slot, &p);
    return chain_pending_void(c, script_actor_at(c, s, p.payee.b), payer, id);
}

static inline Croft__V1__TxBody *script_issue(struct chain *c, struct script *s)
{
    u32 n = script_issuer(s), asset = script_below(s, CROFT_ASSET_COUNT), to = script_actor(s);
    return chain_issue(c, n, to, asset, script_below(s, 2) ? 500000000 : script_amount(c, s, n, asset));
}

static inline Croft__V1__TxBody *script_redeem(struct chain *c, struct script *s)
{
    u32 n = script_actor(s), asset = script_below(s, CROFT_ASSET_COUNT), issuer = script_issuer(s);
    return chain_redeem(c, n, issuer, asset, script_amount(c, s, n, asset));
}

static inline Croft__V1__TxBody *script_withdraw(struct chain *c, struct script *s)
{
    u32 n = script_actor(s), asset = script_below(s, CROFT_ASSET_COUNT), issuer = script_issuer(s);
    u32 id = script_below(s, SCRIPT_IDS);
    return chain_withdraw(c, n, id, issuer, asset, script_amount(c, s, n, asset));
}

static inline Croft__V1__TxBody *script_withdraw_paid(struct chain *c, struct script *s)
{
    u32 account, slot;
    u64 id = script_owned(c, s, CROFT_TABLE_WITHDRAWALS, &account, &slot);
    return chain_withdraw_paid(c, script_issuer(s), account, id);
}

static inline Croft__V1__TxBody *script_withdraw_return(struct chain *c, struct script *s)
{
    u32 account, slot;
    u64 id = script_owned(c, s, CROFT_TABLE_WITHDRAWALS, &account, &slot);
    return chain_withdraw_return(c, script_issuer(s), account, id);
}

/* An account's keys come from its own eight numbers, so that one that was revoked comes back. */
static inline u32 script_key_number(struct script *s, u32 n)
{
    return 8 * n + script_below(s, 8);
}

static inline Croft__V1__TxBody *script_key_add(struct chain *c, struct script *s)
{
    u32 n = script_actor(s), number = script_key_number(s, n), weight = 1 + script_below(s, 3);
    u32 scopes = script_below(s, 2) ? CROFT_SCOPES_ALL : 1 + script_below(s, CROFT_SCOPES_ALL);
    Croft__V1__Key *key = chain_key(&c->scratch, number, weight, scopes);
    key->cap_credit = script_below(s, 3) == 1 ? script_amount(c, s, n, CROFT_ASSET_CREDIT) : 0;
    key->expires_s = script_below(s, 3) == 1 ? c->now_s + script_below(s, 200) : 0;
    return chain_key_add(c, n, key);
}

static inline Croft__V1__TxBody *script_key_revoke(struct chain *c, struct script *s)
{
    u32 n = script_actor(s);
    return chain_key_revoke(c, n, script_below(s, CROFT_KEYS_MAX));
}

static inline Croft__V1__TxBody *script_key_rotate(struct chain *c, struct script *s)
{
    u32 n = script_actor(s), place = script_below(s, 4);
    return chain_key_rotate(c, n, place, script_key_number(s, n));
}

static inline Croft__V1__TxBody *script_key_thresholds(struct chain *c, struct script *s)
{
    u32 n = script_actor(s);
    return chain_key_thresholds(c, n, (u8)(1 + script_below(s, 3)));
}

static inline Croft__V1__TxBody *script_set_guardian(struct chain *c, struct script *s)
{
    u32 n = script_actor(s), guardian = script_below(s, SCRIPT_ACTORS + 1);
    u64 delay_s = script_below(s, 4) ? chain_param_of(c, CROFT_PARAM_RECOVER_DELAY_MIN_S) : script_life(c, s);
    return chain_set_guardian(c, n, guardian < SCRIPT_ACTORS ? guardian : CHAIN_ACTORS, delay_s);
}

static inline Croft__V1__TxBody *script_recover_start(struct chain *c, struct script *s)
{
    u32 lost = script_actor(s), guardian = script_actor(s), first = script_below(s, 4),
        count = 1 + script_below(s, 4);
    for (u32 i = 0; i < SCRIPT_ACTORS && chain_has(c, lost); i++, lost = (lost + 1) % SCRIPT_ACTORS) {
        struct croft_address a = chain_account(c, lost).guardian;
        if (croft_address_is_system(&a))
            continue;
        guardian = script_actor_at(c, s, a.b);
        break;
    }
    Croft__V1__KeySet *set =
        chain_key_set(&c->scratch, 8 * lost + first, count, (u8)(1 + script_below(s, count)));
    return chain_recover_start(c, guardian, lost, set);
}

static inline Croft__V1__TxBody *script_recover_cancel(struct chain *c, struct script *s)
{
    u32 slot = script_pick(c, s, CROFT_TABLE_RECOVERIES);
    if (slot == CROFT_SLOT_NONE)
        return chain_recover_cancel(c, script_actor(s));
    return chain_recover_cancel(
        c, script_actor_at(c, s, croft_state_key(c->l->state, CROFT_TABLE_RECOVERIES, slot).at));
}

static inline Croft__V1__TxBody *script_close(struct chain *c, struct script *s)
{
    u32 n = script_actor(s);
    return chain_close(c, n, script_actor(s));
}

static inline Croft__V1__TxBody *script_vote(struct chain *c, struct script *s)
{
    u32 n = script_operator(s), slot = script_pick(c, s, CROFT_TABLE_PROPOSALS);
    u64 id = slot == CROFT_SLOT_NONE
                 ? script_below(s, SCRIPT_IDS)
                 : script_id_in(croft_state_key(c->l->state, CROFT_TABLE_PROPOSALS, slot), 0);
    return chain_vote(c, n, id, script_below(s, 8) != 7);
}

/* Parameters that a script may move without making every later transaction unaffordable. */
static inline Croft__V1__TxBody *script_propose_param(struct chain *c, struct script *s, u32 n, u32 id)
{
    static const u32 number[] = {CROFT_PARAM_DEPOSIT_RECORD, CROFT_PARAM_DUE_PER_BLOCK_MAX,
                                 CROFT_PARAM_COST_CREATE,    CROFT_PARAM_BASE_FEE_MIN,
                                 CROFT_PARAM_PENDING_MAX_S,  CROFT_PARAM_BASE_FEE_STEP_DEN};
    u32 which = number[script_below(s, CROFT_COUNT(number))];
    return chain_propose_param(c, n, id, which, script_below(s, 256));
}

/* A protocol that nobody knows ends the chain: only a script that wants it gets it. */
static inline Croft__V1__TxBody *script_propose(struct chain *c, struct script *s)
{
    u32 n = script_operator(s), id = script_below(s, SCRIPT_IDS), subject = script_actor(s),
        value = script_below(s, 256);
    switch (script_below(s, 32)) {
    case 0:
        return chain_propose_protocol(c, n, id, value % 4, croft_ledger_height(c->l) + value);
    case 1:
    case 2:
    case 3:
        return chain_propose_validator(c, n, id, CHAIN_KEY_VALIDATOR + value % 5, 1 + subject % 4,
                                       value % 21);
    case 4:
    case 5:
        return chain_propose_issuer(c, n, id, subject, value % 2, (u64)value << script_below(s, 57));
    case 6:
    case 7:
    case 8:
        return chain_propose_quota(c, n, id, subject, 20 * value);
    default:
        return script_propose_param(c, s, n, id);
    }
}

typedef Croft__V1__TxBody *(*script_make)(struct chain *c, struct script *s);
static const script_make script_ops[] = {
    script_transfer,       script_pending_open,  script_pending_post,
    script_pending_void,   script_issue,         script_redeem,
    script_withdraw,       script_withdraw_paid, script_withdraw_return,
    script_key_add,        script_key_revoke,    script_key_rotate,
    script_key_thresholds, script_set_guardian,  script_recover_start,
    script_recover_cancel, script_close,         script_propose,
    script_vote,           script_vote,          script_transfer,
    script_pending_open,   script_issue,         script_withdraw,
    script_vote,
};

/* ---- signing ---- */

/* The number of a key that some account has; made once per process, because making a key is slow. */
static inline u32 script_number_of(const u8 public_key[32])
{
    static u8 known[SCRIPT_KEYS][32];
    static bool made;
    for (u32 i = 0; !made && i < SCRIPT_KEYS; i++) {
        struct croft_secret_key secret = chain_secret(i);
        memcpy(known[i], croft_public_key_of(&secret).b, 32);
    }
    made = true;
    u32 i = 0;
    while (i < SCRIPT_KEYS && memcmp(known[i], public_key, 32) != 0)
        i++;
    CROFT_ASSERT(i < SCRIPT_KEYS);
    return i;
}

/* Keys that have the scope and have not ended, until they weigh enough; careless takes any two. */
static inline u32 script_choose(const struct chain *c, const struct croft_account_record *r,
                                enum croft_scope scope, bool careless,
                                struct chain_signer out[CROFT_KEYS_MAX])
{
    u32 count = 0, weight = 0;
    for (u32 i = 0; i < r->key_count; i++) {
        const struct croft_key_record *k = &r->key[i];
        bool use = careless ? k->scheme != 0 && count < 2
                            : croft_key_is_active(k, c->now_s) && (k->scopes >> scope & 1) &&
                                  weight < r->threshold[scope];
        if (!use)
            continue;
        out[count++] = (struct chain_signer){(u8)i, script_number_of(k->public_key)};
        weight += k->weight;
    }
    if (count == 0)
        out[count++] = (struct chain_signer){0, 0};
    return count;
}

static inline u32 script_signers(const struct chain *c, struct script *s, const Croft__V1__TxBody *body,
                                 struct chain_signer out[CROFT_KEYS_MAX])
{
    u32 n = chain_actor_of(c, body);
    bool careless = script_below(s, 16) == 15;
    struct croft_account_record r = {.key_count = 0};
    if (chain_has(c, n))
        r = chain_account(c, n);
    if (r.key_count == 0)
        croft_keys_install(c->actor[n].set, r.nonce_floor, &r.key_count, r.threshold, r.key);
    return script_choose(c, &r, croft_op_info_of(body->op_case)->scope, careless, out);
}

/* The bytes without the work of signing, for a ledger that trusts signatures. */
static inline croft_err script_pack_unsigned(struct chain *c, const Croft__V1__TxBody *body,
                                             const struct chain_signer *signer, u32 count,
                                             struct croft_tx *out)
{
    static const u8 nothing[64];
    Croft__V1__Signature part[CROFT_KEYS_MAX], *list[CROFT_KEYS_MAX];
    Croft__V1__Tx tx = CROFT__V1__TX__INIT;
    Croft__V1__TxBody led = *body;
    led.lead_key = signer[0].place;
    struct croft_bytes packed = croft_pack(&led.base, &c->scratch);
    for (u32 i = 0; i < count; i++) {
        croft__v1__signature__init(&part[i]);
        part[i].key = signer[i].place;
        part[i].value = (ProtobufCBinaryData){sizeof nothing, (u8 *)(uintptr_t)nothing};
        list[i] = &part[i];
    }
    tx.body = (ProtobufCBinaryData){packed.len, (u8 *)(uintptr_t)packed.at};
    tx.n_signatures = count;
    tx.signatures = list;
    return croft_tx_decode(croft_pack(&tx.base, &c->scratch), &c->network, &c->scratch, out);
}

/* What somebody wants, signed but not yet put in.  What decode refuses stays out of the chain. */
static inline croft_err script_sign(struct chain *c, struct script *s, Croft__V1__TxBody *body, struct croft_tx *out)
{
    struct chain_signer signer[CROFT_KEYS_MAX];
    u32 count = script_signers(c, s, body, signer), n = chain_actor_of(c, body);
    if (chain_has(c, n))
        body->nonce = chain_nonce(c, n, signer[0].place);
    switch (script_below(s, 32)) {
    case 1:
        body->nonce += script_below(s, 256) * 2;
        break;
    case 2:
    case 3:
        body->lane = CROFT_LANE_QUOTA;
        break;
    case 4:
        body->fee_max = (u64)script_below(s, 256) * 1000;
        break;
    default:
        break;
    }
    return c->l->trust_signatures ? script_pack_unsigned(c, body, signer, count, out)
                                  : chain_sign(c, body, signer, count, out);
}

static inline croft_err script_tx(struct chain *c, struct script *s, struct croft_tx *out)
{
    return script_sign(c, s, script_ops[script_below(s, CROFT_COUNT(script_ops))](c, s), out);
}

/* ---- the network of scripts ---- */

/* Actor 4 needs two of three keys, actor 5 has a cap, actor 6 a key that ends; few records are due at a time.
 */
static inline void script_open(struct chain *c, struct script *s)
{
    chain_open(c);
    chain_set_actor(c, 4, chain_key_set(&c->keep, 32, 3, 2));
    Croft__V1__KeySet *capped = chain_key_set(&c->keep, 40, 2, 1), *ends = chain_key_set(&c->keep, 48, 2, 1);
    capped->keys[0]->cap_credit = 50000000;
    capped->keys[0]->cap_token = 100;
    ends->keys[0]->expires_s = CHAIN_START_S + 20;
    chain_set_actor(c, 5, capped);
    chain_set_actor(c, 6, ends);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 1 + script_below(s, 20));
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, script_below(s, 4) ? 1000 : 0);
    chain_param(c, g, CROFT_PARAM_RECOVER_DELAY_MIN_S, 3600);
    chain_param(c, g, CROFT_PARAM_WITHDRAW_RETURN_S, 3600);
    chain_start(c, g);
}

/* Mostly seconds, sometimes hours: time for what is held long. */
static inline u64 script_pause(struct script *s)
{
    return script_below(s, 16) == 0 ? (u64)script_below(s, 256) * 600 : script_below(s, 8);
}

#endif
