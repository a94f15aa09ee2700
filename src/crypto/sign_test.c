/* Goal: signatures are RFC 8032's, and verification follows the one pinned rule.
 * Method: the RFC's vectors, the edge cases of sign_vectors_int.h one by one, and random changes to
 * signatures. */
#include "crypto/sign.h"

#include "base/rng.h"
#include "crypto/sign_vectors_int.h"
#include "crypto/test_int.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MESSAGE_MAX = 300, RUNS = 100 };

static u64 seed;

static void test_secret_keys_of_rfc_8032(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    };
    for (size_t i = 0; i < CROFT_COUNT(secret); i++) {
        const struct croft_sign_vector *v = &croft_sign_vectors[i];
        u8 secret_seed[32], public[32], signature[64], message[32];
        croft_test_unhex(secret[i], secret_seed, sizeof secret_seed);
        croft_test_unhex(v->public_key, public, sizeof public);
        croft_test_unhex(v->signature, signature, sizeof signature);
        struct croft_bytes m = {message, croft_test_unhex(v->message, message, sizeof message)};

        struct croft_secret_key key;
        croft_secret_key_from_seed(&key, secret_seed);
        struct croft_signature got = croft_sign(&key, m);
        assert_memory_equal(croft_public_key_of(&key).b, public, sizeof public);
        assert_memory_equal(got.b, signature, sizeof signature);
    }
}

static void test_start_accepts_this_library(void **state)
{
    (void)state;
    assert_int_equal(croft_crypto_start(), CROFT_OK);
    assert_int_equal(croft_crypto_start(), CROFT_OK); /* harmless if done twice */
}

/* A library that answers any one of them otherwise is found: each vector alone, with the answer turned. */
static void test_every_vector_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CROFT_COUNT(croft_sign_vectors); i++) {
        struct croft_sign_vector v = croft_sign_vectors[i];
        if (croft_sign_check_vectors(&v, 1) != CROFT_OK)
            fail_msg("vector %zu: %s", i, v.note);
        v.valid = !v.valid;
        assert_int_equal(croft_sign_check_vectors(&v, 1), CROFT_ERR_SELFTEST);
    }
}

static croft_err verify(const struct croft_secret_key *key, struct croft_bytes message,
                        struct croft_signature s)
{
    struct croft_public_key public = croft_public_key_of(key);
    return croft_verify(&public, message, &s);
}

static void flip_bit(struct croft_rng *rng, u8 *bytes, size_t len)
{
    bytes[croft_rng_below(rng, len)] ^= (u8)(1u << croft_rng_below(rng, 8));
}

static void test_any_changed_bit_is_refused(void **state)
{
    (void)state;
    struct croft_test_world fake = croft_test_world_of(seed);
    for (int run = 0; run < RUNS; run++) {
        struct croft_secret_key key, other;
        u8 message[MESSAGE_MAX];
        struct croft_bytes m = {message, 1 + croft_rng_below(&fake.rng, MESSAGE_MAX)};
        croft_secret_key_make(&key, &fake.world);
        croft_secret_key_make(&other, &fake.world);
        croft_rng_fill(&fake.rng, message, m.len);
        struct croft_signature s = croft_sign(&key, m), bad = s;
        assert_int_equal(verify(&key, m, s), CROFT_OK);
        assert_int_equal(verify(&other, m, s), CROFT_ERR_TX_SIGNATURE);

        flip_bit(&fake.rng, bad.b, sizeof bad.b);
        assert_int_equal(verify(&key, m, bad), CROFT_ERR_TX_SIGNATURE);
        flip_bit(&fake.rng, message, m.len);
        assert_int_equal(verify(&key, m, s), CROFT_ERR_TX_SIGNATURE);
        m.len--;
        assert_int_equal(verify(&key, m, s), CROFT_ERR_TX_SIGNATURE);
    }
}

static void test_make_takes_its_seed_from_the_world(void **state)
{
    (void)state;
    struct croft_test_world fake = croft_test_world_of(seed);
    struct croft_rng same = fake.rng;
    u8 want_seed[32];
    struct croft_secret_key made, want;
    croft_rng_fill(&same, want_seed, sizeof want_seed);
    croft_secret_key_from_seed(&want, want_seed);
    croft_secret_key_make(&made, &fake.world);
    assert_memory_equal(&made, &want, sizeof made);
}

static void test_wipe_leaves_nothing(void **state)
{
    (void)state;
    const struct croft_secret_key zero = {.seed = {0}};
    struct croft_secret_key key;
    croft_secret_key_make(&key, croft_world_system());
    assert_memory_not_equal(&key, &zero, sizeof key);
    croft_secret_key_wipe(&key);
    assert_memory_equal(&key, &zero, sizeof key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_accepts_this_library),
        cmocka_unit_test(test_secret_keys_of_rfc_8032),
        cmocka_unit_test(test_every_vector_counts),
        cmocka_unit_test(test_any_changed_bit_is_refused),
        cmocka_unit_test(test_make_takes_its_seed_from_the_world),
        cmocka_unit_test(test_wipe_leaves_nothing),
    };
    seed = croft_test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
