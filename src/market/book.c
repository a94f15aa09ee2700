#include "market/index_int.h"

#include "base/assert.h"

#include <string.h>

enum {
    MERGE_BELOW = BLOCK_SLOTS / 4,    /* entries of a block that looks for a neighbour to join */
    MERGED_MAX = BLOCK_SLOTS / 4 * 3, /* entries of both together */
};

/* ---- finding ---- */

/* Position of the block that (price, id) belongs in: the last whose low is not after it, or the first. */
static u32 position_of(const struct croft_market *m, const struct book *b, u64 price, u64 id)
{
    u32 low = 0, count = b->count;
    while (count > 1) {
        u32 half = count / 2;
        const struct block *middle = &m->block[b->order[low + half]];
        if (goes_before(price, id, middle->low_price, middle->low_id)) {
            count = half;
        } else {
            low += half;
            count -= half;
        }
    }
    return low;
}

/* Words that may hold the offer: those that have all its columns somewhere. */
static u64 words_of(const struct croft_market *m, u32 block, const u16 *column, u32 columns)
{
    u64 words = m->live_words[block];
    for (u32 i = 0; i < columns; i++)
        words &= column_summary(m, column[i])[block];
    return words;
}

static u32 slot_of(const struct croft_market *m, u32 block, u32 row, const u16 *column, u32 columns)
{
    const u64 *live = live_words(m, block);
    for (u64 words = words_of(m, block, column, columns); words != 0; words &= words - 1) {
        u32 word = lowest_bit(words);
        for (u64 slots = live[word]; slots != 0; slots &= slots - 1) {
            u32 slot = word * WORD_SLOTS + lowest_bit(slots);
            if (m->slot_row[slot_at(block, slot)] == row)
                return slot;
        }
    }
    CROFT_UNREACHABLE("the entry of a listed offer is in its block");
}

/* ---- blocks ---- */

static u32 new_block(struct croft_market *m)
{
    u32 block = m->block_free;
    if (block != BLOCK_NONE)
        m->block_free = m->block[block].next_free;
    else
        block = m->block_high++;
    CROFT_ASSERT(block < m->blocks_max);
    CROFT_ASSERT(m->live_words[block] == 0); /* whoever left it, left it empty */
    m->block[block] = (struct block){0};
    return block;
}

static void open_position(struct book *b, u32 position, u32 block)
{
    memmove(b->order + position + 1, b->order + position, (b->count - position) * sizeof *b->order);
    b->order[position] = block;
    b->count++;
}

static void close_position(struct croft_market *m, struct book *b, u32 position)
{
    u32 block = b->order[position];
    CROFT_ASSERT(m->block[block].fill == 0);
    m->block[block].next_free = m->block_free;
    m->block_free = block;
    b->count--;
    memmove(b->order + position, b->order + position + 1, (b->count - position) * sizeof *b->order);
}

static void take_slot(struct croft_market *m, u32 block, u32 slot)
{
    u64 *word = &live_words(m, block)[slot / WORD_SLOTS];
    CROFT_ASSERT((*word >> slot % WORD_SLOTS & 1) == 0);
    *word |= UINT64_C(1) << slot % WORD_SLOTS;
    m->live_words[block] |= UINT64_C(1) << slot / WORD_SLOTS;
    m->block[block].fill++;
}

static void give_slot(struct croft_market *m, u32 block, u32 slot)
{
    u64 *word = &live_words(m, block)[slot / WORD_SLOTS];
    CROFT_ASSERT((*word >> slot % WORD_SLOTS & 1) != 0 && m->block[block].fill > 0);
    *word &= ~(UINT64_C(1) << slot % WORD_SLOTS);
    if (*word == 0)
        m->live_words[block] &= ~(UINT64_C(1) << slot / WORD_SLOTS);
    m->block[block].fill--;
}

