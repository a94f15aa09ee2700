#include "market/attr.h"

#include "base/assert.h"
#include "base/sort.h"

#include <string.h>

_Static_assert(sizeof(struct croft_offer) == 128, "two cache lines");

enum {
    KIND_FLAGS = CROFT_FLAG_GPU | CROFT_FLAG_CPU | CROFT_FLAG_DISK | CROFT_FLAG_LINE,
    SERVICE_FLAGS = CROFT_FLAG_SPOT | CROFT_FLAG_FIRM | CROFT_FLAG_RESERVED,
    EGRESS_FLAGS = CROFT_FLAG_PULL | CROFT_FLAG_WEB | CROFT_FLAG_DIRECT,
    HARDWARE_FLAGS = CROFT_FLAG_ECC | CROFT_FLAG_REDUNDANT | CROFT_FLAG_ALL_DAY,
    MILLION = 1000000
};

static const struct croft_field_shape shape[CROFT_TRAIT_COUNT] = {
    [CROFT_TRAIT_KIND] = {"kind", CROFT_FORM_FLAGS, 0, KIND_FLAGS},
    [CROFT_TRAIT_CLASS] = {"class", CROFT_FORM_WORD, CROFT_SPACE_CLASS, 0},
    [CROFT_TRAIT_VENDOR] = {"vendor", CROFT_FORM_WORD, CROFT_SPACE_VENDOR, 0},
    [CROFT_TRAIT_MODEL] = {"model", CROFT_FORM_WORD, CROFT_SPACE_MODEL, 0},
    [CROFT_TRAIT_INTERFACE] = {"interface", CROFT_FORM_WORD, CROFT_SPACE_INTERFACE, 0},
    [CROFT_TRAIT_GPUS] = {"gpus", CROFT_FORM_NUMBER, CROFT_NUMBER_GPUS, 0},
    [CROFT_TRAIT_MACHINE] = {"machine", CROFT_FORM_NUMBER, CROFT_NUMBER_MACHINE, 0},
    [CROFT_TRAIT_SERVICE] = {"service", CROFT_FORM_FLAGS, 0, SERVICE_FLAGS},
    [CROFT_TRAIT_EGRESS] = {"egress", CROFT_FORM_FLAGS, 0, EGRESS_FLAGS},
    [CROFT_TRAIT_HARDWARE] = {"hardware", CROFT_FORM_FLAGS, 0, HARDWARE_FLAGS},
    [CROFT_TRAIT_ISOLATION] = {"isolation", CROFT_FORM_NUMBER, CROFT_NUMBER_ISOLATION, 0},
    [CROFT_TRAIT_VRAM_MIB] = {"vram_mib", CROFT_FORM_NUMBER, CROFT_NUMBER_VRAM_MIB, 0},
    [CROFT_TRAIT_TOPS] = {"tops", CROFT_FORM_NUMBER, CROFT_NUMBER_TOPS, 0},
    [CROFT_TRAIT_GBS] = {"gbs", CROFT_FORM_NUMBER, CROFT_NUMBER_GBS, 0},
    [CROFT_TRAIT_RAM_MIB] = {"ram_mib", CROFT_FORM_NUMBER, CROFT_NUMBER_RAM_MIB, 0},
    [CROFT_TRAIT_DISK_GIB] = {"disk_gib", CROFT_FORM_NUMBER, CROFT_NUMBER_DISK_GIB, 0},
    [CROFT_TRAIT_CORES] = {"cores", CROFT_FORM_NUMBER, CROFT_NUMBER_CORES, 0},
    [CROFT_TRAIT_DOWN_MBIT] = {"down_mbit", CROFT_FORM_NUMBER, CROFT_NUMBER_DOWN_MBIT, 0},
    [CROFT_TRAIT_UP_MBIT] = {"up_mbit", CROFT_FORM_NUMBER, CROFT_NUMBER_UP_MBIT, 0},
    [CROFT_TRAIT_UPTIME_PPM] = {"uptime_ppm", CROFT_FORM_NUMBER, CROFT_NUMBER_UPTIME_PPM, 0},
    [CROFT_TRAIT_COUNTRY] = {"country", CROFT_FORM_WORD, CROFT_SPACE_COUNTRY, 0},
    [CROFT_TRAIT_AUDITOR] = {"auditor", CROFT_FORM_SET, CROFT_SPACE_AUDITOR, 0},
    [CROFT_TRAIT_ATTRIBUTE] = {"attribute", CROFT_FORM_SET, CROFT_SPACE_ATTRIBUTE, 0},
    [CROFT_TRAIT_UNTIL_S] = {"until_s", CROFT_FORM_NUMBER, CROFT_NUMBER_UNTIL_S, 0},
    [CROFT_TRAIT_PRICE] = {"price", CROFT_FORM_PRICE, 0, 0},
};

const struct croft_field_shape *croft_field_shape(enum croft_trait field)
{
    CROFT_ASSERT((u32)field < CROFT_TRAIT_COUNT);
    return &shape[field];
}

/* ---- numbers in text ---- */

