/* Goal: what is signed off the ledger is hashed as docs/spec/market.md says, and a transaction shows every
 * signature inside it. Method: known answers of tools/make_voucher_vectors.py; every bit of every field
 * changes the hash; transactions with all, one and no such signature, each checked against a hash of the
 * fields that were put in. */
#include "wire/voucher.h"

#include "wire/test_int.h"

enum { HEX = 65 };

static struct maker m;

static int open_maker(void **unused)
{
    (void)unused;
    maker_open(&m, croft_test_seed());
    return 0;
}

/* ---- known answers ---- */

static struct croft_hash hash_of(const char *hex)
{
    struct croft_hash h;
    assert_int_equal(strlen(hex), 2 * sizeof h.b);
    for (size_t i = 0; i < sizeof h.b; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        h.b[i] = (u8)byte;
    }
    return h;
}

static ProtobufCBinaryData unhex(const char *hex)
{
    ProtobufCBinaryData b = make_bytes(&m, 32);
    struct croft_hash h = hash_of(hex);
    memcpy(b.data, h.b, 32);
    return b;
}

static void expect_hash(struct croft_hash got, const char *want_hex)
{
    struct croft_hash want = hash_of(want_hex);
    assert_memory_equal(got.b, want.b, sizeof want.b);
}

static bool known_voucher(const char *line)
{
    char network[HEX], buyer[HEX], want[HEX];
    Croft__V1__LeaseId id = CROFT__V1__LEASE_ID__INIT;
    Croft__V1__Voucher v = CROFT__V1__VOUCHER__INIT;
    if (sscanf(line, "voucher %64s %64s %" SCNu64 " %u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %64s",
               network, buyer, &id.order, &id.lease, &v.stamp, &v.served_until_s, &v.units, &v.seq,
               want) != 9)
        return false;
    struct croft_hash n = hash_of(network);
    id.buyer_address = unhex(buyer);
    v.lease = &id;
    expect_hash(croft_voucher_hash(&n, &v), want);
    return true;
}

static bool known_result(const char *line)
{
    char network[HEX], buyer[HEX], result[HEX], want[HEX];
    Croft__V1__LeaseId id = CROFT__V1__LEASE_ID__INIT;
    Croft__V1__Slash s = CROFT__V1__SLASH__INIT;
    if (sscanf(line, "result %64s %64s %" SCNu64 " %u %" SCNu64 " %u %64s %64s", network, buyer, &id.order,
               &id.lease, &s.stamp, &s.task, result, want) != 8)
        return false;
    struct croft_hash n = hash_of(network);
    id.buyer_address = unhex(buyer);
    s.lease = &id;
    s.result_hash = unhex(result);
    expect_hash(croft_result_hash(&n, &s), want);
    return true;
}

static bool known_bid(const char *line)
{
    char buyer[HEX], salt[HEX], node[HEX], want[HEX];
    u64 order, price;
    u32 device;
    u8 key[40];
    if (sscanf(line, "bid %64s %" SCNu64 " %" SCNu64 " %64s %64s %u %64s", buyer, &order, &price, salt, node,
               &device, want) != 7)
        return false;
    croft_lease_key(unhex(buyer), order, 0, key);
    expect_hash(croft_bid_commitment(key, price, unhex(salt).data, unhex(node).data, (u8)device), want);
    return true;
}

static void test_known_answers(void **unused)
{
    (void)unused;
    char line[512];
    int vouchers = 0, results = 0, bids = 0;
    FILE *file = fopen("tests/vectors/voucher.txt", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        maker_reset(&m);
        int was = vouchers + results + bids;
        vouchers += known_voucher(line);
        results += known_result(line);
        bids += known_bid(line);
        assert_true(line[0] == '#' || vouchers + results + bids == was + 1);
    }
    fclose(file);
    assert_int_equal(vouchers, 43);
    assert_int_equal(results, 42);
    assert_int_equal(bids, 42);
}

/* ---- every bit counts ---- */

