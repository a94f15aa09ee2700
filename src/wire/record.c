#include "wire/record.h"

#include "base/assert.h"
#include "wire/field.h"

#include <string.h>

static const struct croft_field key_field[] = {
    CROFT_FIELD(U8, croft_key_record, scheme),
    CROFT_FIELD(U8, croft_key_record, weight),
    CROFT_FIELD(U8, croft_key_record, scopes),
    CROFT_FIELD(U32, croft_key_record, spent_day),
    CROFT_FIELD(KEY, croft_key_record, public_key),
    CROFT_FIELD_AS(AMT, croft_key_record, cap[CROFT_ASSET_CREDIT], "cap_credit"),
    CROFT_FIELD_AS(AMT, croft_key_record, cap[CROFT_ASSET_CROFT], "cap_croft"),
    CROFT_FIELD_AS(AMT, croft_key_record, spent[CROFT_ASSET_CREDIT], "spent_credit"),
    CROFT_FIELD_AS(AMT, croft_key_record, spent[CROFT_ASSET_CROFT], "spent_croft"),
    CROFT_FIELD(TIME, croft_key_record, expires_s),
    CROFT_FIELD(U64, croft_key_record, nonce_base),
    CROFT_FIELD(BYTES, croft_key_record, nonce_map),
};

/* Inside its account: no format number of its own. */
const struct croft_layout croft_key_layout = {
    .name = "key",
    .field = key_field,
    .field_count = CROFT_COUNT(key_field),
    .struct_size = sizeof(struct croft_key_record),
};

static const struct croft_field account_field[] = {
    CROFT_FIELD(U8, croft_account_record, format),
    CROFT_FIELD(U8, croft_account_record, key_count),
    CROFT_FIELD(BYTES, croft_account_record, threshold),
    CROFT_FIELD_AS(AMT, croft_account_record, balance[CROFT_ASSET_CREDIT], "balance_credit"),
    CROFT_FIELD_AS(AMT, croft_account_record, balance[CROFT_ASSET_CROFT], "balance_croft"),
    CROFT_FIELD(AMT, croft_account_record, deposit),
    CROFT_FIELD(U64, croft_account_record, open_records),
    CROFT_FIELD(U64, croft_account_record, nonce_floor),
    CROFT_FIELD(ADDRESS, croft_account_record, guardian),
    CROFT_FIELD(U64, croft_account_record, recover_delay_s),
    CROFT_FIELD(U64, croft_account_record, quota_per_day),
    CROFT_FIELD(U64, croft_account_record, quota_used),
    CROFT_FIELD(U32, croft_account_record, quota_day),
};

const struct croft_layout croft_account_layout = {
    .name = "account",
    .format = 1,
    .field = account_field,
    .field_count = CROFT_COUNT(account_field),
    .struct_size = sizeof(struct croft_account_record),
    .item = &croft_key_layout,
    .item_name = "keys",
    .count_offset = offsetof(struct croft_account_record, key_count),
    .item_offset = offsetof(struct croft_account_record, key),
    .item_max = CROFT_KEYS_MAX,
};

static const struct croft_field recovery_field[] = {
    CROFT_FIELD(U8, croft_recovery_record, format),     CROFT_FIELD(U8, croft_recovery_record, key_count),
    CROFT_FIELD(BYTES, croft_recovery_record, threshold), CROFT_FIELD(TIME, croft_recovery_record, due_s),
    CROFT_FIELD(AMT, croft_recovery_record, deposit),   CROFT_FIELD(ADDRESS, croft_recovery_record, guardian),
};

const struct croft_layout croft_recovery_layout = {
    .name = "recovery",
    .format = 1,
    .field = recovery_field,
    .field_count = CROFT_COUNT(recovery_field),
    .struct_size = sizeof(struct croft_recovery_record),
    .item = &croft_key_layout,
    .item_name = "keys",
    .count_offset = offsetof(struct croft_recovery_record, key_count),
    .item_offset = offsetof(struct croft_recovery_record, key),
    .item_max = CROFT_KEYS_MAX,
};

static const struct croft_field pending_field[] = {
    CROFT_FIELD(U8, croft_pending_record, format),   CROFT_FIELD(U8, croft_pending_record, asset),
    CROFT_FIELD(AMT, croft_pending_record, amount),  CROFT_FIELD(AMT, croft_pending_record, deposit),
    CROFT_FIELD(TIME, croft_pending_record, expires_s), CROFT_FIELD(ADDRESS, croft_pending_record, payee),
    CROFT_FIELD(ADDRESS, croft_pending_record, arbiter),
};
const struct croft_layout croft_pending_layout = CROFT_LAYOUT("pending", croft_pending_record, pending_field);

