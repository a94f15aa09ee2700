/* market/naive_int.h - for tests: a market of texts, small numbers and linear searches, and orders written as
 * text.
 *
 * Offers keep their names as strings; a wish is evaluated on the strings with a matcher of its own.  So what
 * is compared is everything from the text of a requirement to the answer of the index. */
#ifndef CROFT_MARKET_NAIVE_INT_H
#define CROFT_MARKET_NAIVE_INT_H

#include "base/assert.h"
#include "base/rng.h"
#include "market/require.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAIVE_WORDS = 4, NAIVE_TEXT = 24, NAIVE_WISHES = 12 };

struct naive_offer {
    struct croft_offer o;
    char single[CROFT_SPACE_SINGLE][NAIVE_TEXT]; /* empty: not said */
    u32 set_count[2];
    char set[2][NAIVE_WORDS][NAIVE_TEXT]; /* auditors, attributes */
};

struct naive_wish {
    enum croft_trait field;
    u64 least, most; /* NUMBER, PRICE; FLAGS: least; a range of an attribute */
    bool range;
    char pattern[2][NAIVE_TEXT]; /* the second may be empty */
};

struct naive_order {
    u32 count; /* price last; by field, in the order of drawing */
    enum croft_price_kind kind;
    struct naive_wish wish[NAIVE_WISHES];
    char text[1024];
};

static inline u32 naive_below(struct croft_rng *rng, u32 limit)
{
    return (u32)croft_rng_below(rng, limit);
}

/* ---- offers ---- */

static const char *const naive_single[CROFT_SPACE_SINGLE] = {"c", "v", "rtx/", "i", "L"};

static inline u64 naive_price(struct croft_rng *rng)
{
    static const u64 edge[] = {0, 0, 1, 2, CROFT_PRICE_MAX, UINT64_MAX, UINT64_MAX - 1};
    return naive_below(rng, 3) == 0 ? edge[naive_below(rng, CROFT_COUNT(edge))]
                                    : 1 + croft_rng_below(rng, 20);
}

static inline void naive_draw_words(struct croft_rng *rng, struct naive_offer *n)
{
    for (u32 s = 0; s < CROFT_SPACE_SINGLE; s++) {
        n->single[s][0] = '\0';
        if (naive_below(rng, 8) != 0)
            snprintf(n->single[s], NAIVE_TEXT, "%s%u", naive_single[s],
                     naive_below(rng, 5) * naive_below(rng, 5));
    }
    n->set_count[0] = naive_below(rng, NAIVE_WORDS + 1);
    n->set_count[1] = naive_below(rng, NAIVE_WORDS + 1);
    for (u32 i = 0; i < n->set_count[0]; i++)
        snprintf(n->set[0][i], NAIVE_TEXT, "a%u/%c", naive_below(rng, 3), 'p' + (int)naive_below(rng, 3));
    for (u32 i = 0; i < n->set_count[1]; i++)
        snprintf(n->set[1][i], NAIVE_TEXT, "k%u=%u", i, naive_below(rng, naive_below(rng, 2) ? 4 : 400));
}

static inline void naive_draw(struct croft_rng *rng, u64 id, struct naive_offer *n)
{
    static const u32 number[] = {0, 1, 2, 3, 7, 8, 9, 1000, UINT32_MAX - 1, UINT32_MAX};
    memset(n, 0, sizeof *n);
    n->o.id = id;
    n->o.node = naive_below(rng, 12);
    n->o.flags = naive_below(rng, 1u << CROFT_FLAG_COUNT);
    for (u32 i = 0; i < CROFT_NUMBER_COUNT; i++)
        n->o.number[i] =
            naive_below(rng, 2) ? naive_below(rng, 12) : number[naive_below(rng, CROFT_COUNT(number))];
    for (u32 i = 0; i < CROFT_PRICE_KIND_COUNT; i++)
        n->o.price[i] = i == 0 || naive_below(rng, 3) == 0 ? naive_price(rng) : 0;
    naive_draw_words(rng, n);
}

static inline struct croft_bytes naive_bytes(const char *text)
{
    return (struct croft_bytes){(const u8 *)text, strlen(text)};
}