bool croft_decimal(struct croft_bytes text, u64 *out)
{
    u64 value = 0;
    if (text.len == 0 || (text.len > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text.at[i] - '0', &value))
            return false;
    }
    *out = value;
    return true;
}

bool croft_decimal_range(struct croft_bytes text, u64 *out_least, u64 *out_most)
{
    const u8 *dots = text.len == 0 ? NULL : memmem(text.at, text.len, "..", 2);
    u64 least = 0, most = UINT64_MAX;
    if (dots == NULL || text.len == 2)
        return false;
    struct croft_bytes left = {text.at, (size_t)(dots - text.at)};
    struct croft_bytes right = {dots + 2, text.len - left.len - 2};
    if ((left.len != 0 && !croft_decimal(left, &least)) || (right.len != 0 && !croft_decimal(right, &most)) ||
        least > most)
        return false;
    *out_least = least;
    *out_most = most;
    return true;
}

/* ---- making requirements ---- */

void croft_requirement_init(struct croft_requirement *r, enum croft_price_kind kind)
{
    CROFT_ASSERT((u32)kind < CROFT_PRICE_KIND_COUNT);
    r->count = 1;
    r->word_count = 0;
    r->price_kind = kind;
    r->test[0] = (struct croft_test){.field = CROFT_TRAIT_PRICE, .most = UINT64_MAX};
}

void croft_require_price(struct croft_requirement *r, u64 most)
{
    struct croft_test *price = &r->test[r->count - 1];
    CROFT_ASSERT(price->field == CROFT_TRAIT_PRICE);
    price->most = most < price->most ? most : price->most;
}

static croft_err check_add(const struct croft_requirement *r, enum croft_trait field,
                           enum croft_trait_form form)
{
    if ((u32)field >= CROFT_TRAIT_COUNT || shape[field].form != form)
        return CROFT_ERR_USAGE;
    for (u32 i = 0; i < r->count && form != CROFT_FORM_SET; i++)
        if (r->test[i].field == field)
            return CROFT_ERR_EXISTS;
    return r->count < CROFT_TESTS_MAX ? CROFT_OK : CROFT_ERR_OVERFLOW;
}

/* Behind the tests of its field and those before. */
static void add(struct croft_requirement *r, struct croft_test t)
{
    u32 at = r->count++;
    CROFT_ASSERT(r->count <= CROFT_TESTS_MAX);
    for (; at > 0 && r->test[at - 1].field > t.field; at--)
        r->test[at] = r->test[at - 1];
    r->test[at] = t;
    CROFT_ASSERT(r->test[r->count - 1].field == CROFT_TRAIT_PRICE);
}

croft_err croft_require_number(struct croft_requirement *r, enum croft_trait field, u64 least, u64 most)
{
    CROFT_TRY(check_add(r, field, CROFT_FORM_NUMBER));
    if (least > most)
        return CROFT_ERR_USAGE;
    add(r, (struct croft_test){.field = (u8)field, .least = least, .most = most});
    return CROFT_OK;
}

croft_err croft_require_flags(struct croft_requirement *r, enum croft_trait field, u32 flags)
{
    CROFT_TRY(check_add(r, field, CROFT_FORM_FLAGS));
    if (flags == 0 || (flags & ~(u32)shape[field].flags) != 0)
        return CROFT_ERR_USAGE;
    add(r, (struct croft_test){.field = (u8)field, .least = flags});
    return CROFT_OK;
}

/* One pattern of an attribute: a range of numbers behind key=, or NULL bytes. */
static bool is_range(struct croft_bytes pattern, struct croft_bytes *out_key, u64 *out_least, u64 *out_most)
{
    const u8 *equals = memchr(pattern.at, '=', pattern.len);
    if (equals == NULL)
        return false;
    size_t key_len = (size_t)(equals - pattern.at) + 1;
    *out_key = (struct croft_bytes){pattern.at, key_len};
    return croft_decimal_range((struct croft_bytes){equals + 1, pattern.len - key_len}, out_least, out_most);
}

/* One pattern, ready to be held against words. */
struct pattern {
    struct croft_bytes text, key;
    bool range;
    u64 least, most;
};

static bool pattern_matches(const struct pattern *p, struct croft_bytes word)
{
    u64 value;
    if (!p->range)
        return croft_glob_match(p->text, word);
    return word.len > p->key.len && memcmp(word.at, p->key.at, p->key.len) == 0 &&
           croft_decimal((struct croft_bytes){word.at + p->key.len, word.len - p->key.len}, &value) &&
           value >= p->least && value <= p->most;
}

