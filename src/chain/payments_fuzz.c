/* Any text as a list of payments: refused with a reason, or a transfer that packs and unpacks to the same
 * bytes. */
#include "chain/payments.h"

#include "base/assert.h"
#include "crypto/sign.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
    static struct croft_region region;
    if (region.base == NULL) {
        CROFT_ASSERT(croft_region_map(&region, 64 << 20));
        CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    }
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_amt total[CROFT_ASSET_COUNT];
    struct croft_why why = {""};
    Croft__V1__Transfer *transfer;
    if (croft_payments_parse((struct croft_bytes){data, len}, &mem, &transfer, total, &why) != CROFT_OK) {
        CROFT_ASSERT(why.text[0] != '\0');
        return 0;
    }
    CROFT_ASSERT(transfer->n_legs >= 1 && transfer->n_legs <= CROFT_TX_LEGS_MAX);
    struct croft_bytes packed = croft_pack(&transfer->base, &mem);
    CROFT_ASSERT(croft_unpack_strict(&croft__v1__transfer__descriptor, packed, &mem) != NULL);
    return 0;
}
