/* consensus/test_int.h - for this component's tests: a small network, its keys and its transactions.
 *
 * Account 0 is issuer and operator of the one validator; all have 1,000 credits.  Its folder is made under
 * TMPDIR and removed again.
 */
#ifndef CROFT_CONSENSUS_TEST_INT_H
#define CROFT_CONSENSUS_TEST_INT_H

#include "base/assert.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/testing.h"
#include "consensus/home.h"
#include "crypto/merkle.h"
#include "wire/tx.h"

#include "croft/v1/chain.pb-c.h"

#include <stdlib.h>
#include <string.h>

enum { TEST_ACCOUNTS = 16, TEST_GENESIS_S = 1700000000, TEST_FEE_MAX = 1000000000, TEST_TX_ROOM = 4096 };

struct test_net {
    struct croft_rng rng;
    char folder[128];
    struct croft_secret_key sequencer, secret[TEST_ACCOUNTS];
    struct croft_public_key key[TEST_ACCOUNTS], sequencer_key;
    struct croft_address address[TEST_ACCOUNTS];
    struct croft_hash network;
    u64 nonce[TEST_ACCOUNTS]; /* last one used */
    /* The genesis, in place. */
    Croft__V1__Genesis genesis;
    Croft__V1__GenesisValidator validator, *validators[1];
    Croft__V1__GenesisIssuer issuer, *issuers[1];
    Croft__V1__GenesisGrant grant[TEST_ACCOUNTS], *grants[TEST_ACCOUNTS];
};

static inline ProtobufCBinaryData test_view(const void *at, size_t len)
{
    return (ProtobufCBinaryData){len, (u8 *)(uintptr_t)at};
}

static inline void test_keys(struct test_net *n)
{
    u8 seed[32], room[1024];
    croft_rng_fill(&n->rng, seed, sizeof seed);
    croft_secret_key_from_seed(&n->sequencer, seed);
    n->sequencer_key = croft_public_key_of(&n->sequencer);
    for (u32 i = 0; i < TEST_ACCOUNTS; i++) {
        struct croft_arena mem = {room, room + sizeof room};
        croft_rng_fill(&n->rng, seed, sizeof seed);
        croft_secret_key_from_seed(&n->secret[i], seed);
        n->key[i] = croft_public_key_of(&n->secret[i]);
        n->address[i] = croft_key_set_address(croft_key_set_single(&n->key[i], &mem));
        n->nonce[i] = (u64)TEST_GENESIS_S << 20;
    }
}

static inline void test_genesis(struct test_net *n)
{
    static u8 room[1 << 16];
    croft__v1__genesis__init(&n->genesis);
    croft__v1__genesis_validator__init(&n->validator);
    croft__v1__genesis_issuer__init(&n->issuer);
    n->validator.public_key = test_view(n->sequencer_key.b, 32);
    n->validator.operator_address = test_view(n->address[0].b, 32);
    n->validator.power = 1;
    n->issuer.issuer_address = test_view(n->address[0].b, 32);
    n->issuer.cap = UINT64_MAX;
    n->validators[0] = &n->validator;
    n->issuers[0] = &n->issuer;
    for (u32 i = 0; i < TEST_ACCOUNTS; i++) {
        croft__v1__genesis_grant__init(&n->grant[i]);
        n->grant[i].issuer_address = test_view(n->address[0].b, 32);
        n->grant[i].to_address = test_view(n->address[i].b, 32);
        n->grant[i].amount = 1000 * CROFT_UNITS_PER_CREDIT;
        n->grants[i] = &n->grant[i];
    }
    n->genesis.format = 1;
    n->genesis.name = (char *)(uintptr_t) "testnet";
    n->genesis.token = (char *)(uintptr_t) "none";
    n->genesis.time_s = TEST_GENESIS_S;
    n->genesis.protocol = 1;
    n->genesis.records_max_log2 = 10;
    n->genesis.n_validators = n->genesis.n_issuers = 1;
    n->genesis.n_grants = TEST_ACCOUNTS;
    n->genesis.validators = n->validators;
    n->genesis.issuers = n->issuers;
    n->genesis.grants = n->grants;
    n->network = croft_genesis_id(&n->genesis, (struct croft_arena){room, room + sizeof room});
}

/* A fresh folder name; nothing is in it. */
static inline void test_folder(char out[128])
{
    const char *tmp = getenv("TMPDIR");
    snprintf(out, 128, "%s/croft-test-XXXXXX", tmp != NULL && strlen(tmp) < 64 ? tmp : "/tmp");
    CROFT_ASSERT(mkdtemp(out) != NULL);
}

