/* Goal: a block comes apart into what it was made of, and no byte of it can be changed unseen.
 * Method: random blocks; every byte changed, every length but the right one, counts that do not fit the body.
 */
#include "wire/block.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/testing.h"
#include "crypto/hash.h"

#include <string.h>

enum { BLOCK_MAX = 8192, TXS_MAX = 12, DUES_MAX = 6, RUNS = 60 };

/* What a block is made of. */
struct parts {
    struct croft_header header;
    u8 tx[TXS_MAX][64];
    size_t tx_len[TXS_MAX];
    struct croft_receipt receipt[TXS_MAX];
    struct croft_due due[DUES_MAX];
    u8 bytes[BLOCK_MAX];
    size_t len;
};

static struct croft_rng rng;
static struct croft_secret_key key;

static void random_parts(struct parts *p)
{
    memset(p, 0, sizeof *p);
    p->header = (struct croft_header){
        .format = 1, .protocol = (u32)croft_rng_next(&rng), .height = croft_rng_next(&rng)};
    p->header.time_ms = croft_rng_next(&rng);
    croft_rng_fill(&rng, p->header.network.b, 32);
    croft_rng_fill(&rng, p->header.previous.b, 32);
    croft_rng_fill(&rng, p->header.app_hash.b, 32);
    memcpy(p->header.sequencer, croft_public_key_of(&key).b, 32);
    p->header.tx_count = (u32)croft_rng_below(&rng, TXS_MAX + 1);
    p->header.due_count = (u32)croft_rng_below(&rng, DUES_MAX + 1);
    for (u32 i = 0; i < p->header.tx_count; i++) {
        p->tx_len[i] = croft_rng_below(&rng, sizeof p->tx[i] + 1);
        croft_rng_fill(&rng, p->tx[i], p->tx_len[i]);
        p->receipt[i] =
            (struct croft_receipt){.format = 1, .op = (u8)i, .fee = croft_rng_next(&rng), .value = i};
    }
    for (u32 i = 0; i < p->header.due_count; i++) {
        p->due[i] = (struct croft_due){
            .kind = (u8)(i + 1), .key_len = 40, .amount = croft_amt_of(croft_rng_next(&rng))};
        croft_rng_fill(&rng, p->due[i].key, sizeof p->due[i].key);
    }
}

static size_t write_body(const struct parts *p, u8 *out, size_t size)
{
    struct croft_writer w = croft_writer_of(out, size);
    for (u32 i = 0; i < p->header.tx_count; i++) {
        croft_write_u32(&w, (u32)p->tx_len[i]);
        croft_write_bytes(&w, p->tx[i], p->tx_len[i]);
    }
    for (u32 i = 0; i < p->header.tx_count; i++)
        croft_layout_encode(&croft_receipt_layout, &p->receipt[i], croft_write_room(&w, CROFT_RECEIPT_BYTES),
                            CROFT_RECEIPT_BYTES);
    for (u32 i = 0; i < p->header.due_count; i++)
        croft_layout_encode(&croft_due_layout, &p->due[i], croft_write_room(&w, CROFT_DUE_BYTES),
                            CROFT_DUE_BYTES);
    CROFT_ASSERT(!w.bad);
    return (size_t)(w.at - out);
}

/* Signs the header over the body that lies behind it. */
static void seal(struct parts *p)
{
    p->header.body_bytes = (u32)(p->len - CROFT_BLOCK_HEAD_BYTES);
    p->header.body_hash =
        croft_block_body_hash((struct croft_bytes){p->bytes + CROFT_BLOCK_HEAD_BYTES, p->header.body_bytes});
    struct croft_hash id = croft_block_id(&p->header);
    struct croft_signature signature = croft_sign(&key, (struct croft_bytes){id.b, 32});
    croft_block_seal(&p->header, &signature, p->bytes);
}

static void random_block(struct parts *p)
{
    random_parts(p);
    p->len = CROFT_BLOCK_HEAD_BYTES +
             write_body(p, p->bytes + CROFT_BLOCK_HEAD_BYTES, BLOCK_MAX - CROFT_BLOCK_HEAD_BYTES);
    seal(p);
}

static croft_err open_len(const struct parts *p, size_t len, struct croft_block *out)
{
    return croft_block_open((struct croft_bytes){p->bytes, len}, out);
}

static void expect_parts(const struct parts *p, const struct croft_block *b)
{
    struct croft_bytes txs = b->txs;
    for (u32 i = 0; i < p->header.tx_count; i++) {
        struct croft_bytes tx = croft_block_next_tx(&txs);
        assert_non_null(tx.at);
        assert_int_equal(tx.len, p->tx_len[i]);
        assert_memory_equal(tx.at, p->tx[i], tx.len);
        struct croft_receipt r = croft_block_receipt(b, i);
        assert_true(r.op == i && r.fee == p->receipt[i].fee && r.value == i && r.code == 0);
    }
    assert_null(croft_block_next_tx(&txs).at);
    for (u32 i = 0; i < p->header.due_count; i++) {
        struct croft_due d = croft_block_due(b, i);
        assert_memory_equal(d.key, p->due[i].key, sizeof d.key);
        assert_int_equal(d.amount.units, p->due[i].amount.units);
        assert_int_equal(d.kind, i + 1);
    }
}

