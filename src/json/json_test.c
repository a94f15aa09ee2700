#include "json/json.h"

#include "base/amt.h"
#include "base/assert.h"
#include "base/rng.h"
#include "base/testing.h"
#include "crypto/sign.h"
#include "wire/block.h"
#include "wire/record.h"
#include "wire/tx.h"
#include "json/hex.h"
#include "json/json_int.h"
#include "json/meaning.h"
#include "wire/param.h"

#include "croft/v1/chain.pb-c.h"
#include "croft/v1/genesis.pb-c.h"
#include "croft/v1/tx.pb-c.h"

#include <string.h>

#define TYPES(X)                                                                                            \
    X(tx) X(signature) X(tx_body) X(key_set) X(key) X(transfer) X(leg) X(pending_open) X(pending_post)       \
    X(pending_void) X(issue) X(redeem) X(withdraw) X(withdraw_paid) X(withdraw_return) X(key_add)            \
    X(key_revoke) X(key_rotate) X(key_thresholds) X(set_guardian) X(recover_start) X(recover_cancel)         \
    X(close_account) X(propose) X(param_change) X(protocol_change) X(validator_change) X(issuer_change)      \
    X(quota_change) X(vote) X(class_change) X(lease_id) X(voucher) X(node_admit) X(node_remove)              \
    X(provider_leave) X(stake_lock) X(stake_unlock) X(slash) X(node_set) X(claim_set) X(capability)          \
    X(prices) X(class_set) X(offer_post) X(offer_withdraw) X(take) X(batch_terms) X(auction_terms)           \
    X(gateway_terms) X(order_open) X(order_fund) X(order_take) X(order_close) X(lease_take) X(lease_ack)     \
    X(settle) X(lease_stop) X(lease_notice) X(lease_call) X(lease_commit) X(task_range) X(task_review)       \
    X(task_contest) X(task_judge) X(bid_place) X(bid_reveal) X(oracle_report) X(buyback) X(claim_reward)     \
    X(request) X(response) X(hello) X(hello_result) X(submit) X(submit_result) X(tx_result) X(query)         \
    X(query_result) X(record) X(proof_op) X(value_op) X(proof) X(subscribe) X(block_event) X(tx_event)       \
    X(due_event) X(status) X(status_result) X(table_size) X(fetch_blocks) X(blocks) X(block_stored)          \
    X(find_tx) X(find_tx_result) X(take_snapshot) X(snapshot_result) X(genesis) X(genesis_validator)         \
    X(genesis_issuer) X(genesis_grant)

static const ProtobufCMessageDescriptor *const all_types[] = {
#define X(name) &croft__v1__##name##__descriptor,
    TYPES(X)
#undef X
};

static struct croft_rng rng;
static struct croft_region region;

static ProtobufCMessage *draw_message(const ProtobufCMessageDescriptor *type, struct croft_arena *mem);

static u64 draw_u64(void)
{
    u64 bits = croft_rng_below(&rng, 65);
    return bits == 0 ? 0 : croft_rng_next(&rng) >> (64 - bits);
}

static char *draw_text(struct croft_arena *mem)
{
    static const char *const piece[] = {"a", "Z", "\"", "\\", "\n", "\x01", "\xc3\xa9", "\xf0\x9f\x8c\xbe",
                                        " "};
    char *text = croft_new(mem, char, 80);
    size_t count = croft_rng_below(&rng, 16);
    for (size_t i = 0; i < count; i++)
        strcat(text, piece[croft_rng_below(&rng, CROFT_COUNT(piece))]);
    return text;
}

static ProtobufCBinaryData draw_bytes(struct croft_arena *mem)
{
    size_t len = croft_rng_chance(&rng, 2) ? 32 : croft_rng_below(&rng, 80);
    u8 *bytes = croft_new(mem, u8, len + 1);
    croft_rng_fill(&rng, bytes, len);
    return (ProtobufCBinaryData){len, bytes};
}

