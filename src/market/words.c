#include "market/words.h"

#include "base/assert.h"
#include "base/sort.h"
#include "market/hash_int.h"

#include <string.h>

struct word {
    u32 text_at;
    u16 text_len;
    u16 space;
    u32 next;          /* the word of the same space made before it */
    u32 newest_member; /* of a set: its place there; 0: none */
};

struct set {
    u32 at, count;
};

/* For each member of a set: the set, and the member that is the same word in the set made before. */
struct membership {
    u32 set, next;
};

struct croft_words {
    struct croft_words_limits limits;
    struct word *word; /* [0] is not used */
    u8 *text;
    u32 *word_table; /* open addressing: word numbers, 0 is empty */
    struct set *set; /* [0] is the empty set */
    u32 *member;     /* [0] is not used */
    struct membership *membership;
    u32 *set_table;
    u32 words, text_bytes, sets, members;
    u32 newest[CROFT_WORD_SPACES];
};

/* At least twice as many places as entries, a power of two. */
static u32 table_places(u32 entries)
{
    u32 places = 16;
    while (places < 2 * entries)
        places *= 2;
    return places;
}

size_t croft_words_size(const struct croft_words_limits *l)
{
    size_t words = (size_t)l->words_max + 1, sets = (size_t)l->sets_max + 1;
    return sizeof(struct croft_words) + words * sizeof(struct word) + l->text_bytes_max +
           sets * sizeof(struct set) +
           ((size_t)l->members_max + 1) * (sizeof(u32) + sizeof(struct membership)) +
           ((size_t)table_places(l->words_max) + table_places(l->sets_max)) * sizeof(u32) + 8 * 64;
}

croft_err croft_words_init(struct croft_words **out, struct croft_arena *mem,
                           const struct croft_words_limits *l)
{
    CROFT_ASSERT(l->words_max <= 1u << 22 && l->sets_max <= 1u << 24);
    struct croft_words *w = croft_new(mem, struct croft_words, 1);
    if (w == NULL)
        return CROFT_ERR_NOMEM;
    w->limits = *l;
    w->word = croft_new(mem, struct word, (size_t)l->words_max + 1);
    w->text = croft_new(mem, u8, l->text_bytes_max);
    w->word_table = croft_new(mem, u32, table_places(l->words_max));
    w->set = croft_new(mem, struct set, (size_t)l->sets_max + 1);
    w->member = croft_new(mem, u32, (size_t)l->members_max + 1);
    w->membership = croft_new(mem, struct membership, (size_t)l->members_max + 1);
    w->set_table = croft_new(mem, u32, table_places(l->sets_max));
    if (!w->word || !w->text || !w->word_table || !w->set || !w->member || !w->membership || !w->set_table)
        return CROFT_ERR_NOMEM;
    *out = w;
    return CROFT_OK;
}

/* ---- words ---- */

/* The place of the word in the table, or the empty place where it belongs. */
static u32 word_place(const struct croft_words *w, u32 space, struct croft_bytes text)
{
    u32 mask = table_places(w->limits.words_max) - 1;
    u32 at = (u32)croft_hash_of(w->limits.hash_seed ^ space, text) & mask;
    for (; w->word_table[at] != 0; at = (at + 1) & mask) {
        const struct word *have = &w->word[w->word_table[at]];
        if (have->space == space && have->text_len == text.len &&
            memcmp(w->text + have->text_at, text.at, text.len) == 0)
            break;
    }
    return at;
}

u32 croft_word_find(const struct croft_words *w, u32 space, struct croft_bytes text)
{
    CROFT_ASSERT(space < CROFT_WORD_SPACES);
    if (text.len == 0 || text.len > CROFT_WORD_BYTES_MAX)
        return CROFT_WORD_NONE;
    return w->word_table[word_place(w, space, text)];
}

u32 croft_word(struct croft_words *w, u32 space, struct croft_bytes text)
{
    CROFT_ASSERT(space < CROFT_WORD_SPACES && text.len > 0 && text.len <= CROFT_WORD_BYTES_MAX);
    u32 place = word_place(w, space, text);
    if (w->word_table[place] != 0)
        return w->word_table[place];
    if (w->words == w->limits.words_max || text.len > w->limits.text_bytes_max - w->text_bytes)
        return CROFT_WORD_NONE;
    u32 n = ++w->words;
    w->word[n] = (struct word){w->text_bytes, (u16)text.len, (u16)space, w->newest[space], 0};
    memcpy(w->text + w->text_bytes, text.at, text.len);
    w->text_bytes += (u32)text.len;
    w->newest[space] = n;
    w->word_table[place] = n;
    return n;
}

