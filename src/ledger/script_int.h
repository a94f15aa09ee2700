/* ledger/script_int.h - for tests only: a chain driven by bytes.
 *
 * Any bytes are a script: what is read past their end is zero.  A script says who does what with which fields,
 * when blocks begin and end, and which are taken back; fields are drawn from where the edges are (whole balances, the
 * longest life, an id in use).  Random bytes make a random chain, libFuzzer's bytes a guided one.
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

/* Amounts around what the actor has. */
static inline u64 script_amount(struct chain *c, struct script *s, u32 n, u32 asset)
{
    u64 all = chain_has(c, n) ? chain_balance(c, n, asset) : 0, deposit = chain_param_of(c, CROFT_PARAM_DEPOSIT_RECORD);
    switch (script_below(s, 8)) {
    case 0:
        return all + 1;
    case 1:
        return all - (all > deposit ? deposit : 0) + (all == 0);
    case 2:
        return UINT64_MAX;
    case 3:
        return all / 2 + 1;
    default:
        return 1 + (u64)script_below(s, 256) * script_below(s, 256);
    }
}

static inline u64 script_life(struct chain *c, struct script *s)
{
    switch (script_below(s, 6)) {
    case 0:
        return chain_param_of(c, CROFT_PARAM_PENDING_MAX_S) + script_below(s, 2);
    case 1:
        return chain_param_of(c, CROFT_PARAM_RECOVER_DELAY_MIN_S) + script_below(s, 2) - 1;
    default:
        return script_below(s, 64);
    }
}

/* ---- operations ---- */

static inline Croft__V1__TxBody *script_transfer(struct chain *c, struct script *s, u32 n)
{
    u32 asset = script_below(s, CROFT_ASSET_COUNT), to = script_actor(s);
    Croft__V1__TxBody *body = chain_transfer(c, n, to, asset, script_amount(c, s, n, asset));
    for (u32 more = script_below(s, 4); more > 1; more--)
        chain_add_leg(c, body->transfer, chain_address(c, script_actor(s)), script_below(s, 2), 1 + script_below(s, 100));
    return body;
}

static inline Croft__V1__TxBody *script_pending_open(struct chain *c, struct script *s, u32 n)
{
    u32 asset = script_below(s, CROFT_ASSET_COUNT), id = script_below(s, SCRIPT_IDS), payee = script_actor(s);
    u64 amount = script_amount(c, s, n, asset);
    Croft__V1__TxBody *body = chain_pending_open(c, n, id, payee, amount, script_life(c, s));
    u32 arbiter = script_below(s, 2 * SCRIPT_ACTORS);
    if (arbiter < SCRIPT_ACTORS)
        body->pending_open->arbiter_address = chain_address(c, arbiter);
    body->pending_open->asset = asset;
    return body;
}

static inline Croft__V1__TxBody *script_pending_post(struct chain *c, struct script *s, u32 n)
{
    u32 payer = script_below(s, 2) ? n : script_actor(s), id = script_below(s, SCRIPT_IDS);
    return chain_pending_post(c, n, payer, id, script_below(s, 256) * script_below(s, 8));
}

static inline Croft__V1__TxBody *script_pending_void(struct chain *c, struct script *s, u32 n)
{
    u32 payer = script_actor(s);
    return chain_pending_void(c, n, payer, script_below(s, SCRIPT_IDS));
}

static inline Croft__V1__TxBody *script_issue(struct chain *c, struct script *s, u32 n)
{
    u32 asset = script_below(s, CROFT_ASSET_COUNT), to = script_actor(s);
    return chain_issue(c, n, to, asset, script_amount(c, s, n, asset));
}

static inline Croft__V1__TxBody *script_redeem(struct chain *c, struct script *s, u32 n)
{
    u32 asset = script_below(s, CROFT_ASSET_COUNT), issuer = script_actor(s) / 4;
    return chain_redeem(c, n, issuer, asset, script_amount(c, s, n, asset));
}

