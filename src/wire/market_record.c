#include "wire/market_record.h"

#include "wire/field.h"

static const struct croft_field lease_field[] = {
    CROFT_FIELD(U8, croft_lease_record, format),
    CROFT_FIELD(U8, croft_lease_record, state),
    CROFT_FIELD(U8, croft_lease_record, mode),
    CROFT_FIELD(U8, croft_lease_record, kind),
    CROFT_FIELD(U8, croft_lease_record, service),
    CROFT_FIELD(U8, croft_lease_record, reason),
    CROFT_FIELD(U8, croft_lease_record, flags),
    CROFT_FIELD(U16, croft_lease_record, device),
    CROFT_FIELD(U16, croft_lease_record, replaces),
    CROFT_FIELD(ADDRESS, croft_lease_record, node),
    CROFT_FIELD(U64, croft_lease_record, stamp),
    CROFT_FIELD(U64, croft_lease_record, price),
    CROFT_FIELD(AMT, croft_lease_record, paid),
    CROFT_FIELD(AMT, croft_lease_record, aside),
    CROFT_FIELD(AMT, croft_lease_record, bond),
    CROFT_FIELD(AMT, croft_lease_record, exposure),
    CROFT_FIELD(TIME, croft_lease_record, taken_s),
    CROFT_FIELD(TIME, croft_lease_record, served_until_s),
    CROFT_FIELD(U64, croft_lease_record, units),
    CROFT_FIELD(U64, croft_lease_record, units_max),
    CROFT_FIELD(U64, croft_lease_record, seq),
    CROFT_FIELD(TIME, croft_lease_record, firm_until_s),
    CROFT_FIELD(TIME, croft_lease_record, end_s),
    CROFT_FIELD(TIME, croft_lease_record, call_by_s),
    CROFT_FIELD(TIME, croft_lease_record, due_s),
    CROFT_FIELD(U32, croft_lease_record, first_task),
    CROFT_FIELD(U32, croft_lease_record, rejected),
    CROFT_FIELD(HASH, croft_lease_record, digest),
};
const struct croft_layout croft_lease_layout = CROFT_LAYOUT("lease", croft_lease_record, lease_field);

static const struct croft_field provider_field[] = {
    CROFT_FIELD(U8, croft_provider_record, format),
    CROFT_FIELD(U32, croft_provider_record, nodes),
    CROFT_FIELD(U32, croft_provider_record, epoch),
    CROFT_FIELD(U32, croft_provider_record, leases_done),
    CROFT_FIELD(U32, croft_provider_record, leases_failed),
    CROFT_FIELD(AMT, croft_provider_record, fees_total),
    CROFT_FIELD(AMT, croft_provider_record, fees_epoch),
    CROFT_FIELD(AMT, croft_provider_record, reward),
    CROFT_FIELD(AMT, croft_provider_record, earned),
    CROFT_FIELD(AMT, croft_provider_record, stake),
    CROFT_FIELD(AMT, croft_provider_record, locked),
    CROFT_FIELD(AMT, croft_provider_record, unlocking),
    CROFT_FIELD(AMT, croft_provider_record, exposure),
    CROFT_FIELD(AMT, croft_provider_record, deposit),
    CROFT_FIELD(TIME, croft_provider_record, since_s),
    CROFT_FIELD(TIME, croft_provider_record, due_s),
};
const struct croft_layout croft_provider_layout = CROFT_LAYOUT("provider", croft_provider_record, provider_field);