/* Fills in the numbers of the offer's words. */
static inline void naive_intern(struct naive_offer *n, struct croft_words *w)
{
    u32 *out[2] = {&n->o.auditors, &n->o.attributes};
    for (u32 s = 0; s < CROFT_SPACE_SINGLE; s++)
        n->o.word[s] =
            n->single[s][0] == '\0' ? CROFT_WORD_NONE : croft_word(w, s, naive_bytes(n->single[s]));
    for (u32 k = 0; k < 2; k++) {
        u32 word[NAIVE_WORDS];
        for (u32 i = 0; i < n->set_count[k]; i++)
            word[i] = croft_word(w, CROFT_SPACE_AUDITOR + k, naive_bytes(n->set[k][i]));
        bool ok = croft_word_set(w, word, n->set_count[k], out[k]);
        CROFT_ASSERT(ok);
    }
}

/* ---- matching ---- */

static inline bool naive_glob(const char *pattern, const char *text)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '*')
        return naive_glob(pattern + 1, text) ||
               (*text != '\0' && *text != '/' && naive_glob(pattern, text + 1));
    if (*text == '\0' || (*pattern == '?' ? *text == '/' : *pattern != *text))
        return false;
    return naive_glob(pattern + 1, text + 1);
}

static inline bool naive_word_meets(const struct naive_wish *w, const char *text)
{
    unsigned key, value;
    if (w->range)
        return sscanf(w->pattern[0], "k%u", &key) == 1 && sscanf(text, "k%*u=%u", &value) == 1 &&
               text[1] == w->pattern[0][1] && value >= w->least && value <= w->most;
    return naive_glob(w->pattern[0], text) || (w->pattern[1][0] != '\0' && naive_glob(w->pattern[1], text));
}

static inline bool naive_meets(const struct naive_order *order, u32 place, const struct naive_offer *n)
{
    const struct naive_wish *w = &order->wish[place];
    const struct croft_field_shape *shape = croft_field_shape(w->field);
    u64 price = n->o.price[order->kind];
    bool any = false;
    if (shape->form == CROFT_FORM_PRICE)
        return price > 0 && price <= w->most;
    if (shape->form == CROFT_FORM_FLAGS)
        return (n->o.flags & w->least) == w->least;
    if (shape->form == CROFT_FORM_NUMBER)
        return n->o.number[shape->index] >= w->least && n->o.number[shape->index] <= w->most;
    if (shape->form == CROFT_FORM_WORD)
        return n->single[shape->index][0] != '\0' &&
               (strcmp(w->pattern[0], "*") == 0 || naive_word_meets(w, n->single[shape->index]));
    for (u32 i = 0; i < n->set_count[shape->index - CROFT_SPACE_AUDITOR]; i++)
        any = any || naive_word_meets(w, n->set[shape->index - CROFT_SPACE_AUDITOR][i]);
    return any;
}

static inline u32 naive_first_failed(const struct naive_order *order, const struct naive_offer *n)
{
    u32 place = 0;
    while (place < order->count && naive_meets(order, place, n))
        place++;
    return place;
}

/* ---- orders ---- */

static inline void naive_draw_pattern(struct croft_rng *rng, enum croft_trait field, char out[NAIVE_TEXT])
{
    u32 form = naive_below(rng, 3), number = naive_below(rng, 17), space = croft_field_shape(field)->index;
    const char *wild = form == 0 ? "*" : form == 1 ? "?" : "";
    if (space == CROFT_SPACE_AUDITOR)
        snprintf(out, NAIVE_TEXT, "%s/%c", form == 2 ? "a1" : form == 1 ? "a?" : "*", 'p' + (int)number % 4);
    else if (space == CROFT_SPACE_ATTRIBUTE)
        snprintf(out, NAIVE_TEXT, "k%u=%u%s", number % 3, number, wild);
    else if (naive_below(rng, 10) == 0)
        snprintf(out, NAIVE_TEXT, "*");
    else
        snprintf(out, NAIVE_TEXT, "%s%u%s", naive_single[space], form == 2 ? number : number % 5, wild);
}

