#include "bench/offers.h"

#include "base/assert.h"

#include <stdio.h>
#include <string.h>

enum { COUNTRIES = 60, AUDITORS = 24, NODES_SHARE = 2, TRIES_MAX = 200 };

struct card {
    const char *model, *vendor, *interface;
    u32 vram_gib, tops, gbs, machine;
    u64 price; /* units an hour */
};

#define CENTS(c) ((u64)(c) * (CROFT_UNITS_PER_CREDIT / 100))

/* By how often they are on offer. */
static const struct card card[] = {
    {"rtx4090", "nvidia", "pcie", 24, 660, 1008, 0, CENTS(34)},
    {"rtx3090", "nvidia", "pcie", 24, 284, 936, 0, CENTS(20)},
    {"rtx5090", "nvidia", "pcie", 32, 838, 1792, 0, CENTS(45)},
    {"rtx3060-12", "nvidia", "pcie", 12, 102, 360, 0, CENTS(6)},
    {"rtx3080-10", "nvidia", "pcie", 10, 238, 760, 0, CENTS(15)},
    {"rtx4070", "nvidia", "pcie", 12, 233, 504, 0, CENTS(18)},
    {"a100-80-sxm", "nvidia", "sxm", 80, 624, 2039, 2, CENTS(170)},
    {"h100-sxm", "nvidia", "sxm", 80, 1979, 3352, 2, CENTS(265)},
    {"rtx4060ti-16", "nvidia", "pcie", 16, 177, 288, 0, CENTS(13)},
    {"rtx4080", "nvidia", "pcie", 16, 390, 717, 0, CENTS(30)},
    {"a6000", "nvidia", "pcie", 48, 310, 768, 1, CENTS(40)},
    {"rtx3070", "nvidia", "pcie", 8, 163, 448, 0, CENTS(12)},
    {"l40s", "nvidia", "pcie", 48, 733, 864, 2, CENTS(79)},
    {"rtx5080", "nvidia", "pcie", 16, 450, 960, 0, CENTS(22)},
    {"a100-80-pcie", "nvidia", "pcie", 80, 624, 1935, 2, CENTS(119)},
    {"rtx3060ti", "nvidia", "pcie", 8, 130, 448, 0, CENTS(10)},
    {"rtx4070ti", "nvidia", "pcie", 12, 321, 504, 0, CENTS(22)},
    {"rtx6000ada", "nvidia", "pcie", 48, 728, 960, 1, CENTS(74)},
    {"a40", "nvidia", "pcie", 48, 299, 696, 2, CENTS(44)},
    {"rtx4070tis", "nvidia", "pcie", 16, 353, 672, 0, CENTS(18)},
    {"h200-sxm", "nvidia", "sxm", 141, 1979, 4800, 2, CENTS(359)},
    {"l4", "nvidia", "pcie", 24, 242, 300, 2, CENTS(39)},
    {"rx7900xtx", "amd", "pcie", 24, 123, 960, 0, CENTS(21)},
    {"h100-pcie", "nvidia", "pcie", 80, 1513, 2039, 2, CENTS(199)},
    {"rtx3080ti", "nvidia", "pcie", 12, 273, 912, 0, CENTS(16)},
    {"rtx5070ti", "nvidia", "pcie", 16, 352, 896, 0, CENTS(19)},
    {"a100-40-pcie", "nvidia", "pcie", 40, 624, 1555, 2, CENTS(80)},
    {"rtx4060", "nvidia", "pcie", 8, 121, 272, 0, CENTS(8)},
    {"l40", "nvidia", "pcie", 48, 362, 864, 2, CENTS(97)},
    {"rtx3090ti", "nvidia", "pcie", 24, 320, 1008, 0, CENTS(23)},
    {"rtxpro6000", "nvidia", "pcie", 96, 1000, 1790, 1, CENTS(120)},
    {"h100-nvl", "nvidia", "pcie", 94, 1671, 3917, 2, CENTS(259)},
    {"mi300x", "amd", "oam", 192, 2614, 5300, 2, CENTS(185)},
    {"rtx5070", "nvidia", "pcie", 12, 247, 672, 0, CENTS(15)},
};
enum { CARDS = CROFT_COUNT(card) };

