#include "market/index_int.h"

#include "base/assert.h"

#include <string.h>

enum { MILLION = 1000000 };

/* ---- from tests to terms ---- */

/* False, nothing added, when there is no room: the test is then made on the offers themselves. */
static bool add_choice(struct search *s, struct term *t, const struct choice *c)
{
    if (s->choices == CHOICES_MAX || t->choice_count == CHOICES_PER_TERM_MAX)
        return false;
    s->choice[s->choices++] = *c;
    t->choice_count++;
    return true;
}

static u32 choice_share_ppm(const struct croft_market *m, const struct choice *c)
{
    u32 least = MILLION;
    for (u32 i = 0; i < c->count; i++) {
        u64 slots = (u64)m->column_spread[c->column[i]] * WORD_SLOTS;
        u64 share = slots == 0 ? 0 : m->column_count[c->column[i]] * (u64)MILLION / slots;
        least = share < least ? (u32)share : least;
    }
    return least;
}

/* Terms that few slots meet go first.  What a summary has decided already, as a model, is met by nearly all
 * slots of the words that are left, and goes last. */
static void add_term(const struct croft_market *m, struct search *s, struct term t)
{
    CROFT_ASSERT(t.choice_at + t.choice_count == s->choices); /* the last ones, without a gap */
    for (u32 i = 0; i < t.choice_count; i++)
        t.share_ppm += choice_share_ppm(m, &s->choice[t.choice_at + i]);
    if (t.negative)
        t.share_ppm = UINT32_MAX - t.share_ppm; /* behind all others: no summary helps it */
    u32 at = s->terms++;
    CROFT_ASSERT(s->terms <= TERMS_MAX);
    for (; at > 0 && s->term[at - 1].share_ppm > t.share_ppm; at--)
        s->term[at] = s->term[at - 1];
    s->term[at] = t;
}

/* Returns whether the term says all that the test asks. */
static bool add_column(const struct croft_market *m, struct search *s, u32 column, bool negative)
{
    struct term t = {.choice_at = (u16)s->choices, .negative = negative};
    if (s->terms == TERMS_MAX || !add_choice(s, &t, &(struct choice){{(u16)column, 0, 0}, 1}))
        return false;
    add_term(m, s, t);
    return true;
}

static bool plan_flags(const struct croft_market *m, struct search *s, u64 flags)
{
    bool exact = true;
    for (; flags != 0; flags &= flags - 1)
        exact = add_column(m, s, COLUMN_FLAGS + lowest_bit(flags), false) && exact;
    return exact;
}

/* At least `least`: the highest threshold that is not above it.  At most `most`: not the lowest that is above
 * it. */
static bool plan_number(const struct croft_market *m, struct search *s, const struct croft_test *t,
                        u32 number)
{
    const struct threshold_list *list = &m->plan.number[number];
    u32 at_least = croft_index_thresholds_below(list, t->least),
        at_most = croft_index_thresholds_below(list, t->most);
    bool exact = true;
    if (at_least > 0)
        exact = add_column(m, s, list->column + at_least - 1, false) && list->value[at_least - 1] == t->least;
    else
        exact = t->least == 0;
    if (at_most < list->count)
        exact =
            add_column(m, s, list->column + at_most, true) && exact && list->value[at_most] == t->most + 1;
    else
        exact = exact && t->most >= UINT32_MAX;
    return exact;
}

/* A test that few offers pass is the whole search: they are looked at one by one.  Without columns more are
 * few. */
static void note_rare(const struct croft_market *m, struct search *s, const struct croft_test *t,
                      bool has_columns)
{
    u64 few = m->count / RARE_SHARE;
    few = !has_columns ? few + RARE_ALWAYS : few < RARE_MAX ? few : RARE_MAX;
    u64 offers = 0;
    for (u32 i = 0; i < t->word_count; i++)
        offers += m->word_offers[s->r->word[t->word_at + i]];
    if (offers > few || (s->rare != NULL && s->rare_offers <= offers))
        return;
    s->rare = t;
    s->rare_offers = offers;
}

static bool plan_words(const struct croft_market *m, struct search *s, const struct croft_test *t,
                       bool in_set)
{
    struct term term = {.choice_at = (u16)s->choices};
    u32 choices = s->choices;
    bool exact = true;
    if (t->any)
        return false;
    s->nobody = s->nobody || t->word_count == 0;
    for (u32 i = 0; i < t->word_count; i++) {
        struct choice c = {0};
        c.count = (u16)croft_index_word_columns(m, in_set, s->r->word[t->word_at + i], c.column);
        exact = exact && c.count == 1;
        if (c.count == 0 || s->terms == TERMS_MAX || !add_choice(s, &term, &c)) {
            s->choices = choices; /* no column, or too many: not a term at all */
            if (in_set)
                note_rare(m, s, t, false);
            return false;
        }
    }
    if (in_set)
        note_rare(m, s, t, true);
    add_term(m, s, term);
    return exact;
}

