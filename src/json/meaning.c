#include "json/meaning.h"

#include "base/amt.h"
#include "json/json.h"
#include "wire/param.h"
#include "wire/record.h"

#include <string.h>

/* Up to here every reader of JSON keeps a number exact. */
#define EXACT_NUMBER_MAX (UINT64_C(1) << 53)

/* Every 64-bit field that holds money; those of type AMT in a layout say so themselves.  base_fee is money
 * for one cost unit. */
static const struct {
    const char *type, *field;
} money[] = {
    {"TxBody", "fee_max"},       {"Key", "cap_credit"},       {"Key", "cap_token"},
    {"Leg", "amount"},           {"PendingOpen", "amount"},   {"PendingPost", "amount"},
    {"Issue", "amount"},         {"Redeem", "amount"},        {"Withdraw", "amount"},
    {"IssuerChange", "cap"},     {"GenesisIssuer", "cap"},    {"GenesisGrant", "amount"},
    {"TxResult", "fee"},         {"TxEvent", "fee"},          {"FindTxResult", "fee"},
    {"DueEvent", "amount"},      {"StatusResult", "base_fee"}, {"chain", "base_fee"},
    {"receipt", "fee"},          {"receipt", "value"},
    /* The market.  A price is money for what it counts: an hour, 10^6 tokens, 10^9 bytes, a frame. */
    {"StakeLock", "amount"},     {"StakeUnlock", "amount"},   {"Prices", "second"},
    {"Prices", "token"},         {"Prices", "byte"},          {"Prices", "frame"},
    {"Prices", "disk"},          {"ClassSet", "price"},       {"Take", "price"},
    {"AuctionTerms", "bid_deposit"}, {"GatewayTerms", "price"}, {"OrderOpen", "price_max"},
    {"OrderOpen", "amount"},     {"OrderOpen", "voucher_cap"}, {"OrderFund", "amount"},
    {"BidReveal", "price"},      {"OracleReport", "price"},   {"Buyback", "amount"},
    {"Buyback", "credits_min"},  {"lease", "price"},          {"device", "price_second"},
    {"device", "price_token"},   {"device", "price_byte"},    {"device", "price_frame"},
    {"device", "disk_price"},    {"alternate", "price"},      {"order", "price_max"},
    {"order", "rate"},           {"order", "accrued"},        {"class", "price"},
    {"auction", "best_price"},   {"bid", "price"},            {"token", "median"},
    {"token", "low24"},          {"token", "high24"},         {"token_hour", "low"},
    {"token_hour", "high"},      {"report", "price"},         {"epoch", "price"},
};

static const char *const asset_name[CROFT_ASSET_COUNT] = {
    [CROFT_ASSET_CREDIT] = "credit", [CROFT_ASSET_CROFT] = "croft"};

bool croft_json_is_money(const char *type, const char *field)
{
    for (size_t i = 0; i < CROFT_COUNT(money); i++)
        if (strcmp(money[i].type, type) == 0 && strcmp(money[i].field, field) == 0)
            return true;
    return false;
}

bool croft_json_is_time(const char *field)
{
    size_t len = strlen(field);
    return len > 2 && strcmp(field + len - 2, "_s") == 0;
}

bool croft_json_is_asset(const char *field)
{
    return strcmp(field, "asset") == 0;
}

json_t *croft_json_money(u64 units)
{
    char text[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(units), text);
    return json_string(text);
}

json_t *croft_json_time(u64 seconds)
{
    return seconds < EXACT_NUMBER_MAX ? json_integer((json_int_t)seconds) : croft_json_u64(seconds);
}

json_t *croft_json_asset(u32 asset)
{
    return asset < CROFT_ASSET_COUNT ? json_string(asset_name[asset]) : json_integer(asset);
}

const char *croft_json_param_unit(u32 param)
{
    const struct croft_param_info *info = croft_param_by_number(param);
    return info != NULL ? info->unit : NULL;
}

bool croft_json_asset_read(const json_t *json, u32 *out)
{
    for (u32 i = 0; json_is_string(json) && i < CROFT_ASSET_COUNT; i++) {
        if (strcmp(json_string_value(json), asset_name[i]) == 0) {
            *out = i;
            return true;
        }
    }
    json_int_t number = json_is_integer(json) ? json_integer_value(json) : -1;
    if (number < CROFT_ASSET_COUNT || number > UINT32_MAX)
        return false;
    *out = (u32)number;
    return true;
}

bool croft_json_money_read(const json_t *json, u64 *out)
{
    struct croft_amt amount;
    const char *text = json_string_value(json);
    if (text == NULL || strchr(text, '.') == NULL || !croft_amt_parse(text, &amount))
        return false;
    *out = croft_amt_units(amount);
    return true;
}
