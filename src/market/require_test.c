/* Goal: the text of a requirement is read or refused as market/require.h says.  Method: a table of refusals,
 * each with what its message must name; ranges and conditions at their limits; canonical texts of drawn
 * orders read again.  What the tests then mean is compared in market_test.c. */
#include "market/require.h"

#include "base/testing.h"
#include "market/naive_int.h"

#include <stdlib.h>

static struct croft_words *words(void)
{
    static u8 room[1 << 20];
    static const char *const model[] = {"rtx4090", "rtx4080", "rtx5090", "h100"};
    const struct croft_words_limits limits = {
        .words_max = 2000, .text_bytes_max = 20000, .sets_max = 10, .members_max = 10};
    struct croft_arena mem = {room, room + sizeof room};
    struct croft_words *w;
    assert_int_equal(croft_words_init(&w, &mem, &limits), CROFT_OK);
    for (u32 i = 0; i < CROFT_COUNT(model); i++)
        assert_int_not_equal(croft_word(w, CROFT_SPACE_MODEL, naive_bytes(model[i])), CROFT_WORD_NONE);
    for (u32 i = 0; i < 1100; i++) {
        char text[16];
        snprintf(text, sizeof text, "rack=%u", i);
        assert_int_not_equal(croft_word(w, CROFT_SPACE_ATTRIBUTE, naive_bytes(text)), CROFT_WORD_NONE);
    }
    return w;
}

static void test_refusals(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        croft_err err;
        const char *says;
    } row[] = {
        {"vram", CROFT_ERR_DECODE, "NAME=VALUE"},
        {"vram=5", CROFT_ERR_DECODE, "no such name"},
        {"Kind=gpu", CROFT_ERR_DECODE, "no such name"},
        {"price=..5", CROFT_ERR_DECODE, "price/second"},
        {"gpus=4;vram_mib=24GiB", CROFT_ERR_DECODE, "condition 2, \"vram_mib=24GiB\""},
        {"gpus=", CROFT_ERR_DECODE, "a range like"},
        {"gpus=..", CROFT_ERR_DECODE, "a range like"},
        {"gpus=8..4", CROFT_ERR_DECODE, "a range like"},
        {"gpus=04", CROFT_ERR_DECODE, "a range like"},
        {"gpus=-4", CROFT_ERR_DECODE, "a range like"},
        {"gpus=18446744073709551616", CROFT_ERR_DECODE, "a range like"},
        {"gpus=1...4", CROFT_ERR_DECODE, "a range like"},
        {"gpus=4\ngpus=5..", CROFT_ERR_EXISTS, "twice"},
        {"kind=tpu", CROFT_ERR_DECODE, "gpu cpu disk line"},
        {"service=spot+", CROFT_ERR_DECODE, "spot firm reserved"},
        {"service=gpu", CROFT_ERR_DECODE, "spot firm reserved"},
        {"model=", CROFT_ERR_DECODE, "pattern"},
        {"model=rtx4090||h100", CROFT_ERR_DECODE, "pattern"},
        {"attribute=rack=*", CROFT_ERR_OVERFLOW, "narrower"},
        {"price/second=5", CROFT_ERR_DECODE, "..350000000"},
        {"price/second=1..5", CROFT_ERR_DECODE, "..350000000"},
        {"price/second=..5;price/token=..5", CROFT_ERR_EXISTS, "twice"},
    };
    struct croft_words *w = words();
    for (u32 i = 0; i < CROFT_COUNT(row); i++) {
        struct croft_requirement r;
        struct croft_why why = {""};
        croft_err err = croft_requirement_parse(naive_bytes(row[i].text), w, &r, &why);
        if (err != row[i].err || strstr(why.text, row[i].says) == NULL)
            fail_msg("%s: %s, %s", row[i].text, croft_err_name(err), why.text);
    }
}