static void draw_value(const ProtobufCFieldDescriptor *f, void *at, struct croft_arena *mem)
{
    u64 value = draw_u64();
    if (f->type == PROTOBUF_C_TYPE_STRING)
        *(char **)at = draw_text(mem);
    else if (f->type == PROTOBUF_C_TYPE_BYTES)
        *(ProtobufCBinaryData *)at = draw_bytes(mem);
    else if (f->type == PROTOBUF_C_TYPE_MESSAGE)
        *(ProtobufCMessage **)at = draw_message(f->descriptor, mem);
    else if (f->type == PROTOBUF_C_TYPE_BOOL)
        *(protobuf_c_boolean *)at = (protobuf_c_boolean)(value & 1);
    else if (f->type == PROTOBUF_C_TYPE_UINT32)
        *(u32 *)at = (u32)value;
    else
        *(u64 *)at = value;
}

static void draw_field(const ProtobufCFieldDescriptor *f, u8 *message, struct croft_arena *mem)
{
    if (f->label != PROTOBUF_C_LABEL_REPEATED) {
        draw_value(f, message + f->offset, mem);
        return;
    }
    size_t count = croft_rng_below(&rng, 4), size = croft_json_value_size(f);
    u8 *items = croft_arena_take(mem, count, size, 16);
    for (size_t i = 0; i < count; i++)
        draw_value(f, items + i * size, mem);
    *(void **)(void *)(message + f->offset) = items;
    *(size_t *)(void *)(message + f->quantifier_offset) = count;
}

static ProtobufCMessage *draw_message(const ProtobufCMessageDescriptor *type, struct croft_arena *mem)
{
    ProtobufCMessage *made = croft_arena_take(mem, 1, type->sizeof_message, 16);
    type->message_init(made);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &type->fields[i];
        u32 *chosen = (void *)((u8 *)made + f->quantifier_offset);
        if (croft_rng_chance(&rng, 4) || (croft_json_is_oneof(f) && *chosen != 0))
            continue;
        if (croft_json_is_oneof(f) && croft_rng_chance(&rng, 3))
            continue;
        if (croft_json_is_oneof(f))
            *chosen = f->id;
        draw_field(f, (u8 *)made, mem);
    }
    return made;
}

static void check_round_trip(const ProtobufCMessageDescriptor *type, struct croft_arena mem)
{
    ProtobufCMessage *message = draw_message(type, &mem), *again = NULL;
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(message);
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    json_t *parsed CROFT_CLEANUP(croft_json_drop) = NULL;
    struct croft_why why = {""};
    assert_int_equal(croft_json_parse((struct croft_bytes){(u8 *)text, strlen(text)}, &parsed, &why),
                     CROFT_OK);
    if (croft_json_to_message(parsed, type, &mem, &again, &why) != CROFT_OK)
        fail_msg("%s: %s\n%s", type->name, why.text, text);

    struct croft_bytes want = croft_pack(message, &mem), got = croft_pack(again, &mem);
    assert_int_equal(want.len, got.len);
    assert_memory_equal(want.at, got.at, got.len);
    free(text);
}

static void every_message_survives_the_round_trip(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++)
        for (size_t i = 0; i < CROFT_COUNT(all_types); i++)
            check_round_trip(all_types[i], croft_region_arena(&region));
}

/* One more level: replaces one value somewhere by one of another type, or adds a field. */
static void spoil(json_t *json)
{
    json_t *wrong = croft_rng_chance(&rng, 2) ? json_real(1.5) : json_null();
    if (json_is_object(json) && json_object_size(json) > 0 && !croft_rng_chance(&rng, 4)) {
        void *at = json_object_iter(json);
        for (u64 skip = croft_rng_below(&rng, json_object_size(json)); skip > 0; skip--)
            at = json_object_iter_next(json, at);
        json_t *inner = json_object_iter_value(at);
        bool deeper = (json_is_object(inner) || json_array_size(inner) > 0) && !croft_rng_chance(&rng, 3);
        if (deeper)
            spoil(inner);
        else
            json_object_iter_set(json, at, wrong);
    } else if (json_is_object(json)) {
        json_object_set(json, "no_such_field", wrong);
    } else if (json_is_object(json_array_get(json, 0))) {
        spoil(json_array_get(json, 0));
    } else {
        json_array_append(json, wrong);
    }
    json_decref(wrong);
}