static const char *const claim[] = {"identity", "country", "machine", "isolation", "uptime"};

/* ---- drawing ---- */

static u64 below(struct croft_bench_offers *b, u64 limit)
{
    return croft_rng_below(&b->rng, limit);
}

static bool percent(struct croft_bench_offers *b, u32 share)
{
    return below(b, 100) < share;
}

/* 0 to count-1, each as often as 1 / (rank + 2). */
static u32 ranked(struct croft_bench_offers *b, u32 count)
{
    for (;;) {
        u32 rank = (u32)below(b, count);
        if (below(b, rank + 2) < 2)
            return rank;
    }
}

static u32 word(struct croft_bench_offers *b, enum croft_space space, const char *text)
{
    u32 w = croft_word(b->words, space, (struct croft_bytes){(const u8 *)text, strlen(text)});
    CROFT_ASSERT(w != CROFT_WORD_NONE);
    return w;
}

static void country_name(u32 rank, char out[8])
{
    snprintf(out, 8, "%c%c", 'A' + rank * 7 % 26, 'A' + rank * 11 % 25);
}

static u32 set(struct croft_bench_offers *b, u32 *words, u32 count)
{
    u32 made;
    bool ok = croft_word_set(b->words, words, count, &made);
    CROFT_ASSERT(ok);
    return made;
}

static u32 draw_auditors(struct croft_bench_offers *b)
{
    u32 words[4], count = percent(b, 40) ? 0 : 1 + (u32)below(b, 4);
    char text[32];
    for (u32 i = 0; i < count; i++) {
        snprintf(text, sizeof text, "auditor%02u/%s", ranked(b, AUDITORS),
                 claim[below(b, CROFT_COUNT(claim))]);
        words[i] = word(b, CROFT_SPACE_AUDITOR, text);
    }
    return set(b, words, count);
}

static u32 draw_attributes(struct croft_bench_offers *b, u32 node)
{
    char text[5][32];
    u32 words[5];
    snprintf(text[0], sizeof text[0], "host=h%u", node);
    snprintf(text[1], sizeof text[1], "region=%c%u", 'a' + ranked(b, 6), ranked(b, 8));
    snprintf(text[2], sizeof text[2], "cuda=%u", 11 + (u32)below(b, 3));
    snprintf(text[3], sizeof text[3], "driver=%u", 535 + 5 * ranked(b, 12));
    snprintf(text[4], sizeof text[4], "storage=%s", percent(b, 70) ? "nvme" : "ssd");
    for (u32 i = 0; i < CROFT_COUNT(words); i++)
        words[i] = word(b, CROFT_SPACE_ATTRIBUTE, text[i]);
    return set(b, words, CROFT_COUNT(words));
}

/* About base, from half of it to twice as much; few at the ends. */
static u64 spread(struct croft_bench_offers *b, u64 base)
{
    u64 per_mille = 500 + below(b, 500) + below(b, 500) + (percent(b, 20) ? below(b, 500) : 0);
    return base * per_mille / 1000;
}

static u32 draw_flags(struct croft_bench_offers *b, const struct card *c, bool cheap)
{
    u32 flags = CROFT_FLAG_GPU | CROFT_FLAG_PULL | (percent(b, 90) ? CROFT_FLAG_SPOT : CROFT_FLAG_FIRM);
    flags |= percent(b, 30) ? CROFT_FLAG_FIRM : 0;
    flags |= percent(b, 8) ? CROFT_FLAG_RESERVED : 0;
    flags |= !cheap && percent(b, 70) ? CROFT_FLAG_WEB : 0;
    flags |= !cheap && percent(b, 40) ? CROFT_FLAG_DIRECT : 0;
    flags |= c->machine == 2 || percent(b, 5) ? CROFT_FLAG_ECC : 0;
    flags |= c->machine == 2 && percent(b, 70) ? CROFT_FLAG_REDUNDANT : 0;
    return flags | (percent(b, 60) ? CROFT_FLAG_ALL_DAY : 0);
}