static void test_limits(void **unused)
{
    (void)unused;
    static char text[CROFT_REQUIREMENT_TEXT_MAX + 2];
    struct croft_requirement r;
    struct croft_why why;
    struct croft_words *w = words();
    size_t len = 0;
    for (u32 i = 0; i < CROFT_TESTS_MAX - 1; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "attribute=rack=%u..%u;", i, i + 5);
    assert_int_equal(croft_requirement_parse(naive_bytes(text), w, &r, &why), CROFT_OK);
    assert_int_equal(r.count, CROFT_TESTS_MAX);
    snprintf(text + len, sizeof text - len, "attribute=rack=1");
    assert_int_equal(croft_requirement_parse(naive_bytes(text), w, &r, &why), CROFT_ERR_OVERFLOW);
    memset(text, ';', sizeof text - 1);
    assert_int_equal(croft_requirement_parse(naive_bytes(text), w, &r, &why), CROFT_ERR_DECODE);
    text[CROFT_REQUIREMENT_TEXT_MAX] = '\0';
    assert_int_equal(croft_requirement_parse(naive_bytes(text), w, &r, &why), CROFT_OK);
    assert_int_equal(r.count, 1);
}

static void test_meaning(void **unused)
{
    (void)unused;
    struct croft_requirement r;
    struct croft_why why;
    struct croft_words *w = words();
    const char *text = "price/frame=..9\n;model=rtx40*|h100;gpus=4;until_s=..18446744073709551615";
    assert_int_equal(croft_requirement_parse(naive_bytes(text), w, &r, &why), CROFT_OK);
    assert_int_equal(r.price_kind, CROFT_PRICE_FRAME);
    assert_int_equal(r.count, 4);
    assert_int_equal(r.test[0].field, CROFT_TRAIT_MODEL);
    assert_int_equal(r.test[0].word_count, 3);
    assert_true(r.test[1].least == 4 && r.test[1].most == 4);
    assert_true(r.test[2].least == 0 && r.test[2].most == UINT64_MAX);
    assert_true(r.test[3].field == CROFT_TRAIT_PRICE && r.test[3].most == 9);
    struct croft_bytes first = croft_requirement_condition(&r, 0, naive_bytes(text));
    assert_int_equal(first.len, strlen("model=rtx40*|h100"));
    assert_memory_equal(first.at, "model=rtx40*|h100", first.len);
    assert_int_equal(croft_requirement_parse(naive_bytes("model=nothing"), w, &r, &why), CROFT_OK);
    assert_int_equal(r.test[0].word_count, 0);
    assert_int_equal(croft_requirement_parse((struct croft_bytes){0}, w, &r, &why), CROFT_OK);
    assert_int_equal(r.count, 1);
}

static void test_canonical(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    struct croft_words *w = words();
    for (u32 i = 0; i < 5000; i++) {
        struct naive_order order;
        struct croft_requirement r, again;
        struct croft_why why;
        u8 out[1025], out_again[1025];
        naive_draw_order(&rng, &order);
        assert_int_equal(croft_requirement_parse(naive_bytes(order.text), w, &r, &why), CROFT_OK);
        struct croft_bytes canonical = {out, croft_requirement_canonical(&r, naive_bytes(order.text), out)};
        assert_int_equal(croft_requirement_parse(canonical, w, &again, &why), CROFT_OK);
        assert_int_equal(croft_requirement_canonical(&again, canonical, out_again), canonical.len);
        assert_memory_equal(out, out_again, canonical.len);
        assert_int_equal(again.count, order.count);
        for (u32 k = 0; k < order.count; k++) {
            assert_int_equal(again.test[k].field, order.wish[k].field);
            if (croft_field_shape(order.wish[k].field)->form == CROFT_FORM_NUMBER)
                assert_true(again.test[k].least == order.wish[k].least &&
                            again.test[k].most == order.wish[k].most);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refusals), cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_meaning), cmocka_unit_test(test_canonical)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
