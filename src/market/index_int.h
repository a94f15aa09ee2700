/* market/index_int.h - the insides of struct croft_market.
 *
 *   rows      the offers; a hash table finds them by id
 *   book      one for each price kind: its blocks in order of (price, id); an offer is in the book of each
 * kind it has a price for block     64 words of 64 slots; a slot holds price, id and row of an offer column
 * for each block 64 words: bit s is whether the offer in slot s has some fact summary   for each column and
 * block one word: bit w is whether word w of the column is not zero
 *
 * Columns: one for each flag, HASHED ones, and what the plan gives a column of its own: thresholds of numbers
 * ("at least t") and frequent words.  A single word (of a model, a country) without a column of its own sets
 * HASHES of the HASHED columns, as in a Bloom filter.  A word of a set without one sets none: its few offers
 * are found through the sets that have it, whose offers are chained.
 *
 * Strides of columns and blocks are odd numbers of cache lines: at powers of two, the same column of all
 * blocks would share a few sets of the cache.
 *
 *   match.c   offers by id, changes      book.c    blocks: find, insert, remove, split, merge
 *   plan.c    what columns there are     search.c  from tests to columns to offers      heap.c  the next
 * cheapest
 */
#ifndef CROFT_MARKET_INDEX_INT_H
#define CROFT_MARKET_INDEX_INT_H

#include "market/gang.h"
#include "market/match.h"

enum {
    WORD_SLOTS = 64,
    BLOCK_WORDS = 64,
    BLOCK_SLOTS = WORD_SLOTS * BLOCK_WORDS,
    LINE_WORDS = 8, /* a cache line */
    BLOCK_LINES = BLOCK_WORDS / LINE_WORDS,

    COLUMN_FLAGS = 0,
    COLUMN_HASHED = COLUMN_FLAGS + CROFT_FLAG_COUNT,
    HASHED_COLUMNS = 128,
    HASHES = 3,
    COLUMN_PLANNED = COLUMN_HASHED + HASHED_COLUMNS,
    THRESHOLDS_MAX = 48, /* of one number */
    WORD_COLUMNS_MAX = 1024,
    COLUMNS_MAX = 2048,

    ROW_NONE = 0xffffffffu,
    BLOCK_NONE = 0xffffffffu
};
_Static_assert(COLUMN_PLANNED + CROFT_NUMBER_COUNT * THRESHOLDS_MAX + WORD_COLUMNS_MAX <= COLUMNS_MAX,
               "every column has a number");

/* Offers with the same set of auditors, or of attributes. */
enum { CHAIN_AUDITORS, CHAIN_ATTRIBUTES, CHAINS };
struct chain {
    u32 next, previous; /* row + 1; 0: none */
};

struct block {
    u64 low_price, low_id; /* no entry is before it, except in a book's first block */
    u32 fill;
    u32 next_free;
};

struct book {
    u32 *order; /* blocks by price */
    u32 count;
};

struct threshold_list {
    u32 value[THRESHOLDS_MAX]; /* ascending */
    u32 count;
    u16 column; /* of value[0]; the others follow */
};

struct plan {
    struct threshold_list number[CROFT_NUMBER_COUNT];
    u16 *word_column; /* by word: its own, 0 when it has none; words made since the last plan have none */
    u32 words;        /* that word_column covers */
    u32 columns;      /* in use */
    u32 offers;       /* there were */
};

/* An entry on its way through a search. */
struct found {
    u64 price, id;
    u32 row;
};

/* Offers that may be in one gang, while it is looked for: the cheapest of them. */
struct gang_group {
    u64 kind[4]; /* what they have in common; zeros where that does not matter */
    u128 total;  /* price of the gang itself, without alternates */
    u32 count;
    u32 row[CROFT_GANG_MAX + CROFT_GANG_ALTERNATES_MAX];
    u32 node[CROFT_GANG_MAX + CROFT_GANG_ALTERNATES_MAX];
};

struct croft_market {
    struct croft_market_limits limits;
    const struct croft_words *words;
    struct croft_offer *row;
    u32 *row_next_free; /* itself: the row is taken */
    u32 row_high, row_free, count;
    u32 *id_table; /* open addressing: row + 1 */

    u32 blocks_max, block_high, block_free;
    struct block *block;
    u64 *price, *id; /* by block and slot */
    u32 *slot_row;
    u64 *live;       /* [block][BLOCK_WORDS]: slots that are taken */
    u64 *live_words; /* its summary */
    u64 *bits;       /* [block][column][BLOCK_WORDS], bits_stride from block to block */
    u64 *summary;    /* [column][block], summary_stride from column to column */
    size_t bits_stride, summary_stride;
    u32 *column_count;           /* bits set, over all blocks */
    u32 *column_spread;          /* bits of its summary set, over all blocks */
    struct chain *chain[CHAINS]; /* by row */
    u32 *chain_first[CHAINS];    /* by set: row + 1 */
    u32 *word_offers;            /* by word: offers that have it */
    struct book book[CROFT_PRICE_KIND_COUNT];
    struct plan plan;

