/* ledger/test_int.h - for tests only: a small network whose people are numbers, and transactions in one line.
 *
 *   chain_open -> chain_genesis (may be changed) -> chain_start -> (chain_begin -> chain_do* -> chain_end)*
 * -> chain_stop chain_make is the first three.
 *
 * Actor n has the key set chain_open gives it: one key, number 8n.  Actor 0 issues both assets, actors 1 to 3
 * each operate one validator of power 10, actors 0 to 7 have money at genesis, the others no account.
 * Messages live in scratch, which chain_begin empties; key sets and the genesis live in keep.
 */
#ifndef CROFT_LEDGER_TEST_INT_H
#define CROFT_LEDGER_TEST_INT_H

#include "base/assert.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/testing.h"
#include "crypto/hash.h"
#include "ledger/ledger_int.h"

#include <string.h>

/* A test that needs more people says how many before it includes this. */
#ifndef CHAIN_ACTORS_WANTED
#define CHAIN_ACTORS_WANTED 16
#endif

enum {
    CHAIN_ACTORS = CHAIN_ACTORS_WANTED,
    CHAIN_FUNDED = 8,
    CHAIN_ISSUER = 0,
    CHAIN_OPERATORS = 3,
    CHAIN_KEY_VALIDATOR = 1000
};
#define CHAIN_START_S UINT64_C(1700000000)
#define CHAIN_CREDIT  UINT64_C(1000000000000000)
#define CHAIN_CROFT   UINT64_C(1000000000000)
#define CHAIN_CAP     UINT64_C(1000000000000000000)

struct chain_actor {
    Croft__V1__KeySet *set;
    struct croft_address address;
};

struct chain {
    struct croft_region region, messages;
    struct croft_arena keep, scratch, scratch_start;
    struct croft_state_limits limits;
    struct croft_ledger *l;
    struct croft_hash network;
    struct chain_actor actor[CHAIN_ACTORS];
    u64 now_s;
    struct croft_receipt receipt; /* of the last transaction that got into a block */
    struct croft_block_end end;   /* of the last block */
};

/* Who signs: place in the account's key set, and the number of the key. */
struct chain_signer {
    u8 place;
    u32 key;
};

#define CHAIN_NEW(mem, type, init)                    \
    __extension__({                                   \
        type *chain_new_ = croft_new((mem), type, 1); \
        CROFT_ASSERT(chain_new_ != NULL);             \
        init(chain_new_);                             \
        chain_new_;                                   \
    })

/* ---- keys and people ---- */

static inline struct croft_secret_key chain_secret(u32 key)
{
    struct croft_secret_key out;
    u8 seed[32] = "croft test key";
    croft_put_u32(seed + 28, key);
    croft_secret_key_from_seed(&out, seed);
    return out;
}

static inline ProtobufCBinaryData chain_bytes(struct croft_arena *mem, const void *from, size_t len)
{
    u8 *at = croft_new(mem, u8, len + 1);
    CROFT_ASSERT(at != NULL);
    if (len != 0)
        memcpy(at, from, len);
    return (ProtobufCBinaryData){len, at};
}

static inline ProtobufCBinaryData chain_public(struct croft_arena *mem, u32 key)
{
    struct croft_secret_key secret = chain_secret(key);
    struct croft_public_key public = croft_public_key_of(&secret);
    return chain_bytes(mem, public.b, sizeof public.b);
}

static inline Croft__V1__Key *chain_key(struct croft_arena *mem, u32 key, u32 weight, u32 scopes)
{
    Croft__V1__Key *k = CHAIN_NEW(mem, Croft__V1__Key, croft__v1__key__init);
    k->scheme = 1;
    k->weight = weight;
    k->scopes = scopes;
    k->public_key = chain_public(mem, key);
    return k;
}