static void spoiled_json_is_refused_with_its_place(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct croft_arena mem = croft_region_arena(&region);
        const ProtobufCMessageDescriptor *type = all_types[croft_rng_below(&rng, CROFT_COUNT(all_types))];
        json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(draw_message(type, &mem));
        spoil(json);
        ProtobufCMessage *out = NULL;
        struct croft_why why = {""};
        assert_int_equal(croft_json_to_message(json, type, &mem, &out, &why), CROFT_ERR_JSON);
        assert_null(out);
        assert_non_null(strstr(why.text, ": "));
    }
}

static void expect_refusal(const ProtobufCMessageDescriptor *type, const char *text, const char *begins)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why = {""};
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    ProtobufCMessage *out = NULL;
    assert_int_equal(croft_json_parse((struct croft_bytes){(const u8 *)text, strlen(text)}, &json, &why),
                     CROFT_OK);
    assert_int_equal(croft_json_to_message(json, type, &mem, &out, &why), CROFT_ERR_JSON);
    if (strncmp(why.text, begins, strlen(begins)) != 0)
        fail_msg("wanted \"%s...\", got \"%s\"", begins, why.text);
}

static void refusals_name_the_place(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *set = &croft__v1__key_set__descriptor;
    expect_refusal(set, "[]", "KeySet: must be an object");
    expect_refusal(set, "{\"keys\": {}}", "keys: must be an array");
    expect_refusal(set, "{\"keys\": [{}, {\"weight\": -1}]}", "keys[1].weight: -1 is not from 0");
    expect_refusal(set, "{\"keys\": [{\"weight\": 4294967296}]}", "keys[0].weight: 4294967296");
    expect_refusal(set, "{\"keys\": [{\"weight\": \"1\"}]}", "keys[0].weight: must be a whole number");
    expect_refusal(set, "{\"keys\": [{\"cap_token\": \"01\"}]}", "keys[0].cap_token: ");
    expect_refusal(set, "{\"keys\": [{\"cap_token\": \"18446744073709551616\"}]}", "keys[0].cap_token: ");
    expect_refusal(set, "{\"keys\": [{\"colour\": 1}]}", "keys[0].colour: Key has no field");
    expect_refusal(set, "{\"keys\": [{\"public_key\": \"croftpub1qqq\"}]}",
                   "keys[0].public_key: is not a valid");
    expect_refusal(set, "{\"thresholds\": \"0g\"}", "thresholds: must be hexadecimal");
    expect_refusal(set, "{\"thresholds\": \"012\"}", "thresholds: must be hexadecimal");
    expect_refusal(&croft__v1__tx_body__descriptor, "{\"vote\": {}, \"issue\": {}}", "issue: only one");
    expect_refusal(&croft__v1__vote__descriptor, "{\"yes\": 1}", "yes: must be true or false");
    expect_refusal(&croft__v1__proof__descriptor, "{\"total\": \"9223372036854775808\"}", "total: ");
    expect_refusal(&croft__v1__genesis__descriptor, "{\"name\": 7}", "name: must be text");
}

static void bad_json_text_is_refused_with_its_line(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "{", "{\"a\":1,\n\"a\":2}", "[1] x", "{\"a\": \"\xff\"}",
                                      "\"\\u0000\""};
    for (size_t i = 0; i < CROFT_COUNT(bad); i++) {
        json_t *json = NULL;
        struct croft_why why = {""};
        struct croft_bytes text = {(const u8 *)bad[i], strlen(bad[i])};
        assert_int_equal(croft_json_parse(text, &json, &why), CROFT_ERR_JSON);
        assert_null(json);
        assert_non_null(strstr(why.text, "line"));
    }
}

