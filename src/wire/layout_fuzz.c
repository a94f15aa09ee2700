/* Fuzz: bytes that a layout takes are the bytes it writes.  The first byte chooses the layout. */
#include "base/assert.h"
#include "wire/block.h"
#include "wire/layout.h"
#include "wire/market_record.h"
#include "wire/record.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const struct croft_layout *const layouts[] = {
    &croft_account_layout,   &croft_pending_layout,  &croft_issuer_layout,  &croft_withdrawal_layout,
    &croft_validator_layout, &croft_proposal_layout, &croft_vote_layout,    &croft_recovery_layout,
    &croft_param_layout,     &croft_chain_layout,    &croft_receipt_layout, &croft_key_layout,
    &croft_header_layout,    &croft_due_layout,
    &croft_lease_layout,     &croft_provider_layout, &croft_node_layout,    &croft_device_layout,
    &croft_order_layout,     &croft_class_layout,    &croft_queue_layout,   &croft_batch_layout,
    &croft_page_layout,      &croft_auction_layout,  &croft_bid_layout,     &croft_claim_layout,
    &croft_token_layout,     &croft_report_layout,   &croft_epoch_layout,
};

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static _Alignas(16) u8 record[4096];
    u8 again[2048];
    if (size == 0)
        return 0;
    const struct croft_layout *l = layouts[data[0] % CROFT_COUNT(layouts)];
    CROFT_ASSERT(l->struct_size <= sizeof record);
    croft_err err = croft_layout_decode(l, (struct croft_bytes){data + 1, size - 1}, record);
    CROFT_ASSERT(err == CROFT_OK || err == CROFT_ERR_DECODE ||
                 (err == CROFT_ERR_FORMAT && data[1] != l->format));
    if (err != CROFT_OK)
        return 0;
    size_t len = croft_layout_encode(l, record, again, sizeof again);
    CROFT_ASSERT(len == size - 1 && memcmp(again, data + 1, len) == 0);
    return 0;
}