static bool plan_test(const struct croft_market *m, struct search *s, const struct croft_test *t)
{
    const struct croft_field_shape *shape = croft_field_shape((enum croft_trait)t->field);
    switch ((enum croft_trait_form)shape->form) {
    case CROFT_FORM_FLAGS:
        return plan_flags(m, s, t->least);
    case CROFT_FORM_NUMBER:
        return plan_number(m, s, t, shape->index);
    case CROFT_FORM_WORD:
        return plan_words(m, s, t, false);
    case CROFT_FORM_SET:
        return plan_words(m, s, t, true);
    case CROFT_FORM_PRICE:
        s->most = t->most;
        return true;
    }
    CROFT_UNREACHABLE("form of a field");
}

void croft_index_search(struct croft_market *m, const struct croft_requirement *r, struct search *out)
{
    CROFT_ASSERT(r->count >= 1 && r->test[r->count - 1].field == CROFT_TRAIT_PRICE);
    out->r = r;
    out->book = &m->book[r->price_kind];
    out->most = 0;
    out->nobody = false;
    out->rare = NULL;
    out->terms = out->choices = out->inexact = 0;
    m->work = (struct croft_match_work){0};
    for (u32 i = 0; i < r->count; i++)
        if (!plan_test(m, out, &r->test[i]))
            out->inexact_place[out->inexact++] = (u8)i;
}

/* ---- the few offers of a rare word ---- */

/* The next row of the test's words: through the sets of a word, through the offers of a set. */
static u32 next_of_words(struct croft_market *m, const struct search *s, struct postings *at)
{
    const u32 *word = s->r->word + s->rare->word_at;
    u32 chain = s->rare->field == CROFT_TRAIT_AUDITOR ? CHAIN_AUDITORS : CHAIN_ATTRIBUTES;
    while (at->word < s->rare->word_count) {
        if (at->row != 0) {
            u32 row = at->row - 1;
            at->row = m->chain[chain][row].next;
            return row;
        }
        u32 set;
        at->member = croft_word_next_set(m->words, word[at->word], at->member, &set);
        if (at->member == 0)
            at->word++;
        else if (!croft_word_set_meets(m->words, set, word, at->word)) /* else an earlier word led here */
            at->row = m->chain_first[chain][set];
    }
    return ROW_NONE;
}

u32 croft_index_postings(struct croft_market *m, const struct search *s, struct postings *at)
{
    for (;;) {
        u32 row = next_of_words(m, s, at);
        if (row == ROW_NONE)
            return ROW_NONE;
        m->work.tested++;
        if (croft_requirement_test(s->r, m->words, &m->row[row]) == s->r->count)
            return row;
    }
}

/* ---- from terms to candidate words ---- */

static u64 choice_words(const struct croft_market *m, const struct choice *c, u32 block)
{
    u64 words = column_summary(m, c->column[0])[block];
    for (u32 i = 1; i < c->count; i++)
        words &= column_summary(m, c->column[i])[block];
    return words;
}

u64 croft_index_candidates(const struct croft_market *m, const struct search *s, u32 block)
{
    u64 words = m->live_words[block];
    for (u32 i = 0; i < s->terms && words != 0 && !s->term[i].negative; i++) {
        const struct term *t = &s->term[i];
        u64 with = 0;
        for (u32 k = 0; k < t->choice_count; k++)
            with |= choice_words(m, &s->choice[t->choice_at + k], block);
        words &= with;
    }
    return words;
}

/* ---- from candidate words to offers ---- */

static u64 and_line(u64 line[LINE_WORDS], const u64 *with)
{
    u64 any = 0;
    for (u32 w = 0; w < LINE_WORDS; w++) {
        line[w] &= with[w];
        any |= line[w];
    }
    return any;
}

static u64 and_not_line(u64 line[LINE_WORDS], const u64 *without)
{
    u64 any = 0;
    for (u32 w = 0; w < LINE_WORDS; w++) {
        line[w] &= ~without[w];
        any |= line[w];
    }
    return any;
}

static u64 and_choices(const struct croft_market *m, const struct choice *c, u32 count, u32 block, u32 first,
                       u64 line[LINE_WORDS])
{
    u64 sum[LINE_WORDS] = {0};
    for (u32 k = 0; k < count; k++) {
        if ((column_summary(m, c[k].column[0])[block] >> first & 0xff) == 0)
            continue;
        u64 one[LINE_WORDS];
        memcpy(one, column_words(m, block, c[k].column[0]) + first, sizeof one);
        for (u32 x = 1; x < c[k].count; x++)
            and_line(one, column_words(m, block, c[k].column[x]) + first);
        for (u32 w = 0; w < LINE_WORDS; w++)
            sum[w] |= one[w];
    }
    return and_line(line, sum);
}

