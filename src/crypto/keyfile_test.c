/* Goal: a key file gives back the key it was made from, and nothing else does.
 * Method: random keys there and back; texts fixed here, so that old files stay readable; malformed variants.
 */
#include "crypto/keyfile.h"

#include "base/rng.h"
#include "crypto/test_int.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RUNS = 50 };

#define PUBLIC "croftpub16adfsqvzky9t042tlmfujeq88g8wzuhnm2nzxfd0qgdx3ac82ydqvpve67"
#define SEED   "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define SALT   "000102030405060708090a0b0c0d0e0f"
#define NONCE  "101112131415161718191a1b1c1d1e1f2021222324252627"
#define BOX    "b6ea545e4bd364b7366c47b765465fe679269f29728c9aa21cbe4aa855690d24ef032c458cd22688ab7a647cdd9a05d9"

#define CLEAR_TEXT "croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED "\n"
#define BOX_TEXT   "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 8 " SALT "\nsecret: " NONCE " " BOX "\n"

static u64 seed;

/* One whose chance counts up from zero: salt and nonce of the text fixed above. */
static void counting_entropy(struct croft_world *w, u8 *out, size_t len)
{
    struct croft_test_world *fake = (struct croft_test_world *)w;
    for (size_t i = 0; i < len; i++)
        out[i] = (u8)fake->rng.state++;
}

static const struct croft_world_ops COUNTING_OPS = {.entropy = counting_entropy};

static void rfc_key(struct croft_secret_key *out)
{
    u8 bytes[32];
    croft_test_unhex(SEED, bytes, sizeof bytes);
    croft_secret_key_from_seed(out, bytes);
}

static void expect_read(const char *text, const char *passphrase, croft_err want)
{
    struct croft_secret_key got, before;
    memset(&got, 0x5a, sizeof got);
    memset(&before, 0x5a, sizeof before);
    assert_int_equal(croft_keyfile_read(croft_test_text(text), passphrase, &got), want);
    if (want == CROFT_OK)
        rfc_key(&before);
    assert_memory_equal(&got, &before, sizeof got); /* on failure unchanged */
}

static void expect_peek(const char *text, croft_err want)
{
    struct croft_public_key public = {{0}};
    bool encrypted = false;
    assert_int_equal(croft_keyfile_peek(croft_test_text(text), &public, &encrypted), want);
    assert_false(encrypted);
    assert_true(sodium_is_zero(public.b, sizeof public.b));
}

static void test_fixed_texts(void **state)
{
    (void)state;
    struct croft_test_world fake = {.world.ops = &COUNTING_OPS};
    struct croft_secret_key key;
    char text[CROFT_KEYFILE_MAX];
    rfc_key(&key);
    assert_int_equal(croft_keyfile_write(&key, NULL, true, &fake.world, text), CROFT_OK);
    assert_string_equal(text, CLEAR_TEXT);
    assert_int_equal(croft_keyfile_write(&key, "correct horse", true, &fake.world, text), CROFT_OK);
    assert_string_equal(text, BOX_TEXT);
    expect_read(CLEAR_TEXT, NULL, CROFT_OK);
    expect_read(CLEAR_TEXT, "not needed", CROFT_OK);
    expect_read(BOX_TEXT, "correct horse", CROFT_OK);
    expect_read(BOX_TEXT, "correct hors", CROFT_ERR_PASSPHRASE);
    expect_read(BOX_TEXT, "", CROFT_ERR_PASSPHRASE);
    expect_read(BOX_TEXT, NULL, CROFT_ERR_PASSPHRASE);
}

static void test_there_and_back(void **state)
{
    (void)state;
    static const char *const passphrase[] = {NULL, "", "a",
                                             "gr\xc3\xbc\xc3\x9f dich, with spaces\nand a line"};
    struct croft_test_world fake = croft_test_world_of(seed);
    for (int run = 0; run < RUNS; run++) {
        const char *pass = passphrase[run % 4];
        struct croft_secret_key key, back;
        struct croft_public_key public;
        char text[CROFT_KEYFILE_MAX];
        bool encrypted = pass == NULL;
        croft_secret_key_make(&key, &fake.world);
        assert_int_equal(croft_keyfile_write(&key, pass, true, &fake.world, text), CROFT_OK);
        assert_int_equal(croft_keyfile_peek(croft_test_text(text), &public, &encrypted), CROFT_OK);
        assert_int_equal(encrypted, pass != NULL);
        assert_memory_equal(public.b, croft_public_key_of(&key).b, sizeof public.b);
        assert_int_equal(croft_keyfile_read(croft_test_text(text), pass, &back), CROFT_OK);
        assert_memory_equal(&back, &key, sizeof key);
    }
}

static void test_slow_limits_are_in_the_file(void **state)
{
    (void)state;
    struct croft_test_world fake = croft_test_world_of(seed);
    struct croft_secret_key key;
    char text[CROFT_KEYFILE_MAX];
    rfc_key(&key);
    assert_int_equal(croft_keyfile_write(&key, "slow", false, &fake.world, text), CROFT_OK);
    assert_non_null(strstr(text, "\nkdf: argon2id 3 262144 "));
    expect_read(text, "slow", CROFT_OK);
}