/* A set of count keys, numbers first, first + 1, ..., all scopes, weight 1, every threshold the same. */
static inline Croft__V1__KeySet *chain_key_set(struct croft_arena *mem, u32 first, u32 count, u8 threshold)
{
    u8 thresholds[CROFT_SCOPE_COUNT];
    Croft__V1__KeySet *set = CHAIN_NEW(mem, Croft__V1__KeySet, croft__v1__key_set__init);
    set->keys = croft_new(mem, Croft__V1__Key *, count);
    CROFT_ASSERT(set->keys != NULL);
    for (u32 i = 0; i < count; i++)
        set->keys[set->n_keys++] = chain_key(mem, first + i, 1, CROFT_SCOPES_ALL);
    memset(thresholds, threshold, sizeof thresholds);
    set->thresholds = chain_bytes(mem, thresholds, sizeof thresholds);
    return set;
}

/* Before chain_genesis: the actor's address follows from the set. */
static inline void chain_set_actor(struct chain *c, u32 n, Croft__V1__KeySet *set)
{
    CROFT_ASSERT(n < CHAIN_ACTORS);
    croft_err err = croft_key_set_check(set);
    CROFT_ASSERT(err == CROFT_OK);
    c->actor[n] = (struct chain_actor){.set = set, .address = croft_key_set_address(set)};
}

static inline ProtobufCBinaryData chain_address(const struct chain *c, u32 n)
{
    CROFT_ASSERT(n < CHAIN_ACTORS);
    return (ProtobufCBinaryData){32, (u8 *)(uintptr_t)c->actor[n].address.b};
}

/* ---- the network ---- */

static inline void chain_open(struct chain *c)
{
    enum { KEEP = 4 << 20, SCRATCH = 64 << 20 };
    memset(c, 0, sizeof *c);
    c->limits = (struct croft_state_limits){.records_max_log2 = 10, .journal_bytes = 32 << 20};
    c->now_s = CHAIN_START_S;
    bool mapped = croft_region_map(&c->region, croft_ledger_size(&c->limits)) &&
                  croft_region_map(&c->messages, KEEP + SCRATCH);
    CROFT_ASSERT(mapped);
    c->keep = croft_region_arena(&c->messages);
    c->scratch = (struct croft_arena){.at = c->messages.base + KEEP, .end = c->keep.end};
    c->scratch_start = c->scratch;
    c->keep.end = c->scratch.at;
    for (u32 n = 0; n < CHAIN_ACTORS; n++)
        chain_set_actor(c, n, chain_key_set(&c->keep, 8 * n, 1, 1));
}

static inline void chain_grant(struct chain *c, Croft__V1__Genesis *g, u32 to, u32 asset, u64 amount)
{
    Croft__V1__GenesisGrant *t = CHAIN_NEW(&c->keep, Croft__V1__GenesisGrant, croft__v1__genesis_grant__init);
    t->issuer_address = chain_address(c, CHAIN_ISSUER);
    t->to_address = chain_address(c, to);
    t->asset = asset;
    t->amount = amount;
    g->grants[g->n_grants++] = t;
}

static inline void chain_issuer(struct chain *c, Croft__V1__Genesis *g, u32 n, u32 asset, u64 cap)
{
    Croft__V1__GenesisIssuer *s =
        CHAIN_NEW(&c->keep, Croft__V1__GenesisIssuer, croft__v1__genesis_issuer__init);
    s->issuer_address = chain_address(c, n);
    s->asset = asset;
    s->cap = cap;
    g->issuers[g->n_issuers++] = s;
}

static inline void chain_validator(struct chain *c, Croft__V1__Genesis *g, u32 key, u32 operator_actor,
                                   u64 power)
{
    Croft__V1__GenesisValidator *v =
        CHAIN_NEW(&c->keep, Croft__V1__GenesisValidator, croft__v1__genesis_validator__init);
    v->public_key = chain_public(&c->keep, key);
    v->operator_address = chain_address(c, operator_actor);
    v->power = power;
    g->validators[g->n_validators++] = v;
}

static inline void chain_param(struct chain *c, Croft__V1__Genesis *g, u32 param, u64 value)
{
    Croft__V1__ParamChange *p = CHAIN_NEW(&c->keep, Croft__V1__ParamChange, croft__v1__param_change__init);
    p->param = param;
    p->value = value;
    g->params[g->n_params++] = p;
}