static const struct croft_field node_field[] = {
    CROFT_FIELD(U8, croft_node_record, format),
    CROFT_FIELD(U8, croft_node_record, machine),
    CROFT_FIELD(U8, croft_node_record, drain),
    CROFT_FIELD(BYTES, croft_node_record, country),
    CROFT_FIELD(ADDRESS, croft_node_record, owner),
    CROFT_FIELD(BYTES, croft_node_record, seal_key),
    CROFT_FIELD(BYTES, croft_node_record, peer_key),
    CROFT_FIELD(U64, croft_node_record, devices),
    CROFT_FIELD(TIME, croft_node_record, since_s),
    CROFT_FIELD(AMT, croft_node_record, deposit),
    CROFT_FIELD(U32, croft_node_record, bids),
    CROFT_FIELD(U32, croft_node_record, leases),
    CROFT_FIELD(U64, croft_node_record, quota),
    CROFT_FIELD(U64, croft_node_record, quota_before),
    CROFT_FIELD(U16, croft_node_record, attributes_len),
};
const struct croft_layout croft_node_layout = {
    .name = "node",
    .format = 1,
    .field = node_field,
    .field_count = CROFT_COUNT(node_field),
    .struct_size = sizeof(struct croft_node_record),
    .text_name = "attributes",
    .count_offset = offsetof(struct croft_node_record, attributes_len),
    .item_offset = offsetof(struct croft_node_record, attributes),
    .item_max = CROFT_ATTRIBUTES_BYTES_MAX,
};

static const struct croft_field device_field[] = {
    CROFT_FIELD(U8, croft_device_record, format),
    CROFT_FIELD(U8, croft_device_record, state),
    CROFT_FIELD(U8, croft_device_record, kind),
    CROFT_FIELD(U8, croft_device_record, flags),
    CROFT_FIELD(U8, croft_device_record, services),
    CROFT_FIELD(U8, croft_device_record, egress),
    CROFT_FIELD(U8, croft_device_record, vendor),
    CROFT_FIELD(U8, croft_device_record, interface),
    CROFT_FIELD(U8, croft_device_record, gpu_count),
    CROFT_FIELD(U8, croft_device_record, hardware),
    CROFT_FIELD(U8, croft_device_record, isolation),
    CROFT_FIELD(U16, croft_device_record, class),
    CROFT_FIELD(BYTES, croft_device_record, model),
    CROFT_FIELD(U16, croft_device_record, cores),
    CROFT_FIELD(U32, croft_device_record, vram_mib),
    CROFT_FIELD(U32, croft_device_record, ram_mib),
    CROFT_FIELD(U32, croft_device_record, disk_gib),
    CROFT_FIELD(U32, croft_device_record, down_mbit),
    CROFT_FIELD(U32, croft_device_record, up_mbit),
    CROFT_FIELD(U32, croft_device_record, tops),
    CROFT_FIELD(U32, croft_device_record, gbs),
    CROFT_FIELD(U32, croft_device_record, proved_vram_mib),
    CROFT_FIELD(U32, croft_device_record, proved_tops),
    CROFT_FIELD(U32, croft_device_record, proved_gbs),
    CROFT_FIELD(U32, croft_device_record, uptime_ppm),
    CROFT_FIELD(TIME, croft_device_record, proved_s),
    CROFT_FIELD_AS(U64, croft_device_record, price[CROFT_PRICE_SECOND], "price_second"),
    CROFT_FIELD_AS(U64, croft_device_record, price[CROFT_PRICE_TOKEN], "price_token"),
    CROFT_FIELD_AS(U64, croft_device_record, price[CROFT_PRICE_BYTE], "price_byte"),
    CROFT_FIELD_AS(U64, croft_device_record, price[CROFT_PRICE_FRAME], "price_frame"),
    CROFT_FIELD(U64, croft_device_record, disk_price),
    CROFT_FIELD(U32, croft_device_record, notice_s),
    CROFT_FIELD(U64, croft_device_record, lease),
    CROFT_FIELD(AMT, croft_device_record, bond),
    CROFT_FIELD(AMT, croft_device_record, lock),
    CROFT_FIELD(AMT, croft_device_record, deposit),
    CROFT_FIELD(TIME, croft_device_record, due_s),
    CROFT_FIELD(TIME, croft_device_record, won_s),
    CROFT_FIELD(U32, croft_device_record, failed),
};
const struct croft_layout croft_device_layout = CROFT_LAYOUT("device", croft_device_record, device_field);

static const struct croft_field alternate_field[] = {
    CROFT_FIELD(ADDRESS, croft_alternate, node),
    CROFT_FIELD(U8, croft_alternate, device),
    CROFT_FIELD(U64, croft_alternate, price),
};
static const struct croft_layout alternate_layout = {
    .name = "alternate",
    .field = alternate_field,
    .field_count = CROFT_COUNT(alternate_field),
    .struct_size = sizeof(struct croft_alternate),
};

