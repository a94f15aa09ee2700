#include "market/gang.h"

#include "base/assert.h"
#include "market/index_int.h"

#include <string.h>

/* Fitting offers by (price, id): a block at a time into the heap. */
struct stream {
    struct search s;
    u32 position, count;
};

static void gather_word(struct croft_market *m, struct stream *in, size_t first_slot, u64 slots)
{
    for (; slots != 0; slots &= slots - 1) {
        size_t at = first_slot + lowest_bit(slots);
        __builtin_prefetch(&m->row[m->slot_row[at]]);
        if (m->price[at] <= in->s.most)
            m->found[in->count++] = (struct found){m->price[at], m->id[at], m->slot_row[at]};
    }
}

static void gather_block(struct croft_market *m, struct stream *in, u32 block, u64 words)
{
    u64 fits[BLOCK_WORDS];
    u32 kept = 0;
    for (u32 lines = croft_index_fits(m, &in->s, block, words, fits); lines != 0; lines &= lines - 1) {
        u32 first = (u32)__builtin_ctz(lines) * LINE_WORDS;
        for (u32 w = first; w < first + LINE_WORDS; w++)
            gather_word(m, in, slot_at(block, w * WORD_SLOTS), fits[w]);
    }
    CROFT_ASSERT(in->count <= m->block[block].fill);
    for (u32 i = 0; i < in->count; i++)
        if (in->s.inexact == 0 || croft_index_passes(m, &in->s, &m->row[m->found[i].row]))
            m->found[kept++] = m->found[i];
    in->count = kept;
    croft_found_heap(m->found, kept);
}

static void gather_rare(struct croft_market *m, struct stream *in)
{
    struct postings at = {0};
    for (u32 row; (row = croft_index_postings(m, &in->s, &at)) != ROW_NONE;) {
        CROFT_ASSERT(in->count < in->s.rare_offers); /* what m->found has room for */
        m->found[in->count++] = (struct found){m->row[row].price[in->s.r->price_kind], m->row[row].id, row};
    }
    croft_found_heap(m->found, in->count);
}

static bool next_fit(struct croft_market *m, struct stream *in, struct found *out)
{
    while (in->count == 0) {
        if (in->s.nobody || in->s.rare != NULL || in->position == in->s.book->count)
            return false;
        u32 block = in->s.book->order[in->position++];
        if (in->position > 1 && m->block[block].low_price > in->s.most)
            return false;
        u64 words = croft_index_candidates(m, &in->s, block);
        if (words != 0)
            gather_block(m, in, block, words);
    }
    *out = croft_found_pop(m->found, &in->count);
    return true;
}

/* ---- groups ---- */

struct gangs {
    struct croft_market *m;
    const struct croft_gang_terms *terms;
    u32 wanted; /* count and alternates */
    u32 groups;
    u32 best; /* group + 1 of the least total so far; 0: none */
};

static void key_of(const struct croft_gang_terms *t, const struct croft_offer *o, struct gang_group *out)
{
    memset(out->kind, 0, sizeof out->kind);
    if (t->same_kind) {
        out->kind[0] = (u64)o->word[CROFT_SPACE_VENDOR] << 32 | o->word[CROFT_SPACE_MODEL];
        out->kind[1] = (u64)o->word[CROFT_SPACE_INTERFACE] << 32 | o->number[CROFT_NUMBER_VRAM_MIB];
        out->kind[2] = o->number[CROFT_NUMBER_GPUS];
    }
    out->kind[3] = t->same_country ? o->word[CROFT_SPACE_COUNTRY] : 0;
}