/* Lists have room for 100 of each, beside those that are for all actors. */
static inline Croft__V1__Genesis *chain_genesis(struct chain *c)
{
    enum { ROOM = 100 + CROFT_ASSET_COUNT * CHAIN_ACTORS };
    Croft__V1__Genesis *g = CHAIN_NEW(&c->keep, Croft__V1__Genesis, croft__v1__genesis__init);
    g->format = 1;
    g->name = (char *)(uintptr_t) "test";
    g->token = (char *)(uintptr_t) "croft";
    g->time_s = CHAIN_START_S;
    g->protocol = 1;
    g->records_max_log2 = 10;
    g->params = croft_new(&c->keep, Croft__V1__ParamChange *, ROOM);
    g->validators = croft_new(&c->keep, Croft__V1__GenesisValidator *, ROOM);
    g->issuers = croft_new(&c->keep, Croft__V1__GenesisIssuer *, ROOM);
    g->grants = croft_new(&c->keep, Croft__V1__GenesisGrant *, ROOM);
    chain_issuer(c, g, CHAIN_ISSUER, CROFT_ASSET_CREDIT, CHAIN_CAP);
    chain_issuer(c, g, CHAIN_ISSUER, CROFT_ASSET_CROFT, CHAIN_CAP);
    for (u32 i = 0; i < CHAIN_OPERATORS; i++)
        chain_validator(c, g, CHAIN_KEY_VALIDATOR + i, 1 + i, 10);
    for (u32 n = 0; n < CHAIN_FUNDED; n++) {
        chain_grant(c, g, n, CROFT_ASSET_CREDIT, CHAIN_CREDIT);
        chain_grant(c, g, n, CROFT_ASSET_CROFT, CHAIN_CROFT);
    }
    return g;
}

/* An empty ledger in fresh memory, for genesis or for loading. */
static inline void chain_init_ledger(struct chain *c)
{
    struct croft_arena mem = croft_region_arena(&c->region);
    croft_err err = croft_ledger_init(&mem, &c->limits, &c->l);
    CROFT_ASSERT(err == CROFT_OK);
}

static inline void chain_start(struct chain *c, const Croft__V1__Genesis *g)
{
    struct croft_why why;
    croft_err err = croft_genesis_check(g, &why);
    CROFT_ASSERT(err == CROFT_OK);
    chain_init_ledger(c);
    c->network = croft_genesis_id(g, c->scratch);
    err = croft_ledger_genesis(c->l, g, &c->network, &why);
    CROFT_ASSERT(err == CROFT_OK);
}

static inline void chain_make(struct chain *c)
{
    chain_open(c);
    chain_start(c, chain_genesis(c));
}

static inline void chain_stop(struct chain *c)
{
    croft_region_unmap(&c->region);
    croft_region_unmap(&c->messages);
}

/* ---- blocks ---- */

static inline void chain_begin(struct chain *c, u64 later_s)
{
    struct croft_why why;
    c->now_s += later_s;
    c->scratch = c->scratch_start;
    croft_err err = croft_ledger_block_begin(c->l, croft_ledger_height(c->l) + 1, c->now_s, &why);
    CROFT_ASSERT(err == CROFT_OK);
}

static inline void chain_audit(const struct chain *c)
{
    struct croft_why why;
    croft_err err = croft_ledger_audit(c->l, c->scratch, &why);
    if (err != CROFT_OK)
        fprintf(stderr, "audit: %s\n", why.text);
    CROFT_ASSERT(err == CROFT_OK);
}

static inline void chain_end(struct chain *c)
{
    croft_ledger_block_end(c->l, &c->end);
    croft_ledger_block_accept(c->l);
    chain_audit(c);
}

/* ---- looking ---- */

static inline bool chain_has(const struct chain *c, u32 n)
{
    return croft_account_find(c->l, &c->actor[n].address) != CROFT_SLOT_NONE;
}