struct croft_bytes croft_word_text(const struct croft_words *w, u32 word)
{
    CROFT_ASSERT(word <= w->words);
    return (struct croft_bytes){w->text + w->word[word].text_at, w->word[word].text_len};
}

u32 croft_word_count(const struct croft_words *w)
{
    return w->words;
}

u32 croft_words_max(const struct croft_words *w)
{
    return w->limits.words_max;
}

u32 croft_word_next(const struct croft_words *w, u32 space, u32 after)
{
    CROFT_ASSERT(space < CROFT_WORD_SPACES && after <= w->words);
    return after == CROFT_WORD_NONE ? w->newest[space] : w->word[after].next;
}

/* ---- sets ---- */

static u32 sort_unique(u32 *word, u32 count)
{
    u32 scratch[CROFT_WORD_SET_MAX], kept = 0;
    croft_sort_u32(word, scratch, count);
    for (u32 i = 0; i < count; i++)
        if (kept == 0 || word[kept - 1] != word[i])
            word[kept++] = word[i];
    return kept;
}

static u32 set_place(const struct croft_words *w, const u32 *word, u32 count)
{
    u32 mask = table_places(w->limits.sets_max) - 1;
    size_t bytes = count * sizeof *word;
    u32 at = (u32)croft_hash_of(w->limits.hash_seed, (struct croft_bytes){(const u8 *)word, bytes}) & mask;
    for (; w->set_table[at] != 0; at = (at + 1) & mask) {
        const struct set *have = &w->set[w->set_table[at]];
        if (have->count == count && memcmp(w->member + have->at, word, bytes) == 0)
            break;
    }
    return at;
}

static u32 make_set(struct croft_words *w, const u32 *word, u32 count)
{
    u32 set = ++w->sets;
    w->set[set] = (struct set){w->members + 1, count};
    for (u32 i = 0; i < count; i++) {
        u32 member = ++w->members;
        w->member[member] = word[i];
        w->membership[member] = (struct membership){set, w->word[word[i]].newest_member};
        w->word[word[i]].newest_member = member;
    }
    return set;
}

bool croft_word_set(struct croft_words *w, u32 *word, u32 count, u32 *out_set)
{
    CROFT_ASSERT(count <= CROFT_WORD_SET_MAX);
    count = sort_unique(word, count);
    CROFT_ASSERT(count == 0 || (word[0] != CROFT_WORD_NONE && word[count - 1] <= w->words));
    *out_set = 0;
    if (count == 0)
        return true;
    u32 place = set_place(w, word, count);
    if (w->set_table[place] == 0) {
        if (w->sets == w->limits.sets_max || count > w->limits.members_max - w->members)
            return false;
        w->set_table[place] = make_set(w, word, count);
    }
    *out_set = w->set_table[place];
    return true;
}

const u32 *croft_word_set_words(const struct croft_words *w, u32 set, u32 *out_count)
{
    CROFT_ASSERT(set <= w->sets);
    *out_count = w->set[set].count;
    return w->member + w->set[set].at;
}

bool croft_word_set_meets(const struct croft_words *w, u32 set, const u32 *sorted, u32 count)
{
    u32 has_count, i = 0, k = 0;
    const u32 *has = croft_word_set_words(w, set, &has_count);
    while (i < has_count && k < count) {
        if (has[i] == sorted[k])
            return true;
        if (has[i] < sorted[k])
            i++;
        else
            k++;
    }
    return false;
}

u32 croft_word_next_set(const struct croft_words *w, u32 word, u32 after, u32 *out_set)
{
    CROFT_ASSERT(word <= w->words && after <= w->members);
    u32 member = after == 0 ? w->word[word].newest_member : w->membership[after].next;
    CROFT_ASSERT(member == 0 || w->member[member] == word);
    *out_set = w->membership[member].set;
    return member;
}

u32 croft_word_sets_max(const struct croft_words *w)
{
    return w->limits.sets_max;
}

/* ---- patterns ---- */

bool croft_glob_is_plain(struct croft_bytes pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.at[i] == '*' || pattern.at[i] == '?')
            return false;
    return true;
}

/* Goes back to the last star only: it may take one more character, an earlier one need not.  So the time is
 * at most the product of the lengths. */
bool croft_glob_match(struct croft_bytes pattern, struct croft_bytes text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < text.len) {
        u8 want = p < pattern.len ? pattern.at[p] : 0;
        if (p < pattern.len && want == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.len && (want == text.at[t] || (want == '?' && text.at[t] != '/'))) {
            p++;
            t++;
        } else if (star != SIZE_MAX && text.at[resume] != '/') {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}