static inline void naive_draw_wish(struct croft_rng *rng, enum croft_trait field, struct naive_wish *w)
{
    const struct croft_field_shape *shape = croft_field_shape(field);
    memset(w, 0, sizeof *w);
    w->field = field;
    w->most = UINT64_MAX;
    if (shape->form == CROFT_FORM_FLAGS) {
        while (w->least == 0)
            w->least = shape->flags & naive_below(rng, 1u << CROFT_FLAG_COUNT);
    } else if (shape->form == CROFT_FORM_NUMBER) {
        w->least = naive_below(rng, 3) ? naive_below(rng, 12) : 0;
        if (naive_below(rng, 3) == 0)
            w->most = w->least + (naive_below(rng, 4) ? naive_below(rng, 9) : UINT32_MAX);
    } else {
        w->range = field == CROFT_TRAIT_ATTRIBUTE && naive_below(rng, 3) == 0;
        naive_draw_pattern(rng, field, w->pattern[0]);
        if (naive_below(rng, 2) == 0 && !w->range && strcmp(w->pattern[0], "*") != 0)
            naive_draw_pattern(rng, field, w->pattern[1]);
        if (w->range) {
            w->least = naive_below(rng, 10);
            w->most = w->least + naive_below(rng, 10);
            snprintf(w->pattern[0], NAIVE_TEXT, "k%u", naive_below(rng, 3));
        }
    }
}

static inline size_t naive_print(const struct naive_order *order, const struct naive_wish *w, char *out,
                                 size_t size)
{
    static const char *const flag[] = {"gpu",  "cpu", "disk",   "line", "spot",      "firm",   "reserved",
                                       "pull", "web", "direct", "ecc",  "redundant", "all_day"};
    static const char *const price[] = {"second", "token", "byte", "frame"};
    const struct croft_field_shape *shape = croft_field_shape(w->field);
    size_t n = 0;
    if (shape->form == CROFT_FORM_PRICE)
        return (size_t)snprintf(out, size, "price/%s=..%" PRIu64 ";", price[order->kind], w->most);
    n += (size_t)snprintf(out, size, "%s=", shape->name);
    for (u32 i = 0, first = 1; shape->form == CROFT_FORM_FLAGS && i < CROFT_FLAG_COUNT; i++)
        if ((w->least >> i & 1) != 0) {
            n += (size_t)snprintf(out + n, size - n, "%s%s", first ? "" : "+", flag[i]);
            first = 0;
        }
    if (shape->form == CROFT_FORM_NUMBER && w->most == UINT64_MAX)
        n += (size_t)snprintf(out + n, size - n, "%" PRIu64 "..", w->least);
    else if (shape->form == CROFT_FORM_NUMBER)
        n += (size_t)snprintf(out + n, size - n, "%" PRIu64 "..%" PRIu64, w->least, w->most);
    else if (w->range)
        n +=
            (size_t)snprintf(out + n, size - n, "%s=%" PRIu64 "..%" PRIu64, w->pattern[0], w->least, w->most);
    else if (shape->form != CROFT_FORM_FLAGS)
        n += (size_t)snprintf(out + n, size - n, "%s%s%s", w->pattern[0], w->pattern[1][0] ? "|" : "",
                              w->pattern[1]);
    return n + (size_t)snprintf(out + n, size - n, "\n");
}

static inline void naive_insert(struct naive_order *order, struct naive_wish w)
{
    u32 at = order->count++;
    for (; at > 0 && order->wish[at - 1].field > w.field; at--)
        order->wish[at] = order->wish[at - 1];
    order->wish[at] = w;
}

/* The text has the conditions in the order they were drawn in. */
static inline void naive_draw_order(struct croft_rng *rng, struct naive_order *order)
{
    u32 wishes = naive_below(rng, naive_below(rng, 3) == 0 ? NAIVE_WISHES - 1 : 4);
    size_t len = 0;
    u64 seen = 0;
    order->count = 0;
    order->kind = (enum croft_price_kind)(naive_below(rng, 4) ? 0 : naive_below(rng, CROFT_PRICE_KIND_COUNT));
    struct naive_wish price = {.field = CROFT_TRAIT_PRICE,
                               .most = naive_below(rng, 2) ? UINT64_MAX : naive_price(rng)};
    for (u32 i = 0; i < wishes; i++) {
        struct naive_wish w;
        enum croft_trait field = (enum croft_trait)naive_below(rng, CROFT_TRAIT_PRICE);
        if (i == wishes / 2)
            len += naive_print(order, &price, order->text + len, sizeof order->text - len);
        if ((seen >> field & 1) != 0 && field != CROFT_TRAIT_AUDITOR && field != CROFT_TRAIT_ATTRIBUTE)
            continue;
        seen |= UINT64_C(1) << field;
        naive_draw_wish(rng, field, &w);
        len += naive_print(order, &w, order->text + len, sizeof order->text - len);
        naive_insert(order, w);
    }
    if (wishes == 0)
        len += naive_print(order, &price, order->text, sizeof order->text);
    CROFT_ASSERT(len < sizeof order->text);
    naive_insert(order, price);
}

#endif
