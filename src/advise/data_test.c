#include "advise/builtin.h"
#include "advise/report.h"

#include "base/testing.h"

#include <math.h>
#include <string.h>

static struct croft_region region;

static struct croft_bytes text(const char *s)
{
    return (struct croft_bytes){(const u8 *)s, strlen(s)};
}

static struct croft_arena load(struct croft_advise_data *data)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    if (croft_advise_data_load(croft_advise_builtin, croft_advise_builtin_count, &mem, data, &why) !=
        CROFT_OK)
        fail_msg("%s", why.text);
    return mem;
}

static void test_builtin_data_is_in_order(void **state)
{
    (void)state;
    struct croft_advise_data data;
    load(&data);
    assert_int_equal(croft_advise_builtin_count, CROFT_TABLE_COUNT);
    assert_true(data.table[CROFT_TABLE_CARDS].count >= 36);
    assert_true(data.table[CROFT_TABLE_RATES].count >= 123);
    for (enum croft_advise_table t = 0; t < CROFT_TABLE_COUNT; t++)
        for (size_t i = 0; i < data.table[t].count; i++) {
            const struct croft_advise_row *row = croft_advise_row_at(&data, t, i);
            assert_non_null(row);
            assert_true(row->as_of.year >= 2020 && row->source[0] != '\0');
        }
}

/* A table missing, or one broken cell in any of them, stops the whole. */
static void test_broken_builtin_data(void **state)
{
    (void)state;
    struct croft_advise_file file[CROFT_TABLE_COUNT];
    for (size_t broken = 0; broken < CROFT_TABLE_COUNT; broken++) {
        struct croft_arena mem = croft_region_arena(&region);
        struct croft_advise_data data;
        struct croft_why why;
        memcpy(file, croft_advise_builtin, sizeof file);
        assert_int_equal(croft_advise_data_load(file, broken, &mem, &data, &why), CROFT_ERR_DECODE);
        file[broken].text.len -= file[broken].text.len / 2 + 7;
        file[broken].text = text("a,b\n1,2\n");
        assert_int_equal(croft_advise_data_load(file, CROFT_TABLE_COUNT, &mem, &data, &why),
                         CROFT_ERR_DECODE);
        assert_non_null(strstr(why.text, file[broken].name));
    }
}