static inline Croft__V1__TxBody *script_withdraw(struct chain *c, struct script *s, u32 n)
{
    u32 asset = script_below(s, CROFT_ASSET_COUNT), issuer = script_actor(s) / 4, id = script_below(s, SCRIPT_IDS);
    return chain_withdraw(c, n, id, issuer, asset, script_amount(c, s, n, asset));
}

static inline Croft__V1__TxBody *script_withdraw_paid(struct chain *c, struct script *s, u32 n)
{
    u32 account = script_actor(s);
    return chain_withdraw_paid(c, n, account, script_below(s, SCRIPT_IDS));
}

static inline Croft__V1__TxBody *script_withdraw_return(struct chain *c, struct script *s, u32 n)
{
    u32 account = script_actor(s);
    return chain_withdraw_return(c, n, account, script_below(s, SCRIPT_IDS));
}

/* An account's keys come from its own eight numbers, so that one that was revoked comes back. */
static inline u32 script_key_number(struct script *s, u32 n)
{
    return 8 * n + script_below(s, 8);
}

static inline Croft__V1__TxBody *script_key_add(struct chain *c, struct script *s, u32 n)
{
    u32 number = script_key_number(s, n), weight = 1 + script_below(s, 3);
    u32 scopes = script_below(s, 2) ? CROFT_SCOPES_ALL : 1 + script_below(s, CROFT_SCOPES_ALL);
    Croft__V1__Key *key = chain_key(&c->scratch, number, weight, scopes);
    key->cap_credit = script_below(s, 3) ? 0 : script_amount(c, s, n, CROFT_ASSET_CREDIT);
    key->expires_s = script_below(s, 3) ? 0 : c->now_s + script_below(s, 200);
    return chain_key_add(c, n, key);
}

static inline Croft__V1__TxBody *script_key_revoke(struct chain *c, struct script *s, u32 n)
{
    return chain_key_revoke(c, n, script_below(s, CROFT_KEYS_MAX));
}

static inline Croft__V1__TxBody *script_key_rotate(struct chain *c, struct script *s, u32 n)
{
    u32 place = script_below(s, 4);
    return chain_key_rotate(c, n, place, script_key_number(s, n));
}

static inline Croft__V1__TxBody *script_key_thresholds(struct chain *c, struct script *s, u32 n)
{
    return chain_key_thresholds(c, n, (u8)(1 + script_below(s, 3)));
}

static inline Croft__V1__TxBody *script_set_guardian(struct chain *c, struct script *s, u32 n)
{
    u32 guardian = script_below(s, SCRIPT_ACTORS + 1);
    return chain_set_guardian(c, n, guardian < SCRIPT_ACTORS ? guardian : CHAIN_ACTORS, script_life(c, s));
}

static inline Croft__V1__TxBody *script_recover_start(struct chain *c, struct script *s, u32 n)
{
    u32 lost = script_actor(s), first = 8 * lost + script_below(s, 4), count = 1 + script_below(s, 4);
    return chain_recover_start(c, n, lost, chain_key_set(&c->scratch, first, count, (u8)(1 + script_below(s, count))));
}

static inline Croft__V1__TxBody *script_recover_cancel(struct chain *c, struct script *s, u32 n)
{
    (void)s;
    return chain_recover_cancel(c, n);
}

static inline Croft__V1__TxBody *script_close(struct chain *c, struct script *s, u32 n)
{
    return chain_close(c, n, script_actor(s));
}

static inline Croft__V1__TxBody *script_vote(struct chain *c, struct script *s, u32 n)
{
    u32 id = script_below(s, SCRIPT_IDS);
    return chain_vote(c, n, id, script_below(s, 4) != 0);
}

/* Parameters that a script may move without making every later transaction unaffordable. */
static inline Croft__V1__TxBody *script_propose_param(struct chain *c, struct script *s, u32 n, u32 id)
{
    static const u32 number[] = {CROFT_PARAM_DEPOSIT_RECORD, CROFT_PARAM_DUE_PER_BLOCK_MAX, CROFT_PARAM_COST_CREATE,
                                 CROFT_PARAM_BASE_FEE_MIN,   CROFT_PARAM_PENDING_MAX_S,     CROFT_PARAM_BASE_FEE_STEP_DEN};
    u32 which = number[script_below(s, CROFT_COUNT(number))];
    return chain_propose_param(c, n, id, which, script_below(s, 256));
}

