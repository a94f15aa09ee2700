#include "wire/record.h"

#include "base/assert.h"

#include <string.h>

#define FIELD(kind, record, member)                                                                          \
    {#member, CROFT_FIELD_##kind, offsetof(struct record, member), sizeof(((struct record *)0)->member)}
#define FIELD_AS(kind, record, member, name)                                                                 \
    {name, CROFT_FIELD_##kind, offsetof(struct record, member), sizeof(((struct record *)0)->member)}
#define LAYOUT(text, record, fields)                                                                         \
    {.name = (text), .format = 1, .field = (fields), .field_count = CROFT_COUNT(fields),                     \
     .struct_size = sizeof(struct record)}

static const struct croft_field key_field[] = {
    FIELD(U8, croft_key_record, scheme),
    FIELD(U8, croft_key_record, weight),
    FIELD(U8, croft_key_record, scopes),
    FIELD(U32, croft_key_record, spent_day),
    FIELD(KEY, croft_key_record, public_key),
    FIELD_AS(AMT, croft_key_record, cap[CROFT_ASSET_CREDIT], "cap_credit"),
    FIELD_AS(AMT, croft_key_record, cap[CROFT_ASSET_CROFT], "cap_croft"),
    FIELD_AS(AMT, croft_key_record, spent[CROFT_ASSET_CREDIT], "spent_credit"),
    FIELD_AS(AMT, croft_key_record, spent[CROFT_ASSET_CROFT], "spent_croft"),
    FIELD(TIME, croft_key_record, expires_s),
    FIELD(U64, croft_key_record, nonce_base),
    FIELD(BYTES, croft_key_record, nonce_map),
};

/* Inside its account: no format number of its own. */
const struct croft_layout croft_key_layout = {
    .name = "key",
    .field = key_field,
    .field_count = CROFT_COUNT(key_field),
    .struct_size = sizeof(struct croft_key_record),
};

static const struct croft_field account_field[] = {
    FIELD(U8, croft_account_record, format),
    FIELD(U8, croft_account_record, key_count),
    FIELD(BYTES, croft_account_record, threshold),
    FIELD_AS(AMT, croft_account_record, balance[CROFT_ASSET_CREDIT], "balance_credit"),
    FIELD_AS(AMT, croft_account_record, balance[CROFT_ASSET_CROFT], "balance_croft"),
    FIELD(AMT, croft_account_record, deposit),
    FIELD(U64, croft_account_record, open_records),
    FIELD(U64, croft_account_record, nonce_floor),
    FIELD(ADDRESS, croft_account_record, guardian),
    FIELD(U64, croft_account_record, recover_delay_s),
    FIELD(U64, croft_account_record, quota_per_day),
    FIELD(U64, croft_account_record, quota_used),
    FIELD(U32, croft_account_record, quota_day),
};

const struct croft_layout croft_account_layout = {
    .name = "account",
    .format = 1,
    .field = account_field,
    .field_count = CROFT_COUNT(account_field),
    .struct_size = sizeof(struct croft_account_record),
    .item = &croft_key_layout,
    .count_offset = offsetof(struct croft_account_record, key_count),
    .item_offset = offsetof(struct croft_account_record, key),
    .item_max = CROFT_KEYS_MAX,
};

static const struct croft_field recovery_field[] = {
    FIELD(U8, croft_recovery_record, format),     FIELD(U8, croft_recovery_record, key_count),
    FIELD(BYTES, croft_recovery_record, threshold), FIELD(TIME, croft_recovery_record, due_s),
    FIELD(AMT, croft_recovery_record, deposit),   FIELD(ADDRESS, croft_recovery_record, guardian),
};

const struct croft_layout croft_recovery_layout = {
    .name = "recovery",
    .format = 1,
    .field = recovery_field,
    .field_count = CROFT_COUNT(recovery_field),
    .struct_size = sizeof(struct croft_recovery_record),
    .item = &croft_key_layout,
    .count_offset = offsetof(struct croft_recovery_record, key_count),
    .item_offset = offsetof(struct croft_recovery_record, key),
    .item_max = CROFT_KEYS_MAX,
};

static const struct croft_field pending_field[] = {
    FIELD(U8, croft_pending_record, format),   FIELD(U8, croft_pending_record, asset),
    FIELD(AMT, croft_pending_record, amount),  FIELD(AMT, croft_pending_record, deposit),
    FIELD(TIME, croft_pending_record, expires_s), FIELD(ADDRESS, croft_pending_record, payee),
    FIELD(ADDRESS, croft_pending_record, arbiter),
};
const struct croft_layout croft_pending_layout = LAYOUT("pending", croft_pending_record, pending_field);

static const struct croft_field issuer_field[] = {
    FIELD(U8, croft_issuer_record, format),
    FIELD(AMT, croft_issuer_record, cap),
    FIELD(AMT, croft_issuer_record, outstanding),
    FIELD(AMT, croft_issuer_record, issued_total), FIELD(AMT, croft_issuer_record, held),
};
const struct croft_layout croft_issuer_layout = LAYOUT("issuer", croft_issuer_record, issuer_field);

static const struct croft_field withdrawal_field[] = {
    FIELD(U8, croft_withdrawal_record, format),        FIELD(U8, croft_withdrawal_record, asset),
    FIELD(U8, croft_withdrawal_record, reference_len), FIELD(AMT, croft_withdrawal_record, amount),
    FIELD(AMT, croft_withdrawal_record, deposit),      FIELD(TIME, croft_withdrawal_record, returns_s),
    FIELD(ADDRESS, croft_withdrawal_record, issuer),   FIELD(BYTES, croft_withdrawal_record, reference),
};
const struct croft_layout croft_withdrawal_layout = LAYOUT("withdrawal", croft_withdrawal_record, withdrawal_field);

static const struct croft_field validator_field[] = {
    FIELD(U8, croft_validator_record, format),
    FIELD(U64, croft_validator_record, power),
    FIELD(ADDRESS, croft_validator_record, operator_address),
};
const struct croft_layout croft_validator_layout = LAYOUT("validator", croft_validator_record, validator_field);

static const struct croft_field proposal_field[] = {
    FIELD(U8, croft_proposal_record, format),       FIELD(U8, croft_proposal_record, kind),
    FIELD(U8, croft_proposal_record, asset),        FIELD(U32, croft_proposal_record, number),
    FIELD(U64, croft_proposal_record, value),       FIELD(TIME, croft_proposal_record, expires_s),
    FIELD(AMT, croft_proposal_record, deposit),     FIELD(ADDRESS, croft_proposal_record, proposer),
    FIELD(ADDRESS, croft_proposal_record, subject), FIELD(KEY, croft_proposal_record, public_key),
    FIELD(BYTES, croft_proposal_record, release),
};
const struct croft_layout croft_proposal_layout = LAYOUT("proposal", croft_proposal_record, proposal_field);

static const struct croft_field vote_field[] = {
    FIELD(U8, croft_vote_record, format),
    FIELD(U8, croft_vote_record, yes),
};
const struct croft_layout croft_vote_layout = LAYOUT("vote", croft_vote_record, vote_field);

static const struct croft_field param_field[] = {
    FIELD(U8, croft_param_record, format),
    FIELD(U64, croft_param_record, value),
};
const struct croft_layout croft_param_layout = LAYOUT("param", croft_param_record, param_field);

static const struct croft_field chain_field[] = {
    FIELD(U8, croft_chain_record, format),         FIELD(U32, croft_chain_record, protocol),
    FIELD(U32, croft_chain_record, next_protocol), FIELD(U64, croft_chain_record, next_height),
    FIELD(BYTES, croft_chain_record, next_release), FIELD(U8, croft_chain_record, token),
    FIELD_AS(AMT, croft_chain_record, outstanding[CROFT_ASSET_CREDIT], "outstanding_credit"),
    FIELD_AS(AMT, croft_chain_record, outstanding[CROFT_ASSET_CROFT], "outstanding_croft"),
    FIELD(U64, croft_chain_record, base_fee),
    FIELD(U64, croft_chain_record, txs_total),     FIELD(U64, croft_chain_record, receipt_blocks),
};
const struct croft_layout croft_chain_layout = LAYOUT("chain", croft_chain_record, chain_field);

static const struct croft_field receipt_field[] = {
    FIELD(U8, croft_receipt, format), FIELD(U8, croft_receipt, op),     FIELD(U16, croft_receipt, code),
    FIELD(U64, croft_receipt, fee),   FIELD(U64, croft_receipt, value),
};
const struct croft_layout croft_receipt_layout = LAYOUT("receipt", croft_receipt, receipt_field);

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
    [CROFT_TABLE_LEASES] = {"leases", NULL, 40},
    [CROFT_TABLE_PROVIDERS] = {"providers", NULL, 32},
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
