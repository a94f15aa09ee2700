/* Which card a name means: "rtx4090", "RTX 4090", "NVIDIA GeForce RTX 3060". */
#include "advise/data.h"

#include "base/assert.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64, NEAREST = 3 };

/* Lower case, letters and digits only, without the words that every name of a maker has. */
static void squeeze(const char *name, char out[NAME_MAX_BYTES])
{
    static const char *const noise[] = {"nvidia", "geforce", "amd", "radeon", "instinct", "tensorcore", "tm"};
    size_t len = 0;
    for (; *name != '\0' && len < NAME_MAX_BYTES - 1; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[len++] = c;
    }
    out[len] = '\0';
    for (size_t i = 0; i < CROFT_COUNT(noise); i++)
        for (char *at; (at = strstr(out, noise[i])) != NULL;)
            memmove(at, at + strlen(noise[i]), strlen(at + strlen(noise[i])) + 1);
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions and replacements from one text to the other. */
static size_t distance(const char *a, const char *b)
{
    size_t row[2][NAME_MAX_BYTES + 1], a_len = strlen(a), b_len = strlen(b);
    CROFT_ASSERT(a_len < NAME_MAX_BYTES && b_len < NAME_MAX_BYTES);
    for (size_t j = 0; j <= b_len; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = row[i % 2], *before = row[(i + 1) % 2];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++)
            now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
    }
    return row[a_len % 2][b_len];
}

static bool has_alias(const struct croft_advise_card *card, const char *want)
{
    char alias[CROFT_CSV_CELL_MAX + 1], squeezed[NAME_MAX_BYTES];
    for (const char *at = card->aliases; *at != '\0'; at += strcspn(at, ";"), at += *at == ';') {
        snprintf(alias, sizeof alias, "%.*s", (int)strcspn(at, ";"), at);
        squeeze(alias, squeezed);
        if (strcmp(squeezed, want) == 0)
            return true;
    }
    return false;
}

/* 2: the very card; 1: a variant of what was named (rtx3080 of rtx3080_10); 0: neither. */
static int fit(const struct croft_advise_card *card, const char *name)
{
    char want[NAME_MAX_BYTES], id[NAME_MAX_BYTES], full[NAME_MAX_BYTES];
    size_t len = strlen(name);
    squeeze(name, want);
    squeeze(card->id, id);
    squeeze(card->name, full);
    if (strcmp(name, card->id) == 0 || strcmp(want, full) == 0 || strcmp(want, id) == 0)
        return 2;
    if (want[0] == '\0')
        return 0;
    if (has_alias(card, want))
        return 2;
    bool begins = strncmp(card->id, name, len) == 0 && card->id[len] == '_';
    size_t want_len = strlen(want);
    const char *size = full + want_len; /* "RTX 3060" of "RTX 3060 12GB" */
    bool plus_size =
        strncmp(full, want, want_len) == 0 && size[0] >= '0' && size[0] <= '9' && strstr(size, "gb") != NULL;
    bool without_prefix = strncmp(full, "rtx", 3) == 0 && strcmp(full + 3, want) == 0;
    return begins || plus_size || without_prefix ? 1 : 0;
}

static bool vram_agrees(const struct croft_advise_card *card, double vram_gb)
{
    return !croft_known(vram_gb) || (vram_gb > card->vram_gb * .9 && vram_gb < card->vram_gb * 1.1);
}

/* The three nearest ids, as "a, b, c". */
static void name_nearest(const struct croft_advise_data *data, const char *name, char *out, size_t size)
{
    const char *best[NEAREST] = {NULL};
    size_t best_distance[NEAREST], found = 0, used = 0;
    char want[NAME_MAX_BYTES], id[NAME_MAX_BYTES];
    squeeze(name, want);
    CROFT_EACH_ROW(croft_advise_card, card, data, CROFT_TABLE_CARDS)
    {
        squeeze(card->id, id);
        size_t d = distance(want, id), at = found < NEAREST ? found++ : NEAREST;
        for (; at > 0 && d < best_distance[at - 1]; at--) {
            if (at < NEAREST) {
                best[at] = best[at - 1];
                best_distance[at] = best_distance[at - 1];
            }
        }
        if (at < NEAREST) {
            best[at] = card->id;
            best_distance[at] = d;
        }
    }
    out[0] = '\0';
    for (size_t i = 0; i < found && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", best[i]);
}

croft_err croft_advise_find_card(const struct croft_advise_data *data, const char *name, double vram_gb,
                                 const struct croft_advise_card **out, struct croft_why *why)
{
    const struct croft_advise_card *found = NULL;
    int best = 0;
    bool several = false;
    char near[160];
    CROFT_EACH_ROW(croft_advise_card, card, data, CROFT_TABLE_CARDS)
    {
        int how = vram_agrees(card, vram_gb) ? fit(card, name) : 0;
        several = how > best ? false : several || (how == best && how > 0);
        if (how > best) {
            best = how;
            found = card;
        }
    }
    name_nearest(data, name, near, sizeof near);
    if (found == NULL || several)
        return croft_fail(why, CROFT_ERR_NOT_FOUND,
                          "%s card \"%.60s\"\nthe nearest: %s; all: croft advise data cards",
                          several ? "more than one" : "there is no", name, near);
    *out = found;
    return CROFT_OK;
}
