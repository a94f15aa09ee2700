/* Goal: every layout writes its fields in their order, little-endian and without gaps, and reads back exactly
 * that. Method: random contents of every layout there is; the bytes made again field by field in the plainest
 * way; every length but the right one. */
#include "wire/block.h"
#include "wire/layout.h"
#include "wire/market_record.h"
#include "wire/record.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/testing.h"

#include <string.h>

enum { RUNS = 100, STRUCT_MAX = 4096, BYTES_MAX = 4096 };

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

static struct croft_rng rng;

static void fill_fields(const struct croft_layout *l, u8 *at)
{
    for (u32 i = 0; i < l->field_count; i++)
        croft_rng_fill(&rng, at + l->field[i].offset, l->field[i].bytes);
    if (l->format != 0)
        at[l->field[0].offset] = (u8)l->format;
}

static void fill_text(const struct croft_layout *l, u8 *at, u16 len)
{
    memcpy(at + l->count_offset, &len, sizeof len);
    croft_rng_fill(&rng, at + l->item_offset, len);
}

/* Padding and items that are not counted stay zero, as decode leaves them. */
static void fill(const struct croft_layout *l, u8 *at)
{
    memset(at, 0, STRUCT_MAX);
    CROFT_ASSERT(l->struct_size <= STRUCT_MAX);
    fill_fields(l, at);
    if (l->text_name != NULL)
        fill_text(l, at, (u16)croft_rng_below(&rng, l->item_max + 1));
    if (l->item == NULL)
        return;
    at[l->count_offset] = (u8)croft_rng_below(&rng, l->item_max + 1);
    for (u32 i = 0; i < at[l->count_offset]; i++)
        fill_fields(l->item, at + l->item_offset + i * l->item->struct_size);
}

static bool is_number(enum croft_field_type type)
{
    return type == CROFT_FIELD_U16 || type == CROFT_FIELD_U32 || type == CROFT_FIELD_U64 ||
           type == CROFT_FIELD_AMT || type == CROFT_FIELD_TIME;
}

static size_t slow_fields(const struct croft_layout *l, const u8 *from, u8 *out)
{
    size_t at = 0;
    for (u32 i = 0; i < l->field_count; i++) {
        const struct croft_field *f = &l->field[i];
        u64 v = 0;
        if (!is_number(f->type)) {
            memcpy(out + at, from + f->offset, f->bytes);
        } else {
            memcpy(&v, from + f->offset,
                   f->bytes); /* the tests run where numbers are little-endian in memory */
            for (u32 k = 0; k < f->bytes; k++)
                out[at + k] = (u8)(v >> (8 * k));
        }
        at += f->bytes;
    }
    return at;
}

static size_t slow_encode(const struct croft_layout *l, const u8 *from, u8 *out)
{
    size_t at = slow_fields(l, from, out);
    for (u32 i = 0; l->item != NULL && i < from[l->count_offset]; i++)
        at += slow_fields(l->item, from + l->item_offset + i * l->item->struct_size, out + at);
    u32 text = l->text_name != NULL ? (u32)(from[l->count_offset] | from[l->count_offset + 1] << 8) : 0;
    for (u32 i = 0; i < text; i++)
        out[at++] = from[l->item_offset + i];
    return at;
}

static void expect_refused(const struct croft_layout *l, const u8 *bytes, size_t len)
{
    u8 out[STRUCT_MAX];
    assert_int_equal(croft_layout_decode(l, (struct croft_bytes){bytes, len}, out), CROFT_ERR_DECODE);
}

static void round_trip(const struct croft_layout *l)
{
    static u8 from[STRUCT_MAX], back[STRUCT_MAX], bytes[BYTES_MAX], want[BYTES_MAX];
    fill(l, from);
    size_t len = croft_layout_encode(l, from, bytes, sizeof bytes);
    assert_int_equal(len, slow_encode(l, from, want));
    assert_memory_equal(bytes, want, len);
    assert_true(len <= croft_layout_bytes_max(l));
    memset(back, 0x77, sizeof back);
    assert_int_equal(croft_layout_decode(l, (struct croft_bytes){bytes, len}, back), CROFT_OK);
    assert_memory_equal(back, from, l->struct_size);
    for (size_t cut = 0; cut < len; cut++)
        expect_refused(l, bytes, cut);
    bytes[len] = 0;
    expect_refused(l, bytes, len + 1);
}

static void test_round_trip(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < CROFT_COUNT(layouts); i++)
        for (int run = 0; run < RUNS; run++)
            round_trip(layouts[i]);
}

