#include "ledger/market_int.h"

#include "base/assert.h"
#include "base/buf.h"

#include <string.h>

enum { TASKS_PER_WORD = 32, BITS_OF_TASK = 2, WORD_BYTES = 8, PAGE_NUMBER_AT = 38 };
#define LOW_BITS UINT64_C(0x5555555555555555) /* of each task of a word, the lower of its two */

/* ---- a page ---- */

struct page {
    u32 slot;
    struct croft_page_record r;
};

static u32 pages_of(u32 tasks)
{
    return (tasks + CROFT_PAGE_TASKS - 1) / CROFT_PAGE_TASKS;
}

static void page_key(const u8 order_key[40], u32 number, u8 out[40])
{
    CROFT_ASSERT(number <= UINT8_MAX && order_key[PAGE_NUMBER_AT] == 0 && order_key[PAGE_NUMBER_AT + 1] == 0);
    memcpy(out, order_key, 40);
    out[PAGE_NUMBER_AT + 1] = (u8)number;
}

static void page_load(const struct croft_ledger *l, const u8 order_key[40], u32 number, struct page *out)
{
    u8 key[40];
    page_key(order_key, number, key);
    out->slot = croft_state_find(l->state, CROFT_TABLE_PAGES, key);
    CROFT_ASSERT(out->slot != CROFT_SLOT_NONE); /* made with the batch, and goes with it */
    croft_record_load(l, CROFT_TABLE_PAGES, out->slot, &out->r);
}

/* The low bits of those tasks of a word that are `what`, counting from the first-th up to before the end-th. */
static u64 matches(u64 word, enum croft_task_bits what, u32 first, u32 end)
{
    CROFT_ASSERT(first < end && end <= TASKS_PER_WORD);
    u64 differs = word ^ (u64)what * LOW_BITS;
    u64 from_first = UINT64_MAX << BITS_OF_TASK * first, to_end = UINT64_MAX >> BITS_OF_TASK * (TASKS_PER_WORD - end);
    return ~(differs | differs >> 1) & LOW_BITS & from_first & to_end;
}

/* ---- the batch of an order ---- */

static u32 batch_slot(const struct croft_ledger *l, const u8 order_key[40])
{
    return croft_state_find(l->state, CROFT_TABLE_BATCHES, order_key);
}

bool croft_batch_load(const struct croft_ledger *l, const u8 order_key[40], struct croft_batch_record *out)
{
    u32 slot = batch_slot(l, order_key);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_BATCHES, slot, out);
    return slot != CROFT_SLOT_NONE;
}

static void batch_must(const struct croft_ledger *l, const u8 order_key[40], struct croft_batch_record *out)
{
    bool is = croft_batch_load(l, order_key, out);
    CROFT_ASSERT(is); /* ranges are only of batches */
    CROFT_ASSERT((u64)out->open + out->done <= out->task_count);
}

/* One deposit more, held by the batch for itself and its pages. */
static croft_err deposit_add(struct croft_op *o, struct croft_amt *deposit)
{
    struct croft_amt one;
    CROFT_TRY(croft_deposit_take(o, &one));
    *deposit = croft_amt_add_must(*deposit, one);
    return CROFT_OK;
}

croft_err croft_batch_open(struct croft_op *o, const u8 order_key[40], const Croft__V1__BatchTerms *terms)
{
    u32 slot;
    struct croft_page_record page = {0}; /* every task is open */
    struct croft_batch_record batch = {.task_count = terms->task_count,
                                       .open = terms->task_count,
                                       .timeout_s = terms->timeout_s,
                                       .window_s = terms->window_s};
    CROFT_ASSERT(terms->task_root.len == sizeof batch.task_root.b);
    memcpy(batch.task_root.b, terms->task_root.data, sizeof batch.task_root.b);
    CROFT_ASSERT(batch.task_count >= 1 && batch.task_count <= CROFT_TASKS_MAX);
    CROFT_ASSERT(batch_slot(o->l, order_key) == CROFT_SLOT_NONE);
    for (u32 i = 0; i < pages_of(batch.task_count); i++) {
        u8 key[40];
        page_key(order_key, i, key);
        CROFT_TRY(deposit_add(o, &batch.deposit));
        CROFT_TRY(croft_record_insert(o->l, CROFT_TABLE_PAGES, key, &page, &slot));
    }
    CROFT_TRY(deposit_add(o, &batch.deposit));
    return croft_record_insert(o->l, CROFT_TABLE_BATCHES, order_key, &batch, &slot);
}