static void a_small_arena_is_told(void **state)
{
    (void)state;
    u8 small[64];
    struct croft_arena mem = {small, small + sizeof small};
    struct croft_why why = {""};
    ProtobufCMessage *out = NULL;
    json_t *json CROFT_CLEANUP(croft_json_drop) = json_pack("{s:[{},{}]}", "keys");
    assert_int_equal(croft_json_to_message(json, &croft__v1__key_set__descriptor, &mem, &out, &why),
                     CROFT_ERR_NOMEM);
}

static void special_forms(void **state)
{
    (void)state;
    u8 bytes[32];
    croft_rng_fill(&rng, bytes, sizeof bytes);
    Croft__V1__StatusResult status;
    croft__v1__status_result__init(&status);
    status.height = UINT64_MAX;
    status.sequencer_key = (ProtobufCBinaryData){32, bytes};
    status.app_hash = (ProtobufCBinaryData){2, bytes};
    status.role = (char[]){"\xff!"};
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&status.base);
    assert_string_equal(json_string_value(json_object_get(json, "height")), "18446744073709551615");
    assert_memory_equal(json_string_value(json_object_get(json, "sequencer_key")), "croftpub1", 9);
    assert_int_equal(json_string_length(json_object_get(json, "app_hash")), 4);
    assert_string_equal(json_string_value(json_object_get(json, "role")), "?!");
    assert_null(json_object_get(json, "protocol"));
    assert_int_equal(json_object_size(json), 4);
}

/* No message has an enum field yet; one by hand keeps its mapping honest. */
struct with_enum {
    ProtobufCMessage base;
    int asset;
};

static void init_with_enum(ProtobufCMessage *message);

static const ProtobufCFieldDescriptor enum_field[] = {
    {.name = "asset",
     .id = 1,
     .type = PROTOBUF_C_TYPE_ENUM,
     .offset = offsetof(struct with_enum, asset),
     .descriptor = &croft__v1__asset__descriptor},
};
static const unsigned enum_by_name[] = {0};
static const ProtobufCIntRange enum_range[] = {{1, 0}, {0, 1}};
static const ProtobufCMessageDescriptor enum_type = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "WithEnum",
    .short_name = "WithEnum",
    .sizeof_message = sizeof(struct with_enum),
    .n_fields = 1,
    .fields = enum_field,
    .fields_sorted_by_name = enum_by_name,
    .n_field_ranges = 1,
    .field_ranges = enum_range,
    .message_init = init_with_enum,
};

static void init_with_enum(ProtobufCMessage *message)
{
    *(struct with_enum *)(void *)message = (struct with_enum){.base = {.descriptor = &enum_type}};
}

static void enums_go_by_name(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    ProtobufCMessage *out = NULL;
    struct with_enum from;
    init_with_enum(&from.base);
    from.asset = CROFT__V1__ASSET__CROFT;
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&from.base);
    assert_string_equal(json_string_value(json_object_get(json, "asset")), "CROFT");
    assert_int_equal(croft_json_to_message(json, &enum_type, &mem, &out, &why), CROFT_OK);
    assert_int_equal(((struct with_enum *)(void *)out)->asset, CROFT__V1__ASSET__CROFT);
    expect_refusal(&enum_type, "{\"asset\": \"GOLD\"}", "asset: must be the name");
    expect_refusal(&enum_type, "{\"asset\": 1}", "asset: must be the name");
}