static inline struct croft_account_record chain_account(const struct chain *c, u32 n)
{
    struct croft_account a;
    bool found = croft_account_load(c->l, &c->actor[n].address, &a);
    CROFT_ASSERT(found);
    return a.r;
}

static inline u64 chain_balance(const struct chain *c, u32 n, u32 asset)
{
    return croft_amt_units(chain_account(c, n).balance[asset]);
}

static inline u64 chain_system(const struct chain *c, enum croft_system_account which, u32 asset)
{
    return croft_amt_units(croft_balance(c->l, c->l->system_slot[which], asset));
}

static inline u64 chain_param_of(const struct chain *c, enum croft_param which)
{
    return croft_ledger_param(c->l, which);
}

/* Every record with its slot, and every high mark: equal digests are equal states. */
static inline struct croft_hash chain_digest(const struct chain *c)
{
    struct croft_hash h = {{0}};
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++) {
        u32 high = croft_state_high(c->l->state, t);
        for (u32 slot = 0; slot <= high; slot++) {
            u8 place[8];
            croft_put_u32(place, t);
            croft_put_u32(place + 4, slot);
            struct croft_bytes part[4] = {{h.b, sizeof h.b}, {place, sizeof place}};
            if (slot < high) {
                part[2] = croft_state_key(c->l->state, t, slot);
                part[3] = croft_state_value(c->l->state, t, slot);
            }
            h = croft_blake2b("test", part, 4);
        }
    }
    return h;
}

/* ---- transactions ---- */

/* The lowest nonce that the key at this place of actor n may use. */
static inline u64 chain_nonce(const struct chain *c, u32 n, u32 place)
{
    struct croft_account_record r = chain_account(c, n);
    u64 nonce = r.key_count == 0 ? r.nonce_floor + 1 : r.key[place].nonce_base + 1;
    while (r.key_count != 0 && !croft_nonce_is_fresh(&r.key[place], nonce))
        nonce++;
    return nonce;
}

/* What actor n signs, for the next free nonce of its first key; op is the caller's. */
static inline Croft__V1__TxBody *chain_body(struct chain *c, u32 n)
{
    Croft__V1__TxBody *body = CHAIN_NEW(&c->scratch, Croft__V1__TxBody, croft__v1__tx_body__init);
    body->format = 1;
    body->account_address = chain_address(c, n);
    body->valid_until_s = c->now_s + 50;
    body->fee_max = UINT64_MAX;
    if (chain_has(c, n)) {
        body->nonce = chain_nonce(c, n, 0);
        body->key_set = chain_account(c, n).key_count == 0 ? c->actor[n].set : NULL;
    }
    return body;
}

static inline u32 chain_actor_of(const struct chain *c, const Croft__V1__TxBody *body)
{
    u32 n = 0;
    while (n < CHAIN_ACTORS && memcmp(c->actor[n].address.b, body->account_address.data, 32) != 0)
        n++;
    CROFT_ASSERT(n < CHAIN_ACTORS);
    return n;
}

/* Builds the transaction and takes it apart again; *out lives in scratch. */
static inline croft_err chain_sign(struct chain *c, const Croft__V1__TxBody *body,
                                   const struct chain_signer *signer, u32 count, struct croft_tx *out)
{
    struct croft_secret_key secret[CROFT_TX_SIGNATURES_MAX];
    const struct croft_secret_key *key[CROFT_TX_SIGNATURES_MAX];
    u8 place[CROFT_TX_SIGNATURES_MAX];
    struct croft_bytes bytes;
    struct croft_hash id;
    for (u32 i = 0; i < count; i++) {
        secret[i] = chain_secret(signer[i].key);
        key[i] = &secret[i];
        place[i] = signer[i].place;
    }
    croft_err err = croft_tx_build(body, &c->network, key, place, count, &c->scratch, &bytes, &id);
    CROFT_ASSERT(err == CROFT_OK);
    return croft_tx_decode(bytes, &c->network, &c->scratch, out);
}

/* Puts a transaction into the open block: its refusal, or the code of its receipt. */
static inline croft_err chain_put(struct chain *c, const struct croft_tx *tx)
{
    CROFT_TRY(croft_ledger_block_tx(c->l, tx, NULL, &c->receipt));
    return (croft_err)c->receipt.code;
}