static const struct croft_field order_field[] = {
    CROFT_FIELD(U8, croft_order_record, format),
    CROFT_FIELD(U8, croft_order_record, state),
    CROFT_FIELD(U8, croft_order_record, kind),
    CROFT_FIELD(U8, croft_order_record, price_kind),
    CROFT_FIELD(U8, croft_order_record, service),
    CROFT_FIELD(U8, croft_order_record, egress),
    CROFT_FIELD(U8, croft_order_record, flags),
    CROFT_FIELD(U16, croft_order_record, class),
    CROFT_FIELD(U16, croft_order_record, count),
    CROFT_FIELD(U16, croft_order_record, made),
    CROFT_FIELD(U16, croft_order_record, live),
    CROFT_FIELD(U16, croft_order_record, leases),
    CROFT_FIELD(U64, croft_order_record, price_max),
    CROFT_FIELD(AMT, croft_order_record, balance),
    CROFT_FIELD(AMT, croft_order_record, aside),
    CROFT_FIELD(U64, croft_order_record, rate),
    CROFT_FIELD(U64, croft_order_record, accrued),
    CROFT_FIELD(U16, croft_order_record, accrued_part),
    CROFT_FIELD(TIME, croft_order_record, accrued_s),
    CROFT_FIELD(AMT, croft_order_record, paid_live),
    CROFT_FIELD(AMT, croft_order_record, spend_only),
    CROFT_FIELD(AMT, croft_order_record, croft_held),
    CROFT_FIELD(AMT, croft_order_record, deposit),
    CROFT_FIELD(U64, croft_order_record, units_max),
    CROFT_FIELD(TIME, croft_order_record, opened_s),
    CROFT_FIELD(TIME, croft_order_record, expires_s),
    CROFT_FIELD(TIME, croft_order_record, due_s),
    CROFT_FIELD(U16, croft_order_record, start_s),
    CROFT_FIELD(U16, croft_order_record, unsigned_s),
    CROFT_FIELD(U16, croft_order_record, hold_s),
    CROFT_FIELD(U32, croft_order_record, keep_s),
    CROFT_FIELD(U32, croft_order_record, disk_gib),
    CROFT_FIELD(U32, croft_order_record, firm_s),
    CROFT_FIELD(HASH, croft_order_record, workload),
    CROFT_FIELD(KEY, croft_order_record, voucher_key),
    CROFT_FIELD(AMT, croft_order_record, voucher_cap),
    CROFT_FIELD(AMT, croft_order_record, voucher_paid),
    CROFT_FIELD(ADDRESS, croft_order_record, arbiter),
    CROFT_FIELD(BYTES, croft_order_record, live_map),
    CROFT_FIELD(U8, croft_order_record, alternate_count),
};
const struct croft_layout croft_order_layout = {
    .name = "order",
    .format = 1,
    .field = order_field,
    .field_count = CROFT_COUNT(order_field),
    .struct_size = sizeof(struct croft_order_record),
    .item = &alternate_layout,
    .item_name = "alternates",
    .count_offset = offsetof(struct croft_order_record, alternate_count),
    .item_offset = offsetof(struct croft_order_record, alternate),
    .item_max = CROFT_ALTERNATES_MAX,
};