static void an_account_record_shows_its_fields(void **state)
{
    (void)state;
    struct croft_account_record account = {.format = 1, .key_count = 2};
    account.balance[CROFT_ASSET_CREDIT] = croft_amt_of(12500000000u);
    account.open_records = UINT64_MAX;
    account.recover_delay_s = 86400;
    account.key[0].public_key[31] = 1;
    account.key[0].expires_s = 1700000000;
    account.key[1].expires_s = UINT64_MAX;
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_layout(&croft_account_layout, &account);
    assert_string_equal(json_string_value(json_object_get(json, "balance_credit")), "12.50");
    assert_string_equal(json_string_value(json_object_get(json, "open_records")), "18446744073709551615");
    assert_true(json_is_null(json_object_get(json, "guardian")));
    assert_int_equal(json_integer_value(json_object_get(json, "recover_delay_s")), 86400);
    json_t *keys = json_object_get(json, "keys");
    assert_int_equal(json_array_size(keys), 2);
    json_t *first = json_array_get(keys, 0);
    assert_int_equal(json_integer_value(json_object_get(first, "expires_s")), 1700000000);
    assert_memory_equal(json_string_value(json_object_get(first, "public_key")), "croftpub1", 9);
    json_t *second = json_array_get(keys, 1);
    assert_true(json_is_null(json_object_get(second, "public_key")));
    assert_string_equal(json_string_value(json_object_get(second, "expires_s")), "18446744073709551615");
    assert_int_equal(json_string_length(json_object_get(second, "nonce_map")), 64);
}

static void a_withdrawal_record_is_not_padded(void **state)
{
    (void)state;
    struct croft_withdrawal_record w = {.asset = CROFT_ASSET_CROFT, .reference_len = 4, .returns_s = 7};
    w.amount = croft_amt_of(1);
    memcpy(w.reference, "IBAN", 4);
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_layout(&croft_withdrawal_layout, &w);
    assert_string_equal(json_string_value(json_object_get(json, "reference")), "4942414e");
    assert_string_equal(json_string_value(json_object_get(json, "asset")), "croft");
    assert_string_equal(json_string_value(json_object_get(json, "amount")), "0.000000001");
    assert_int_equal(json_integer_value(json_object_get(json, "returns_s")), 7);
}

/* Every 64-bit field by a name that sounds like money is in the table, and the table names real fields. */
static void money_is_decimal_in_every_message(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t i = 0; i < CROFT_COUNT(all_types); i++) {
        for (unsigned k = 0; k < all_types[i]->n_fields; k++) {
            const ProtobufCFieldDescriptor *f = &all_types[i]->fields[k];
            bool sounds = strcmp(f->name, "amount") == 0 || strncmp(f->name, "cap", 3) == 0 ||
                          strstr(f->name, "fee") != NULL || strncmp(f->name, "price", 5) == 0 ||
                          strcmp(f->name, "voucher_cap") == 0 || strcmp(f->name, "bid_deposit") == 0 ||
                          strcmp(f->name, "credits_min") == 0 ||
                          all_types[i] == &croft__v1__prices__descriptor;
            bool is = croft_json_is_money(all_types[i]->short_name, f->name);
            assert_int_equal(is, sounds && f->type == PROTOBUF_C_TYPE_UINT64);
            found += is;
        }
    }
    assert_int_equal(found, 36);
}

static void money_times_and_assets_in_a_message(void **state)
{
    (void)state;
    u8 address[32] = {1};
    Croft__V1__PendingOpen op = CROFT__V1__PENDING_OPEN__INIT;
    op.payee_address = (ProtobufCBinaryData){32, address};
    op.amount = 9000000000;
    op.expires_s = 1700000000;
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&op.base);
    assert_string_equal(json_string_value(json_object_get(json, "amount")), "9.00");
    assert_string_equal(json_string_value(json_object_get(json, "asset")), "credit");
    assert_int_equal(json_integer_value(json_object_get(json, "expires_s")), 1700000000);

    Croft__V1__ParamChange change = CROFT__V1__PARAM_CHANGE__INIT;
    change.param = CROFT_PARAM_DEPOSIT_RECORD;
    change.value = 10000000;
    json_t *param CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&change.base);
    assert_string_equal(json_string_value(json_object_get(param, "unit")), "units");
    assert_string_equal(json_string_value(json_object_get(param, "value")), "10000000");

    const ProtobufCMessageDescriptor *leg = &croft__v1__leg__descriptor;
    expect_refusal(leg, "{\"amount\": \"9000000000\"}", "amount: must be an amount in whole credits");
    expect_refusal(leg, "{\"amount\": 9}", "amount: must be an amount");
    expect_refusal(leg, "{\"amount\": \"18446744073.709551616\"}", "amount: must be an amount");
    expect_refusal(leg, "{\"asset\": \"gold\"}", "asset: must be \"credit\"");
    expect_refusal(leg, "{\"asset\": 1}", "asset: must be \"credit\"");
    expect_refusal(&croft__v1__param_change__descriptor, "{\"unit\": \"s\", \"param\": 11}", "unit: must be");
}