static inline croft_err chain_do_as(struct chain *c, const Croft__V1__TxBody *body,
                                    const struct chain_signer *signer, u32 count)
{
    struct croft_tx tx;
    CROFT_TRY(chain_sign(c, body, signer, count, &tx));
    return chain_put(c, &tx);
}

/* Signed by the first key that chain_open gave the actor. */
static inline croft_err chain_do(struct chain *c, const Croft__V1__TxBody *body)
{
    const struct chain_signer signer = {.place = 0, .key = 8 * chain_actor_of(c, body)};
    return chain_do_as(c, body, &signer, 1);
}

/* ---- operations: actor n's body with one operation ---- */

#define CHAIN_OP(c, n, body, op, Type, type, CASE)           \
    Croft__V1__TxBody *body = chain_body((c), (n));          \
    Type *op = CHAIN_NEW(&(c)->scratch, Type, type##__init); \
    body->op_case = CROFT__V1__TX_BODY__OP_##CASE

static inline void chain_add_leg(struct chain *c, Croft__V1__Transfer *op, ProtobufCBinaryData to, u32 asset,
                                 u64 amount)
{
    Croft__V1__Leg *leg = CHAIN_NEW(&c->scratch, Croft__V1__Leg, croft__v1__leg__init);
    leg->to_address = to;
    leg->asset = asset;
    leg->amount = amount;
    op->legs[op->n_legs++] = leg;
}

static inline Croft__V1__TxBody *chain_transfer(struct chain *c, u32 n, u32 to, u32 asset, u64 amount)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Transfer, croft__v1__transfer, TRANSFER);
    body->transfer = op;
    op->legs = croft_new(&c->scratch, Croft__V1__Leg *, CROFT_TX_LEGS_MAX + 1);
    CROFT_ASSERT(op->legs != NULL);
    chain_add_leg(c, op, chain_address(c, to), asset, amount);
    return body;
}

static inline Croft__V1__TxBody *chain_pending_open(struct chain *c, u32 n, u64 id, u32 payee, u64 amount,
                                                    u64 life_s)
{
    CHAIN_OP(c, n, body, op, Croft__V1__PendingOpen, croft__v1__pending_open, PENDING_OPEN);
    body->pending_open = op;
    op->id = id;
    op->payee_address = chain_address(c, payee);
    op->amount = amount;
    op->expires_s = c->now_s + life_s;
    return body;
}

static inline Croft__V1__TxBody *chain_pending_post(struct chain *c, u32 n, u32 payer, u64 id, u64 amount)
{
    CHAIN_OP(c, n, body, op, Croft__V1__PendingPost, croft__v1__pending_post, PENDING_POST);
    body->pending_post = op;
    op->payer_address = chain_address(c, payer);
    op->id = id;
    op->amount = amount;
    return body;
}

static inline Croft__V1__TxBody *chain_pending_void(struct chain *c, u32 n, u32 payer, u64 id)
{
    CHAIN_OP(c, n, body, op, Croft__V1__PendingVoid, croft__v1__pending_void, PENDING_VOID);
    body->pending_void = op;
    op->payer_address = chain_address(c, payer);
    op->id = id;
    return body;
}

static inline Croft__V1__TxBody *chain_issue(struct chain *c, u32 n, u32 to, u32 asset, u64 amount)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Issue, croft__v1__issue, ISSUE);
    body->issue = op;
    op->to_address = chain_address(c, to);
    op->asset = asset;
    op->amount = amount;
    return body;
}

static inline Croft__V1__TxBody *chain_redeem(struct chain *c, u32 n, u32 issuer, u32 asset, u64 amount)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Redeem, croft__v1__redeem, REDEEM);
    body->redeem = op;
    op->issuer_address = chain_address(c, issuer);
    op->asset = asset;
    op->amount = amount;
    return body;
}