/* Term by term over all lines that are left: the loads of a term do not wait for one another. */
static u32 and_term(const struct croft_market *m, const struct search *s, const struct term *t, u32 block,
                    u32 lines, u64 fits[BLOCK_WORDS])
{
    const struct choice *c = &s->choice[t->choice_at];
    const u64 *column = column_words(m, block, c->column[0]);
    bool plain = t->choice_count == 1 && c->count == 1;
    u32 left = 0;
    for (; lines != 0; lines &= lines - 1) {
        u32 line = (u32)__builtin_ctz(lines), first = line * LINE_WORDS;
        u64 any = t->negative ? and_not_line(fits + first, column + first)
                  : plain     ? and_line(fits + first, column + first)
                              : and_choices(m, c, t->choice_count, block, first, fits + first);
        left |= (u32)(any != 0) << line;
    }
    return left;
}

u32 croft_index_fits(struct croft_market *m, const struct search *s, u32 block, u64 words,
                     u64 fits[BLOCK_WORDS])
{
    u32 lines = 0, term = 0;
    const u64 *first = live_words(m, block);
    CROFT_ASSERT((words & ~m->live_words[block]) == 0);
    for (u32 line = 0; line < BLOCK_LINES; line++)
        lines |= (u32)((words >> line * LINE_WORDS & 0xff) != 0) << line;
    if (s->terms > 0 && !s->term[0].negative && s->term[0].choice_count == 1 &&
        s->choice[s->term[0].choice_at].count == 1)
        first = column_words(m, block, s->choice[s->term[term++].choice_at].column[0]);
    for (u32 left = lines; left != 0; left &= left - 1) {
        u32 line = (u32)__builtin_ctz(left);
        memcpy(fits + line * LINE_WORDS, first + line * LINE_WORDS, LINE_WORDS * sizeof *fits);
        m->work.lines++;
    }
    for (; term < s->terms && lines != 0; term++)
        lines = and_term(m, s, &s->term[term], block, lines, fits);
    m->work.blocks++;
    return lines;
}

bool croft_index_passes(struct croft_market *m, const struct search *s, const struct croft_offer *o)
{
    m->work.tested++;
    for (u32 i = 0; i < s->inexact; i++)
        if (!croft_test_holds(s->r, s->inexact_place[i], m->words, o))
            return false;
    return true;
}

/* ---- the cheapest ---- */

struct best {
    u32 want, count;
    struct found found[CROFT_MATCH_MAX]; /* by (price, id) */
};

static bool too_late(const struct best *b, u64 price, u64 id)
{
    if (b->count < b->want)
        return false;
    const struct found *last = &b->found[b->count - 1];
    return !goes_before(price, id, last->price, last->id);
}

static void keep(struct best *b, struct found f)
{
    u32 at = b->count < b->want ? b->count++ : b->count - 1;
    for (; at > 0 && goes_before(f.price, f.id, b->found[at - 1].price, b->found[at - 1].id); at--)
        b->found[at] = b->found[at - 1];
    CROFT_ASSERT(at == 0 || goes_before(b->found[at - 1].price, b->found[at - 1].id, f.price, f.id));
    b->found[at] = f;
}

/* Entries of a line that may still count; their offers are on the way into the cache when they are tested. */
static u32 gather(struct croft_market *m, const struct search *s, const struct best *b, size_t first_slot,
                  const u64 line[LINE_WORDS])
{
    u32 count = 0;
    for (u32 w = 0; w < LINE_WORDS; w++)
        for (u64 slots = line[w]; slots != 0; slots &= slots - 1) {
            size_t at = first_slot + w * WORD_SLOTS + lowest_bit(slots);
            if (m->price[at] > s->most || too_late(b, m->price[at], m->id[at]))
                continue;
            m->found[count++] = (struct found){m->price[at], m->id[at], m->slot_row[at]};
            if (s->inexact > 0)
                __builtin_prefetch(&m->row[m->slot_row[at]]);
        }
    return count;
}

static void search_block(struct croft_market *m, const struct search *s, struct best *b, u32 block, u64 words)
{
    u64 fits[BLOCK_WORDS];
    for (u32 lines = croft_index_fits(m, s, block, words, fits); lines != 0; lines &= lines - 1) {
        u32 line = (u32)__builtin_ctz(lines);
        u32 count = gather(m, s, b, slot_at(block, line * LINE_WORDS * WORD_SLOTS), fits + line * LINE_WORDS);
        for (u32 i = 0; i < count; i++) {
            struct found f = m->found[i];
            if (!too_late(b, f.price, f.id) && (s->inexact == 0 || croft_index_passes(m, s, &m->row[f.row])))
                keep(b, f);
        }
    }
}