static inline void test_remove(const char *folder)
{
    char command[192];
    snprintf(command, sizeof command, "rm -rf -- '%s'", folder);
    CROFT_ASSERT(system(command) == 0);
}

/* Keys and genesis, and a folder with the chain at height 0. */
static inline void test_net_make(struct test_net *n, u64 seed)
{
    struct croft_why why;
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    *n = (struct test_net){.rng = croft_rng_of(seed)};
    test_keys(n);
    test_genesis(n);
    test_folder(n->folder);
    croft_err err = croft_home_create(n->folder, &n->genesis, &n->sequencer, &why);
    if (err != CROFT_OK)
        croft_assert_fail(why.text, __FILE__, __LINE__);
}

static inline void test_net_drop(struct test_net *n)
{
    test_remove(n->folder);
}

static inline croft_err test_open(const char *folder, bool makes_blocks, struct croft_home *out,
                                  struct croft_why *why)
{
    const struct croft_home_options o = {
        .path = folder, .world = croft_world_system(), .makes_blocks = makes_blocks, .audit = true};
    return croft_home_open(&o, out, why);
}

static inline void test_open_must(const char *folder, bool makes_blocks, struct croft_home *out)
{
    struct croft_why why = {{0}};
    if (test_open(folder, makes_blocks, out, &why) != CROFT_OK)
        croft_assert_fail(why.text, __FILE__, __LINE__);
}

/* A signed transfer with this nonce; its bytes live in mem. */
static inline struct croft_bytes test_transfer_at(struct test_net *n, u32 from, u32 to, u64 amount, u64 nonce,
                                                  struct croft_arena *mem)
{
    Croft__V1__Leg leg = CROFT__V1__LEG__INIT, *legs[] = {&leg};
    Croft__V1__Transfer transfer = CROFT__V1__TRANSFER__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    leg.to_address = test_view(n->address[to].b, 32);
    leg.amount = amount;
    transfer.n_legs = 1;
    transfer.legs = legs;
    body.format = 1;
    body.account_address = test_view(n->address[from].b, 32);
    body.nonce = nonce;
    body.valid_until_s = croft_world_system()->ops->wall_ms(croft_world_system()) / 1000 + 3600;
    body.fee_max = TEST_FEE_MAX;
    body.key_set = croft_key_set_single(&n->key[from], mem);
    body.op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    body.transfer = &transfer;
    const struct croft_secret_key *keys[] = {&n->secret[from]};
    struct croft_bytes out;
    struct croft_hash id;
    const u8 signer = 0;
    croft_err err = croft_tx_build(&body, &n->network, keys, &signer, 1, mem, &out, &id);
    CROFT_ASSERT(err == CROFT_OK);
    return out;
}

static inline struct croft_bytes test_transfer(struct test_net *n, u32 from, u32 to, u64 amount,
                                               struct croft_arena *mem)
{
    return test_transfer_at(n, from, to, amount, ++n->nonce[from], mem);
}

/* Follows a proof as a light client would. */
static inline croft_err test_follow_proof(const Croft__V1__QueryResult *result, struct croft_hash *out)
{
    u8 value[2048];
    size_t len = result->records[0]->value.len;
    memcpy(value, result->records[0]->value.data, len);
    for (size_t i = 0; i < result->n_proof; i++) {
        const Croft__V1__ProofOp *op = result->proof[i];
        Croft__V1__ValueOp *v = croft__v1__value_op__unpack(NULL, op->data.len, op->data.data);
        CROFT_ASSERT(v != NULL && v->proof != NULL);
        struct croft_merkle_path path = {.total = (u64)v->proof->total, .index = (u64)v->proof->index};
        path.leaf = croft_merkle_named_leaf((struct croft_bytes){op->key.data, op->key.len},
                                            (struct croft_bytes){value, len});
        path.aunt_count = (u32)v->proof->n_aunts;
        CROFT_ASSERT(path.aunt_count <= CROFT_MERKLE_DEPTH_MAX);
        for (u32 k = 0; k < path.aunt_count; k++)
            memcpy(path.aunt[k].b, v->proof->aunts[k].data, 32);
        bool leaf = memcmp(path.leaf.b, v->proof->leaf_hash.data, 32) == 0;
        croft__v1__value_op__free_unpacked(v, NULL);
        if (!leaf)
            return CROFT_ERR_PROOF;
        CROFT_TRY(croft_merkle_path_root(&path, out));
        memcpy(value, out->b, 32);
        len = 32;
    }
    return memcmp(out->b, result->app_hash.data, 32) == 0 ? CROFT_OK : CROFT_ERR_PROOF;
}

#endif
