#include "chain/wallet_unsent.h"

#include "base/assert.h"
#include "base/rng.h"
#include "base/testing.h"
#include "json/json.h"

#include <string.h>

enum { KEYS = 5 };

static struct croft_region region;
static struct croft_rng rng;
static struct croft_arena mem;
static struct croft_secret_key secret[KEYS];
static struct croft_unsent made;

static void random_body(Croft__V1__TxBody *body, Croft__V1__Vote *vote, u8 account[32])
{
    croft__v1__tx_body__init(body);
    croft__v1__vote__init(vote);
    croft_rng_fill(&rng, account, 32);
    vote->proposal = croft_rng_below(&rng, UINT64_MAX);
    vote->yes = croft_rng_below(&rng, 2) != 0;
    body->format = 1;
    body->account_address = (ProtobufCBinaryData){32, account};
    body->nonce = croft_rng_below(&rng, UINT64_MAX);
    body->valid_until_s = 1 + croft_rng_below(&rng, UINT64_MAX - 1);
    body->fee_max = croft_rng_below(&rng, UINT64_MAX);
    body->op_case = CROFT__V1__TX_BODY__OP_VOTE;
    body->vote = vote;
}

/* Keys at places 0, 1, 3, 4, 6 with weights 1 to 5; the lead is one of them. */
static int start(void **state)
{
    static const u8 place[KEYS] = {0, 1, 3, 4, 6};
    Croft__V1__TxBody body;
    Croft__V1__Vote vote;
    struct croft_why why;
    u8 account[32];
    (void)state;
    mem = croft_region_arena(&region);
    made = (struct croft_unsent){
        .network_name = "testnet", .scope = CROFT_SCOPE_VOTE, .threshold = 9, .key_count = KEYS};
    croft_rng_fill(&rng, made.network.b, sizeof made.network.b);
    for (u32 i = 0; i < KEYS; i++) {
        u8 seed[32];
        croft_rng_fill(&rng, seed, sizeof seed);
        croft_secret_key_from_seed(&secret[i], seed);
        made.key[i] = (struct croft_unsent_key){
            .place = place[i], .weight = (u8)(i + 1), .public_key = croft_public_key_of(&secret[i])};
    }
    random_body(&body, &vote, account);
    body.lead_key = place[croft_rng_below(&rng, KEYS)];
    return croft_unsent_seal(&made, &body, &mem, &why) == CROFT_OK ? 0 : -1;
}

static croft_err read_back(const struct croft_unsent *u, struct croft_unsent *out, struct croft_why *why)
{
    json_t *json = croft_unsent_json(u);
    char *text = json_dumps(json, JSON_INDENT(1));
    assert_non_null(text);
    croft_err err = croft_unsent_read((struct croft_bytes){(const u8 *)text, strlen(text)}, &mem, out, why);
    free(text);
    json_decref(json);
    return err;
}

/* Signers in any order, through a file each time: what comes out is what the chain's decoder and signature
 * check take, exactly when the weight is there and the lead has signed. */
static void signed_in_any_order(void **state)
{
    (void)state;
    struct croft_why why;
    struct croft_bytes tx;
    for (int round = 0; round < 200; round++) {
        assert_int_equal(start(NULL), 0);
        u32 weight = 0, have = 0;
        for (u32 step = 0; step < KEYS; step++) {
            u32 who = (u32)croft_rng_below(&rng, KEYS);
            bool again = (have >> who & 1) != 0;
            assert_int_equal(croft_unsent_sign(&made, &secret[who], &why),
                             again ? CROFT_ERR_EXISTS : CROFT_OK);
            have |= 1u << who;
            weight += again ? 0 : who + 1;
            assert_int_equal(croft_unsent_weight(&made), weight);
            assert_int_equal(read_back(&made, &made, &why), CROFT_OK);
            bool leads = croft_unsent_key_at(&made, made.body->lead_key)->signed_by;
            croft_err err = croft_unsent_pack(&made, &mem, &tx, &why);
            assert_int_equal(err, weight >= 9 && leads ? CROFT_OK : CROFT_ERR_TX_SCOPE);
            if (err != CROFT_OK)
                continue;
            struct croft_tx decoded;
            assert_int_equal(croft_tx_decode(tx, &made.network, &mem, &decoded), CROFT_OK);
            assert_int_equal(decoded.signature_count, croft_unsent_signatures(&made));
            assert_memory_equal(decoded.id.b, made.id.b, 32);
            for (u32 i = 0; i < decoded.signature_count; i++) {
                const struct croft_unsent_key *key = croft_unsent_key_at(&made, decoded.signer[i]);
                assert_int_equal(croft_verify(&key->public_key, (struct croft_bytes){made.id.b, 32},
                                              &decoded.signature[i]),
                                 CROFT_OK);
            }
        }
    }
}