static inline Croft__V1__TxBody *script_propose(struct chain *c, struct script *s, u32 n)
{
    u32 id = script_below(s, SCRIPT_IDS), subject = script_actor(s), value = script_below(s, 256);
    switch (script_below(s, 6)) {
    case 0:
        return chain_propose_validator(c, n, id, CHAIN_KEY_VALIDATOR + value % 5, subject, value / 8);
    case 1:
        return chain_propose_issuer(c, n, id, subject, value % 2, (u64)value << script_below(s, 57));
    case 2:
        return chain_propose_quota(c, n, id, subject, 20 * value);
    case 3:
        return chain_propose_protocol(c, n, id, value % 4, croft_ledger_height(c->l) + 2 + value);
    default:
        return script_propose_param(c, s, n, id);
    }
}

typedef Croft__V1__TxBody *(*script_make)(struct chain *c, struct script *s, u32 n);
static const script_make script_ops[] = {
    script_transfer,       script_pending_open,  script_pending_post,   script_pending_void,    script_issue,
    script_redeem,         script_withdraw,      script_withdraw_paid,  script_withdraw_return, script_key_add,
    script_key_revoke,     script_key_rotate,    script_key_thresholds, script_set_guardian,    script_recover_start,
    script_recover_cancel, script_close,         script_propose,        script_vote,            script_transfer,
    script_pending_open,   script_vote,
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

/* Up to four of the account's keys, by increasing place but the lead, which is any of them; mostly enough of them. */
static inline u32 script_signers(struct chain *c, struct script *s, u32 n, struct chain_signer out[4])
{
    struct croft_account_record r = {.key_count = 0};
    u32 count = 0, most = 1 + script_below(s, 4), skip = script_below(s, 3) / 2;
    if (chain_has(c, n))
        r = chain_account(c, n);
    if (r.key_count == 0) {
        for (; count < most && count < c->actor[n].set->n_keys; count++)
            out[count] = (struct chain_signer){(u8)count, 8 * n + count};
        return count;
    }
    for (u32 i = 0; i < r.key_count && count < most; i++)
        if (r.key[i].scheme != 0 && skip-- == 0) {
            out[count++] = (struct chain_signer){(u8)i, script_number_of(r.key[i].public_key)};
            skip = 0;
        }
    if (count == 0)
        out[count++] = (struct chain_signer){0, 8 * n};
    return count;
}

/* The bytes without the work of signing, for a ledger that trusts signatures. */
static inline croft_err script_pack_unsigned(struct chain *c, const Croft__V1__TxBody *body,
                                             const struct chain_signer *signer, u32 count, struct croft_tx *out)
{
    static const u8 nothing[64];
    Croft__V1__Signature part[4], *list[4];
    Croft__V1__Tx tx = CROFT__V1__TX__INIT;
    struct croft_bytes packed = croft_pack(&body->base, &c->scratch);
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

/* One transaction, built but not yet put in.  What decode refuses stays out of the chain. */
static inline croft_err script_tx(struct chain *c, struct script *s, struct croft_tx *out)
{
    struct chain_signer signer[4];
    script_make make = script_ops[script_below(s, CROFT_COUNT(script_ops))];
    u32 n = script_actor(s), count = script_signers(c, s, n, signer);
    Croft__V1__TxBody *body = make(c, s, n);
    if (chain_has(c, n))
        body->nonce = chain_nonce(c, n, signer[0].place);
    if (script_below(s, 8) == 1)
        body->nonce += script_below(s, 256) * 2;
    if (script_below(s, 8) == 1)
        body->lane = CROFT_LANE_QUOTA;
    return c->l->trust_signatures ? script_pack_unsigned(c, body, signer, count, out)
                                  : chain_sign(c, body, signer, count, out);
}

/* ---- the network of scripts ---- */

/* Actor 4 needs two of three keys, actor 5 has a cap, actor 6 a key that ends; few records are due at a time. */
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
