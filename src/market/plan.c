#include "market/index_int.h"

#include "base/assert.h"
#include "base/sort.h"

#include <string.h>

/* ---- columns of offers ---- */

u32 croft_index_thresholds_below(const struct threshold_list *list, u64 value)
{
    u32 low = 0, count = list->count;
    while (count > 0) {
        u32 half = count / 2;
        if (list->value[low + half] <= value) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

/* HASHES different columns. */
static u32 hashed_columns(u32 word, u16 out[HASHES])
{
    u32 h = word * UINT32_C(0x9e3779b1), step = 1 + (h >> 8) % (HASHED_COLUMNS / HASHES);
    for (u32 i = 0; i < HASHES; i++)
        out[i] = (u16)(COLUMN_HASHED + ((h >> 20) + i * step) % HASHED_COLUMNS);
    return HASHES;
}

u32 croft_index_word_columns(const struct croft_market *m, bool in_set, u32 word, u16 out[HASHES])
{
    CROFT_ASSERT(word != CROFT_WORD_NONE);
    if (word <= m->plan.words && m->plan.word_column[word] != 0) {
        out[0] = m->plan.word_column[word];
        CROFT_ASSERT(out[0] >= COLUMN_PLANNED && out[0] < m->plan.columns);
        return 1;
    }
    return in_set ? 0 : hashed_columns(word, out);
}

/* Columns, each once: a hashed one may be meant by two words. */
struct list {
    u16 *at;
    u32 count;
    u64 hashed[HASHED_COLUMNS / 64];
};

static void add_word(const struct croft_market *m, struct list *list, bool in_set, u32 word)
{
    u16 column[HASHES];
    if (word == CROFT_WORD_NONE)
        return;
    u32 count = croft_index_word_columns(m, in_set, word, column);
    for (u32 i = 0; i < count; i++) {
        u32 hashed = column[i] - (u32)COLUMN_HASHED;
        if (column[i] >= COLUMN_PLANNED) {
            list->at[list->count++] = column[i];
        } else if ((list->hashed[hashed / 64] >> hashed % 64 & 1) == 0) {
            list->hashed[hashed / 64] |= UINT64_C(1) << hashed % 64;
            list->at[list->count++] = column[i];
        }
    }
}

static void add_set(const struct croft_market *m, struct list *list, u32 set)
{
    u32 count;
    const u32 *word = croft_word_set_words(m->words, set, &count);
    for (u32 i = 0; i < count; i++)
        add_word(m, list, true, word[i]);
}

u32 croft_index_columns(const struct croft_market *m, const struct croft_offer *o, u16 out[COLUMNS_MAX])
{
    struct list list = {.at = out};
    for (u32 flags = o->flags; flags != 0; flags &= flags - 1)
        out[list.count++] = (u16)(COLUMN_FLAGS + lowest_bit(flags));
    for (u32 n = 0; n < CROFT_NUMBER_COUNT; n++) {
        const struct threshold_list *t = &m->plan.number[n];
        u32 below = croft_index_thresholds_below(t, o->number[n]);
        for (u32 i = 0; i < below; i++)
            out[list.count++] = (u16)(t->column + i);
    }
    for (u32 s = 0; s < CROFT_SPACE_SINGLE; s++)
        add_word(m, &list, false, o->word[s]);
    add_set(m, &list, o->auditors);
    add_set(m, &list, o->attributes);
    CROFT_ASSERT(list.count <= COLUMNS_MAX);
    return list.count;
}

/* ---- thresholds ---- */

/* Values of one number, of rows evenly apart, ascending in m->sample. */
static u32 sample_number(struct croft_market *m, u32 number)
{
    u32 step = m->row_high / SAMPLE_MAX + 1, count = 0;
    for (u32 row = 0; row < m->row_high; row += step)
        if (m->row_next_free[row] == row)
            m->sample[count++] = m->row[row].number[number];
    CROFT_ASSERT(count <= SAMPLE_MAX);
    croft_sort_u32(m->sample, m->sample_scratch, count);
    return count;
}

/* Keeps the list descending while it is made; the highest come first. */
static void add_threshold(struct threshold_list *t, u64 value)
{
    if (value == 0 || value > UINT32_MAX || t->count == THRESHOLDS_MAX ||
        (t->count > 0 && t->value[t->count - 1] <= value))
        return;
    t->value[t->count++] = (u32)value;
}

static void reverse(u32 *value, u32 count)
{
    for (u32 i = 0; i < count / 2; i++) {
        u32 v = value[i];
        value[i] = value[count - 1 - i];
        value[count - 1 - i] = v;
    }
}

/* From the highest value down: steps double, up to a 20th of all, so that what few have is told apart finely.
 * A value that many have stands alone between two thresholds: no limit between it and the next is blurred by
 * it. */
static void choose_thresholds(struct threshold_list *t, const u32 *sorted, u32 count)
{
    u32 largest = count / 20 + 1;
    t->count = 0;
    for (u32 rank = 1; rank <= count; rank += rank < largest ? rank : largest) {
        u32 value = sorted[count - rank];
        bool many_below = rank + largest / 2 <= count && sorted[count - rank - largest / 2] == value;
        bool many_above = rank > largest / 2 && sorted[count - rank + largest / 2] == value;
        if (many_below || many_above)
            add_threshold(t, (u64)value + 1);
        add_threshold(t, value);
    }
    reverse(t->value, t->count);
}

static void plan_numbers(struct croft_market *m)
{
    for (u32 n = 0; n < CROFT_NUMBER_COUNT; n++) {
        struct threshold_list *t = &m->plan.number[n];
        choose_thresholds(t, m->sample, sample_number(m, n));
        t->column = (u16)m->plan.columns;
        m->plan.columns += t->count;
    }
}

/* ---- words ---- */

static u32 words_with(const struct croft_market *m, u32 least)
{
    u32 found = 0;
    for (u32 word = 1; word <= m->plan.words; word++)
        found += m->word_offers[word] >= least;
    return found;
}

/* A column for each word that one of 2,048 offers has, or more, when there are too many such words. */
static void plan_words(struct croft_market *m)
{
    m->plan.words = croft_word_count(m->words);
    u32 least = m->count / 2048 + 1;
    while (words_with(m, least) > WORD_COLUMNS_MAX)
        least += least / 2 + 1;
    for (u32 word = 1; word <= m->plan.words; word++)
        m->plan.word_column[word] = m->word_offers[word] >= least ? (u16)m->plan.columns++ : 0;
}

void croft_market_plan(struct croft_market *m)
{
    croft_index_empty(m);
    m->plan.columns = COLUMN_PLANNED;
    m->plan.offers = m->count;
    plan_numbers(m);
    plan_words(m);
    CROFT_ASSERT(m->plan.columns <= COLUMNS_MAX);
    m->bits_stride = odd_stride((size_t)m->plan.columns * BLOCK_WORDS);
    croft_index_refill(m);
}