static void expect_other(struct croft_hash a, struct croft_hash b)
{
    assert_memory_not_equal(a.b, b.b, sizeof a.b);
}

static void flip_voucher_numbers(Croft__V1__Voucher *v, const struct croft_hash *was)
{
    u64 *const number[] = {&v->stamp, &v->served_until_s, &v->units, &v->seq};
    for (size_t i = 0; i < CROFT_COUNT(number); i++)
        for (u32 bit = 0; bit < 64; bit++) {
            *number[i] ^= UINT64_C(1) << bit;
            expect_other(croft_voucher_hash(&m.network, v), *was);
            *number[i] ^= UINT64_C(1) << bit;
        }
}

static void flip_voucher_lease(Croft__V1__Voucher *v, const struct croft_hash *was)
{
    for (u32 bit = 0; bit < 256 + 48 + 16; bit++) {
        u8 *buyer = &v->lease->buyer_address.data[bit % 256 / 8];
        u64 order = bit >= 256 && bit < 304 ? UINT64_C(1) << (bit - 256) : 0;
        u32 lease = bit >= 304 ? 1u << (bit - 304) : 0;
        u32 byte = bit < 256 ? 1u << bit % 8 : 0;
        *buyer = (u8)(*buyer ^ byte);
        v->lease->order ^= order;
        v->lease->lease ^= lease;
        expect_other(croft_voucher_hash(&m.network, v), *was);
        *buyer = (u8)(*buyer ^ byte);
        v->lease->order ^= order;
        v->lease->lease ^= lease;
    }
}

static void test_every_bit_of_a_voucher(void **unused)
{
    (void)unused;
    maker_reset(&m);
    Croft__V1__Voucher *v = make_voucher(&m);
    struct croft_hash was = croft_voucher_hash(&m.network, v), other = m.network;
    flip_voucher_numbers(v, &was);
    flip_voucher_lease(v, &was);
    for (u32 bit = 0; bit < 256; bit++) {
        other.b[bit / 8] = (u8)(other.b[bit / 8] ^ 1u << bit % 8);
        expect_other(croft_voucher_hash(&other, v), was);
        other.b[bit / 8] = (u8)(other.b[bit / 8] ^ 1u << bit % 8);
    }
    struct croft_hash again = croft_voucher_hash(&m.network, v);
    assert_memory_equal(again.b, was.b, sizeof was.b);
}

/* Neither key nor signature is part of what is signed. */
static void test_signing(void **unused)
{
    (void)unused;
    maker_reset(&m);
    struct croft_voucher_signature signature;
    Croft__V1__Voucher *v = make_voucher(&m);
    struct croft_hash hash = croft_voucher_hash(&m.network, v);
    croft_voucher_sign(v, &m.network, &m.key[3], &signature);
    struct croft_hash signed_hash = croft_voucher_hash(&m.network, v);
    struct croft_public_key key = croft_public_key_of(&m.key[3]);
    assert_memory_equal(signed_hash.b, hash.b, sizeof hash.b);
    assert_memory_equal(v->public_key.data, key.b, sizeof key.b);
    assert_int_equal(croft_verify(&key, (struct croft_bytes){hash.b, sizeof hash.b}, &signature.signature),
                     CROFT_OK);
    assert_memory_equal(v->signature.data, signature.signature.b, sizeof signature.signature.b);
}

/* ---- what decode hands to the verifier ---- */

static struct croft_tx decoded(const Croft__V1__TxBody *body)
{
    struct croft_bytes bytes;
    struct croft_hash id;
    struct croft_tx tx;
    assert_int_equal(make_signed(&m, body, 0, 1, &bytes, &id), CROFT_OK);
    assert_int_equal(croft_tx_decode(bytes, &m.network, &m.mem, &tx), CROFT_OK);
    return tx;
}

static void expect_attested(const struct croft_attested *a, struct croft_hash hash, ProtobufCBinaryData key,
                            ProtobufCBinaryData signature)
{
    assert_memory_equal(a->hash.b, hash.b, sizeof hash.b);
    assert_memory_equal(a->key.b, key.data, sizeof a->key.b);
    assert_memory_equal(a->signature.b, signature.data, sizeof a->signature.b);
}

