#include "cli/help_int.h"

#include "base/assert.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 48, NEAR = 3 };

#define EACH_VERB(v)                                                           \
    for (size_t g_ = 0; g_ < croft_verb_group_count; g_++)                     \
        for (const struct croft_verb *v = croft_verb_groups[g_]->verb,         \
                                     *end_ = v + croft_verb_groups[g_]->count; \
             v < end_; v++)

static const struct croft_verb *find_name(const char *name)
{
    EACH_VERB(v)
    if (strcmp(v->name, name) == 0)
        return v;
    return NULL;
}

/* "ls" is what other programs call "list". */
static void join(int count, char *const *word, char out[NAME_MAX_BYTES])
{
    if (count > 1)
        snprintf(out, NAME_MAX_BYTES, "%s %s", word[0], strcmp(word[1], "ls") == 0 ? "list" : word[1]);
    else
        snprintf(out, NAME_MAX_BYTES, "%s", word[0]);
}

const struct croft_verb *croft_verb_find(int count, char *const *word, int *out_words)
{
    for (int words = count < 2 ? count : 2; words > 0; words--) {
        char name[NAME_MAX_BYTES];
        join(words, word, name);
        const struct croft_verb *v = find_name(name);
        *out_words = words;
        if (v != NULL)
            return v;
    }
    return NULL;
}

bool croft_verb_is_family(const char *word)
{
    size_t len = strlen(word);
    EACH_VERB(v)
    if (strncmp(v->name, word, len) == 0 && v->name[len] == ' ')
        return true;
    return false;
}

const struct croft_verb *croft_verb_ending(const char *word)
{
    EACH_VERB(v)
    {
        const char *second = strchr(v->name, ' ');
        if (second != NULL && strcmp(second + 1, word) == 0)
            return v;
    }
    return NULL;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions, replacements and swaps of neighbours from one text to the other. */
static size_t distance(const char *a, const char *b)
{
    size_t row[3][NAME_MAX_BYTES + 1], a_len = strlen(a), b_len = strlen(b);
    CROFT_ASSERT(a_len < NAME_MAX_BYTES && b_len < NAME_MAX_BYTES);
    for (size_t j = 0; j <= b_len; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], earlier[j - 2] + 1, now[j]);
        }
    }
    return row[a_len % 3][b_len];
}

const struct croft_verb *croft_verb_nearest(int count, char *const *word)
{
    const struct croft_verb *best = NULL;
    size_t best_distance = NEAR;
    for (int words = count < 2 ? count : 2; words > 0; words--) {
        char name[NAME_MAX_BYTES];
        join(words, word, name);
        EACH_VERB(v)
        {
            size_t d = distance(name, v->name);
            if (d < best_distance && d < strlen(name)) {
                best = v;
                best_distance = d;
            }
        }
    }
    return best;
}

static const struct croft_option option_for_all[] = {
    {"json", NULL, "print JSON, one value a line, and errors as JSON too", CROFT_OFFER_NOTHING},
    {"home", "DIR", "the folder of keys and settings (else $CROFT_HOME, else ~/.croft)", CROFT_OFFER_FILE},
    {"help", NULL, "show this", CROFT_OFFER_NOTHING},
};
static const struct croft_option option_for_chain[] = {
    {"chain", "WHERE", "unix:PATH or HOST:PORT of the chain (else $CROFT_CHAIN, else HOME/chain/api.sock)",
     CROFT_OFFER_FILE},
    {"timeout", "TIME", "how long to wait for the chain, like 10s (else 30s)", CROFT_OFFER_NOTHING},
};
static const struct croft_option option_for_key[] = {
    {"key", "NAME", "the key that signs (else $CROFT_KEY, else the only one there is)", CROFT_OFFER_KEY},
    {"account", "ADDRESS", "the account it acts for (else the key's own)", CROFT_OFFER_NOTHING},
    {"passphrase-file", "FILE", "first line: the key's passphrase (else it is asked for)", CROFT_OFFER_FILE},
};
static const struct croft_option option_for_fee[] = {
    {"fee-max", "AMOUNT", "the most to pay as fee, in credits (else estimated)", CROFT_OFFER_NOTHING},
    {"valid", "TIME", "how long it stays valid (else 10m; in a file, what the network allows)",
     CROFT_OFFER_NOTHING},
};