static inline Croft__V1__TxBody *chain_withdraw(struct chain *c, u32 n, u64 id, u32 issuer, u32 asset,
                                                u64 amount)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Withdraw, croft__v1__withdraw, WITHDRAW);
    body->withdraw = op;
    op->id = id;
    op->issuer_address = chain_address(c, issuer);
    op->asset = asset;
    op->amount = amount;
    op->payout_reference = chain_bytes(&c->scratch, "iban", 4);
    return body;
}

static inline Croft__V1__TxBody *chain_withdraw_paid(struct chain *c, u32 n, u32 account, u64 id)
{
    CHAIN_OP(c, n, body, op, Croft__V1__WithdrawPaid, croft__v1__withdraw_paid, WITHDRAW_PAID);
    body->withdraw_paid = op;
    op->account_address = chain_address(c, account);
    op->id = id;
    return body;
}

static inline Croft__V1__TxBody *chain_withdraw_return(struct chain *c, u32 n, u32 account, u64 id)
{
    CHAIN_OP(c, n, body, op, Croft__V1__WithdrawReturn, croft__v1__withdraw_return, WITHDRAW_RETURN);
    body->withdraw_return = op;
    op->account_address = chain_address(c, account);
    op->id = id;
    return body;
}

static inline Croft__V1__TxBody *chain_key_add(struct chain *c, u32 n, Croft__V1__Key *key)
{
    CHAIN_OP(c, n, body, op, Croft__V1__KeyAdd, croft__v1__key_add, KEY_ADD);
    body->key_add = op;
    op->key = key;
    return body;
}

static inline Croft__V1__TxBody *chain_key_revoke(struct chain *c, u32 n, u32 place)
{
    CHAIN_OP(c, n, body, op, Croft__V1__KeyRevoke, croft__v1__key_revoke, KEY_REVOKE);
    body->key_revoke = op;
    op->key = place;
    return body;
}

static inline Croft__V1__TxBody *chain_key_rotate(struct chain *c, u32 n, u32 place, u32 key)
{
    CHAIN_OP(c, n, body, op, Croft__V1__KeyRotate, croft__v1__key_rotate, KEY_ROTATE);
    body->key_rotate = op;
    op->key = place;
    op->public_key = chain_public(&c->scratch, key);
    return body;
}

static inline Croft__V1__TxBody *chain_key_thresholds(struct chain *c, u32 n, u8 threshold)
{
    u8 thresholds[CROFT_SCOPE_COUNT];
    CHAIN_OP(c, n, body, op, Croft__V1__KeyThresholds, croft__v1__key_thresholds, KEY_THRESHOLDS);
    body->key_thresholds = op;
    memset(thresholds, threshold, sizeof thresholds);
    op->thresholds = chain_bytes(&c->scratch, thresholds, sizeof thresholds);
    return body;
}

/* guardian CHAIN_ACTORS: none. */
static inline Croft__V1__TxBody *chain_set_guardian(struct chain *c, u32 n, u32 guardian, u64 delay_s)
{
    CHAIN_OP(c, n, body, op, Croft__V1__SetGuardian, croft__v1__set_guardian, SET_GUARDIAN);
    body->set_guardian = op;
    if (guardian < CHAIN_ACTORS)
        op->guardian_address = chain_address(c, guardian);
    op->delay_s = delay_s;
    return body;
}

static inline Croft__V1__TxBody *chain_recover_start(struct chain *c, u32 n, u32 lost, Croft__V1__KeySet *set)
{
    CHAIN_OP(c, n, body, op, Croft__V1__RecoverStart, croft__v1__recover_start, RECOVER_START);
    body->recover_start = op;
    op->account_address = chain_address(c, lost);
    op->key_set = set;
    return body;
}

static inline Croft__V1__TxBody *chain_recover_cancel(struct chain *c, u32 n)
{
    CHAIN_OP(c, n, body, op, Croft__V1__RecoverCancel, croft__v1__recover_cancel, RECOVER_CANCEL);
    body->recover_cancel = op;
    return body;
}

