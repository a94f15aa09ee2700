/* Goal: our two hashes are the published ones, whatever the parts their input comes in.
 * Method: digests from Python's hashlib, the standards' examples, and libsodium's own SHA-256 on random
 * input. */
#include "crypto/hash.h"

#include "base/rng.h"
#include "crypto/test_int.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { INPUT_MAX = 1000, RUNS = 2000 };

static u64 seed;

static void expect_hash(struct croft_hash got, const char *want_hex)
{
    struct croft_hash want = croft_test_hash(want_hex);
    assert_memory_equal(got.b, want.b, sizeof want.b);
}

/* Cuts data into up to four parts at random places; some may be empty. */
static size_t cut(struct croft_rng *rng, struct croft_bytes data, struct croft_bytes part[4])
{
    size_t count = 1 + croft_rng_below(rng, 4);
    for (size_t i = 0; i < count; i++) {
        size_t len = i + 1 == count ? data.len : croft_rng_below(rng, data.len + 1);
        part[i] = (struct croft_bytes){len ? data.at : NULL, len};
        data.at += len;
        data.len -= len;
    }
    return count;
}

static void test_digests_of_hashlib(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *sha256, *blake2b;
    } row[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         "35f51041347a5deb69473db0bc650590965234f4cb08893a04067d1fdae40e54"},
        {1, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
         "650349c425730fd25ec178bb40c2ad324cf5fd50d6d7d019f6fb5839f2970c27"},
        {55, "81afe5b788dc2ce138ff83d9b20164db75a94d75d2b2432eea4a0ef605088c72",
         "bdd8f4235ef28d50de77988ea4839c1b8e40badd18395ad4fabf3c77dcb8a10e"},
        {56, "2aba54f0ac632420a2b502431408866e40e1d5e430df4cd822642c78ab2eb9c1",
         "123f9ec8bd8056b6787061a08061dfa76bb1110547bac22c0fdaf06b13c6b8df"},
        {63, "733d3d4ee79ee67145bf73da13588f6f235d37414fc64b14a2f00f1762792f5e",
         "43385d3cc4b18cc38d3d6bb1307c721023ef313207448176f2461ee9d952db0a"},
        {64, "79322907b3e9d013d7dc2c2f256674dbf733045cde01df3539271c6f5605feb8",
         "aafd87bc9e9686e4c79d41526db270ee8b3fdd19ad038106041d4ebaa6de1b22"},
        {65, "d85c007c6eb440f085afa2b84f6f2bce4658b240e9f62cb1364bf0485a57e720",
         "604cf339ba225795e827c6926d1a7fcb7a5135e4107a09e30016ff68d8aa1344"},
        {111, "b41ae5233b9ec35d8576a032034d2857b667a618c7038714d727d4dae3aa2525",
         "30bd46a0f1e748e4200f29b330130607cc2c786fea037be632cc44f2832b72ed"},
        {200, "8e3f3819b4f1b1f71c011c6b854c43601f132c3c88b8982b20733d2b1695c593",
         "46ebab9c92504ee214f33521887de446d9afe7277b11c3ed561e9cb57b06132f"},
        {1000, "6b0df76627243d095b0c4400cb658b7e804dd03461cc03aee8fc8fe0bcada168",
         "b423d7d5c5c608d9a10b637f90db43b990eb800382a91e232a03bbc8327d882d"},
    };
    for (size_t i = 0; i < CROFT_COUNT(row); i++) {
        u8 data[INPUT_MAX];
        for (size_t j = 0; j < row[i].len; j++)
            data[j] = (u8)(j * 7 + row[i].len);
        struct croft_bytes part = {data, row[i].len};
        expect_hash(croft_sha256(part), row[i].sha256);
        expect_hash(croft_blake2b("croft test", &part, 1), row[i].blake2b);
    }
}

static void test_shortest_and_longest_domain(void **state)
{
    (void)state;
    struct croft_bytes abc = croft_test_text("abc");
    expect_hash(croft_blake2b("k", NULL, 0),
                "490b6c8300eb23464bd2f9ca37c036be5091da14ddbeafab424c4c0a1f9eaac5");
    expect_hash(croft_blake2b("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &abc, 1),
                "1314058cfb6cdfc14fda260fbf0697812b9e6e8dd36b0ad98ed84a99c38e9ff5");
}

static void test_examples_of_fips_180(void **state)
{
    (void)state;
    expect_hash(croft_sha256(croft_test_text("abc")),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_hash(croft_sha256(croft_test_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_hash(croft_sha256_parts(NULL, 0),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_parts_hash_as_their_concatenation(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    for (int run = 0; run < RUNS; run++) {
        u8 data[INPUT_MAX];
        struct croft_bytes whole = {data, croft_rng_below(&rng, sizeof data + 1)}, part[4];
        croft_rng_fill(&rng, data, whole.len);
        size_t count = cut(&rng, whole, part);

        struct croft_hash want;
        crypto_hash_sha256(want.b, data, whole.len);
        struct croft_hash got = croft_sha256_parts(part, count);
        assert_true(croft_hash_equal(&got, &want));

        crypto_generichash_blake2b(want.b, sizeof want.b, data, whole.len, (const u8 *)"domain", 6);
        got = croft_blake2b("domain", part, count);
        assert_true(croft_hash_equal(&got, &want));
    }
}

static void test_pairs_hash_as_their_concatenation(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    for (int i = 0; i < 100; i++) {
        u8 x[1 + 2 * sizeof(struct croft_hash)];
        struct croft_hash left, right;
        croft_rng_fill(&rng, x, sizeof x);
        memcpy(left.b, x + 1, sizeof left.b);
        memcpy(right.b, x + 1 + sizeof left.b, sizeof right.b);
        struct croft_hash got = croft_sha256_pair(x[0], &left, &right);
        struct croft_hash want = croft_sha256((struct croft_bytes){x, sizeof x});
        assert_true(croft_hash_equal(&got, &want));
    }
}

static void test_domains_differ(void **state)
{
    (void)state;
    struct croft_bytes part = croft_test_text("the same input");
    struct croft_hash a = croft_blake2b("croft a", &part, 1), b = croft_blake2b("croft b", &part, 1);
    assert_false(croft_hash_equal(&a, &b));
}

static void test_equal_and_zero_look_at_every_byte(void **state)
{
    (void)state;
    const struct croft_hash zero = {{0}};
    assert_true(croft_hash_is_zero(&zero));
    for (size_t i = 0; i < sizeof zero.b; i++) {
        struct croft_hash other = zero;
        other.b[i] = 0x80;
        assert_false(croft_hash_is_zero(&other));
        assert_false(croft_hash_equal(&zero, &other));
        assert_true(croft_hash_equal(&other, &other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests_of_hashlib),   cmocka_unit_test(test_shortest_and_longest_domain),
        cmocka_unit_test(test_examples_of_fips_180), cmocka_unit_test(test_parts_hash_as_their_concatenation),
        cmocka_unit_test(test_pairs_hash_as_their_concatenation),
        cmocka_unit_test(test_domains_differ),       cmocka_unit_test(test_equal_and_zero_look_at_every_byte),
    };
    seed = croft_test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