static void set_bit(struct croft_market *m, u32 block, u32 slot, u32 column)
{
    column_words(m, block, column)[slot / WORD_SLOTS] |= UINT64_C(1) << slot % WORD_SLOTS;
    u64 *summary = &column_summary(m, column)[block], word = UINT64_C(1) << slot / WORD_SLOTS;
    m->column_spread[column] += (*summary & word) == 0;
    *summary |= word;
    m->column_count[column]++;
}

static void clear_bit(struct croft_market *m, u32 block, u32 slot, u32 column)
{
    u64 *word = &column_words(m, block, column)[slot / WORD_SLOTS];
    CROFT_ASSERT((*word >> slot % WORD_SLOTS & 1) != 0);
    *word &= ~(UINT64_C(1) << slot % WORD_SLOTS);
    m->column_count[column]--;
    if (*word != 0)
        return;
    column_summary(m, column)[block] &= ~(UINT64_C(1) << slot / WORD_SLOTS);
    m->column_spread[column]--;
}

/* ---- splitting and merging ---- */

/* The slots of the upper half, by (price, id), and the lowest of them. */
static void upper_half(struct croft_market *m, u32 block, u64 out_slots[BLOCK_WORDS],
                       struct found *out_lowest)
{
    size_t first = slot_at(block, 0);
    u32 count = BLOCK_SLOTS;
    memset(out_slots, 0xff, BLOCK_WORDS * sizeof *out_slots);
    for (u32 slot = 0; slot < BLOCK_SLOTS; slot++)
        m->found[slot] = (struct found){m->price[first + slot], m->id[first + slot], slot};
    croft_found_heap(m->found, count);
    while (count > BLOCK_SLOTS / 2) {
        u32 slot = croft_found_pop(m->found, &count).row;
        out_slots[slot / WORD_SLOTS] &= ~(UINT64_C(1) << slot % WORD_SLOTS);
    }
    *out_lowest = m->found[0];
}

/* Moves these slots of a column, with its summary, to the same slots of an empty one.  Returns in how many
 * words it is now on both sides. */
static u32 move_column(u64 *from, u64 *from_summary, u64 *to, u64 *to_summary, const u64 slots[BLOCK_WORDS])
{
    u64 stays = 0, goes = 0;
    u32 both = 0;
    for (u64 words = *from_summary; words != 0; words &= words - 1) {
        u32 w = lowest_bit(words);
        to[w] = from[w] & slots[w];
        from[w] &= ~slots[w];
        stays |= (u64)(from[w] != 0) << w;
        goes |= (u64)(to[w] != 0) << w;
        both += from[w] != 0 && to[w] != 0;
    }
    *from_summary = stays;
    *to_summary = goes;
    return both;
}

/* Entries keep their slots, so a column moves by masks, and what stood together stays together. */
static void split(struct croft_market *m, struct book *b, u32 position)
{
    u64 slots[BLOCK_WORDS];
    struct found lowest;
    u32 from = b->order[position], to = new_block(m);
    CROFT_ASSERT(m->block[from].fill == BLOCK_SLOTS);
    upper_half(m, from, slots, &lowest);
    CROFT_ASSERT(goes_before(m->block[from].low_price, m->block[from].low_id, lowest.price, lowest.id));
    memcpy(m->price + slot_at(to, 0), m->price + slot_at(from, 0), BLOCK_SLOTS * sizeof *m->price);
    memcpy(m->id + slot_at(to, 0), m->id + slot_at(from, 0), BLOCK_SLOTS * sizeof *m->id);
    memcpy(m->slot_row + slot_at(to, 0), m->slot_row + slot_at(from, 0), BLOCK_SLOTS * sizeof *m->slot_row);
    for (u32 column = 0; column < m->plan.columns; column++)
        m->column_spread[column] +=
            move_column(column_words(m, from, column), &column_summary(m, column)[from],
                        column_words(m, to, column), &column_summary(m, column)[to], slots);
    (void)move_column(live_words(m, from), &m->live_words[from], live_words(m, to), &m->live_words[to],
                      slots);
    m->block[from].fill = m->block[to].fill = BLOCK_SLOTS / 2;
    m->block[to].low_price = lowest.price;
    m->block[to].low_id = lowest.id;
    open_position(b, position + 1, to);
}

