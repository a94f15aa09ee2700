/* market/attr.h - what an offer is, what an order wants of it, and whether the one meets the other.
 *
 * An offer is numbers, flags and words (market/words.h) in 128 bytes.  A requirement is a list of tests in
 * the order of enum croft_trait, which is also the order in which `croft explain` names the first that fails.
 * Its text form is in market/require.h. Pure; usable without a ledger.
 */
#ifndef CROFT_MARKET_ATTR_H
#define CROFT_MARKET_ATTR_H

#include "base/err.h"
#include "base/types.h"
#include "market/settle.h"
#include "market/words.h"

/* ---- offers ---- */

enum { CROFT_PRICE_KIND_COUNT = CROFT_PRICE_FRAME + 1 };

enum croft_number {
    CROFT_NUMBER_GPUS,      /* that are leased together */
    CROFT_NUMBER_MACHINE,   /* 0 consumer, 1 workstation, 2 data centre */
    CROFT_NUMBER_ISOLATION, /* 0 container, 1 gvisor, 2 virtual machine, 3 confidential */
    CROFT_NUMBER_VRAM_MIB,  /* per GPU; of this and the next two, which are proved: market/feed.h */
    CROFT_NUMBER_TOPS,
    CROFT_NUMBER_GBS,
    CROFT_NUMBER_RAM_MIB,
    CROFT_NUMBER_DISK_GIB,
    CROFT_NUMBER_CORES,
    CROFT_NUMBER_DOWN_MBIT,
    CROFT_NUMBER_UP_MBIT,
    CROFT_NUMBER_UPTIME_PPM,
    CROFT_NUMBER_UNTIL_S, /* block time at which the offer ends; 2^32-1 for any later second */
    CROFT_NUMBER_COUNT
};

enum croft_flag {
    CROFT_FLAG_GPU = 1 << 0, /* kind: one of four */
    CROFT_FLAG_CPU = 1 << 1,
    CROFT_FLAG_DISK = 1 << 2,
    CROFT_FLAG_LINE = 1 << 3,
    CROFT_FLAG_SPOT = 1 << 4, /* service */
    CROFT_FLAG_FIRM = 1 << 5,
    CROFT_FLAG_RESERVED = 1 << 6,
    CROFT_FLAG_PULL = 1 << 7, /* egress */
    CROFT_FLAG_WEB = 1 << 8,
    CROFT_FLAG_DIRECT = 1 << 9,
    CROFT_FLAG_ECC = 1 << 10, /* hardware */
    CROFT_FLAG_REDUNDANT = 1 << 11,
    CROFT_FLAG_ALL_DAY = 1 << 12
};
enum { CROFT_FLAG_COUNT = 13 };

/* Each is also the space of its words; AUDITOR and ATTRIBUTE are the spaces of the sets. */
enum croft_space {
    CROFT_SPACE_CLASS,
    CROFT_SPACE_VENDOR,
    CROFT_SPACE_MODEL,
    CROFT_SPACE_INTERFACE,
    CROFT_SPACE_COUNTRY,
    CROFT_SPACE_SINGLE, /* an offer has one word of each space before this, CROFT_WORD_NONE when it is not
                           said */
    CROFT_SPACE_AUDITOR = CROFT_SPACE_SINGLE, /* auditor/claim */
    CROFT_SPACE_ATTRIBUTE                     /* key=value */
};

struct croft_offer {
    u64 id;                            /* the caller's: unique; of equal prices the lower id goes first */
    u64 price[CROFT_PRICE_KIND_COUNT]; /* by croft_price_kind; 0: not offered */
    u32 number[CROFT_NUMBER_COUNT];
    u32 word[CROFT_SPACE_SINGLE];
    u32 auditors, attributes; /* sets */
    u32 node;                 /* the caller's number of the machine */
    u32 flags;                /* croft_flag; no others */
};

/* ---- requirements ---- */

/* In the order of tests. */
enum croft_trait {
    CROFT_TRAIT_KIND,
    CROFT_TRAIT_CLASS,
    CROFT_TRAIT_VENDOR,
    CROFT_TRAIT_MODEL,
    CROFT_TRAIT_INTERFACE,
    CROFT_TRAIT_GPUS,
    CROFT_TRAIT_MACHINE,
    CROFT_TRAIT_SERVICE,
    CROFT_TRAIT_EGRESS,
    CROFT_TRAIT_HARDWARE,
    CROFT_TRAIT_ISOLATION,
    CROFT_TRAIT_VRAM_MIB,
    CROFT_TRAIT_TOPS,
    CROFT_TRAIT_GBS,
    CROFT_TRAIT_RAM_MIB,
    CROFT_TRAIT_DISK_GIB,
    CROFT_TRAIT_CORES,
    CROFT_TRAIT_DOWN_MBIT,
    CROFT_TRAIT_UP_MBIT,
    CROFT_TRAIT_UPTIME_PPM,
    CROFT_TRAIT_COUNTRY,
    CROFT_TRAIT_AUDITOR,   /* may be tested more than once */
    CROFT_TRAIT_ATTRIBUTE, /* may be tested more than once */
    CROFT_TRAIT_UNTIL_S,
    CROFT_TRAIT_PRICE,
    CROFT_TRAIT_COUNT
};