    /* scratch of one call */
    u64 *candidates;              /* by block: what croft_index_candidates would say */
    struct found *found;          /* entries of a block, or the offers of a rare word */
    u32 *sample, *sample_scratch; /* SAMPLE_MAX */
    struct gang_group *group;     /* gang.c */
    u32 *group_table;             /* open addressing: group + 1 */
    struct croft_match_work work;
};

static inline u64 *live_words(const struct croft_market *m, u32 block)
{
    return m->live + (size_t)block * BLOCK_WORDS;
}

static inline u64 *column_words(const struct croft_market *m, u32 block, u32 column)
{
    return m->bits + block * m->bits_stride + (size_t)column * BLOCK_WORDS;
}

static inline u64 *column_summary(const struct croft_market *m, u32 column)
{
    return m->summary + column * m->summary_stride;
}

/* An odd number of cache lines. */
static inline size_t odd_stride(size_t words)
{
    return ((words + LINE_WORDS - 1) / LINE_WORDS | 1) * LINE_WORDS;
}

static inline size_t slot_at(u32 block, u32 slot)
{
    return (size_t)block * BLOCK_SLOTS + slot;
}

/* Whether (price, id) goes before the other. */
static inline bool goes_before(u64 price, u64 id, u64 other_price, u64 other_id)
{
    return price < other_price || (price == other_price && id < other_id);
}

static inline u32 lowest_bit(u64 word)
{
    return (u32)__builtin_ctzll(word);
}

/* Places of a hash table for so many entries: a power of two, at least twice as many. */
u32 croft_index_places(u32 entries);

/* ---- plan.c ---- */

enum { SAMPLE_MAX = 1 << 16 };

/* The columns of an offer; at most COLUMNS_MAX. */
u32 croft_index_columns(const struct croft_market *m, const struct croft_offer *o, u16 out[COLUMNS_MAX]);

/* The columns that an offer with this word has all of; returns how many.  One: exact; more: others may have
 * them too; none: its offers are found by croft_index_postings. */
u32 croft_index_word_columns(const struct croft_market *m, bool in_set, u32 word, u16 out[HASHES]);

/* Number of thresholds of a number that are at most value. */
u32 croft_index_thresholds_below(const struct threshold_list *list, u64 value);

/* ---- book.c ---- */

void croft_index_insert(struct croft_market *m, enum croft_price_kind kind, u32 row, const u16 *column,
                        u32 columns);
void croft_index_remove(struct croft_market *m, enum croft_price_kind kind, u32 row, const u16 *column,
                        u32 columns);

/* Empties the columns of all blocks, by the plan they were made by; sets them, by the plan there is now. */
void croft_index_empty(struct croft_market *m);
void croft_index_refill(struct croft_market *m);

/* ---- heap.c: entries by (price, id), the first at [0] ---- */

void croft_found_heap(struct found *found, u32 count);
struct found croft_found_pop(struct found *found,
                             u32 *count); /* takes the first out; *count > 0 (asserted) */

/* ---- search.c ---- */

enum {
    TERMS_MAX = 80,
    CHOICES_MAX = 512,
    CHOICES_PER_TERM_MAX = 64,
    RARE_MAX = 512,
    RARE_SHARE = 64,
    RARE_ALWAYS = 8
};

/* One way to meet a term: all of these columns. */
struct choice {
    u16 column[HASHES];
    u16 count;
};

/* One of its choices is met, or, when negative, its one column is not. */
struct term {
    u16 choice_at, choice_count;
    bool negative;
    u32 share_ppm; /* of the slots of words where it is met at all, that meet it; about */
};

struct search {
    const struct croft_requirement *r;
    const struct book *book;
    u64 most; /* price */
    bool nobody;
    u32 terms, choices, inexact;
    const struct croft_test
        *rare; /* a SET test that few offers pass, found through their chains; NULL: none */
    u64 rare_offers;
    struct term term[TERMS_MAX];
    struct choice choice[CHOICES_MAX];
    u8 inexact_place[CROFT_TESTS_MAX]; /* tests that columns do not decide */
};

void croft_index_search(struct croft_market *m, const struct croft_requirement *r, struct search *out);

/* Words of a block that may hold something: each term has a choice whose columns are all somewhere in them.
 */
u64 croft_index_candidates(const struct croft_market *m, const struct search *s, u32 block);

/* The slots of these words' lines that meet all terms: fits has the words of the lines whose bits are set in
 * the result. */
u32 croft_index_fits(struct croft_market *m, const struct search *s, u32 block, u64 words,
                     u64 fits[BLOCK_WORDS]);

/* Offers of a search with a rare test that pass all tests, each once, in no order: begin with a zeroed
 * cursor; ROW_NONE ends. */
struct postings {
    u32 word, member; /* where in the test's words, and in the sets of that word */
    u32 row;          /* of that set: row + 1 */
};
u32 croft_index_postings(struct croft_market *m, const struct search *s, struct postings *at);

/* Whether the offer passes the tests that columns do not decide. */
bool croft_index_passes(struct croft_market *m, const struct search *s, const struct croft_offer *o);

#endif