/* The slot for each entry of one block in another, which has room for all. */
static void pair_slots(const struct croft_market *m, u32 from, u32 to, u16 out_slot[BLOCK_SLOTS])
{
    const u64 *live = live_words(m, from), *taken = live_words(m, to);
    u32 word = 0;
    u64 room = ~taken[0];
    for (u32 slot = 0; slot < BLOCK_SLOTS; slot++) {
        if ((live[slot / WORD_SLOTS] >> slot % WORD_SLOTS & 1) == 0)
            continue;
        while (room == 0) {
            CROFT_ASSERT(word + 1 < BLOCK_WORDS);
            room = ~taken[++word];
        }
        out_slot[slot] = (u16)(word * WORD_SLOTS + lowest_bit(room));
        room &= room - 1;
    }
}

static void pour_column(struct croft_market *m, u32 from, u32 to, u32 column, const u16 slot[BLOCK_SLOTS])
{
    u64 *a = column_words(m, from, column);
    for (u64 words = column_summary(m, column)[from]; words != 0; words &= words - 1) {
        u32 w = lowest_bit(words);
        for (u64 bits = a[w]; bits != 0; bits &= bits - 1) {
            set_bit(m, to, slot[w * WORD_SLOTS + lowest_bit(bits)], column);
            m->column_count[column]--; /* it moved */
        }
        a[w] = 0;
        m->column_spread[column]--;
    }
    column_summary(m, column)[from] = 0;
}

static void pour_entry(struct croft_market *m, u32 from, u32 slot, u32 to, u32 new_slot)
{
    size_t old = slot_at(from, slot), new = slot_at(to, new_slot);
    m->price[new] = m->price[old];
    m->id[new] = m->id[old];
    m->slot_row[new] = m->slot_row[old];
    take_slot(m, to, new_slot);
    give_slot(m, from, slot);
}

/* The entries of one block into another. */
static void pour(struct croft_market *m, u32 from, u32 to)
{
    u16 slot[BLOCK_SLOTS];
    pair_slots(m, from, to, slot);
    for (u32 column = 0; column < m->plan.columns; column++)
        pour_column(m, from, to, column, slot);
    const u64 *live = live_words(m, from);
    for (u32 w = 0; w < BLOCK_WORDS; w++)
        for (u64 slots = live[w]; slots != 0; slots &= slots - 1) {
            u32 s = w * WORD_SLOTS + lowest_bit(slots);
            pour_entry(m, from, s, to, slot[s]);
        }
    CROFT_ASSERT(m->block[from].fill == 0);
}

/* Joins the block at position + 1 to the one at position, if both are small enough together. */
static bool join(struct croft_market *m, struct book *b, u32 position)
{
    u32 left = b->order[position], right = b->order[position + 1];
    if (m->block[left].fill + m->block[right].fill > MERGED_MAX)
        return false;
    pour(m, right, left);
    close_position(m, b, position + 1);
    return true;
}

static void shrink(struct croft_market *m, struct book *b, u32 position)
{
    if (m->block[b->order[position]].fill >= MERGE_BELOW)
        return;
    if (b->count == 1) {
        if (m->block[b->order[0]].fill == 0)
            close_position(m, b, 0);
        return;
    }
    if (position + 1 < b->count && join(m, b, position))
        return;
    if (position > 0)
        (void)join(m, b, position - 1);
}

/* ---- entries ---- */

/* Words of a block where some offer has this word. */
static u64 words_with(const struct croft_market *m, u32 block, u32 word)
{
    u16 column[HASHES];
    u64 words = m->live_words[block];
    if (word == CROFT_WORD_NONE)
        return 0;
    u32 count = croft_index_word_columns(m, false, word, column);
    for (u32 i = 0; i < count; i++)
        words &= column_summary(m, column[i])[block];
    return words;
}

