/* market/words.h - names as numbers: models, countries, attributes, auditors.
 *
 * A word is a text in a space (model "a40" is not attribute "a40"); it is interned once and is a number from
 * then on. Numbers are this process's own: they are in no record and no root.  Nothing is ever removed; a
 * dictionary that has filled up with words nobody uses any more is made again together with the market it
 * belongs to. Pure; memory from the arena given at init.
 */
#ifndef CROFT_MARKET_WORDS_H
#define CROFT_MARKET_WORDS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

enum { CROFT_WORD_NONE = 0, CROFT_WORD_BYTES_MAX = 192, CROFT_WORD_SPACES = 8, CROFT_WORD_SET_MAX = 256 };

struct croft_words;

struct croft_words_limits {
    u32 words_max;      /* up to 2^22 */
    u32 text_bytes_max; /* of all texts together */
    u32 sets_max;
    u32 members_max; /* of all sets together */
    u64 hash_seed;   /* secret of this process: providers choose texts and must not choose collisions */
};

size_t croft_words_size(const struct croft_words_limits *limits);

/* CROFT_ERR_NOMEM when mem has less than croft_words_size.  *out lives in mem. */
CROFT_MUST_USE croft_err croft_words_init(struct croft_words **out, struct croft_arena *mem,
                                          const struct croft_words_limits *limits);

/* The word, made if it is new; CROFT_WORD_NONE when the dictionary is full.  text is 1 to
 * CROFT_WORD_BYTES_MAX bytes, space below CROFT_WORD_SPACES (asserted). */
u32 croft_word(struct croft_words *w, u32 space, struct croft_bytes text);

/* CROFT_WORD_NONE: nobody has it. */
u32 croft_word_find(const struct croft_words *w, u32 space, struct croft_bytes text);

struct croft_bytes croft_word_text(const struct croft_words *w, u32 word);

/* Words are numbered from 1 to this. */
u32 croft_word_count(const struct croft_words *w);
u32 croft_words_max(const struct croft_words *w); /* of the limits */
u32 croft_word_sets_max(const struct croft_words *w);

/* Walks the words of a space from the newest: pass CROFT_WORD_NONE first; CROFT_WORD_NONE ends. */
u32 croft_word_next(const struct croft_words *w, u32 space, u32 after);

/* ---- sets ---- */

/* The number of a set of words, made if it is new; 0 is the empty set.  Sorts word in place and drops what is
 * twice in it.  False when the dictionary is full; count is at most CROFT_WORD_SET_MAX, no word is NONE
 * (asserted). */
CROFT_MUST_USE bool croft_word_set(struct croft_words *w, u32 *word, u32 count, u32 *out_set);

/* The words of a set, ascending. */
const u32 *croft_word_set_words(const struct croft_words *w, u32 set, u32 *out_count);

/* Whether the set and the ascending list have a word in common. */
bool croft_word_set_meets(const struct croft_words *w, u32 set, const u32 *sorted, u32 count);

/* Walks the sets that have a word: pass 0 first; 0 ends.  A step's result is the next step's `after`, and the
 * set is in *out_set. */
u32 croft_word_next_set(const struct croft_words *w, u32 word, u32 after, u32 *out_set);

/* ---- patterns ---- */

/* '*' any run of characters but '/', '?' one character but '/', the rest itself; both whole. */
bool croft_glob_match(struct croft_bytes pattern, struct croft_bytes text);
bool croft_glob_is_plain(struct croft_bytes pattern); /* no '*' and no '?' */

#endif