static void test_other_formats(void **unused)
{
    (void)unused;
    static u8 from[STRUCT_MAX], back[STRUCT_MAX], bytes[BYTES_MAX];
    for (size_t i = 0; i < CROFT_COUNT(layouts); i++) {
        const struct croft_layout *l = layouts[i];
        fill(l, from);
        size_t len = croft_layout_encode(l, from, bytes, sizeof bytes);
        for (u32 format = 0; l->format != 0 && format < 256; format++) {
            bytes[0] = (u8)format;
            assert_int_equal(croft_layout_decode(l, (struct croft_bytes){bytes, len}, back),
                             format == l->format ? CROFT_OK : CROFT_ERR_FORMAT);
        }
    }
}

/* Encode writes the format, whatever the struct says. */
static void test_format_is_written(void **unused)
{
    (void)unused;
    const struct croft_vote_record v = {.format = 200, .yes = 1};
    u8 bytes[8];
    assert_int_equal(croft_layout_encode(&croft_vote_layout, &v, bytes, sizeof bytes), 2);
    assert_int_equal(bytes[0], 1);
}

static void test_too_many_items(void **unused)
{
    (void)unused;
    static u8 from[STRUCT_MAX], bytes[BYTES_MAX * 8];
    for (u32 count = CROFT_KEYS_MAX + 1; count < 256; count++) {
        fill(&croft_account_layout, from);
        from[croft_account_layout.count_offset] = CROFT_KEYS_MAX;
        size_t len = croft_layout_encode(&croft_account_layout, from, bytes, sizeof bytes);
        size_t item = croft_layout_bytes_max(&croft_key_layout);
        bytes[1] = (u8)count;
        expect_refused(&croft_account_layout, bytes, len);
        expect_refused(&croft_account_layout, bytes, len + (count - CROFT_KEYS_MAX) * item);
    }
}

/* Every length there is, up to the longest; the count alone decides. */
static void test_text_tail(void **unused)
{
    (void)unused;
    static u8 from[STRUCT_MAX], back[STRUCT_MAX], bytes[BYTES_MAX];
    const struct croft_layout *l = &croft_node_layout;
    size_t fixed = croft_layout_bytes_max(l) - CROFT_ATTRIBUTES_BYTES_MAX;
    assert_int_equal(l->item_max, CROFT_ATTRIBUTES_BYTES_MAX);
    for (u32 text = 0; text <= CROFT_ATTRIBUTES_BYTES_MAX; text++) {
        memset(from, 0, sizeof from);
        fill_fields(l, from);
        fill_text(l, from, (u16)text);
        size_t len = croft_layout_encode(l, from, bytes, sizeof bytes);
        assert_int_equal(len, fixed + text);
        assert_memory_equal(bytes + fixed, from + l->item_offset, text);
        assert_int_equal(croft_layout_decode(l, (struct croft_bytes){bytes, len}, back), CROFT_OK);
        assert_memory_equal(back, from, l->struct_size);
    }
}

/* A length above the longest is refused, whether the bytes are there or not; so is any that they are not as many as. */
static void test_text_length(void **unused)
{
    (void)unused;
    static u8 from[STRUCT_MAX], bytes[UINT16_MAX + BYTES_MAX];
    const struct croft_layout *l = &croft_node_layout;
    size_t fixed = croft_layout_bytes_max(l) - CROFT_ATTRIBUTES_BYTES_MAX;
    fill(l, from);
    size_t len = croft_layout_encode(l, from, bytes, sizeof bytes);
    for (u32 text = 0; text <= UINT16_MAX; text++) {
        croft_put_u16(bytes + fixed - 2, (u16)text); /* the last of the fixed fields */
        if (text != len - fixed)
            expect_refused(l, bytes, len);
        if (text > CROFT_ATTRIBUTES_BYTES_MAX)
            expect_refused(l, bytes, fixed + text);
    }
}

/* What docs/spec/market.md says records take. */
static void test_market_sizes(void **unused)
{
    (void)unused;
    static const struct {
        const struct croft_layout *layout;
        size_t bytes;
    } want[] = {
        {&croft_lease_layout, 203},  {&croft_provider_layout, 105},
        {&croft_node_layout, 151 + CROFT_ATTRIBUTES_BYTES_MAX},
        {&croft_device_layout, 187}, {&croft_order_layout, 294 + 41 * CROFT_ALTERNATES_MAX},
        {&croft_class_layout, 245},  {&croft_queue_layout, 91},
        {&croft_batch_layout, 61},   {&croft_page_layout, 1025},
        {&croft_auction_layout, 92}, {&croft_bid_layout, 131},
        {&croft_claim_layout, 60},   {&croft_token_layout, 99 + 20 * CROFT_TOKEN_HOURS},
        {&croft_report_layout, 17},  {&croft_epoch_layout, 33},
    };
    for (size_t i = 0; i < CROFT_COUNT(want); i++) {
        if (croft_layout_bytes_max(want[i].layout) != want[i].bytes)
            fail_msg("%s: %zu", want[i].layout->name, croft_layout_bytes_max(want[i].layout));
        assert_true(want[i].bytes <= CROFT_RECORD_VALUE_MAX);
        assert_true(want[i].layout->struct_size <= CROFT_RECORD_STRUCT_MAX);
    }
}