/* All words of the lines that these are in. */
static u64 whole_lines(u64 words)
{
    u64 lines = 0;
    for (u32 line = 0; line < BLOCK_LINES; line++)
        if ((words >> line * LINE_WORDS & 0xff) != 0)
            lines |= UINT64_C(0xff) << line * LINE_WORDS;
    return lines;
}

static u64 words_with_room(const struct croft_market *m, u32 block)
{
    const u64 *live = live_words(m, block);
    u64 words = 0;
    for (u32 w = 0; w < BLOCK_WORDS; w++)
        words |= (u64)(live[w] != UINT64_MAX) << w;
    return words;
}

/* Beside offers of the same model, best of the same country too; else in an empty word, best in a line with
 * the model. */
static u32 choose_slot(const struct croft_market *m, u32 block, const struct croft_offer *o)
{
    u64 room = words_with_room(m, block), empty = ~m->live_words[block];
    u64 model = words_with(m, block, o->word[CROFT_SPACE_MODEL]);
    u64 country = words_with(m, block, o->word[CROFT_SPACE_COUNTRY]);
    const u64 wish[] = {room & model & country, room & model, empty & whole_lines(model), empty, room};
    u32 i = 0;
    while (wish[i] == 0)
        CROFT_ASSERT(++i < CROFT_COUNT(wish));
    u32 word = lowest_bit(wish[i]);
    return word * WORD_SLOTS + lowest_bit(~live_words(m, block)[word]);
}

void croft_index_insert(struct croft_market *m, enum croft_price_kind kind, u32 row, const u16 *column,
                        u32 columns)
{
    struct book *b = &m->book[kind];
    const struct croft_offer *o = &m->row[row];
    if (b->count == 0)
        open_position(b, 0, new_block(m));
    u32 position = position_of(m, b, o->price[kind], o->id);
    if (m->block[b->order[position]].fill == BLOCK_SLOTS) {
        split(m, b, position);
        position = position_of(m, b, o->price[kind], o->id);
    }
    u32 block = b->order[position], slot = choose_slot(m, block, o);
    m->price[slot_at(block, slot)] = o->price[kind];
    m->id[slot_at(block, slot)] = o->id;
    m->slot_row[slot_at(block, slot)] = row;
    take_slot(m, block, slot);
    for (u32 i = 0; i < columns; i++)
        set_bit(m, block, slot, column[i]);
}

void croft_index_remove(struct croft_market *m, enum croft_price_kind kind, u32 row, const u16 *column,
                        u32 columns)
{
    struct book *b = &m->book[kind];
    const struct croft_offer *o = &m->row[row];
    u32 position = position_of(m, b, o->price[kind], o->id), block = b->order[position];
    u32 slot = slot_of(m, block, row, column, columns);
    for (u32 i = 0; i < columns; i++)
        clear_bit(m, block, slot, column[i]);
    give_slot(m, block, slot);
    shrink(m, b, position);
}

/* ---- a new plan ---- */

void croft_index_empty(struct croft_market *m)
{
    memset(m->bits, 0, m->block_high * m->bits_stride * sizeof *m->bits);
    for (u32 column = 0; column < m->plan.columns; column++)
        memset(column_summary(m, column), 0, m->block_high * sizeof *m->summary);
    memset(m->column_count, 0, COLUMNS_MAX * sizeof *m->column_count);
    memset(m->column_spread, 0, COLUMNS_MAX * sizeof *m->column_spread);
}

static void refill_block(struct croft_market *m, u32 block)
{
    u16 column[COLUMNS_MAX];
    const u64 *live = live_words(m, block);
    for (u32 w = 0; w < BLOCK_WORDS; w++)
        for (u64 slots = live[w]; slots != 0; slots &= slots - 1) {
            u32 slot = w * WORD_SLOTS + lowest_bit(slots);
            u32 columns = croft_index_columns(m, &m->row[m->slot_row[slot_at(block, slot)]], column);
            for (u32 i = 0; i < columns; i++)
                set_bit(m, block, slot, column[i]);
        }
}

void croft_index_refill(struct croft_market *m)
{
    for (u32 block = 0; block < m->block_high; block++)
        refill_block(m, block);
}