static void every_layout_has_all_its_fields(void **state)
{
    (void)state;
    static u8 zero[CROFT_RECORD_STRUCT_MAX];
    const struct croft_layout *const layout[] = {
        &croft_account_layout,   &croft_pending_layout,  &croft_issuer_layout,  &croft_withdrawal_layout,
        &croft_validator_layout, &croft_proposal_layout, &croft_vote_layout,    &croft_recovery_layout,
        &croft_param_layout,     &croft_chain_layout,    &croft_receipt_layout, &croft_key_layout,
        &croft_header_layout,    &croft_due_layout,      &croft_lease_layout,   &croft_provider_layout,
        &croft_node_layout,      &croft_device_layout,   &croft_order_layout,   &croft_class_layout,
        &croft_queue_layout,     &croft_batch_layout,    &croft_page_layout,    &croft_auction_layout,
        &croft_bid_layout,       &croft_claim_layout,    &croft_token_layout,   &croft_report_layout,
        &croft_epoch_layout,
    };
    for (size_t i = 0; i < CROFT_COUNT(layout); i++) {
        assert_true(layout[i]->struct_size <= sizeof zero);
        json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_layout(layout[i], zero);
        bool tail = layout[i]->item != NULL || layout[i]->text_name != NULL;
        assert_int_equal(json_object_size(json), layout[i]->field_count + tail);
    }
}

static void check_bytes(const char *country, const char *attributes, const char *want_country, const char *want_attributes)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    ProtobufCMessage *again = NULL;
    Croft__V1__NodeSet op = CROFT__V1__NODE_SET__INIT;
    op.country = (ProtobufCBinaryData){strlen(country), (u8 *)(uintptr_t)country};
    op.attributes = (ProtobufCBinaryData){strlen(attributes), (u8 *)(uintptr_t)attributes};
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&op.base);
    assert_string_equal(json_string_value(json_object_get(json, "country")), want_country);
    assert_string_equal(json_string_value(json_object_get(json, "attributes")), want_attributes);
    assert_int_equal(croft_json_to_message(json, &croft__v1__node_set__descriptor, &mem, &again, &why), CROFT_OK);
    const Croft__V1__NodeSet *back = (const void *)again;
    assert_int_equal(back->country.len, op.country.len);
    assert_memory_equal(back->country.data, country, op.country.len);
    assert_int_equal(back->attributes.len, op.attributes.len);
    assert_memory_equal(back->attributes.data, attributes, op.attributes.len);
}

