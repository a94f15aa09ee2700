#include "market/match.h"

#include "base/assert.h"
#include "market/index_int.h"

#include <string.h>

enum { PLAN_FROM = 64, PART_ALIGN = 64 };

/* ---- memory ---- */

/* Of two neighbours one has at least MERGE_BELOW or both together more than MERGED_MAX: on average a block is
 * at least an eighth full, and is counted so. */
static size_t blocks_for(u32 offers_max)
{
    size_t entries = (size_t)offers_max * CROFT_PRICE_KIND_COUNT;
    return entries * 8 / BLOCK_SLOTS + 2 * CROFT_PRICE_KIND_COUNT + 2;
}

u32 croft_index_places(u32 entries)
{
    u32 places = 64;
    while (places < 2 * (u64)entries)
        places *= 2;
    return places;
}

/* Every region of the index: field of struct croft_market, number of elements. */
#define REGIONS(X)                                                \
    X(row, l->offers_max)                                         \
    X(row_next_free, l->offers_max)                               \
    X(id_table, croft_index_places(l->offers_max))                \
    X(block, blocks)                                              \
    X(price, blocks *BLOCK_SLOTS)                                 \
    X(id, blocks *BLOCK_SLOTS)                                    \
    X(slot_row, blocks *BLOCK_SLOTS)                              \
    X(live, blocks *BLOCK_WORDS)                                  \
    X(live_words, blocks)                                         \
    X(bits, blocks *odd_stride((size_t)COLUMNS_MAX *BLOCK_WORDS)) \
    X(summary, COLUMNS_MAX *odd_stride(blocks))                   \
    X(chain[CHAIN_AUDITORS], l->offers_max)                       \
    X(chain[CHAIN_ATTRIBUTES], l->offers_max)                     \
    X(chain_first[CHAIN_AUDITORS], set_numbers)                   \
    X(chain_first[CHAIN_ATTRIBUTES], set_numbers)                 \
    X(word_offers, word_numbers)                                  \
    X(column_count, COLUMNS_MAX)                                  \
    X(column_spread, COLUMNS_MAX)                                 \
    X(book[0].order, blocks)                                      \
    X(book[1].order, blocks)                                      \
    X(book[2].order, blocks)                                      \
    X(book[3].order, blocks)                                      \
    X(plan.word_column, word_numbers)                             \
    X(candidates, blocks)                                         \
    X(found, BLOCK_SLOTS + RARE_MAX + l->offers_max / RARE_SHARE) \
    X(sample, SAMPLE_MAX)                                         \
    X(sample_scratch, SAMPLE_MAX)                                 \
    X(group, l->gang_groups_max)                                  \
    X(group_table, croft_index_places(l->gang_groups_max))

_Static_assert(CROFT_PRICE_KIND_COUNT == 4, "a region for the order of each book");

size_t croft_market_size(const struct croft_market_limits *l, const struct croft_words *words)
{
    size_t blocks = blocks_for(l->offers_max), word_numbers = (size_t)croft_words_max(words) + 1;
    size_t set_numbers = (size_t)croft_word_sets_max(words) + 1;
    const struct croft_market *m = NULL;
    size_t size = sizeof *m + PART_ALIGN;
#define X(field, number) size += (number) * sizeof *m->field + PART_ALIGN;
    REGIONS(X)
#undef X
    return size;
}

static bool take_regions(struct croft_market *m, struct croft_arena *mem)
{
    const struct croft_market_limits *l = &m->limits;
    size_t blocks = m->blocks_max, word_numbers = (size_t)croft_words_max(m->words) + 1;
    size_t set_numbers = (size_t)croft_word_sets_max(m->words) + 1;
    bool all = true;
#define X(field, number)                                                          \
    m->field = croft_arena_take_raw(mem, (number), sizeof *m->field, PART_ALIGN); \
    all = all && m->field != NULL;
    REGIONS(X)
#undef X
    return all;
}

croft_err croft_market_init(struct croft_market **out, struct croft_arena *mem,
                            const struct croft_market_limits *limits, const struct croft_words *words)
{
    CROFT_ASSERT(limits->offers_max >= 1 && limits->offers_max <= 1u << 24 && limits->gang_groups_max >= 1);
    struct croft_market *m = croft_new(mem, struct croft_market, 1);
    if (m == NULL)
        return CROFT_ERR_NOMEM;
    m->limits = *limits;
    m->words = words;
    m->blocks_max = (u32)blocks_for(limits->offers_max);
    m->row_free = ROW_NONE;
    m->block_free = BLOCK_NONE;
    m->plan.columns = COLUMN_PLANNED;
    m->bits_stride = odd_stride((size_t)COLUMN_PLANNED * BLOCK_WORDS);
    m->summary_stride = odd_stride(m->blocks_max);
    if (!take_regions(m, mem))
        return CROFT_ERR_NOMEM;
    *out = m;
    return CROFT_OK;
}

/* ---- offers by id ---- */

static u32 id_home(const struct croft_market *m, u64 id)
{
    u64 h = (id ^ m->limits.hash_seed) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return (u32)(h >> 32) & (croft_index_places(m->limits.offers_max) - 1);
}

/* The place of the id in the table, or the empty place where it belongs. */
static u32 id_place(const struct croft_market *m, u64 id)
{
    u32 mask = croft_index_places(m->limits.offers_max) - 1, at = id_home(m, id);
    while (m->id_table[at] != 0 && m->row[m->id_table[at] - 1].id != id)
        at = (at + 1) & mask;
    return at;
}