static inline Croft__V1__TxBody *chain_close(struct chain *c, u32 n, u32 to)
{
    CHAIN_OP(c, n, body, op, Croft__V1__CloseAccount, croft__v1__close_account, CLOSE_ACCOUNT);
    body->close_account = op;
    op->to_address = chain_address(c, to);
    return body;
}

/* The change is the caller's, or one of those below. */
static inline Croft__V1__TxBody *chain_propose(struct chain *c, u32 n, u64 id, u64 life_s)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Propose, croft__v1__propose, PROPOSE);
    body->propose = op;
    op->id = id;
    op->expires_s = c->now_s + life_s;
    return body;
}

static inline Croft__V1__TxBody *chain_propose_param(struct chain *c, u32 n, u64 id, u32 param, u64 value)
{
    Croft__V1__TxBody *body = chain_propose(c, n, id, 3600);
    Croft__V1__ParamChange *change =
        CHAIN_NEW(&c->scratch, Croft__V1__ParamChange, croft__v1__param_change__init);
    change->param = param;
    change->value = value;
    body->propose->change_case = CROFT__V1__PROPOSE__CHANGE_PARAM;
    body->propose->param = change;
    return body;
}

static inline Croft__V1__TxBody *chain_propose_protocol(struct chain *c, u32 n, u64 id, u32 protocol,
                                                        u64 height)
{
    Croft__V1__TxBody *body = chain_propose(c, n, id, 3600);
    Croft__V1__ProtocolChange *change =
        CHAIN_NEW(&c->scratch, Croft__V1__ProtocolChange, croft__v1__protocol_change__init);
    change->protocol = protocol;
    change->height = height;
    change->release = (char *)(uintptr_t) "v9.8.7";
    body->propose->change_case = CROFT__V1__PROPOSE__CHANGE_PROTOCOL;
    body->propose->protocol = change;
    return body;
}

static inline Croft__V1__TxBody *chain_propose_validator(struct chain *c, u32 n, u64 id, u32 key,
                                                         u32 operator_actor, u64 power)
{
    Croft__V1__TxBody *body = chain_propose(c, n, id, 3600);
    Croft__V1__ValidatorChange *change =
        CHAIN_NEW(&c->scratch, Croft__V1__ValidatorChange, croft__v1__validator_change__init);
    change->public_key = chain_public(&c->scratch, key);
    change->operator_address = chain_address(c, operator_actor);
    change->power = power;
    body->propose->change_case = CROFT__V1__PROPOSE__CHANGE_VALIDATOR;
    body->propose->validator = change;
    return body;
}

static inline Croft__V1__TxBody *chain_propose_issuer(struct chain *c, u32 n, u64 id, u32 issuer, u32 asset,
                                                      u64 cap)
{
    Croft__V1__TxBody *body = chain_propose(c, n, id, 3600);
    Croft__V1__IssuerChange *change =
        CHAIN_NEW(&c->scratch, Croft__V1__IssuerChange, croft__v1__issuer_change__init);
    change->issuer_address = chain_address(c, issuer);
    change->asset = asset;
    change->cap = cap;
    body->propose->change_case = CROFT__V1__PROPOSE__CHANGE_ISSUER;
    body->propose->issuer = change;
    return body;
}

static inline Croft__V1__TxBody *chain_propose_quota(struct chain *c, u32 n, u64 id, u32 account,
                                                     u64 cost_per_day)
{
    Croft__V1__TxBody *body = chain_propose(c, n, id, 3600);
    Croft__V1__QuotaChange *change =
        CHAIN_NEW(&c->scratch, Croft__V1__QuotaChange, croft__v1__quota_change__init);
    change->account_address = chain_address(c, account);
    change->cost_per_day = cost_per_day;
    body->propose->change_case = CROFT__V1__PROPOSE__CHANGE_QUOTA;
    body->propose->quota = change;
    return body;
}

static inline Croft__V1__TxBody *chain_vote(struct chain *c, u32 n, u64 proposal, bool yes)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Vote, croft__v1__vote, VOTE);
    body->vote = op;
    op->proposal = proposal;
    op->yes = yes;
    return body;
}

#endif
