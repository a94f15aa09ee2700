/* Any bytes as a chain's answer with a proof: never believed, because the app hash is one that nothing leads
 * to. */
#include "chain/proof.h"

#include "base/assert.h"
#include "crypto/sign.h"
#include "wire/tx.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
    static struct croft_region region;
    static const struct croft_hash trusted = {{1, 2, 3}};
    if (region.base == NULL) {
        CROFT_ASSERT(croft_region_map(&region, 64 << 20));
        CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    }
    struct croft_arena mem = croft_region_arena(&region);
    ProtobufCAllocator allocator = croft_arena_allocator(&mem);
    Croft__V1__QueryResult *result = croft__v1__query_result__unpack(&allocator, len, data);
    if (result == NULL || result->n_records == 0)
        return 0;

    const struct croft_bytes key = {result->records[0]->key.data, result->records[0]->key.len};
    const struct croft_bytes value = {result->records[0]->value.data, result->records[0]->value.len};
    const struct croft_bytes any[64] = {{0}};
    CROFT_ASSERT(croft_proof_record(result, 3, key, &trusted, mem) == CROFT_ERR_PROOF);
    if (result->n_proof <= CROFT_COUNT(any))
        CROFT_ASSERT(croft_proof_check(value, result->proof, result->n_proof, any, &trusted, mem) !=
                     CROFT_OK);
    return 0;
}