static void draw_numbers(struct croft_bench_offers *b, const struct card *c, u32 number[CROFT_NUMBER_COUNT])
{
    u32 gpus = c->machine == 2 && percent(b, 40) ? 8 : UINT32_C(1) << ranked(b, 3);
    u32 ram_gib = UINT32_C(16) << (c->machine + ranked(b, 4));
    number[CROFT_NUMBER_GPUS] = gpus;
    number[CROFT_NUMBER_MACHINE] = c->machine;
    number[CROFT_NUMBER_ISOLATION] = percent(b, 70) ? 0 : percent(b, 40) ? 1 : percent(b, 75) ? 2 : 3;
    number[CROFT_NUMBER_VRAM_MIB] = c->vram_gib * 1024;
    number[CROFT_NUMBER_TOPS] = (u32)(c->tops * (950 + below(b, 100)) / 1000);
    number[CROFT_NUMBER_GBS] = (u32)(c->gbs * (950 + below(b, 100)) / 1000);
    number[CROFT_NUMBER_RAM_MIB] = (u32)(ram_gib * gpus * (1000 - below(b, 40)));
    number[CROFT_NUMBER_DISK_GIB] = (u32)spread(b, UINT64_C(100) << ranked(b, 7));
    number[CROFT_NUMBER_CORES] = gpus * (4 + 4 * (u32)below(b, 5));
    number[CROFT_NUMBER_DOWN_MBIT] = (u32)spread(b, UINT64_C(100) << ranked(b, 7));
    number[CROFT_NUMBER_UP_MBIT] = (u32)spread(b, UINT64_C(20) << ranked(b, 8));
    number[CROFT_NUMBER_UPTIME_PPM] = 1000000 - (u32)(below(b, 1000) * below(b, 200));
    number[CROFT_NUMBER_UNTIL_S] = (u32)(b->now_s + 3600 * (1 + below(b, 24 * 60)));
}

static void draw_prices(struct croft_bench_offers *b, const struct card *c, u32 gpus,
                        u64 price[CROFT_PRICE_KIND_COUNT])
{
    u64 base = c->price * gpus;
    price[CROFT_PRICE_SECOND] = percent(b, 33) ? base : spread(b, base);
    price[CROFT_PRICE_TOKEN] = percent(b, 8) ? spread(b, CENTS(10)) : 0;
    price[CROFT_PRICE_BYTE] = percent(b, 2) ? spread(b, CENTS(5)) : 0;
    price[CROFT_PRICE_FRAME] = percent(b, 6) ? spread(b, CENTS(1)) : 0;
}

struct croft_words_limits croft_bench_words_limits(u32 offers)
{
    return (struct croft_words_limits){
        .words_max = offers + 4096,
        .text_bytes_max = offers * 16 + (1 << 16),
        .sets_max = 2 * offers + (1 << 16),
        .members_max = 10 * offers + (1 << 19),
        .hash_seed = 1,
    };
}

void croft_bench_offer(struct croft_bench_offers *b, struct croft_offer *out)
{
    char country[8];
    const struct card *c = &card[ranked(b, CARDS)];
    *out = (struct croft_offer){.id = b->next_id++};
    out->node = (u32)(out->id / NODES_SHARE);
    draw_numbers(b, c, out->number);
    draw_prices(b, c, out->number[CROFT_NUMBER_GPUS], out->price);
    out->flags = draw_flags(b, c, out->price[CROFT_PRICE_SECOND] < CENTS(6));
    country_name(ranked(b, COUNTRIES), country);
    out->word[CROFT_SPACE_VENDOR] = word(b, CROFT_SPACE_VENDOR, c->vendor);
    out->word[CROFT_SPACE_MODEL] = word(b, CROFT_SPACE_MODEL, c->model);
    out->word[CROFT_SPACE_INTERFACE] = word(b, CROFT_SPACE_INTERFACE, c->interface);
    out->word[CROFT_SPACE_COUNTRY] = word(b, CROFT_SPACE_COUNTRY, country);
    out->auditors = draw_auditors(b);
    out->attributes = draw_attributes(b, out->node);
}