static const struct croft_field class_field[] = {
    CROFT_FIELD(U8, croft_class_record, format),
    CROFT_FIELD(U8, croft_class_record, policy),
    CROFT_FIELD(U8, croft_class_record, kind),
    CROFT_FIELD(U8, croft_class_record, vendor),
    CROFT_FIELD(U8, croft_class_record, interface),
    CROFT_FIELD(U8, croft_class_record, gpu_count),
    CROFT_FIELD(U8, croft_class_record, hardware),
    CROFT_FIELD(U8, croft_class_record, isolation),
    CROFT_FIELD(U8, croft_class_record, machine),
    CROFT_FIELD(BYTES, croft_class_record, name),
    CROFT_FIELD(BYTES, croft_class_record, model),
    CROFT_FIELD(U16, croft_class_record, cores),
    CROFT_FIELD(U32, croft_class_record, vram_mib),
    CROFT_FIELD(U32, croft_class_record, ram_mib),
    CROFT_FIELD(U32, croft_class_record, disk_gib),
    CROFT_FIELD(U32, croft_class_record, down_mbit),
    CROFT_FIELD(U32, croft_class_record, up_mbit),
    CROFT_FIELD(U32, croft_class_record, tops),
    CROFT_FIELD(U32, croft_class_record, gbs),
    CROFT_FIELD(U64, croft_class_record, price),
    CROFT_FIELD(U16, croft_class_record, start_s),
    CROFT_FIELD(ADDRESS, croft_class_record, operator_address),
    CROFT_FIELD(AMT, croft_class_record, deposit),
    CROFT_FIELD(U32, croft_class_record, devices),
    CROFT_FIELD(U32, croft_class_record, waiting),
    CROFT_FIELD(U32, croft_class_record, wait_s),
    CROFT_FIELD(U64, croft_class_record, taken_total),
    CROFT_FIELD(U64, croft_class_record, orders_total),
    CROFT_FIELD(BYTES, croft_class_record, head),
    CROFT_FIELD(BYTES, croft_class_record, tail),
};
const struct croft_layout croft_class_layout = CROFT_LAYOUT("class", croft_class_record, class_field);

static const struct croft_field queue_field[] = {
    CROFT_FIELD(U8, croft_queue_record, format),
    CROFT_FIELD(U16, croft_queue_record, class),
    CROFT_FIELD(TIME, croft_queue_record, since_s),
    CROFT_FIELD(BYTES, croft_queue_record, prev),
    CROFT_FIELD(BYTES, croft_queue_record, next),
};
const struct croft_layout croft_queue_layout = CROFT_LAYOUT("queue", croft_queue_record, queue_field);

static const struct croft_field batch_field[] = {
    CROFT_FIELD(U8, croft_batch_record, format),
    CROFT_FIELD(U32, croft_batch_record, task_count),
    CROFT_FIELD(U32, croft_batch_record, open),
    CROFT_FIELD(U32, croft_batch_record, done),
    CROFT_FIELD(U32, croft_batch_record, timeout_s),
    CROFT_FIELD(U32, croft_batch_record, window_s),
    CROFT_FIELD(HASH, croft_batch_record, task_root),
    CROFT_FIELD(AMT, croft_batch_record, deposit),
};
const struct croft_layout croft_batch_layout = CROFT_LAYOUT("batch", croft_batch_record, batch_field);

static const struct croft_field page_field[] = {
    CROFT_FIELD(U8, croft_page_record, format),
    CROFT_FIELD(BYTES, croft_page_record, bits),
};
const struct croft_layout croft_page_layout = CROFT_LAYOUT("page", croft_page_record, page_field);

static const struct croft_field auction_field[] = {
    CROFT_FIELD(U8, croft_auction_record, format),
    CROFT_FIELD(U8, croft_auction_record, rule),
    CROFT_FIELD(U8, croft_auction_record, flags),
    CROFT_FIELD(U8, croft_auction_record, best_device),
    CROFT_FIELD(U32, croft_auction_record, bids),
    CROFT_FIELD(U32, croft_auction_record, revealed),
    CROFT_FIELD(TIME, croft_auction_record, bid_until_s),
    CROFT_FIELD(TIME, croft_auction_record, reveal_until_s),
    CROFT_FIELD(AMT, croft_auction_record, bid_deposit),
    CROFT_FIELD(U64, croft_auction_record, best_price),
    CROFT_FIELD(TIME, croft_auction_record, best_won_s),
    CROFT_FIELD(ADDRESS, croft_auction_record, best_node),
    CROFT_FIELD(AMT, croft_auction_record, deposit),
};
const struct croft_layout croft_auction_layout = CROFT_LAYOUT("auction", croft_auction_record, auction_field);

