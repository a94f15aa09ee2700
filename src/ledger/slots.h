/* ledger/slots.h - which slots of a table are free; the lowest is given first.
 *
 * A bitmap with summary levels: bit set = the word below has a free slot.  Setting, clearing and finding the lowest
 * cost one word per level (4 levels for 2^24), whatever order slots come back in: undo needs that. */
#ifndef CROFT_LEDGER_SLOTS_H
#define CROFT_LEDGER_SLOTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

struct croft_slots {
    u32 max, levels;
    u64 *level[5]; /* level 0: one bit per slot, 1 = free below the high mark */
};

size_t croft_slots_size(u32 max);
CROFT_MUST_USE croft_err croft_slots_init(struct croft_slots *s, struct croft_arena *mem, u32 max);
bool croft_slots_is_free(const struct croft_slots *s, u32 slot);
void croft_slots_free(struct croft_slots *s, u32 slot); /* must not be free (asserted) */
void croft_slots_take(struct croft_slots *s, u32 slot); /* must be free (asserted) */
/* CROFT_SLOT_NONE's value when none is free. */
u32 croft_slots_lowest(const struct croft_slots *s);

#endif