static void test_attested_of_settle(void **unused)
{
    (void)unused;
    for (u32 count = 1; count <= CROFT_VOUCHERS_MAX; count++) {
        maker_reset(&m);
        Croft__V1__TxBody *body = make_of(&m, CROFT__V1__TX_BODY__OP_SETTLE);
        body->settle->n_vouchers = count;
        struct croft_tx tx = decoded(body);
        assert_int_equal(tx.attested_count, count);
        for (u32 i = 0; i < count; i++) {
            const Croft__V1__Voucher *v = body->settle->vouchers[i];
            expect_attested(&tx.attested[i], croft_voucher_hash(&m.network, v), v->public_key, v->signature);
        }
    }
}

static void test_attested_of_stop(void **unused)
{
    (void)unused;
    maker_reset(&m);
    Croft__V1__TxBody *body = make_of(&m, CROFT__V1__TX_BODY__OP_LEASE_STOP);
    body->lease_stop->voucher = NULL;
    assert_int_equal(decoded(body).attested_count, 0);
    Croft__V1__Voucher *v = body->lease_stop->voucher = make_voucher(&m);
    v->lease = body->lease_stop->lease;
    struct croft_tx tx = decoded(body);
    assert_int_equal(tx.attested_count, 1);
    expect_attested(&tx.attested[0], croft_voucher_hash(&m.network, v), v->public_key, v->signature);
}

static void test_attested_of_slash(void **unused)
{
    (void)unused;
    maker_reset(&m);
    Croft__V1__TxBody *body = make_of(&m, CROFT__V1__TX_BODY__OP_SLASH);
    struct croft_tx tx = decoded(body);
    assert_int_equal(tx.attested_count, 1);
    expect_attested(&tx.attested[0], croft_result_hash(&m.network, body->slash), body->slash->node_key,
                    body->slash->node_signature);
}

static void test_others_attest_nothing(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < CROFT_COUNT(maker_ops); i++) {
        u32 op = maker_ops[i].op;
        if (op == CROFT__V1__TX_BODY__OP_SETTLE || op == CROFT__V1__TX_BODY__OP_LEASE_STOP ||
            op == CROFT__V1__TX_BODY__OP_SLASH)
            continue;
        maker_reset(&m);
        struct croft_tx tx = decoded(make_op(&m, i));
        assert_int_equal(tx.attested_count, 0);
        assert_null(tx.attested);
    }
}

/* The list takes its room from the arena: without it the answer is NOMEM, never a shorter list. */
static void test_little_memory(void **unused)
{
    (void)unused;
    maker_reset(&m);
    struct croft_bytes bytes;
    struct croft_hash id;
    struct croft_tx tx;
    Croft__V1__TxBody *body = make_of(&m, CROFT__V1__TX_BODY__OP_SETTLE);
    body->settle->n_vouchers = CROFT_VOUCHERS_MAX;
    assert_int_equal(make_signed(&m, body, 0, 1, &bytes, &id), CROFT_OK);
    size_t refused = 0;
    for (size_t room = 0; room < 128 << 10; room += 128) {
        struct croft_arena little = m.mem;
        little.end = little.at + room;
        croft_err err = croft_tx_decode(bytes, &m.network, &little, &tx);
        refused += err == CROFT_ERR_NOMEM;
        assert_true(err == CROFT_ERR_NOMEM || (err == CROFT_OK && tx.attested_count == CROFT_VOUCHERS_MAX));
    }
    assert_true(refused > 0 && refused < 1024);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_every_bit_of_a_voucher),
        cmocka_unit_test(test_signing),
        cmocka_unit_test(test_attested_of_settle),
        cmocka_unit_test(test_attested_of_stop),
        cmocka_unit_test(test_attested_of_slash),
        cmocka_unit_test(test_others_attest_nothing),
        cmocka_unit_test(test_little_memory),
    };
    return cmocka_run_group_tests(tests, open_maker, NULL);
}
