/* Orders of a class that wait, oldest first: a list through the records of CROFT_TABLE_QUEUE, its ends in the class. */
#include "ledger/market_int.h"

#include "base/assert.h"

static const u8 nobody[40];

struct class {
    u32 slot;
    struct croft_class_record r;
};
struct place {
    u32 slot;
    struct croft_queue_record r;
};

static void class_load(const struct croft_ledger *l, u32 number, struct class *out)
{
    u8 key[2];
    croft_key_param(number, key);
    out->slot = croft_state_find(l->state, CROFT_TABLE_CLASSES, key);
    CROFT_ASSERT(out->slot != CROFT_SLOT_NONE); /* a class stays while it is named */
    croft_record_load(l, CROFT_TABLE_CLASSES, out->slot, &out->r);
}

static void class_store(struct croft_ledger *l, const struct class *c)
{
    croft_record_store(l, CROFT_TABLE_CLASSES, c->slot, &c->r);
}

static void place_load(const struct croft_ledger *l, const u8 key[40], struct place *out)
{
    out->slot = croft_state_find(l->state, CROFT_TABLE_QUEUE, key);
    CROFT_ASSERT(out->slot != CROFT_SLOT_NONE);
    croft_record_load(l, CROFT_TABLE_QUEUE, out->slot, &out->r);
}

static bool is_nobody(const u8 key[40])
{
    return memcmp(key, nobody, sizeof nobody) == 0;
}

/* What the neighbour before (after) key points to, or the class's head (tail). */
static void link_next(struct croft_ledger *l, struct class *c, const u8 key[40], const u8 to[40])
{
    struct place p;
    if (is_nobody(key)) {
        memcpy(c->r.head, to, sizeof c->r.head);
        return;
    }
    place_load(l, key, &p);
    memcpy(p.r.next, to, sizeof p.r.next);
    croft_record_store(l, CROFT_TABLE_QUEUE, p.slot, &p.r);
}

static void link_prev(struct croft_ledger *l, struct class *c, const u8 key[40], const u8 to[40])
{
    struct place p;
    if (is_nobody(key)) {
        memcpy(c->r.tail, to, sizeof c->r.tail);
        return;
    }
    place_load(l, key, &p);
    memcpy(p.r.prev, to, sizeof p.r.prev);
    croft_record_store(l, CROFT_TABLE_QUEUE, p.slot, &p.r);
}

void croft_queue_join(struct croft_ledger *l, struct croft_order *o, bool at_head, u64 now_s)
{
    struct class c;
    struct croft_queue_record r = {.class = o->r.class, .since_s = now_s};
    u32 slot;
    CROFT_ASSERT(o->r.class != 0 && (o->r.flags & CROFT_ORDER_QUEUED) == 0);
    class_load(l, o->r.class, &c);
    memcpy(at_head ? r.next : r.prev, at_head ? c.r.head : c.r.tail, sizeof r.next);
    croft_err err = croft_record_insert(l, CROFT_TABLE_QUEUE, o->key, &r, &slot);
    CROFT_ASSERT(err == CROFT_OK); /* room for every order there may be */
    u8 next[40], prev[40];
    memcpy(next, r.next, sizeof next);
    memcpy(prev, r.prev, sizeof prev);
    link_next(l, &c, prev, o->key);
    link_prev(l, &c, next, o->key);
    c.r.waiting++;
    class_store(l, &c);
    o->r.flags |= CROFT_ORDER_QUEUED;
}

/* Who was taken tells how long one waits: 7/8 of what was, 1/8 of the new one. */
static void note_wait(struct croft_class_record *c, u64 waited_s)
{
    u64 most = waited_s < UINT32_MAX / 8 ? waited_s : UINT32_MAX / 8;
    c->wait_s = c->taken_total == 0 ? (u32)most : (u32)(((u64)c->wait_s * 7 + most) / 8);
    c->taken_total++;
}

void croft_queue_leave(struct croft_ledger *l, struct croft_order *o, u64 now_s)
{
    struct class c;
    struct place p;
    if ((o->r.flags & CROFT_ORDER_QUEUED) == 0)
        return;
    class_load(l, o->r.class, &c);
    place_load(l, o->key, &p);
    croft_state_remove(l->state, CROFT_TABLE_QUEUE, p.slot);
    link_next(l, &c, p.r.prev, p.r.next);
    link_prev(l, &c, p.r.next, p.r.prev);
    CROFT_ASSERT(c.r.waiting > 0);
    c.r.waiting--;
    if (o->r.state == CROFT_ORDER_OPEN || o->r.state == CROFT_ORDER_FULL)
        note_wait(&c.r, now_s - p.r.since_s);
    class_store(l, &c);
    o->r.flags &= (u8)~CROFT_ORDER_QUEUED;
}

bool croft_queue_is_head(const struct croft_ledger *l, const struct croft_order *o)
{
    struct class c;
    class_load(l, o->r.class, &c);
    return memcmp(c.r.head, o->key, sizeof c.r.head) == 0;
}

void croft_class_ordered(struct croft_ledger *l, u32 class)
{
    struct class c;
    if (class == 0)
        return;
    class_load(l, class, &c);
    c.r.orders_total++;
    class_store(l, &c);
}