static void test_round_trip(void **unused)
{
    (void)unused;
    static struct parts p;
    for (int run = 0; run < RUNS; run++) {
        struct croft_block b;
        struct croft_header h;
        random_block(&p);
        assert_int_equal(open_len(&p, p.len, &b), CROFT_OK);
        assert_int_equal(croft_block_peek((struct croft_bytes){p.bytes, CROFT_BLOCK_HEAD_BYTES}, &h),
                         CROFT_OK);
        struct croft_hash id = croft_block_id(&b.header), same = croft_block_id(&h),
                          want = croft_block_id(&p.header);
        assert_memory_equal(id.b, want.b, 32);
        assert_memory_equal(same.b, want.b, 32);
        struct croft_public_key public = croft_public_key_of(&key);
        assert_int_equal(croft_verify(&public, (struct croft_bytes){id.b, 32}, &b.signature), CROFT_OK);
        expect_parts(&p, &b);
    }
}

static void test_every_length(void **unused)
{
    (void)unused;
    static struct parts p;
    for (int run = 0; run < 5; run++) {
        struct croft_block b;
        struct croft_header h;
        random_block(&p);
        for (size_t len = 0; len < p.len; len++) {
            assert_int_equal(open_len(&p, len, &b), CROFT_ERR_DECODE);
            assert_int_equal(croft_block_peek((struct croft_bytes){p.bytes, len}, &h),
                             len < CROFT_BLOCK_HEAD_BYTES ? CROFT_ERR_DECODE : CROFT_OK);
        }
        assert_int_equal(open_len(&p, p.len + 1, &b), CROFT_ERR_DECODE);
    }
}

/* Refused, or no longer signed. */
static void expect_seen(const struct parts *p)
{
    struct croft_block b;
    croft_err err = open_len(p, p->len, &b);
    if (err != CROFT_OK)
        return;
    struct croft_public_key public;
    memcpy(public.b, b.header.sequencer, 32);
    struct croft_hash id = croft_block_id(&b.header);
    assert_int_equal(croft_verify(&public, (struct croft_bytes){id.b, 32}, &b.signature),
                     CROFT_ERR_TX_SIGNATURE);
}

static void test_every_byte(void **unused)
{
    (void)unused;
    static struct parts p;
    for (int run = 0; run < 3; run++) {
        random_block(&p);
        for (size_t i = 0; i < p.len; i++) {
            u8 by = (u8)(1 + croft_rng_below(&rng, 255));
            p.bytes[i] ^= by;
            expect_seen(&p);
            if (i >= CROFT_BLOCK_HEAD_BYTES) {
                struct croft_block b;
                assert_int_equal(open_len(&p, p.len, &b), CROFT_ERR_DECODE);
            }
            p.bytes[i] ^= by;
        }
    }
}

static void test_later_format(void **unused)
{
    (void)unused;
    static struct parts p;
    struct croft_block b;
    struct croft_header h;
    random_block(&p);
    p.bytes[0] = 2;
    assert_int_equal(open_len(&p, p.len, &b), CROFT_ERR_FORMAT);
    assert_int_equal(croft_block_peek((struct croft_bytes){p.bytes, p.len}, &h), CROFT_ERR_FORMAT);
}

/* A header that is signed and whose body hash is right, but whose counts are not those of the body. */
static void test_wrong_counts(void **unused)
{
    (void)unused;
    static struct parts p;
    static const u32 wrong[] = {1, 2, 1000, UINT32_MAX / CROFT_RECEIPT_BYTES, UINT32_MAX};
    for (int run = 0; run < RUNS; run++) {
        struct croft_block b;
        u32 add = wrong[croft_rng_below(&rng, CROFT_COUNT(wrong))];
        random_block(&p);
        if (croft_rng_chance(&rng, 2))
            p.header.due_count += add;
        else
            p.header.tx_count += add;
        seal(&p);
        assert_int_equal(open_len(&p, p.len, &b), CROFT_ERR_DECODE);
    }
}

/* A transaction's length that leads out of the body. */
static void test_wrong_tx_length(void **unused)
{
    (void)unused;
    static struct parts p;
    static const u32 wrong[] = {BLOCK_MAX, UINT32_MAX, UINT32_MAX - 3, INT32_MAX};
    for (size_t i = 0; i < CROFT_COUNT(wrong); i++) {
        struct croft_block b;
        do
            random_block(&p);
        while (p.header.tx_count == 0);
        croft_put_u32(p.bytes + CROFT_BLOCK_HEAD_BYTES, wrong[i]);
        seal(&p);
        assert_int_equal(open_len(&p, p.len, &b), CROFT_ERR_DECODE);
    }
}

static void test_due_names(void **unused)
{
    (void)unused;
    for (u32 kind = CROFT_DUE_PENDING_EXPIRED; kind <= CROFT_DUE_EPOCH; kind++)
        for (u32 other = 0; other < kind; other++)
            assert_string_not_equal(croft_due_name(kind), croft_due_name(other));
    assert_string_equal(croft_due_name(0), "?");
    assert_string_equal(croft_due_name(CROFT_DUE_EPOCH + 1), "?");
}

static int seed(void **unused)
{
    (void)unused;
    rng = croft_rng_of(croft_test_seed());
    u8 secret[32];
    croft_rng_fill(&rng, secret, sizeof secret);
    croft_secret_key_from_seed(&key, secret);
    return 0;
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_byte),   cmocka_unit_test(test_later_format),
        cmocka_unit_test(test_wrong_counts), cmocka_unit_test(test_wrong_tx_length),
        cmocka_unit_test(test_due_names),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