/* Appends the words that a pattern matches behind r->word_count + *count. */
static croft_err collect(struct croft_requirement *r, const struct croft_words *w, u32 space,
                         struct croft_bytes text, u32 *count)
{
    struct pattern p = {.text = text};
    if (text.len == 0 || text.len > CROFT_WORD_BYTES_MAX)
        return CROFT_ERR_USAGE;
    p.range = space == CROFT_SPACE_ATTRIBUTE && is_range(text, &p.key, &p.least, &p.most);
    bool plain = !p.range && croft_glob_is_plain(text);
    u32 word = plain ? croft_word_find(w, space, text) : croft_word_next(w, space, CROFT_WORD_NONE);
    while (word != CROFT_WORD_NONE) {
        if (plain || pattern_matches(&p, croft_word_text(w, word))) {
            if (r->word_count + *count == CROFT_TEST_WORDS_MAX)
                return CROFT_ERR_OVERFLOW;
            r->word[r->word_count + (*count)++] = word;
        }
        word = plain ? CROFT_WORD_NONE : croft_word_next(w, space, word);
    }
    return CROFT_OK;
}

static u32 sort_unique(u32 *word, u32 count)
{
    u32 scratch[CROFT_TEST_WORDS_MAX], kept = 0;
    croft_sort_u32(word, scratch, count);
    for (u32 i = 0; i < count; i++)
        if (kept == 0 || word[kept - 1] != word[i])
            word[kept++] = word[i];
    return kept;
}

croft_err croft_require_words(struct croft_requirement *r, const struct croft_words *w,
                              enum croft_trait field, struct croft_bytes patterns)
{
    bool set = (u32)field < CROFT_TRAIT_COUNT && shape[field].form == CROFT_FORM_SET;
    CROFT_TRY(check_add(r, field, set ? CROFT_FORM_SET : CROFT_FORM_WORD));
    struct croft_test t = {.field = (u8)field, .word_at = (u16)r->word_count};
    t.any = !set && patterns.len == 1 && patterns.at[0] == '*';
    u32 count = 0;
    for (size_t at = 0; at <= patterns.len && !t.any;) {
        const u8 *bar = at == patterns.len ? NULL : memchr(patterns.at + at, '|', patterns.len - at);
        size_t end = bar == NULL ? patterns.len : (size_t)(bar - patterns.at);
        CROFT_TRY(
            collect(r, w, shape[field].index, (struct croft_bytes){patterns.at + at, end - at}, &count));
        at = end + 1;
    }
    t.word_count = (u16)sort_unique(r->word + r->word_count, count);
    r->word_count += t.word_count;
    add(r, t);
    return CROFT_OK;
}

/* ---- testing offers ---- */

static bool has_word(const u32 *sorted, u32 count, u32 word)
{
    u32 low = 0;
    while (count > 0) {
        u32 half = count / 2;
        if (sorted[low + half] < word) {
            low += half + 1;
            count -= half + 1;
        } else {
            if (sorted[low + half] == word)
                return true;
            count = half;
        }
    }
    return false;
}

bool croft_test_holds(const struct croft_requirement *r, u32 place, const struct croft_words *w,
                      const struct croft_offer *o)
{
    const struct croft_test *t = &r->test[place];
    const struct croft_field_shape *s = &shape[t->field];
    const u32 *word = r->word + t->word_at;
    u64 price = o->price[r->price_kind];
    switch ((enum croft_trait_form)s->form) {
    case CROFT_FORM_FLAGS:
        return (o->flags & t->least) == t->least;
    case CROFT_FORM_NUMBER:
        return o->number[s->index] >= t->least && o->number[s->index] <= t->most;
    case CROFT_FORM_WORD:
        return o->word[s->index] != CROFT_WORD_NONE &&
               (t->any || has_word(word, t->word_count, o->word[s->index]));
    case CROFT_FORM_SET:
        return croft_word_set_meets(w, s->index == CROFT_SPACE_AUDITOR ? o->auditors : o->attributes, word,
                                    t->word_count);
    case CROFT_FORM_PRICE:
        return price != 0 && price <= t->most;
    }
    CROFT_UNREACHABLE("form of a field");
}

u32 croft_requirement_test(const struct croft_requirement *r, const struct croft_words *w,
                           const struct croft_offer *o)
{
    u32 place = 0;
    while (place < r->count && croft_test_holds(r, place, w, o))
        place++;
    return place;
}

/* ceil(part * 10^6 / whole), 1 to 10^6. */
static u32 share_ppm(u64 part, u64 whole)
{
    CROFT_ASSERT(part > 0); /* the test fails */
    if (part >= whole)
        return MILLION;
    return (u32)(((u128)part * MILLION + whole - 1) / whole);
}

u32 croft_test_shortfall(const struct croft_requirement *r, u32 place, const struct croft_offer *o)
{
    const struct croft_test *t = &r->test[place];
    const struct croft_field_shape *s = &shape[t->field];
    u64 price = o->price[r->price_kind];
    if (s->form == CROFT_FORM_PRICE) {
        CROFT_ASSERT(price == 0 || price > t->most);
        return price == 0 ? MILLION : share_ppm(price - t->most, t->most);
    }
    if (s->form != CROFT_FORM_NUMBER)
        return MILLION;
    u64 has = o->number[s->index];
    CROFT_ASSERT(has < t->least || has > t->most);
    return has < t->least ? share_ppm(t->least - has, t->least) : share_ppm(has - t->most, t->most);
}