/* The group of an offer, made if it is new; NULL when there are too many. */
static struct gang_group *group_of(struct gangs *g, const struct croft_offer *o)
{
    struct croft_market *m = g->m;
    u32 mask = croft_index_places(m->limits.gang_groups_max) - 1;
    struct gang_group key;
    key_of(g->terms, o, &key);
    u64 h = 0;
    for (u32 i = 0; i < CROFT_COUNT(key.kind); i++)
        h = ((h ^ h >> 29) ^ key.kind[i]) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 32;
    u32 at = (u32)h & mask;
    for (; m->group_table[at] != 0; at = (at + 1) & mask)
        if (memcmp(m->group[m->group_table[at] - 1].kind, key.kind, sizeof key.kind) == 0)
            return &m->group[m->group_table[at] - 1];
    if (g->groups == m->limits.gang_groups_max)
        return NULL;
    struct gang_group *made = &m->group[g->groups++];
    memcpy(made->kind, key.kind, sizeof made->kind);
    made->count = 0;
    made->total = 0;
    m->group_table[at] = g->groups;
    return made;
}

/* Offers come by (price, id), so taking each that the rule for nodes allows gives the least total of a group.
 */
static void offer_to(struct gangs *g, struct gang_group *group, const struct found *f)
{
    u32 node = g->m->row[f->row].node, of_node = 0;
    if (group->count == g->wanted)
        return;
    for (u32 i = 0; i < group->count && g->terms->per_node != 0; i++)
        of_node += group->node[i] == node;
    if (g->terms->per_node != 0 && of_node >= g->terms->per_node)
        return;
    group->row[group->count] = f->row;
    group->node[group->count++] = node;
    if (group->count <= g->terms->count)
        group->total += f->price;
    u32 place = (u32)(group - g->m->group) + 1;
    if (group->count == g->terms->count && (g->best == 0 || group->total < g->m->group[g->best - 1].total))
        g->best = place;
}

/* Whether some group may still come to less than the best, when all further offers cost price or more. */
static bool may_improve(const struct gangs *g, u64 price)
{
    u128 best = g->m->group[g->best - 1].total;
    if ((u128)price * g->terms->count < best && g->groups < g->m->limits.gang_groups_max)
        return true;
    for (u32 i = 0; i < g->groups; i++) {
        const struct gang_group *group = &g->m->group[i];
        if (group->count < g->terms->count &&
            group->total + (u128)price * (g->terms->count - group->count) < best)
            return true;
    }
    return false;
}

/* Until no group can beat the best, then until the best has its alternates. */
static void fill_groups(struct gangs *g, struct stream *in)
{
    enum { LOOK_EVERY = 16 };
    struct found f;
    u64 price = 0;
    bool decided = false;
    for (u32 seen = 1; next_fit(g->m, in, &f); seen++) {
        CROFT_ASSERT(f.price >= price);
        price = f.price;
        if (!decided && g->best != 0 && seen % LOOK_EVERY == 0)
            decided = !may_improve(g, f.price);
        if (decided && g->m->group[g->best - 1].count == g->wanted)
            return;
        struct gang_group *group = group_of(g, &g->m->row[f.row]);
        if (group != NULL && (!decided || group == &g->m->group[g->best - 1]))
            offer_to(g, group, &f);
    }
}

u32 croft_gang_find(struct croft_market *m, const struct croft_requirement *r,
                    const struct croft_gang_terms *t, const struct croft_offer **out)
{
    struct stream in;
    struct gangs g = {.m = m, .terms = t, .wanted = t->count + t->alternates};
    CROFT_ASSERT(t->count >= 1 && t->count <= CROFT_GANG_MAX && t->alternates <= CROFT_GANG_ALTERNATES_MAX);
    memset(m->group_table, 0, croft_index_places(m->limits.gang_groups_max) * sizeof *m->group_table);
    croft_index_search(m, r, &in.s);
    in.position = in.count = 0;
    if (in.s.rare != NULL)
        gather_rare(m, &in);
    fill_groups(&g, &in);
    if (g.best == 0)
        return 0;
    const struct gang_group *best = &m->group[g.best - 1];
    CROFT_ASSERT(best->count >= t->count && best->count <= g.wanted);
    for (u32 i = 0; i < best->count; i++)
        out[i] = &m->row[best->row[i]];
    return best->count;
}