void croft_bench_offer_change(struct croft_bench_offers *b, struct croft_offer *o)
{
    if (!percent(b, 20)) {
        u64 price = spread(b, o->price[CROFT_PRICE_SECOND]);
        o->price[CROFT_PRICE_SECOND] = price < CENTS(3) ? CENTS(6) : price;
        return;
    }
    o->number[CROFT_NUMBER_DISK_GIB] = (u32)spread(b, o->number[CROFT_NUMBER_DISK_GIB] + 10);
    o->number[CROFT_NUMBER_UP_MBIT] = (u32)spread(b, o->number[CROFT_NUMBER_UP_MBIT] + 10);
    o->auditors = draw_auditors(b);
}

/* ---- orders ---- */

static void want_number(struct croft_requirement *r, enum croft_trait field, u64 least)
{
    croft_err err = croft_require_number(r, field, least, UINT64_MAX);
    CROFT_ASSERT(err == CROFT_OK);
}

static void want_words(struct croft_bench_offers *b, struct croft_requirement *r, enum croft_trait field,
                       const char *text)
{
    croft_err err =
        croft_require_words(r, b->words, field, (struct croft_bytes){(const u8 *)text, strlen(text)});
    CROFT_ASSERT(err == CROFT_OK);
}

static void want_flags(struct croft_requirement *r, enum croft_trait field, u32 flags)
{
    croft_err err = croft_require_flags(r, field, flags);
    CROFT_ASSERT(err == CROFT_OK);
}

static void order_model(struct croft_bench_offers *b, struct croft_requirement *r)
{
    const struct card *c = &card[ranked(b, CARDS)];
    want_words(b, r, CROFT_TRAIT_MODEL, c->model);
    croft_require_price(r, c->price * (70 + below(b, 100)) / 100);
    if (percent(b, 30))
        want_number(r, CROFT_TRAIT_DISK_GIB, below(b, 1000));
    if (percent(b, 30))
        want_number(r, CROFT_TRAIT_UNTIL_S, b->now_s + 3600 * below(b, 24 * 40));
    if (percent(b, 20))
        want_flags(r, CROFT_TRAIT_SERVICE, CROFT_FLAG_FIRM);
}

static void order_vram(struct croft_bench_offers *b, struct croft_requirement *r)
{
    static const u32 gib[] = {8, 11, 12, 16, 20, 24, 40, 48, 80, 90};
    want_number(r, CROFT_TRAIT_VRAM_MIB, gib[below(b, CROFT_COUNT(gib))] * UINT64_C(1024));
    croft_require_price(r, CENTS(5 + below(b, 300)));
    if (percent(b, 30))
        want_number(r, CROFT_TRAIT_DOWN_MBIT, below(b, 1500));
}

static void order_country(struct croft_bench_offers *b, struct croft_requirement *r)
{
    char text[64], name[2][8];
    country_name(ranked(b, COUNTRIES), name[0]);
    country_name(ranked(b, COUNTRIES), name[1]);
    snprintf(text, sizeof text, "%s|%s", name[0], name[1]);
    want_words(b, r, CROFT_TRAIT_COUNTRY, text);
    snprintf(text, sizeof text, "auditor%02u/%s", ranked(b, AUDITORS), claim[below(b, CROFT_COUNT(claim))]);
    want_words(b, r, CROFT_TRAIT_AUDITOR, text);
    if (percent(b, 50))
        want_number(r, CROFT_TRAIT_VRAM_MIB, UINT64_C(1024) * (8 + below(b, 40)));
}

static const struct croft_offer *any_offer(struct croft_bench_offers *b, const struct croft_market *m)
{
    const struct croft_offer *o = NULL;
    while (o == NULL)
        o = croft_market_find(m, below(b, b->next_id));
    return o;
}

static void want_word_of(struct croft_bench_offers *b, struct croft_requirement *r, enum croft_trait field,
                         const struct croft_offer *o)
{
    char text[CROFT_WORD_BYTES_MAX + 1];
    struct croft_bytes t = croft_word_text(b->words, o->word[croft_field_shape(field)->index]);
    snprintf(text, sizeof text, "%.*s", (int)t.len, (const char *)t.at);
    want_words(b, r, field, text);
}

