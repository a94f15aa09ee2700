#include "chain/payments.h"

#include "chain/fake_chain_int.h"
#include "crypto/bech32m.h"

static struct croft_rng rng;
static struct croft_region region;

static croft_err parse(const char *text, Croft__V1__Transfer **out, struct croft_amt total[CROFT_ASSET_COUNT],
                       struct croft_why *why)
{
    struct croft_arena mem = croft_region_arena(&region);
    return croft_payments_parse((struct croft_bytes){(const u8 *)text, strlen(text)}, &mem, out, total, why);
}

static void draw_address(struct croft_address *out, char text[CROFT_BECH32M_TEXT_MAX])
{
    croft_rng_fill(&rng, out->b, sizeof out->b);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, out->b, text);
}

static void a_list_becomes_a_transfer(void **state)
{
    (void)state;
    struct croft_address address;
    char name[CROFT_BECH32M_TEXT_MAX], text[1024];
    draw_address(&address, name);
    snprintf(text, sizeof text, "Address,Amount\n# salaries\n\n%s, 1.5 \r\n%s,2,croft\n%s,0.000000001", name,
             name, name);
    Croft__V1__Transfer *t;
    struct croft_amt total[CROFT_ASSET_COUNT];
    struct croft_why why;
    assert_int_equal(parse(text, &t, total, &why), CROFT_OK);
    assert_int_equal(t->n_legs, 3);
    assert_int_equal(t->legs[0]->amount, 1500000000);
    assert_int_equal(t->legs[1]->asset, CROFT_ASSET_CROFT);
    assert_int_equal(t->legs[2]->amount, 1);
    assert_memory_equal(t->legs[2]->to_address.data, address.b, 32);
    assert_int_equal(croft_amt_units(total[CROFT_ASSET_CREDIT]), 1500000001);
    assert_int_equal(croft_amt_units(total[CROFT_ASSET_CROFT]), 2000000000);
}

static void each_wrong_line_is_named(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "%s",           "%s,",   "%s,0",           "%s,-1", "%s,1e3",         "%s,1,gold",
        "%s,1,croft,x", "x%s,1", "%s,99999999999", "%s 1",  "%s,1.0000000001"};
    for (size_t i = 0; i < CROFT_COUNT(bad); i++) {
        struct croft_address address;
        char name[CROFT_BECH32M_TEXT_MAX], line[200], text[600];
        draw_address(&address, name);
        snprintf(line, sizeof line, "%.*s%s%s", (int)(strstr(bad[i], "%s") - bad[i]), bad[i], name,
                 strstr(bad[i], "%s") + 2);
        snprintf(text, sizeof text, "# one\n%s,1\n%s\n%s,1\n", name, line, name);
        Croft__V1__Transfer *t;
        struct croft_amt total[CROFT_ASSET_COUNT];
        struct croft_why why = {""};
        assert_int_equal(parse(text, &t, total, &why), CROFT_ERR_TX_RANGE);
        assert_memory_equal(why.text, "line 3: ", 8);
    }
}

static void the_thousand_and_first_payment_is_one_too_many(void **state)
{
    (void)state;
    enum { TEXT = 1 << 18 };
    char *text = calloc(1, TEXT), name[CROFT_BECH32M_TEXT_MAX];
    struct croft_address address;
    struct croft_amt total[CROFT_ASSET_COUNT];
    struct croft_why why;
    Croft__V1__Transfer *t;
    size_t len = 0;
    for (int i = 0; i < CROFT_TX_LEGS_MAX; i++) {
        draw_address(&address, name);
        len += (size_t)snprintf(text + len, TEXT - len, "%s,1\n", name);
    }
    assert_int_equal(parse(text, &t, total, &why), CROFT_OK);
    assert_int_equal(t->n_legs, 1000);
    assert_int_equal(croft_amt_units(total[0]), UINT64_C(1000000000000));
    snprintf(text + len, TEXT - len, "%s,1\n", name);
    assert_int_equal(parse(text, &t, total, &why), CROFT_ERR_TX_RANGE);
    assert_memory_equal(why.text, "line 1001: ", 11);
    free(text);
}

static void nothing_and_nonsense(void **state)
{
    (void)state;
    Croft__V1__Transfer *t;
    struct croft_amt total[CROFT_ASSET_COUNT];
    struct croft_why why;
    assert_int_equal(parse("", &t, total, &why), CROFT_ERR_TX_RANGE);
    assert_int_equal(parse("# nothing\n\n", &t, total, &why), CROFT_ERR_TX_RANGE);
    for (int round = 0; round < 2000; round++) {
        char junk[200];
        croft_rng_fill(&rng, (u8 *)junk, sizeof junk);
        struct croft_arena mem = croft_region_arena(&region);
        struct croft_bytes text = {(const u8 *)junk, croft_rng_below(&rng, sizeof junk)};
        assert_int_equal(croft_payments_parse(text, &mem, &t, total, &why), CROFT_ERR_TX_RANGE);
    }
}

int main(void)
{
    rng = croft_rng_of(croft_test_seed());
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    CROFT_ASSERT(croft_region_map(&region, 16 << 20));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_becomes_a_transfer),
        cmocka_unit_test(each_wrong_line_is_named),
        cmocka_unit_test(the_thousand_and_first_payment_is_one_too_many),
        cmocka_unit_test(nothing_and_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