static const struct croft_field issuer_field[] = {
    CROFT_FIELD(U8, croft_issuer_record, format),
    CROFT_FIELD(AMT, croft_issuer_record, cap),
    CROFT_FIELD(AMT, croft_issuer_record, outstanding),
    CROFT_FIELD(AMT, croft_issuer_record, issued_total), CROFT_FIELD(AMT, croft_issuer_record, held),
};
const struct croft_layout croft_issuer_layout = CROFT_LAYOUT("issuer", croft_issuer_record, issuer_field);

static const struct croft_field withdrawal_field[] = {
    CROFT_FIELD(U8, croft_withdrawal_record, format),        CROFT_FIELD(U8, croft_withdrawal_record, asset),
    CROFT_FIELD(U8, croft_withdrawal_record, reference_len), CROFT_FIELD(AMT, croft_withdrawal_record, amount),
    CROFT_FIELD(AMT, croft_withdrawal_record, deposit),      CROFT_FIELD(TIME, croft_withdrawal_record, returns_s),
    CROFT_FIELD(ADDRESS, croft_withdrawal_record, issuer),   CROFT_FIELD(BYTES, croft_withdrawal_record, reference),
};
const struct croft_layout croft_withdrawal_layout = CROFT_LAYOUT("withdrawal", croft_withdrawal_record, withdrawal_field);

static const struct croft_field validator_field[] = {
    CROFT_FIELD(U8, croft_validator_record, format),
    CROFT_FIELD(U64, croft_validator_record, power),
    CROFT_FIELD(ADDRESS, croft_validator_record, operator_address),
};
const struct croft_layout croft_validator_layout = CROFT_LAYOUT("validator", croft_validator_record, validator_field);

static const struct croft_field proposal_field[] = {
    CROFT_FIELD(U8, croft_proposal_record, format),       CROFT_FIELD(U8, croft_proposal_record, kind),
    CROFT_FIELD(U8, croft_proposal_record, asset),        CROFT_FIELD(U32, croft_proposal_record, number),
    CROFT_FIELD(U64, croft_proposal_record, value),       CROFT_FIELD(TIME, croft_proposal_record, expires_s),
    CROFT_FIELD(AMT, croft_proposal_record, deposit),     CROFT_FIELD(ADDRESS, croft_proposal_record, proposer),
    CROFT_FIELD(ADDRESS, croft_proposal_record, subject), CROFT_FIELD(KEY, croft_proposal_record, public_key),
    CROFT_FIELD(BYTES, croft_proposal_record, release),
};
const struct croft_layout croft_proposal_layout = CROFT_LAYOUT("proposal", croft_proposal_record, proposal_field);

static const struct croft_field vote_field[] = {
    CROFT_FIELD(U8, croft_vote_record, format),
    CROFT_FIELD(U8, croft_vote_record, yes),
};
const struct croft_layout croft_vote_layout = CROFT_LAYOUT("vote", croft_vote_record, vote_field);

static const struct croft_field param_field[] = {
    CROFT_FIELD(U8, croft_param_record, format),
    CROFT_FIELD(U64, croft_param_record, value),
};
const struct croft_layout croft_param_layout = CROFT_LAYOUT("param", croft_param_record, param_field);

static const struct croft_field chain_field[] = {
    CROFT_FIELD(U8, croft_chain_record, format),         CROFT_FIELD(U32, croft_chain_record, protocol),
    CROFT_FIELD(U32, croft_chain_record, next_protocol), CROFT_FIELD(U64, croft_chain_record, next_height),
    CROFT_FIELD(BYTES, croft_chain_record, next_release), CROFT_FIELD(U8, croft_chain_record, token),
    CROFT_FIELD_AS(AMT, croft_chain_record, outstanding[CROFT_ASSET_CREDIT], "outstanding_credit"),
    CROFT_FIELD_AS(AMT, croft_chain_record, outstanding[CROFT_ASSET_CROFT], "outstanding_croft"),
    CROFT_FIELD(U64, croft_chain_record, base_fee),
    CROFT_FIELD(U64, croft_chain_record, txs_total),     CROFT_FIELD(U64, croft_chain_record, receipt_blocks),
};
const struct croft_layout croft_chain_layout = CROFT_LAYOUT("chain", croft_chain_record, chain_field);