static const struct croft_option option_for_file[] = {
    {"out", "FILE",
     "do not send it: write it, signed, to this new file (\"croft tx sign\", \"croft tx send\")",
     CROFT_OFFER_FILE},
    {"unsigned", NULL, "do not sign or send it: write it to --out, else to standard output",
     CROFT_OFFER_NOTHING},
};
static const struct croft_option option_for_quota[] = {
    {"quota", NULL, "take it from the account's daily quota instead of paying a fee", CROFT_OFFER_NOTHING},
};

static size_t append(struct croft_option *out, size_t at, const struct croft_option *from, size_t count)
{
    CROFT_ASSERT(at + count <= CROFT_OPTIONS_MAX);
    if (count > 0)
        memcpy(out + at, from, count * sizeof *from);
    return at + count;
}

size_t croft_verb_options(const struct croft_verb *verb, struct croft_option out[CROFT_OPTIONS_MAX])
{
    size_t n = append(out, 0, verb->option, verb->option_count);
    if (verb->with & CROFT_WITH_KEY)
        n = append(out, n, option_for_key, CROFT_COUNT(option_for_key));
    if (verb->with & CROFT_WITH_FEE)
        n = append(out, n, option_for_fee, CROFT_COUNT(option_for_fee));
    if (verb->with & CROFT_WITH_QUOTA)
        n = append(out, n, option_for_quota, CROFT_COUNT(option_for_quota));
    if (verb->with & CROFT_WITH_FILE)
        n = append(out, n, option_for_file, CROFT_COUNT(option_for_file));
    if (verb->with & CROFT_WITH_CHAIN)
        n = append(out, n, option_for_chain, CROFT_COUNT(option_for_chain));
    return append(out, n, option_for_all, CROFT_COUNT(option_for_all));
}

static void print_summary(const struct croft_verb *v)
{
    printf("  %-18s %s\n", v->name, v->summary);
}

void croft_help_all(void)
{
    printf("croft - a market for computing power: the ledger's wallet and chain\n\n"
           "usage: croft VERB [arguments] [options]\n\nverbs:\n");
    EACH_VERB(v)
    print_summary(v);
    printf("\n\"croft help VERB\" tells more about one, with examples.\n");
}

void croft_help_family(const char *word)
{
    size_t len = strlen(word);
    printf("usage: croft %s VERB [arguments] [options]\n\nverbs:\n", word);
    EACH_VERB(v)
    if (strncmp(v->name, word, len) == 0 && (v->name[len] == ' ' || v->name[len] == '\0'))
        print_summary(v);
    printf("\n\"croft help %s VERB\" tells more about one, with examples.\n", word);
}

/* One "usage:" line for each form. */
static void print_usage(const struct croft_verb *v)
{
    const char *form = v->usage, *lead = "usage:";
    for (;;) {
        size_t len = strcspn(form, "\n");
        printf("%-6s croft %s%s%.*s [options]\n", lead, v->name, len > 0 ? " " : "", (int)len, form);
        if (form[len] == '\0')
            return;
        form += len + 1;
        lead = "";
    }
}

static void print_indented(const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        printf("  %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

void croft_help_verb(const struct croft_verb *v)
{
    struct croft_option option[CROFT_OPTIONS_MAX];
    size_t count = croft_verb_options(v, option);
    printf("croft %s - %s\n\n", v->name, v->summary);
    print_usage(v);
    if (v->about[0] != '\0')
        printf("\n%s\n", v->about);
    printf("\noptions:\n");
    for (size_t i = 0; i < count; i++) {
        char left[NAME_MAX_BYTES];
        snprintf(left, sizeof left, "--%s%s%s", option[i].name, option[i].arg ? " " : "",
                 option[i].arg ? option[i].arg : "");
        printf("  %-24s %s\n", left, option[i].text);
    }
    printf("\nexamples:\n");
    print_indented(v->examples);
}
