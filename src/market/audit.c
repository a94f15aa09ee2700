#include "market/index_int.h"

#include "base/assert.h"

#include <string.h>

static u32 bits_in(u64 word)
{
    return (u32)__builtin_popcountll(word);
}

/* ---- offers, ids and chains ---- */

static bool chain_is_right(const struct croft_market *m, u32 chain, u32 set, u32 row)
{
    struct chain c = m->chain[chain][row];
    if (c.next != 0 && m->chain[chain][c.next - 1].previous != row + 1)
        return false;
    return c.previous == 0 ? m->chain_first[chain][set] == row + 1
                           : m->chain[chain][c.previous - 1].next == row + 1;
}

/* Counts the offers' prices into out_listed. */
static bool rows_are_right(const struct croft_market *m, u32 out_listed[CROFT_PRICE_KIND_COUNT])
{
    u32 count = 0;
    const struct croft_offer *o;
    for (u32 cursor = 0; (o = croft_market_next(m, &cursor)) != NULL; count++) {
        u32 row = (u32)(o - m->row);
        if (croft_market_find(m, o->id) != o || !chain_is_right(m, CHAIN_AUDITORS, o->auditors, row) ||
            !chain_is_right(m, CHAIN_ATTRIBUTES, o->attributes, row))
            return false;
        for (u32 kind = 0; kind < CROFT_PRICE_KIND_COUNT; kind++)
            out_listed[kind] += o->price[kind] != 0;
    }
    return count == m->count;
}

static bool has(const struct croft_market *m, u32 set, u32 word)
{
    return croft_word_set_meets(m->words, set, &word, 1);
}

static bool words_are_counted(const struct croft_market *m)
{
    for (u32 word = 1; word <= croft_word_count(m->words); word++) {
        u32 offers = 0;
        const struct croft_offer *o;
        for (u32 cursor = 0; (o = croft_market_next(m, &cursor)) != NULL;) {
            for (u32 s = 0; s < CROFT_SPACE_SINGLE; s++)
                offers += o->word[s] == word;
            offers += has(m, o->auditors, word);
            offers += has(m, o->attributes, word);
        }
        if (offers != m->word_offers[word])
            return false;
    }
    return true;
}

/* ---- blocks ---- */

/* Every column of the entry's offer is set; how many these are goes to *bits. */
static bool entry_is_right(const struct croft_market *m, enum croft_price_kind kind, u32 block, u32 slot,
                           u64 *bits)
{
    u16 column[COLUMNS_MAX];
    size_t at = slot_at(block, slot);
    const struct croft_offer *o = &m->row[m->slot_row[at]];
    if (m->price[at] != o->price[kind] || m->id[at] != o->id || o->price[kind] == 0)
        return false;
    u32 columns = croft_index_columns(m, o, column);
    for (u32 i = 0; i < columns; i++)
        if ((column_words(m, block, column[i])[slot / WORD_SLOTS] >> slot % WORD_SLOTS & 1) == 0)
            return false;
    *bits += columns;
    return true;
}

static bool between(const struct croft_market *m, const struct book *b, u32 position, u32 slot)
{
    size_t at = slot_at(b->order[position], slot);
    const struct block *own = &m->block[b->order[position]];
    if (position > 0 && goes_before(m->price[at], m->id[at], own->low_price, own->low_id))
        return false;
    if (position + 1 == b->count)
        return true;
    const struct block *next = &m->block[b->order[position + 1]];
    return goes_before(m->price[at], m->id[at], next->low_price, next->low_id);
}

static bool summary_is_right(const u64 words[BLOCK_WORDS], u64 summary)
{
    u64 right = 0;
    for (u32 w = 0; w < BLOCK_WORDS; w++)
        right |= (u64)(words[w] != 0) << w;
    return right == summary;
}

/* No column has a bit beside those that entry_is_right found. */
static bool columns_are_right(const struct croft_market *m, u32 block, u64 bits)
{
    u64 set = 0;
    for (u32 column = 0; column < m->plan.columns; column++) {
        const u64 *words = column_words(m, block, column);
        if (!summary_is_right(words, column_summary(m, column)[block]))
            return false;
        for (u32 w = 0; w < BLOCK_WORDS; w++)
            set += bits_in(words[w]);
    }
    return set == bits && summary_is_right(live_words(m, block), m->live_words[block]);
}

static bool block_is_right(const struct croft_market *m, enum croft_price_kind kind, u32 position)
{
    const struct book *b = &m->book[kind];
    u32 block = b->order[position], fill = 0;
    u64 bits = 0;
    for (u32 slot = 0; slot < BLOCK_SLOTS; slot++) {
        if ((live_words(m, block)[slot / WORD_SLOTS] >> slot % WORD_SLOTS & 1) == 0)
            continue;
        if (!entry_is_right(m, kind, block, slot, &bits) || !between(m, b, position, slot))
            return false;
        fill++;
    }
    return fill == m->block[block].fill && columns_are_right(m, block, bits);
}

static bool counts_are_right(const struct croft_market *m)
{
    for (u32 column = 0; column < m->plan.columns; column++) {
        u32 count = 0, spread = 0;
        for (u32 block = 0; block < m->block_high; block++) {
            spread += bits_in(column_summary(m, column)[block]);
            for (u32 w = 0; w < BLOCK_WORDS; w++)
                count += bits_in(column_words(m, block, column)[w]);
        }
        if (count != m->column_count[column] || spread != m->column_spread[column])
            return false;
    }
    return true;
}

bool croft_market_audit(const struct croft_market *m)
{
    u32 listed[CROFT_PRICE_KIND_COUNT] = {0};
    if (!rows_are_right(m, listed) || !words_are_counted(m) || !counts_are_right(m))
        return false;
    for (u32 kind = 0; kind < CROFT_PRICE_KIND_COUNT; kind++) {
        const struct book *b = &m->book[kind];
        for (u32 position = 0; position < b->count; position++) {
            listed[kind] -= m->block[b->order[position]].fill;
            if (!block_is_right(m, (enum croft_price_kind)kind, position))
                return false;
        }
        if (listed[kind] != 0)
            return false;
    }
    return true;
}