static const struct croft_field receipt_field[] = {
    CROFT_FIELD(U8, croft_receipt, format), CROFT_FIELD(U8, croft_receipt, op),     CROFT_FIELD(U16, croft_receipt, code),
    CROFT_FIELD(U64, croft_receipt, fee),   CROFT_FIELD(U64, croft_receipt, value),
};
const struct croft_layout croft_receipt_layout = CROFT_LAYOUT("receipt", croft_receipt, receipt_field);

static const struct {
    const char *name;
    const struct croft_layout *layout;
    size_t key_len;
} table[CROFT_TABLE_COUNT] = {
    [CROFT_TABLE_RECEIPTS] = {"receipts", NULL, 0},
    [CROFT_TABLE_CHAIN] = {"chain", &croft_chain_layout, 1},
    [CROFT_TABLE_PARAMS] = {"params", &croft_param_layout, 2},
    [CROFT_TABLE_ACCOUNTS] = {"accounts", &croft_account_layout, 32},
    [CROFT_TABLE_PENDINGS] = {"pendings", &croft_pending_layout, 40},
    [CROFT_TABLE_ISSUERS] = {"issuers", &croft_issuer_layout, 33},
    [CROFT_TABLE_WITHDRAWALS] = {"withdrawals", &croft_withdrawal_layout, 40},
    [CROFT_TABLE_VALIDATORS] = {"validators", &croft_validator_layout, 32},
    [CROFT_TABLE_PROPOSALS] = {"proposals", &croft_proposal_layout, 8},
    [CROFT_TABLE_VOTES] = {"votes", &croft_vote_layout, 40},
    [CROFT_TABLE_RECOVERIES] = {"recoveries", &croft_recovery_layout, 32},
    [CROFT_TABLE_LEASES] = {"leases", &croft_lease_layout, 40},
    [CROFT_TABLE_PROVIDERS] = {"providers", &croft_provider_layout, 32},
    [CROFT_TABLE_NODES] = {"nodes", &croft_node_layout, 32},
    [CROFT_TABLE_DEVICES] = {"devices", &croft_device_layout, 40},
    [CROFT_TABLE_ORDERS] = {"orders", &croft_order_layout, 40},
    [CROFT_TABLE_CLASSES] = {"classes", &croft_class_layout, 2},
    [CROFT_TABLE_QUEUE] = {"queue", &croft_queue_layout, 40},
    [CROFT_TABLE_BATCHES] = {"batches", &croft_batch_layout, 40},
    [CROFT_TABLE_PAGES] = {"pages", &croft_page_layout, 40},
    [CROFT_TABLE_AUCTIONS] = {"auctions", &croft_auction_layout, 40},
    [CROFT_TABLE_BIDS] = {"bids", &croft_bid_layout, 32},
    [CROFT_TABLE_CLAIMS] = {"claims", &croft_claim_layout, 40},
    [CROFT_TABLE_TOKEN] = {"token", &croft_token_layout, 1},
    [CROFT_TABLE_REPORTS] = {"reports", &croft_report_layout, 32},
    [CROFT_TABLE_EPOCHS] = {"epochs", &croft_epoch_layout, 4},
};

const struct croft_layout *croft_table_layout(u32 number)
{
    return number < CROFT_TABLE_COUNT ? table[number].layout : NULL;
}

const char *croft_table_name(u32 number)
{
    return number < CROFT_TABLE_COUNT ? table[number].name : NULL;
}

size_t croft_table_key_len(u32 number)
{
    return number < CROFT_TABLE_COUNT ? table[number].key_len : 0;
}

u32 croft_system_since(u32 which)
{
    return which == CROFT_SYSTEM_TOKEN ? 2 : 1;
}

struct croft_address croft_system_address(enum croft_system_account which)
{
    CROFT_ASSERT(which >= CROFT_SYSTEM_FEES && which < CROFT_SYSTEM_COUNT);
    struct croft_address a = {{0}};
    a.b[31] = (u8)which;
    return a;
}

bool croft_address_is_system(const struct croft_address *a)
{
    static const u8 zero[31];
    return memcmp(a->b, zero, sizeof zero) == 0;
}
