#include "ledger/due.h"

#include "base/assert.h"

static bool before(const struct croft_due_slot *a, const struct croft_due_slot *b)
{
    if (a->due_s != b->due_s)
        return a->due_s < b->due_s;
    return a->table != b->table ? a->table < b->table : a->slot < b->slot;
}

static void put(struct croft_due_heap *h, u32 at, struct croft_due_slot e)
{
    h->entry[at] = e;
    h->place[e.table][e.slot] = at + 1;
}

static u32 rise(struct croft_due_heap *h, u32 at, const struct croft_due_slot *e)
{
    while (at > 0 && before(e, &h->entry[(at - 1) / 2])) {
        put(h, at, h->entry[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return at;
}

static u32 sink(struct croft_due_heap *h, u32 at, const struct croft_due_slot *e)
{
    for (;;) {
        u32 child = 2 * at + 1;
        if (child >= h->count)
            return at;
        if (child + 1 < h->count && before(&h->entry[child + 1], &h->entry[child]))
            child++;
        if (!before(&h->entry[child], e))
            return at;
        put(h, at, h->entry[child]);
        at = child;
    }
}

static void settle(struct croft_due_heap *h, u32 at, struct croft_due_slot e)
{
    at = sink(h, rise(h, at, &e), &e);
    put(h, at, e);
}

static void take_out(struct croft_due_heap *h, u32 at)
{
    struct croft_due_slot gone = h->entry[at], last = h->entry[--h->count];
    h->place[gone.table][gone.slot] = 0;
    if (at < h->count)
        settle(h, at, last);
}

void croft_due_set(struct croft_due_heap *h, u32 table, u32 slot, u64 due_s)
{
    CROFT_ASSERT(h->place[table] != NULL);
    u32 place = h->place[table][slot];
    CROFT_ASSERT(place <= h->count);
    if (due_s == 0) {
        if (place != 0)
            take_out(h, place - 1);
        return;
    }
    u32 at = place != 0 ? place - 1 : h->count++;
    CROFT_ASSERT(h->count <= h->max);
    settle(h, at, (struct croft_due_slot){.due_s = due_s, .table = table, .slot = slot});
}
