#include "ledger/slots.h"

#include "base/assert.h"

static u32 words_for(u32 bits)
{
    return (bits + 63) / 64;
}

size_t croft_slots_size(u32 max)
{
    size_t bytes = 0;
    u32 words = max;
    do {
        words = words_for(words);
        bytes += (size_t)words * sizeof(u64) + sizeof(u64);
    } while (words > 1);
    return bytes;
}

croft_err croft_slots_init(struct croft_slots *s, struct croft_arena *mem, u32 max)
{
    CROFT_ASSERT(max > 0);
    *s = (struct croft_slots){.max = max};
    u32 words = max;
    do {
        words = words_for(words);
        CROFT_ASSERT(s->levels < CROFT_COUNT(s->level));
        u64 *level = croft_arena_take_raw(mem, words, sizeof(u64), _Alignof(u64));
        if (level == NULL)
            return CROFT_ERR_NOMEM;
        s->level[s->levels++] = level;
    } while (words > 1);
    return CROFT_OK;
}

bool croft_slots_is_free(const struct croft_slots *s, u32 slot)
{
    CROFT_ASSERT(slot < s->max);
    return s->level[0][slot / 64] >> (slot % 64) & 1;
}

void croft_slots_free(struct croft_slots *s, u32 slot)
{
    CROFT_ASSERT(!croft_slots_is_free(s, slot));
    for (u32 k = 0, at = slot; k < s->levels; k++, at /= 64)
        s->level[k][at / 64] |= UINT64_C(1) << (at % 64);
}

void croft_slots_take(struct croft_slots *s, u32 slot)
{
    CROFT_ASSERT(croft_slots_is_free(s, slot));
    for (u32 k = 0, at = slot; k < s->levels; k++, at /= 64) {
        s->level[k][at / 64] &= ~(UINT64_C(1) << (at % 64));
        if (s->level[k][at / 64] != 0)
            break;
    }
}

u32 croft_slots_lowest(const struct croft_slots *s)
{
    u32 at = 0;
    for (u32 k = s->levels; k-- > 0;) {
        u64 word = s->level[k][at];
        if (word == 0)
            return UINT32_MAX;
        at = at * 64 + (u32)__builtin_ctzll(word);
    }
    CROFT_ASSERT(at < s->max);
    return at;
}