static bool ends_before(const struct croft_market *m, const struct search *s, const struct best *b,
                        u32 position)
{
    const struct block *block = &m->block[s->book->order[position]];
    return position > 0 && (block->low_price > s->most || too_late(b, block->low_price, block->low_id));
}

/* Most searches end in the first blocks. */
static u32 search_first(struct croft_market *m, const struct search *s, struct best *b)
{
    enum { FIRST_BLOCKS = 6 };
    u32 position = 0;
    for (; position < s->book->count && position < FIRST_BLOCKS; position++) {
        if (ends_before(m, s, b, position))
            return s->book->count;
        u64 words = croft_index_candidates(m, s, s->book->order[position]);
        if (words != 0)
            search_block(m, s, b, s->book->order[position], words);
    }
    return position;
}

/* The rest goes through many blocks: the candidates of all at once, column by column, and what a block needs
 * is fetched while those before it are searched. */
static void mark_candidates(struct croft_market *m, const struct search *s)
{
    memcpy(m->candidates, m->live_words, m->block_high * sizeof *m->candidates);
    for (u32 i = 0; i < s->terms && !s->term[i].negative; i++) {
        const struct choice *c = &s->choice[s->term[i].choice_at];
        const u64 *summary = column_summary(m, c->column[0]);
        if (s->term[i].choice_count == 1 && c->count == 1) {
            for (u32 block = 0; block < m->block_high; block++)
                m->candidates[block] &= summary[block];
            continue;
        }
        for (u32 block = 0; block < m->block_high; block++) {
            u64 with = 0;
            for (u32 k = 0; k < s->term[i].choice_count; k++)
                with |= choice_words(m, &c[k], block);
            m->candidates[block] &= with;
        }
    }
}

/* The columns that a block is asked for first. */
struct wanted {
    u32 count;
    u16 column[6];
};

static struct wanted wanted_columns(const struct search *s)
{
    struct wanted w = {0};
    for (u32 i = 0; i < s->terms; i++)
        for (u32 k = 0; k < s->term[i].choice_count && w.count < CROFT_COUNT(w.column); k++)
            w.column[w.count++] = s->choice[s->term[i].choice_at + k].column[0];
    return w;
}

static void prefetch_block(const struct croft_market *m, const struct wanted *wanted, u32 block)
{
    for (u64 words = m->candidates[block]; words != 0;) {
        u32 line = lowest_bit(words) / LINE_WORDS;
        words &= ~(UINT64_C(0xff) << line * LINE_WORDS);
        for (u32 i = 0; i < wanted->count; i++)
            __builtin_prefetch(column_words(m, block, wanted->column[i]) + line * LINE_WORDS);
    }
}

static void search_rest(struct croft_market *m, const struct search *s, struct best *b, u32 position)
{
    enum { AHEAD = 4 };
    const u32 *order = s->book->order;
    const struct wanted wanted = wanted_columns(s);
    u32 ahead = position;
    mark_candidates(m, s);
    for (; position < s->book->count && !ends_before(m, s, b, position); position++) {
        for (; ahead < s->book->count && ahead <= position + AHEAD; ahead++)
            prefetch_block(m, &wanted, order[ahead]);
        if (m->candidates[order[position]] != 0)
            search_block(m, s, b, order[position], m->candidates[order[position]]);
    }
}

static void search_book(struct croft_market *m, const struct search *s, struct best *b)
{
    u32 position = search_first(m, s, b);
    if (position < s->book->count && !ends_before(m, s, b, position))
        search_rest(m, s, b, position);
}

static void search_rare(struct croft_market *m, const struct search *s, struct best *b)
{
    struct postings at = {0};
    for (;;) {
        u32 row = croft_index_postings(m, s, &at);
        if (row == ROW_NONE)
            return;
        const struct croft_offer *o = &m->row[row];
        u64 price = o->price[s->r->price_kind];
        if (!too_late(b, price, o->id))
            keep(b, (struct found){price, o->id, row});
    }
}

u32 croft_market_match(struct croft_market *m, const struct croft_requirement *r, u32 want,
                       const struct croft_offer **out)
{
    struct search s;
    struct best b;
    CROFT_ASSERT(want >= 1 && want <= CROFT_MATCH_MAX);
    b.want = want;
    b.count = 0;
    croft_index_search(m, r, &s);
    if (s.rare != NULL)
        search_rare(m, &s, &b);
    else if (!s.nobody)
        search_book(m, &s, &b);
    for (u32 i = 0; i < b.count; i++)
        out[i] = &m->row[b.found[i].row];
    return b.count;
}