static void want_number_of(struct croft_requirement *r, enum croft_trait field, const struct croft_offer *o)
{
    want_number(r, field, o->number[croft_field_shape(field)->index]);
}

/* What this offer has, or better: a machine (0), a place with a machine (1), a machine of any model anywhere
 * (2), or a host by name (3). */
static void order_like(struct croft_bench_offers *b, struct croft_requirement *r, const struct croft_offer *o,
                       u32 way)
{
    char text[32];
    if (way <= 1)
        want_word_of(b, r, CROFT_TRAIT_MODEL, o);
    if (way == 1)
        want_word_of(b, r, CROFT_TRAIT_COUNTRY, o);
    if (way == 3) {
        snprintf(text, sizeof text, "host=h%u", o->node);
        want_words(b, r, CROFT_TRAIT_ATTRIBUTE, text);
        want_number_of(r, CROFT_TRAIT_UPTIME_PPM, o);
        return;
    }
    want_number_of(r, CROFT_TRAIT_DISK_GIB, o);
    want_number_of(r, CROFT_TRAIT_UP_MBIT, o);
    want_number_of(r, CROFT_TRAIT_DOWN_MBIT, o);
    want_number_of(r, CROFT_TRAIT_RAM_MIB, o);
    want_number_of(r, CROFT_TRAIT_ISOLATION, o);
    want_number_of(r, CROFT_TRAIT_UPTIME_PPM, o);
    want_flags(r, CROFT_TRAIT_SERVICE, o->flags & (CROFT_FLAG_SPOT | CROFT_FLAG_FIRM | CROFT_FLAG_RESERVED));
    croft_require_price(r, o->price[CROFT_PRICE_SECOND]);
}

static void order_one(struct croft_bench_offers *b, struct croft_market *m, struct croft_requirement *r)
{
    const struct croft_offer *found[2];
    for (u32 way = (u32)below(b, 4), tries = 0; tries < TRIES_MAX; tries++) {
        croft_requirement_init(r, CROFT_PRICE_SECOND);
        order_like(b, r, any_offer(b, m), way);
        if (croft_market_match(m, r, 2, found) == 1)
            return;
    }
    CROFT_UNREACHABLE("no order that one offer fits");
}

static void order_none(struct croft_bench_offers *b, struct croft_market *m, struct croft_requirement *r)
{
    const struct croft_offer *found[1];
    for (u32 way = (u32)below(b, 4), tries = 0; tries < TRIES_MAX; tries++) {
        const struct croft_offer *o = any_offer(b, m);
        croft_requirement_init(r, CROFT_PRICE_SECOND);
        order_like(b, r, o, way);
        if (way == 2) /* the auditors and egress of another */
            want_flags(r, CROFT_TRAIT_EGRESS, CROFT_FLAG_WEB | CROFT_FLAG_DIRECT);
        else
            want_number(r, CROFT_TRAIT_CORES, o->number[CROFT_NUMBER_CORES] + UINT64_C(1));
        if (croft_market_match(m, r, 1, found) == 0)
            return;
    }
    CROFT_UNREACHABLE("no order that nobody fits");
}

void croft_bench_order(struct croft_bench_offers *b, struct croft_market *m, enum croft_bench_order kind,
                       struct croft_requirement *out)
{
    croft_requirement_init(out, CROFT_PRICE_SECOND);
    switch (kind) {
    case CROFT_BENCH_ORDER_MODEL:
        order_model(b, out);
        return;
    case CROFT_BENCH_ORDER_VRAM:
        order_vram(b, out);
        return;
    case CROFT_BENCH_ORDER_COUNTRY:
        order_country(b, out);
        return;
    case CROFT_BENCH_ORDER_ONE:
        order_one(b, m, out);
        return;
    case CROFT_BENCH_ORDER_NONE:
        order_none(b, m, out);
        return;
    case CROFT_BENCH_ORDER_KINDS:
        break;
    }
    CROFT_UNREACHABLE("kind of order");
}

void croft_bench_order_behind(struct croft_requirement *out)
{
    croft_requirement_init(out, CROFT_PRICE_SECOND);
    want_flags(out, CROFT_TRAIT_EGRESS, CROFT_FLAG_WEB);
}
