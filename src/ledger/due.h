/* ledger/due.h - an ordered index of records that have a time: a binary heap that knows where each slot sits.
 * Order: (due time, table, slot), all of which are the same on every node.  Derived from the records. */
#ifndef CROFT_LEDGER_DUE_H
#define CROFT_LEDGER_DUE_H

#include "base/types.h"
#include "ledger/state.h"

struct croft_due_heap {
    struct croft_due_slot *entry;
    u32 count, max;
    u32 *place[CROFT_TABLE_COUNT]; /* per slot: 1 + its place in entry; 0: not in the heap; NULL: table has no times */
};

/* Sets, moves or (due_s 0) takes out a slot's entry. */
void croft_due_set(struct croft_due_heap *h, u32 table, u32 slot, u64 due_s);

#endif
