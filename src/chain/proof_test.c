#include "chain/proof.h"

#include "base/rng.h"
#include "chain/fake_chain_int.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"

enum { ACCOUNTS = 23, NAMES = 6 };

static struct croft_rng rng;
static struct croft_region region;

struct built {
    Croft__V1__QueryResult result;
    Croft__V1__Record record, *records[1];
    Croft__V1__ProofOp op[2], *ops[2];
    u8 key[32], value[64];
    struct croft_hash app_hash;
};

static ProtobufCBinaryData bytes_of(const void *at, size_t len, struct croft_arena *mem)
{
    u8 *copy = croft_new(mem, u8, len + 1);
    memcpy(copy, at, len);
    return (ProtobufCBinaryData){len, copy};
}

static void build_op(Croft__V1__ProofOp *op, ProtobufCBinaryData key, const struct croft_merkle_path *path,
                     struct croft_arena *mem)
{
    Croft__V1__Proof proof = CROFT__V1__PROOF__INIT;
    Croft__V1__ValueOp value = CROFT__V1__VALUE_OP__INIT;
    proof.total = (i64)path->total;
    proof.index = (i64)path->index;
    proof.leaf_hash = bytes_of(path->leaf.b, 32, mem);
    proof.n_aunts = path->aunt_count;
    proof.aunts = croft_new(mem, ProtobufCBinaryData, path->aunt_count + 1);
    for (u32 i = 0; i < path->aunt_count; i++)
        proof.aunts[i] = bytes_of(path->aunt[i].b, 32, mem);
    value.key = key;
    value.proof = &proof;
    struct croft_bytes packed = croft_pack(&value.base, mem);
    croft__v1__proof_op__init(op);
    op->type = (char *)(uintptr_t) "simple:v";
    op->key = key;
    op->data = bytes_of(packed.at, packed.len, mem);
}

/* A table of ACCOUNTS leaves with our record somewhere, under a list of NAMES named roots. */
static void build(struct built *b, struct croft_arena *mem)
{
    struct croft_hash leaf[ACCOUNTS], name[NAMES], root;
    struct croft_merkle_path path;
    croft_rng_fill(&rng, (u8 *)leaf, sizeof leaf);
    croft_rng_fill(&rng, (u8 *)name, sizeof name);
    croft_rng_fill(&rng, b->key, sizeof b->key);
    croft_rng_fill(&rng, b->value, sizeof b->value);
    size_t count = 1 + croft_rng_below(&rng, ACCOUNTS), at = croft_rng_below(&rng, count);
    leaf[at] = croft_merkle_named_leaf((struct croft_bytes){b->key, 32}, (struct croft_bytes){b->value, 64});
    croft_merkle_path_of(leaf, count, at, &path);
    build_op(&b->op[0], bytes_of(b->key, 32, mem), &path, mem);

    root = croft_merkle_root(leaf, count);
    name[0] = croft_merkle_named_leaf((struct croft_bytes){(const u8 *)"accounts", 8},
                                      (struct croft_bytes){root.b, 32});
    croft_merkle_path_of(name, NAMES, 0, &path);
    build_op(&b->op[1], bytes_of("accounts", 8, mem), &path, mem);
    b->app_hash = croft_merkle_root(name, NAMES);

    croft__v1__query_result__init(&b->result);
    croft__v1__record__init(&b->record);
    b->record.key = bytes_of(b->key, 32, mem);
    b->record.value = bytes_of(b->value, 64, mem);
    b->records[0] = &b->record;
    b->ops[0] = &b->op[0];
    b->ops[1] = &b->op[1];
    b->result.n_records = 1;
    b->result.records = b->records;
    b->result.n_proof = 2;
    b->result.proof = b->ops;
    b->result.app_hash = bytes_of(b->app_hash.b, 32, mem);
}

static croft_err check(const struct built *b, u32 table, struct croft_arena mem)
{
    return croft_proof_record(&b->result, table, (struct croft_bytes){b->key, 32}, &b->app_hash, mem);
}