enum croft_trait_form {
    CROFT_FORM_FLAGS,  /* all of the test's flags */
    CROFT_FORM_NUMBER, /* from least to most, both included */
    CROFT_FORM_WORD,   /* its word is one of the test's */
    CROFT_FORM_SET,    /* its set has one of the test's words */
    CROFT_FORM_PRICE   /* offered, and at most `most` */
};

struct croft_field_shape {
    const char *name; /* in text; prices: see require.h */
    u8 form;          /* croft_field_form */
    u8 index;         /* NUMBER: croft_number; WORD and SET: croft_space */
    u16 flags;        /* FLAGS: the field's own */
};
const struct croft_field_shape *croft_field_shape(enum croft_trait field);

enum { CROFT_TESTS_MAX = 48, CROFT_TEST_WORDS_MAX = 1024 };

struct croft_test {
    u8 field;                /* croft_field */
    bool any;                /* WORD: any word at all will do */
    u16 word_at, word_count; /* WORD, SET: in the requirement's words, ascending */
    u16 text_at, text_len;   /* where it stood in the text it was read from; 0, 0: made by a call */
    u64 least, most;         /* NUMBER; FLAGS: least has the flags; PRICE: most */
};

/* Always has a price test, which is the last. */
struct croft_requirement {
    u32 count;
    u32 word_count;
    enum croft_price_kind price_kind; /* what "cheapest" means */
    struct croft_test test[CROFT_TESTS_MAX];
    u32 word[CROFT_TEST_WORDS_MAX];
};

/* One test: offered at a price of this kind, however high. */
void croft_requirement_init(struct croft_requirement *r, enum croft_price_kind kind);

/* Lowers the price that is accepted. */
void croft_require_price(struct croft_requirement *r, u64 most);

/* Each adds one test and changes nothing when it fails.
 *   CROFT_ERR_USAGE      the field has another form; least above most; a flag is not the field's; a pattern
 * is empty or too long CROFT_ERR_EXISTS     the field is tested already and can be only once
 *   CROFT_ERR_OVERFLOW   more than CROFT_TESTS_MAX tests, or patterns that more than CROFT_TEST_WORDS_MAX
 * known words match
 */
CROFT_MUST_USE croft_err croft_require_number(struct croft_requirement *r, enum croft_trait field, u64 least,
                                              u64 most);
CROFT_MUST_USE croft_err croft_require_flags(struct croft_requirement *r, enum croft_trait field, u32 flags);

/* Any of the words that one of the patterns matches: "rtx4090", "rtx40*|rtx50*".  Patterns are matched now,
 * against the words there are now.  No known word matches: no offer will.  WORD and the pattern "*" alone:
 * any word. ATTRIBUTE patterns are key=value; a value of the form 5..20, 5.. or ..20 is a range of decimal
 * numbers. */
CROFT_MUST_USE croft_err croft_require_words(struct croft_requirement *r, const struct croft_words *w,
                                             enum croft_trait field, struct croft_bytes patterns);

bool croft_test_holds(const struct croft_requirement *r, u32 place, const struct croft_words *w,
                      const struct croft_offer *o);

/* Place of the first test that fails, r->count when the offer fits. */
u32 croft_requirement_test(const struct croft_requirement *r, const struct croft_words *w,
                           const struct croft_offer *o);

/* By how much the test at this place, which fails (asserted), was missed, in millionths of its limit, rounded
 * up: 1 to 1,000,000.  1,000,000 for what cannot be nearly met: flags, words, a price that is not offered. */
u32 croft_test_shortfall(const struct croft_requirement *r, u32 place, const struct croft_offer *o);

/* Decimal digits only, no leading zero, at most 2^64-1. */
CROFT_MUST_USE bool croft_decimal(struct croft_bytes text, u64 *out);

/* "5..20", "5..", "..20": least 0 and most 2^64-1 where nothing is said, but one side is; least <= most. */
CROFT_MUST_USE bool croft_decimal_range(struct croft_bytes text, u64 *out_least, u64 *out_most);

#endif
