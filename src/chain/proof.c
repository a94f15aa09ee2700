#include "chain/proof.h"

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "wire/record.h"
#include "wire/tx.h"

#include <string.h>

enum { KEY_MAX = 127 }; /* croft_merkle_named_leaf's */

static bool same_bytes(ProtobufCBinaryData a, struct croft_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.at, a.len) == 0);
}

static bool take_path(const Croft__V1__Proof *proof, struct croft_merkle_path *out)
{
    if (proof->total < 1 || proof->index < 0 || proof->index >= proof->total || proof->leaf_hash.len != 32 ||
        proof->n_aunts > CROFT_MERKLE_DEPTH_MAX)
        return false;
    *out = (struct croft_merkle_path){
        .total = (u64)proof->total, .index = (u64)proof->index, .aunt_count = (u32)proof->n_aunts};
    memcpy(out->leaf.b, proof->leaf_hash.data, 32);
    for (size_t i = 0; i < proof->n_aunts; i++) {
        if (proof->aunts[i].len != 32)
            return false;
        memcpy(out->aunt[i].b, proof->aunts[i].data, 32);
    }
    return true;
}

static croft_err step(const Croft__V1__ProofOp *op, struct croft_bytes want_key, struct croft_bytes value,
                      struct croft_arena *scratch, struct croft_hash *out_root)
{
    if (strcmp(op->type, "simple:v") != 0 || op->key.len > KEY_MAX)
        return CROFT_ERR_PROOF;
    if (want_key.at != NULL && !same_bytes(op->key, want_key))
        return CROFT_ERR_PROOF;
    const struct croft_bytes data = {op->data.data, op->data.len};
    const Croft__V1__ValueOp *inner =
        (void *)croft_unpack_strict(&croft__v1__value_op__descriptor, data, scratch);
    struct croft_merkle_path path;
    if (inner == NULL || inner->proof == NULL || !take_path(inner->proof, &path))
        return CROFT_ERR_PROOF;

    const struct croft_bytes key = {op->key.data, op->key.len};
    struct croft_hash leaf = croft_merkle_named_leaf(key, value);
    if (!same_bytes(inner->key, key) || !croft_hash_equal(&leaf, &path.leaf))
        return CROFT_ERR_PROOF;
    return croft_merkle_path_root(&path, out_root);
}

croft_err croft_proof_check(struct croft_bytes value, Croft__V1__ProofOp *const *op, size_t count,
                            const struct croft_bytes *keys, const struct croft_hash *app_hash,
                            struct croft_arena scratch)
{
    if (count == 0)
        return CROFT_ERR_PROOF;
    struct croft_hash root;
    for (size_t i = 0; i < count; i++) {
        CROFT_TRY(step(op[i], keys[i], value, &scratch, &root));
        value = (struct croft_bytes){root.b, sizeof root.b};
    }
    return croft_hash_equal(&root, app_hash) ? CROFT_OK : CROFT_ERR_PROOF;
}

croft_err croft_proof_record(const Croft__V1__QueryResult *result, u32 table, struct croft_bytes key,
                             const struct croft_hash *app_hash, struct croft_arena scratch)
{
    const char *name = croft_table_name(table);
    if (name == NULL || result->n_records != 1 || !same_bytes(result->records[0]->key, key) ||
        result->n_proof != 2 || result->app_hash.len != 32)
        return CROFT_ERR_PROOF;
    struct croft_hash stated;
    memcpy(stated.b, result->app_hash.data, sizeof stated.b);
    if (app_hash != NULL && !croft_hash_equal(app_hash, &stated))
        return CROFT_ERR_PROOF;

    const struct croft_bytes keys[] = {key, {(const u8 *)name, strlen(name)}};
    const ProtobufCBinaryData *value = &result->records[0]->value;
    return croft_proof_check((struct croft_bytes){value->data, value->len}, result->proof, result->n_proof,
                             keys, &stated, scratch);
}
