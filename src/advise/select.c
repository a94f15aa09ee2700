#include "advise/select.h"

#include "base/assert.h"

#include <math.h>
#include <string.h>

enum { BINS = 1024, LANES = 4 };

/* Values are counted into bins of equal width; only the bins that hold a wanted rank are looked into. */
struct bins {
    float low, scale;    /* bin = (value - low) * scale */
    u32 first[BINS + 1]; /* rank of the bin's smallest */
};

static u32 bin_of(const struct bins *b, float value)
{
    u32 i = (u32)((value - b->low) * b->scale);
    return i < BINS ? i : BINS - 1;
}

static void fill(struct bins *b, const float *value, u32 count)
{
    memset(b->first, 0, sizeof b->first);
    for (u32 i = 0; i < count; i++)
        b->first[bin_of(b, value[i]) + 1]++;
    for (u32 i = 0; i < BINS; i++)
        b->first[i + 1] += b->first[i];
    CROFT_ASSERT(b->first[BINS] == count);
}

/* Hoare's selection: v[rank] is what it would be after sorting. */
static float nth(float *v, u32 count, u32 rank)
{
    i64 low = 0, high = (i64)count - 1;
    CROFT_ASSERT(rank < count);
    while (low < high) {
        float pivot = v[low + (high - low) / 2];
        i64 i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i <= j) {
                float swap = v[i];
                v[i++] = v[j];
                v[j--] = swap;
            }
        }
        if ((i64)rank <= j)
            high = j;
        else if ((i64)rank >= i)
            low = i;
        else
            break;
    }
    return v[rank];
}

static u32 bin_with_rank(const struct bins *b, u32 rank)
{
    u32 low = 0, high = BINS;
    while (high - low > 1) {
        u32 middle = (low + high) / 2;
        if (b->first[middle] <= rank)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* In lanes of their own, because a chain of comparisons on one value would wait for itself. */
static void find_ends(const float *value, u32 count, float *low, float *high)
{
    float least[LANES], most[LANES];
    for (u32 k = 0; k < LANES; k++)
        least[k] = most[k] = value[0];
    for (u32 i = 0; i < count; i++) {
        u32 k = i % LANES;
        least[k] = value[i] < least[k] ? value[i] : least[k];
        most[k] = value[i] > most[k] ? value[i] : most[k];
    }
    *low = least[0];
    *high = most[0];
    for (u32 k = 1; k < LANES; k++) {
        *low = least[k] < *low ? least[k] : *low;
        *high = most[k] > *high ? most[k] : *high;
    }
}

static u32 rank_of(double p, u32 count)
{
    CROFT_ASSERT(p >= 0 && p <= 1);
    return (u32)floor(p * (count - 1) + .5);
}

void croft_select(const float *value, u32 count, const double *p, u32 wanted, float *out, float *scratch)
{
    struct bins b;
    float high;
    CROFT_ASSERT(count > 0 && wanted <= CROFT_SELECT_MAX);
    find_ends(value, count, &b.low, &high);
    CROFT_ASSERT(isfinite(b.low) && isfinite(high));
    b.scale = high > b.low ? (float)BINS / (high - b.low) : 0;
    if (!isfinite(b.scale)) /* a difference too small to divide by */
        b.scale = 0;
    fill(&b, value, count);

    u8 slot_of[BINS] = {0}; /* 0: nothing wanted here */
    u32 bin[CROFT_SELECT_MAX], used[CROFT_SELECT_MAX + 1] = {0}, slots = 0, start[CROFT_SELECT_MAX + 1] = {0},
                                                       room = 0;
    for (u32 i = 0; i < wanted; i++) {
        bin[i] = bin_with_rank(&b, rank_of(p[i], count));
        if (slot_of[bin[i]] != 0)
            continue;
        slot_of[bin[i]] = (u8)++slots;
        start[slots] = room;
        room += b.first[bin[i] + 1] - b.first[bin[i]];
    }
    for (u32 i = 0; i < count; i++) {
        u32 slot = slot_of[bin_of(&b, value[i])];
        if (slot != 0)
            scratch[start[slot] + used[slot]++] = value[i];
    }
    for (u32 i = 0; i < wanted; i++) {
        u32 slot = slot_of[bin[i]];
        out[i] = nth(scratch + start[slot], used[slot], rank_of(p[i], count) - b.first[bin[i]]);
    }
}

double croft_mean(const float *value, u32 count)
{
    double sum = 0;
    for (u32 i = 0; i < count; i++)
        sum += (double)value[i];
    return sum / count;
}

double croft_mean_of_smallest(const float *value, u32 count, double share, float *scratch)
{
    u32 wanted = (u32)(share * count), taken = 0;
    wanted = wanted < 1 ? 1 : wanted;
    double p = count > 1 ? (double)(wanted - 1) / (count - 1) : 0, sum = 0;
    float last;
    croft_select(value, count, &p, 1, &last, scratch);
    for (u32 i = 0; i < count; i++) {
        bool small = value[i] < last;
        sum += small ? (double)value[i] : 0;
        taken += small;
    }
    CROFT_ASSERT(taken <= wanted);
    return (sum + (double)(wanted - taken) * (double)last) / wanted; /* those equal to the last one fill up */
}