void croft_batch_remove(struct croft_ledger *l, const u8 order_key[40], u32 buyer_slot)
{
    struct croft_batch_record batch;
    if (!croft_batch_load(l, order_key, &batch))
        return;
    for (u32 i = 0; i < pages_of(batch.task_count); i++) {
        u8 key[40];
        page_key(order_key, i, key);
        u32 slot = croft_state_find(l->state, CROFT_TABLE_PAGES, key);
        CROFT_ASSERT(slot != CROFT_SLOT_NONE);
        croft_state_remove(l->state, CROFT_TABLE_PAGES, slot);
    }
    croft_state_remove(l->state, CROFT_TABLE_BATCHES, batch_slot(l, order_key));
    croft_deposit_return(l, buyer_slot, batch.deposit);
}

/* ---- tasks ---- */

/* The part of a range that lies in one page. */
struct part {
    u32 page, at, count;
};

static struct part first_part(u32 first, u32 count)
{
    u32 at = first % CROFT_PAGE_TASKS, room = CROFT_PAGE_TASKS - at;
    return (struct part){.page = first / CROFT_PAGE_TASKS, .at = at, .count = count < room ? count : room};
}

/* Those of these tasks that are `from` become `to`: how many.  A word at a time, so that a range of thousands costs no
 * more than a signature. */
static u32 change_part(struct croft_page_record *p, const struct part *part, enum croft_task_bits from,
                       enum croft_task_bits to)
{
    u32 found = 0, end = part->at + part->count;
    CROFT_ASSERT(part->count >= 1 && end <= CROFT_PAGE_TASKS);
    for (u32 task = part->at; task < end;) {
        u8 *at = p->bits + task / TASKS_PER_WORD * WORD_BYTES;
        u32 base = task / TASKS_PER_WORD * TASKS_PER_WORD, left = end - base;
        u64 word = croft_get_u64(at);
        u64 same = matches(word, from, task - base, left < TASKS_PER_WORD ? left : TASKS_PER_WORD);
        found += (u32)__builtin_popcountll(same);
        croft_put_u64(at, word ^ same * ((u64)from ^ (u64)to)); /* 0 to 3 in each task that is `from`: no carry */
        task = base + TASKS_PER_WORD;
    }
    return found;
}

static u32 count_tasks(const struct croft_ledger *l, const u8 order_key[40], u32 first, u32 count,
                       enum croft_task_bits what)
{
    u32 found = 0;
    for (u32 done = 0; done < count;) {
        struct page page;
        struct part part = first_part(first + done, count - done);
        page_load(l, order_key, part.page, &page);
        found += change_part(&page.r, &part, what, what);
        done += part.count;
    }
    return found;
}

/* The counts that the batch keeps follow its bits. */
static void batch_count(struct croft_ledger *l, const u8 order_key[40], u32 moved, enum croft_task_bits from,
                        enum croft_task_bits to)
{
    struct croft_batch_record batch;
    batch_must(l, order_key, &batch);
    CROFT_ASSERT(from != to && from != CROFT_TASK_ACCEPTED); /* what is accepted is paid */
    CROFT_ASSERT(from != CROFT_TASK_OPEN || batch.open >= moved);
    batch.open -= from == CROFT_TASK_OPEN ? moved : 0;
    batch.open += to == CROFT_TASK_OPEN ? moved : 0;
    batch.done += to == CROFT_TASK_ACCEPTED ? moved : 0;
    CROFT_ASSERT((u64)batch.open + batch.done <= batch.task_count);
    croft_record_store(l, CROFT_TABLE_BATCHES, batch_slot(l, order_key), &batch);
}

u32 croft_tasks_change(struct croft_ledger *l, const u8 order_key[40], u32 first, u32 count,
                       enum croft_task_bits from, enum croft_task_bits to)
{
    u32 moved = 0;
    for (u32 done = 0; done < count;) {
        struct page page;
        struct part part = first_part(first + done, count - done);
        page_load(l, order_key, part.page, &page);
        u32 found = change_part(&page.r, &part, from, to);
        if (found != 0)
            croft_record_store(l, CROFT_TABLE_PAGES, page.slot, &page.r);
        moved += found;
        done += part.count;
    }
    if (moved != 0)
        batch_count(l, order_key, moved, from, to);
    return moved;
}

croft_err croft_tasks_move(struct croft_ledger *l, const u8 order_key[40], u32 first, u32 count,
                           enum croft_task_bits from, enum croft_task_bits to)
{
    struct croft_batch_record batch;
    batch_must(l, order_key, &batch);
    if (count == 0 || count > CROFT_RANGE_TASKS_MAX || (u64)first + count > batch.task_count)
        return CROFT_ERR_OP_TASKS;
    if (count_tasks(l, order_key, first, count, from) != count)
        return CROFT_ERR_OP_TASKS;
    u32 moved = croft_tasks_change(l, order_key, first, count, from, to);
    CROFT_ASSERT(moved == count);
    return CROFT_OK;
}