/* Any one byte of a file changed: refused, or the change did not matter (white space, a name for people). */
static void a_changed_file_is_never_another_transaction(void **state)
{
    (void)state;
    struct croft_why why;
    assert_int_equal(croft_unsent_sign(&made, &secret[2], &why), CROFT_OK);
    json_t *json = croft_unsent_json(&made);
    char *text = json_dumps(json, JSON_COMPACT);
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        struct croft_arena scratch = mem;
        struct croft_unsent read;
        char was = text[i];
        text[i] = (char)(was ^ (char)(1 << croft_rng_below(&rng, 7)));
        croft_err err = croft_unsent_read((struct croft_bytes){(const u8 *)text, len}, &scratch, &read, &why);
        if (err == CROFT_OK) {
            assert_memory_equal(read.id.b, made.id.b, 32);
            assert_true(croft_unsent_weight(&read) > 0 && read.key[2].signed_by);
        }
        text[i] = was;
    }
    free(text);
    json_decref(json);
}

static void merging(void **state)
{
    (void)state;
    struct croft_why why;
    struct croft_unsent a = made, b = made;
    assert_int_equal(croft_unsent_sign(&a, &secret[4], &why), CROFT_OK);
    assert_int_equal(croft_unsent_sign(&b, &secret[1], &why), CROFT_OK);
    assert_int_equal(croft_unsent_merge(&a, &b, &why), CROFT_OK);
    assert_int_equal(croft_unsent_weight(&a), 7);
    assert_int_equal(croft_unsent_merge(&a, &b, &why), CROFT_OK);
    assert_int_equal(croft_unsent_weight(&a), 7);
    assert_int_equal(start(NULL), 0); /* another body */
    assert_int_equal(croft_unsent_merge(&a, &made, &why), CROFT_ERR_DECODE);
}

static void a_stranger_cannot_sign(void **state)
{
    (void)state;
    struct croft_secret_key stranger;
    struct croft_why why;
    u8 seed[32];
    croft_rng_fill(&rng, seed, sizeof seed);
    croft_secret_key_from_seed(&stranger, seed);
    assert_int_equal(croft_unsent_sign(&made, &stranger, &why), CROFT_ERR_TX_KEY);
    assert_int_equal(croft_unsent_signatures(&made), 0);
}

static void what_the_chain_would_refuse_is_not_made(void **state)
{
    (void)state;
    Croft__V1__TxBody body;
    Croft__V1__Vote vote;
    struct croft_why why;
    u8 account[32];
    random_body(&body, &vote, account);
    body.lane = 2;
    const struct croft_hash before = made.id;
    assert_int_equal(croft_unsent_seal(&made, &body, &mem, &why), CROFT_ERR_TX_RANGE);
    assert_memory_equal(before.b, made.id.b, 32);
}

int main(void)
{
    rng = croft_rng_of(croft_test_seed());
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    CROFT_ASSERT(croft_region_map(&region, 256 << 20));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_in_any_order),
        cmocka_unit_test_setup(a_changed_file_is_never_another_transaction, start),
        cmocka_unit_test_setup(merging, start),
        cmocka_unit_test_setup(a_stranger_cannot_sign, start),
        cmocka_unit_test_setup(what_the_chain_would_refuse_is_not_made, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