/* Empties a place and moves back what had to make way for it. */
static void id_remove(struct croft_market *m, u32 hole)
{
    u32 mask = croft_index_places(m->limits.offers_max) - 1;
    for (u32 at = (hole + 1) & mask; m->id_table[at] != 0; at = (at + 1) & mask) {
        u32 home = id_home(m, m->row[m->id_table[at] - 1].id);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        m->id_table[hole] = m->id_table[at];
        hole = at;
    }
    m->id_table[hole] = 0;
}

static u32 new_row(struct croft_market *m)
{
    u32 row = m->row_free;
    if (row == ROW_NONE) {
        CROFT_ASSERT(m->row_high == m->count); /* no free row: all are taken */
        return m->row_high++;
    }
    m->row_free = m->row_next_free[row];
    return row;
}

/* ---- changes ---- */

static void link_row(struct croft_market *m, u32 chain, u32 set, u32 row)
{
    u32 first = m->chain_first[chain][set];
    m->chain[chain][row] = (struct chain){.next = first};
    if (first != 0)
        m->chain[chain][first - 1].previous = row + 1;
    m->chain_first[chain][set] = row + 1;
}

static void unlink_row(struct croft_market *m, u32 chain, u32 set, u32 row)
{
    struct chain c = m->chain[chain][row];
    CROFT_ASSERT(c.previous != 0 || m->chain_first[chain][set] == row + 1);
    if (c.next != 0)
        m->chain[chain][c.next - 1].previous = c.previous;
    if (c.previous != 0)
        m->chain[chain][c.previous - 1].next = c.next;
    else
        m->chain_first[chain][set] = c.next;
}

/* Adds by, 1 or -1 modulo 2^32, to the offers of each of its words. */
static void count_words(struct croft_market *m, const struct croft_offer *o, u32 by)
{
    const u32 set[] = {o->auditors, o->attributes};
    for (u32 s = 0; s < CROFT_SPACE_SINGLE; s++)
        m->word_offers[o->word[s]] += by;
    for (u32 s = 0; s < CROFT_COUNT(set); s++) {
        u32 count;
        const u32 *word = croft_word_set_words(m->words, set[s], &count);
        for (u32 i = 0; i < count; i++)
            m->word_offers[word[i]] += by;
    }
}

static void list_offer(struct croft_market *m, u32 row)
{
    u16 column[COLUMNS_MAX];
    const struct croft_offer *o = &m->row[row];
    u32 columns = croft_index_columns(m, o, column);
    for (u32 kind = 0; kind < CROFT_PRICE_KIND_COUNT; kind++)
        if (o->price[kind] != 0)
            croft_index_insert(m, (enum croft_price_kind)kind, row, column, columns);
    link_row(m, CHAIN_AUDITORS, o->auditors, row);
    link_row(m, CHAIN_ATTRIBUTES, o->attributes, row);
    count_words(m, o, 1);
}

static void unlist_offer(struct croft_market *m, u32 row)
{
    CROFT_ASSERT(m->row_next_free[row] == row);
    u16 column[COLUMNS_MAX];
    const struct croft_offer *o = &m->row[row];
    u32 columns = croft_index_columns(m, o, column);
    for (u32 kind = 0; kind < CROFT_PRICE_KIND_COUNT; kind++)
        if (o->price[kind] != 0)
            croft_index_remove(m, (enum croft_price_kind)kind, row, column, columns);
    unlink_row(m, CHAIN_AUDITORS, o->auditors, row);
    unlink_row(m, CHAIN_ATTRIBUTES, o->attributes, row);
    count_words(m, o, UINT32_MAX);
}

static void check_offer(const struct croft_market *m, const struct croft_offer *o)
{
    CROFT_ASSERT(o->flags >> CROFT_FLAG_COUNT == 0);
    for (u32 s = 0; s < CROFT_SPACE_SINGLE; s++)
        CROFT_ASSERT(o->word[s] <= croft_word_count(m->words));
}

croft_err croft_market_put(struct croft_market *m, const struct croft_offer *o)
{
    check_offer(m, o);
    u32 place = id_place(m, o->id);
    if (m->id_table[place] != 0) {
        u32 row = m->id_table[place] - 1;
        unlist_offer(m, row);
        m->row[row] = *o;
        list_offer(m, row);
        return CROFT_OK;
    }
    if (m->count == m->limits.offers_max)
        return CROFT_ERR_OP_FULL;
    u32 row = new_row(m);
    m->row[row] = *o;
    m->row_next_free[row] = row; /* taken: a free row never points to itself */
    m->id_table[place] = row + 1;
    m->count++;
    list_offer(m, row);
    if (m->count >= PLAN_FROM && m->count >= 2 * m->plan.offers)
        croft_market_plan(m);
    return CROFT_OK;
}

void croft_market_drop(struct croft_market *m, u64 id)
{
    u32 place = id_place(m, id);
    if (m->id_table[place] == 0)
        return;
    u32 row = m->id_table[place] - 1;
    unlist_offer(m, row);
    id_remove(m, place);
    m->row_next_free[row] = m->row_free;
    m->row_free = row;
    m->count--;
}

/* ---- reading ---- */

u32 croft_market_count(const struct croft_market *m)
{
    return m->count;
}

const struct croft_words *croft_market_words(const struct croft_market *m)
{
    return m->words;
}

const struct croft_offer *croft_market_find(const struct croft_market *m, u64 id)
{
    u32 row = m->id_table[id_place(m, id)];
    return row == 0 ? NULL : &m->row[row - 1];
}

const struct croft_offer *croft_market_next(const struct croft_market *m, u32 *cursor)
{
    while (*cursor < m->row_high) {
        u32 row = (*cursor)++;
        if (m->row_next_free[row] == row)
            return &m->row[row];
    }
    return NULL;
}

struct croft_match_work croft_market_work(const struct croft_market *m)
{
    return m->work;
}