static void a_country_and_attributes_are_text_where_they_are(void **state)
{
    (void)state;
    check_bytes("DE", "cuda=12\nregion=eu\n", "DE", "cuda=12\nregion=eu\n");
    check_bytes("de", "cuda", "6465", "63756461");
    check_bytes("DEU", "a=\x01", "444555", "613d01");
    check_bytes("D1", "a=\xff", "4431", "613dff");
    expect_refusal(&croft__v1__node_set__descriptor, "{\"country\": \"D\"}", "country: must be hexadecimal");
    expect_refusal(&croft__v1__node_set__descriptor, "{\"attributes\": \"cuda\"}", "attributes: must be hexadecimal");
}

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static void the_market_shows_prices_and_text(void **state)
{
    (void)state;
    struct croft_device_record device = {.format = 1, .lease = UINT64_MAX, .bond = croft_amt_of(1)};
    device.price[CROFT_PRICE_SECOND] = 350000000;
    memcpy(device.model, "rtx4090", 7);
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_layout(&croft_device_layout, &device);
    assert_string_equal(text_of(json, "price_second"), "0.35");
    assert_string_equal(text_of(json, "model"), "rtx4090");
    assert_string_equal(text_of(json, "lease"), "18446744073709551615");
    assert_string_equal(text_of(json, "bond"), "0.000000001");

    struct croft_node_record node = {.format = 1, .country = {'D', 'E'}, .attributes_len = 5};
    memcpy(node.attributes, "a=b\nc", 5);
    json_t *shown CROFT_CLEANUP(croft_json_drop) = croft_json_of_layout(&croft_node_layout, &node);
    assert_string_equal(text_of(shown, "country"), "DE");
    assert_string_equal(text_of(shown, "attributes"), "a=b\nc");

    struct croft_order_record order = {.format = 1, .rate = 1500000000, .alternate_count = 1};
    order.alternate[0].price = 2;
    json_t *wish CROFT_CLEANUP(croft_json_drop) = croft_json_of_layout(&croft_order_layout, &order);
    assert_string_equal(text_of(wish, "rate"), "1.50");
    json_t *alternates = json_object_get(wish, "alternates");
    assert_int_equal(json_array_size(alternates), 1);
    assert_string_equal(text_of(json_array_get(alternates, 0), "price"), "0.000000002");
}

/* The names in the tables of records are those of fields. */
static void a_price_in_a_record_is_money(void **state)
{
    (void)state;
    static const struct {
        const struct croft_layout *layout;
        u32 money;
    } want[] = {{&croft_lease_layout, 1}, {&croft_device_layout, 5}, {&croft_order_layout, 3},
                {&croft_class_layout, 1}, {&croft_auction_layout, 1}, {&croft_bid_layout, 1},
                {&croft_token_layout, 3}, {&croft_report_layout, 1},  {&croft_epoch_layout, 1}};
    for (size_t i = 0; i < CROFT_COUNT(want); i++) {
        u32 found = 0;
        for (u32 k = 0; k < want[i].layout->field_count; k++)
            found += croft_json_is_money(want[i].layout->name, want[i].layout->field[k].name);
        assert_int_equal(found, want[i].money);
    }
}

static void hex_is_strict(void **state)
{
    (void)state;
    u8 bytes[40], again[40];
    char text[81];
    croft_rng_fill(&rng, bytes, sizeof bytes);
    croft_hex_encode((struct croft_bytes){bytes, sizeof bytes}, text);
    assert_true(croft_hex_decode(text, again, sizeof again));
    assert_memory_equal(bytes, again, sizeof bytes);
    assert_false(croft_hex_decode(text, again, sizeof again - 1));
    assert_true(croft_hex_decode("aF09", again, 2));
    assert_false(croft_hex_decode("aF0 ", again, 2));
    assert_false(croft_hex_decode("0x01", again, 2));
}

int main(void)
{
    rng = croft_rng_of(croft_test_seed());
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    CROFT_ASSERT(croft_region_map(&region, 64 << 20));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_survives_the_round_trip),
        cmocka_unit_test(spoiled_json_is_refused_with_its_place),
        cmocka_unit_test(refusals_name_the_place),
        cmocka_unit_test(bad_json_text_is_refused_with_its_line),
        cmocka_unit_test(a_small_arena_is_told),
        cmocka_unit_test(special_forms),
        cmocka_unit_test(enums_go_by_name),
        cmocka_unit_test(an_account_record_shows_its_fields),
        cmocka_unit_test(a_withdrawal_record_is_not_padded),
        cmocka_unit_test(money_is_decimal_in_every_message),
        cmocka_unit_test(money_times_and_assets_in_a_message),
        cmocka_unit_test(every_layout_has_all_its_fields),
        cmocka_unit_test(the_market_shows_prices_and_text),
        cmocka_unit_test(a_price_in_a_record_is_money),
        cmocka_unit_test(a_country_and_attributes_are_text_where_they_are),
        cmocka_unit_test(hex_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