static void test_malformed_texts(void **state)
{
    (void)state;
    static const char *const row[] = {
        "",
        "croft-key: 1",
        "croft-key: 1\n",
        "croft-key: 0\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED "\n",
        "croft-key: 01\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED "\n",
        "croft-key: 1\r\npublic: " PUBLIC "\r\nkdf: none\r\nsecret: " SEED "\r\n",
        "croft-key: 9999999999999999999999\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED "\n",
        " croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED "\n",
        "croft-key: 1\npublic: " PUBLIC "x\nkdf: none\nsecret: " SEED "\n",
        "croft-key: 1\npublic: " SEED "\nkdf: none\nsecret: " SEED "\n",
        "croft-key: 1\npublic: \nkdf: none\nsecret: " SEED "\n",
        "croft-key: 1\npublic: " PUBLIC PUBLIC "\nkdf: none\nsecret: " SEED "\n",
        "croft-key: 1\nkdf: none\npublic: " PUBLIC "\nsecret: " SEED "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: none \nsecret: " SEED "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: scrypt\nsecret: " SEED "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED,
        "croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED "\n\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: " SEED "00\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: 9d61\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: "
        "9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: none\nsecret: "
        "xd61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 0 8 " SALT "\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 65 8 " SALT "\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 7 " SALT "\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 4194305 " SALT "\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 4294967304 " SALT "\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 08 " SALT "\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id -1 8 " SALT "\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 8\nsecret: " NONCE " " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 8 " SALT "\nsecret: " BOX "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 8 " SALT "\nsecret: " NONCE " " SEED "\n",
        "croft-key: 1\npublic: " PUBLIC "\nkdf: argon2id 1 8 " SALT "\nsecret: " NONCE BOX "\n",
    };
    for (size_t i = 0; i < CROFT_COUNT(row); i++) {
        expect_peek(row[i], CROFT_ERR_KEY_FILE);
        expect_read(row[i], "correct horse", CROFT_ERR_KEY_FILE);
    }
}

static void test_a_later_format_is_named_as_such(void **state)
{
    (void)state;
    char large[3 * CROFT_KEYFILE_MAX];
    memset(large, 'x', sizeof large - 1);
    memcpy(large, "croft-key: 2\n", strlen("croft-key: 2\n"));
    large[sizeof large - 1] = '\0';
    expect_peek(large, CROFT_ERR_FORMAT);
    expect_read(large, NULL, CROFT_ERR_FORMAT);
    expect_read("croft-key: 999999999\n", NULL, CROFT_ERR_FORMAT);
    large[strlen("croft-key: ")] = '1';
    expect_read(large, NULL, CROFT_ERR_KEY_FILE);
}

/* The text says whose key it is; a seed that makes another key is refused, encrypted or not. */
static void test_secret_of_another_key_is_refused(void **state)
{
    (void)state;
    struct croft_test_world fake = croft_test_world_of(seed);
    struct croft_secret_key other;
    char text[CROFT_KEYFILE_MAX];
    for (int run = 0; run < 2; run++) {
        const char *pass = run ? "pass" : NULL;
        croft_secret_key_make(&other, &fake.world);
        assert_int_equal(croft_keyfile_write(&other, pass, true, &fake.world, text), CROFT_OK);
        memcpy(strstr(text, "croftpub1"), PUBLIC, strlen(PUBLIC));
        expect_read(text, pass, CROFT_ERR_KEY_FILE);
    }
}

/* No single changed byte is missed: each place in both texts, with a random other byte. */
static void test_no_changed_byte_is_accepted(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    static const char *const texts[] = {CLEAR_TEXT, BOX_TEXT};
    for (size_t t = 0; t < CROFT_COUNT(texts); t++) {
        for (size_t i = 0; texts[t][i]; i++) {
            struct croft_bytes bytes = {(const u8 *)texts[t], strlen(texts[t])};
            u8 copy[CROFT_KEYFILE_MAX];
            struct croft_secret_key key;
            memcpy(copy, bytes.at, bytes.len);
            copy[i] ^= (u8)(1 + croft_rng_below(&rng, 255));
            bytes.at = copy;
            assert_int_not_equal(croft_keyfile_read(bytes, "correct horse", &key), CROFT_OK);
        }
    }
}

static void test_zero_bytes_do_not_end_the_text(void **state)
{
    (void)state;
    static const u8 text[] = CLEAR_TEXT "\0more";
    struct croft_secret_key key;
    assert_int_equal(croft_keyfile_read((struct croft_bytes){text, sizeof text}, NULL, &key),
                     CROFT_ERR_KEY_FILE);
    assert_int_equal(croft_keyfile_read((struct croft_bytes){NULL, 0}, NULL, &key), CROFT_ERR_KEY_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_texts),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_slow_limits_are_in_the_file),
        cmocka_unit_test(test_malformed_texts),
        cmocka_unit_test(test_a_later_format_is_named_as_such),
        cmocka_unit_test(test_secret_of_another_key_is_refused),
        cmocka_unit_test(test_no_changed_byte_is_accepted),
        cmocka_unit_test(test_zero_bytes_do_not_end_the_text),
    };
    if (croft_crypto_start() != CROFT_OK)
        return 1;
    seed = croft_test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