static void check_fields(const struct croft_layout *l)
{
    size_t bytes = 0;
    for (u32 i = 0; i < l->field_count; i++) {
        const struct croft_field *f = &l->field[i];
        assert_true(f->bytes > 0 && f->offset + f->bytes <= l->struct_size);
        bytes += f->bytes;
        for (u32 k = 0; k < i; k++) {
            const struct croft_field *g = &l->field[k];
            assert_string_not_equal(f->name, g->name);
            assert_true(f->offset >= g->offset + g->bytes || g->offset >= f->offset + f->bytes);
        }
    }
    bytes += l->item ? l->item_max * croft_layout_bytes_max(l->item) : 0;
    bytes += l->text_name != NULL ? l->item_max : 0;
    assert_true(l->item == NULL || l->text_name == NULL);
    assert_int_equal(bytes, croft_layout_bytes_max(l));
}

/* Names are unique, nothing overlaps, sizes are those of the types, and the first field is the format. */
static void test_tables(void **unused)
{
    (void)unused;
    static const u32 size[] = {[CROFT_FIELD_U8] = 1,    [CROFT_FIELD_U16] = 2,      [CROFT_FIELD_U32] = 4,
                               [CROFT_FIELD_U64] = 8,   [CROFT_FIELD_AMT] = 8,      [CROFT_FIELD_TIME] = 8,
                               [CROFT_FIELD_HASH] = 32, [CROFT_FIELD_ADDRESS] = 32, [CROFT_FIELD_KEY] = 32};
    for (size_t i = 0; i < CROFT_COUNT(layouts); i++) {
        const struct croft_layout *l = layouts[i];
        check_fields(l);
        assert_int_equal(l->format != 0, strcmp(l->field[0].name, "format") == 0);
        for (u32 k = 0; k < l->field_count; k++)
            if (l->field[k].type != CROFT_FIELD_BYTES)
                assert_int_equal(l->field[k].bytes, size[l->field[k].type]);
    }
    assert_int_equal(croft_layout_bytes_max(&croft_header_layout), CROFT_HEADER_BYTES);
    assert_int_equal(croft_layout_bytes_max(&croft_receipt_layout), CROFT_RECEIPT_BYTES);
    assert_int_equal(croft_layout_bytes_max(&croft_due_layout), CROFT_DUE_BYTES);
}

static void test_record_tables(void **unused)
{
    (void)unused;
    for (u32 t = 0; t < CROFT_TABLE_COUNT + 3; t++) {
        const struct croft_layout *l = croft_table_layout(t);
        assert_int_equal(croft_table_name(t) != NULL, t < CROFT_TABLE_COUNT);
        assert_true(croft_table_key_len(t) <= CROFT_RECORD_KEY_MAX);
        assert_int_equal(croft_table_key_len(t) != 0, t > 0 && t < CROFT_TABLE_COUNT);
        assert_true(l == NULL || croft_layout_bytes_max(l) <= CROFT_RECORD_VALUE_MAX);
        assert_true(l == NULL || l->struct_size <= CROFT_RECORD_STRUCT_MAX);
    }
}

static void test_system_addresses(void **unused)
{
    (void)unused;
    for (u32 i = CROFT_SYSTEM_FEES; i < CROFT_SYSTEM_COUNT; i++) {
        struct croft_address a = croft_system_address((enum croft_system_account)i);
        assert_true(croft_address_is_system(&a));
        assert_int_equal(a.b[31], i);
        for (u32 k = 0; k < 31; k++) {
            a.b[k] = 1;
            assert_false(croft_address_is_system(&a));
            a.b[k] = 0;
        }
    }
    const struct croft_address zero = {{0}};
    assert_true(croft_address_is_system(&zero));
}

static int seed(void **unused)
{
    (void)unused;
    rng = croft_rng_of(croft_test_seed());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_other_formats),
        cmocka_unit_test(test_format_is_written),
        cmocka_unit_test(test_too_many_items),
        cmocka_unit_test(test_text_tail),
        cmocka_unit_test(test_text_length),
        cmocka_unit_test(test_market_sizes),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_record_tables),
        cmocka_unit_test(test_system_addresses),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