static void overlay_refused(const char *file, const char *says)
{
    struct croft_advise_data data, before;
    struct croft_arena mem = load(&data);
    struct croft_why why = {""};
    enum croft_advise_table table;
    before = data;
    assert_int_equal(croft_advise_data_overlay(&data, text(file), &mem, &table, &why), CROFT_ERR_DECODE);
    assert_memory_equal(&before, &data, sizeof data);
    if (strstr(why.text, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.text, says);
}

#define RATES "gpu_id,network,side,usd_h,low,high,as_of,confidence,source\n"

static void test_overlay_refusals(void **state)
{
    (void)state;
    overlay_refused("", "line 1: the file is empty");
    overlay_refused("a,b\n", "not those of any table");
    overlay_refused(RATES "rtx4090,nosana,host,x,,,2026-11,high,me\n",
                    "line 2: usd_h must be a number from 0 to 1000");
    overlay_refused(RATES "rtx4090,nosana,host,-1,,,2026-11,high,me\n", "line 2: usd_h must be");
    overlay_refused(RATES "rtx4090,nosana,host,1e999,,,2026-11,high,me\n", "line 2: usd_h must be");
    overlay_refused(RATES "rtx4090,nosana,host,nan,,,2026-11,high,me\n", "line 2: usd_h must be");
    overlay_refused(RATES "rtx4090,nosana,host,,,,2026-11,high,me\n",
                    "line 2: a value, or low and high, is needed");
    overlay_refused(RATES "rtx4090,nosana,host,3,1,2,2026-11,high,me\n", "line 2: low, value and high");
    overlay_refused(RATES "rtx4090,nosana,guest,1,,,2026-11,high,me\n",
                    "line 2: side must be one of host|buyer|ceiling");
    overlay_refused(RATES "rtx4090,nosana,host,1,,,Nov 2026,high,me\n", "line 2: as_of must be a date");
    overlay_refused(RATES "rtx4090,nosana,host,1,,,2026-11,sure,me\n",
                    "line 2: confidence must be high, medium or low");
    overlay_refused(RATES "rtx4090,nosana,host,1,,,2026-11,high,\n", "line 2: source is empty");
    overlay_refused(RATES "rtx4090,nosana,host,1,,,2026-11,high\n",
                    "line 2: 8 cells where the first line names 9");
    overlay_refused(RATES "rtx9999,nosana,host,1,,,2026-11,high,me\n",
                    "line 2: gpu_id: there is no card rtx9999");
    overlay_refused(RATES "rtx4090,nowhere,host,1,,,2026-11,high,me\n",
                    "line 2: network: there is no nowhere");
    overlay_refused(RATES "RTX 4090,nosana,host,1,,,2026-11,high,me\n", "line 2: gpu_id must be an id");
    overlay_refused(RATES
                    "rtx4090,nosana,host,1,,,2026-11,high,me\n\nrtx4090,nosana,host,2,,,2026-11,high,me\n",
                    "line 4: the same key as in line 2");
}

#define ASSUMPTIONS "name,value,min,max,as_of,confidence,source,text\n"
#define TOKENS      "token,what,value,as_of,confidence,source\n"

/* What the model's arithmetic rests on: an own file cannot take it beyond. */
static void test_overlay_keeps_the_model_in_bounds(void **state)
{
    (void)state;
    overlay_refused(ASSUMPTIONS "token_correlation,5,0,9,2026,low,me,x\n",
                    "line 2: min and max cannot be wider");
    overlay_refused(ASSUMPTIONS "token_correlation,5,0,1,2026,low,me,x\n", "line 2: value must be 0 to 1");
    overlay_refused(ASSUMPTIONS "utilisation_autocorrelation,,0,.9,2026,low,me,x\n",
                    "line 2: value is empty");
    overlay_refused(ASSUMPTIONS "no_such,1,0,1,2026,low,me,x\n", "line 2: there is no assumption no_such");
    overlay_refused(TOKENS "NOS,volatility,40,2026,low,me\n", "line 2: a volatility must be 0 to 3");
    overlay_refused(TOKENS "NOS,price,-1,2026,low,me\n", "line 2: a price must be above 0");
}

static void test_overlay_replaces_by_key(void **state)
{
    (void)state;
    struct croft_advise_data data;
    struct croft_arena mem = load(&data);
    struct croft_why why;
    enum croft_advise_table table;
    size_t before = data.table[CROFT_TABLE_RATES].count, seen = 0;
    const char *file =
        RATES "rtx4090,nosana,host,0.5,,,2026-07,high,me\nrtx4090,nosana,host,0.6,,,2026-12,low,me\n";
    assert_int_equal(croft_advise_data_overlay(&data, text(file), &mem, &table, &why), CROFT_OK);
    assert_int_equal(table, CROFT_TABLE_RATES);
    assert_int_equal(data.table[table].count, before + 2);
    CROFT_EACH_ROW(croft_advise_rate, r, &data, CROFT_TABLE_RATES)
    {
        if (strcmp(r->gpu_id, "rtx4090") != 0 || strcmp(r->network, "nosana") != 0)
            continue;
        seen++;
        assert_int_equal(r->row.kind, CROFT_SOURCE_OVERLAY); /* the built-in row of July is gone */
    }
    assert_int_equal(seen, 2);
}

static void test_set(void **state)
{
    (void)state;
    struct croft_advise_data data;
    struct croft_arena mem = load(&data);
    struct croft_why why;
    struct croft_date on = {2026, 11, 22};
    assert_int_equal(croft_advise_data_set(&data, "failure_rate", .2, "me", on, &mem, &why), CROFT_OK);
    assert_true(croft_advise_assumption(&data, "failure_rate")->value == .2);
    assert_int_equal(croft_advise_assumption(&data, "failure_rate")->row.kind, CROFT_SOURCE_USER);
    assert_int_equal(croft_advise_data_set(&data, "no_such", 1, "me", on, &mem, &why), CROFT_ERR_NOT_FOUND);
    assert_int_equal(croft_advise_data_set(&data, "availability", 3, "me", on, &mem, &why),
                     CROFT_ERR_OVERFLOW);
    assert_int_equal(croft_advise_data_set(&data, "discount", -.1, "me", on, &mem, &why), CROFT_ERR_OVERFLOW);
    assert_int_equal(croft_advise_data_set(&data, "discount", (double)NAN, "me", on, &mem, &why),
                     CROFT_ERR_OVERFLOW);
}

static void finds(const char *name, double vram_gb, const char *id)
{
    struct croft_advise_data data;
    const struct croft_advise_card *card;
    struct croft_why why = {""};
    load(&data);
    if (croft_advise_find_card(&data, name, vram_gb, &card, &why) != CROFT_OK)
        fail_msg("%s: %s", name, why.text);
    assert_string_equal(card->id, id);
}

static void does_not_find(const char *name, const char *says)
{
    struct croft_advise_data data;
    const struct croft_advise_card *card;
    struct croft_why why = {""};
    load(&data);
    assert_int_equal(croft_advise_find_card(&data, name, (double)NAN, &card, &why), CROFT_ERR_NOT_FOUND);
    if (strstr(why.text, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.text, says);
}

/* As people write them, as nvidia-smi prints them, as the list of PCI ids has them. */
static void test_names(void **state)
{
    (void)state;
    const double any = (double)NAN;
    finds("rtx4090", any, "rtx4090");
    finds("RTX 4090", any, "rtx4090");
    finds("4090", any, "rtx4090");
    finds("NVIDIA GeForce RTX 4090", 23.99, "rtx4090");
    finds("NVIDIA GeForce RTX 3060", 12, "rtx3060_12");
    finds("rtx3080", any, "rtx3080_10");
    finds("NVIDIA H100 80GB PCIe", any, "h100_pcie");
    finds("NVIDIA A100 40GB PCIe", 40, "a100_40_pcie");
    finds("Radeon RX 7900 XTX", any, "rx7900xtx");
    finds("AMD Instinct MI300X", any, "mi300x");
    finds("NVIDIA H200", 140.4, "h200_sxm");
    finds("NVIDIA H100 80GB HBM3", 79.6, "h100_sxm");
    finds("NVIDIA A100-SXM4-80GB", 79.3, "a100_80_sxm");
    finds("NVIDIA A100-PCIE-40GB", 39.4, "a100_40_pcie");
    finds("NVIDIA GeForce RTX 4060 Ti", 15.99, "rtx4060ti_16");
    finds("NVIDIA RTX 6000 Ada Generation", 47.99, "rtx6000ada");
    finds("Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M", 23.98, "rx7900xtx");
    does_not_find("rtx409", "rtx4090");
    does_not_find("rtx3091", "rtx3090");
    does_not_find("h100", "more than one card");
    does_not_find("", "there is no card");
    does_not_find("voodoo2", "croft advise data cards");
    /* Every card is found by its id and by its name. */
    struct croft_advise_data data;
    load(&data);
    CROFT_EACH_ROW(croft_advise_card, card, &data, CROFT_TABLE_CARDS)
    {
        finds(card->id, any, card->id);
        finds(card->name, card->vram_gb, card->id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builtin_data_is_in_order),
        cmocka_unit_test(test_broken_builtin_data),
        cmocka_unit_test(test_overlay_refusals),
        cmocka_unit_test(test_overlay_replaces_by_key),
        cmocka_unit_test(test_overlay_keeps_the_model_in_bounds),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_names),
    };
    if (!croft_region_map(&region, 64 << 20))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
