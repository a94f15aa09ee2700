#include "base/sort.h"

#include <string.h>

enum { FEW = 32, DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

static void insertion_sort(u32 *at, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        u32 v = at[i];
        size_t k = i;
        for (; k > 0 && at[k - 1] > v; k--)
            at[k] = at[k - 1];
        at[k] = v;
    }
}

/* One pass of a radix sort from the lowest digit: stable, so later digits keep the order of earlier ones. */
static void scatter(const u32 *from, u32 *to, size_t count, u32 shift)
{
    size_t start[DIGITS] = {0}, below = 0;
    for (size_t i = 0; i < count; i++)
        start[from[i] >> shift & (DIGITS - 1)]++;
    for (u32 d = 0; d < DIGITS; d++) {
        size_t n = start[d];
        start[d] = below;
        below += n;
    }
    for (size_t i = 0; i < count; i++)
        to[start[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

void croft_sort_u32(u32 *at, u32 *scratch, size_t count)
{
    u32 all = 0, *from = at, *to = scratch;
    if (count <= FEW) {
        insertion_sort(at, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        all |= at[i];
    for (u32 shift = 0; shift < 32 && all >> shift != 0; shift += DIGIT_BITS) {
        scatter(from, to, count, shift);
        u32 *other = from;
        from = to;
        to = other;
    }
    if (from != at)
        memcpy(at, from, count * sizeof *at);
}