/* The total only shapes the path: where both totals demand the same turns, as CometBFT has it too, it says
 * nothing about the record.  So a changed total alone may pass. */
static bool is_other_total(ProtobufCBinaryData data, i64 total, struct croft_arena mem)
{
    ProtobufCAllocator allocator = croft_arena_allocator(&mem);
    const Croft__V1__ValueOp *op = croft__v1__value_op__unpack(&allocator, data.len, data.data);
    return op != NULL && op->proof != NULL && op->proof->total != total;
}

static i64 total_of(ProtobufCBinaryData data, struct croft_arena mem)
{
    ProtobufCAllocator allocator = croft_arena_allocator(&mem);
    return croft__v1__value_op__unpack(&allocator, data.len, data.data)->proof->total;
}

static void proofs_hold_and_every_changed_byte_breaks_them(void **state)
{
    (void)state;
    for (int round = 0; round < 30; round++) {
        struct croft_arena mem = croft_region_arena(&region);
        struct built b;
        build(&b, &mem);
        assert_int_equal(check(&b, CROFT_TABLE_ACCOUNTS, mem), CROFT_OK);
        assert_int_equal(check(&b, CROFT_TABLE_PARAMS, mem), CROFT_ERR_PROOF);

        ProtobufCBinaryData part[] = {b.record.key, b.record.value, b.op[0].key,      b.op[0].data,
                                      b.op[1].key,  b.op[1].data,   b.result.app_hash};
        for (size_t p = 0; p < CROFT_COUNT(part); p++) {
            bool is_data = p == 3 || p == 5;
            i64 total = is_data ? total_of(part[p], mem) : 0;
            for (size_t i = 0; i < part[p].len; i++) {
                u8 was = part[p].data[i];
                part[p].data[i] ^= (u8)(1 + croft_rng_below(&rng, 255));
                if (!is_data || !is_other_total(part[p], total, mem))
                    assert_int_equal(check(&b, CROFT_TABLE_ACCOUNTS, mem), CROFT_ERR_PROOF);
                part[p].data[i] = was;
            }
        }
    }
}

static void other_shapes_are_refused(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct built b;
    build(&b, &mem);
    b.result.n_proof = 1;
    assert_int_equal(check(&b, CROFT_TABLE_ACCOUNTS, mem), CROFT_ERR_PROOF);
    b.result.n_proof = 0;
    assert_int_equal(check(&b, CROFT_TABLE_ACCOUNTS, mem), CROFT_ERR_PROOF);
    assert_int_equal(croft_proof_check((struct croft_bytes){b.value, 64}, b.ops, 0, NULL, &b.app_hash, mem),
                     CROFT_ERR_PROOF);
    b.result.n_proof = 2;
    b.result.n_records = 0;
    assert_int_equal(check(&b, CROFT_TABLE_ACCOUNTS, mem), CROFT_ERR_PROOF);
    b.result.n_records = 1;
    b.op[1].type = (char *)(uintptr_t) "ics23:iavl";
    assert_int_equal(check(&b, CROFT_TABLE_ACCOUNTS, mem), CROFT_ERR_PROOF);
    b.op[1].type = b.op[0].type;
    assert_int_equal(check(&b, CROFT_TABLE_ACCOUNTS, mem), CROFT_OK);

    /* Without a trusted hash the answer must at least agree with itself. */
    assert_int_equal(
        croft_proof_record(&b.result, CROFT_TABLE_ACCOUNTS, (struct croft_bytes){b.key, 32}, NULL, mem),
        CROFT_OK);
    b.result.app_hash.data[0] ^= 1;
    assert_int_equal(
        croft_proof_record(&b.result, CROFT_TABLE_ACCOUNTS, (struct croft_bytes){b.key, 32}, NULL, mem),
        CROFT_ERR_PROOF);
}

int main(void)
{
    rng = croft_rng_of(croft_test_seed());
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    CROFT_ASSERT(croft_region_map(&region, 16 << 20));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_hold_and_every_changed_byte_breaks_them),
        cmocka_unit_test(other_shapes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