static const struct croft_field bid_field[] = {
    CROFT_FIELD(U8, croft_bid_record, format),
    CROFT_FIELD(U8, croft_bid_record, state),
    CROFT_FIELD(U8, croft_bid_record, device),
    CROFT_FIELD(BYTES, croft_bid_record, order),
    CROFT_FIELD(ADDRESS, croft_bid_record, node),
    CROFT_FIELD(HASH, croft_bid_record, commitment),
    CROFT_FIELD(U64, croft_bid_record, price),
    CROFT_FIELD(AMT, croft_bid_record, deposit),
    CROFT_FIELD(TIME, croft_bid_record, due_s),
};
const struct croft_layout croft_bid_layout = CROFT_LAYOUT("bid", croft_bid_record, bid_field);

static const struct croft_field claim_field[] = {
    CROFT_FIELD(U8, croft_claim_record, format),
    CROFT_FIELD(U8, croft_claim_record, machine),
    CROFT_FIELD(BYTES, croft_claim_record, country),
    CROFT_FIELD(ADDRESS, croft_claim_record, auditor),
    CROFT_FIELD(U64, croft_claim_record, claims),
    CROFT_FIELD(AMT, croft_claim_record, deposit),
    CROFT_FIELD(TIME, croft_claim_record, due_s),
};
const struct croft_layout croft_claim_layout = CROFT_LAYOUT("claim", croft_claim_record, claim_field);

static const struct croft_field token_hour_field[] = {
    CROFT_FIELD(U32, croft_token_hour, hour),
    CROFT_FIELD(U64, croft_token_hour, low),
    CROFT_FIELD(U64, croft_token_hour, high),
};
static const struct croft_layout token_hour_layout = {
    .name = "token_hour",
    .field = token_hour_field,
    .field_count = CROFT_COUNT(token_hour_field),
    .struct_size = sizeof(struct croft_token_hour),
};

static const struct croft_field token_field[] = {
    CROFT_FIELD(U8, croft_token_record, format),
    CROFT_FIELD(U8, croft_token_record, valid),
    CROFT_FIELD(U32, croft_token_record, epoch),
    CROFT_FIELD(AMT, croft_token_record, epoch_fees),
    CROFT_FIELD(AMT, croft_token_record, emission),
    CROFT_FIELD(U64, croft_token_record, median),
    CROFT_FIELD(TIME, croft_token_record, median_s),
    CROFT_FIELD(U32, croft_token_record, day),
    CROFT_FIELD(AMT, croft_token_record, converted),
    CROFT_FIELD(AMT, croft_token_record, unspent),
    CROFT_FIELD(AMT, croft_token_record, minted),
    CROFT_FIELD(AMT, croft_token_record, burnt),
    CROFT_FIELD(TIME, croft_token_record, due_s),
    CROFT_FIELD(U64, croft_token_record, low24),
    CROFT_FIELD(U64, croft_token_record, high24),
    CROFT_FIELD(U8, croft_token_record, hour_count),
};
const struct croft_layout croft_token_layout = {
    .name = "token",
    .format = 1,
    .field = token_field,
    .field_count = CROFT_COUNT(token_field),
    .struct_size = sizeof(struct croft_token_record),
    .item = &token_hour_layout,
    .item_name = "hours",
    .count_offset = offsetof(struct croft_token_record, hour_count),
    .item_offset = offsetof(struct croft_token_record, hour),
    .item_max = CROFT_TOKEN_HOURS,
};

static const struct croft_field report_field[] = {
    CROFT_FIELD(U8, croft_report_record, format),
    CROFT_FIELD(U64, croft_report_record, price),
    CROFT_FIELD(TIME, croft_report_record, at_s),
};
const struct croft_layout croft_report_layout = CROFT_LAYOUT("report", croft_report_record, report_field);

static const struct croft_field epoch_field[] = {
    CROFT_FIELD(U8, croft_epoch_record, format),
    CROFT_FIELD(AMT, croft_epoch_record, fees),
    CROFT_FIELD(AMT, croft_epoch_record, emission),
    CROFT_FIELD(U64, croft_epoch_record, price),
    CROFT_FIELD(U64, croft_epoch_record, index),
};
const struct croft_layout croft_epoch_layout = CROFT_LAYOUT("epoch", croft_epoch_record, epoch_field);
