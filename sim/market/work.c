#include "sim/market/market_int.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"

#include <string.h>

enum { RANGE_MAX = 16 };

/* ---- results: a task's number and its order's seed give the right one ---- */

static struct croft_hash result_of(const struct croft_msim_lease *l, u32 task, bool other)
{
    u32 words[3] = {(u32)l->order->workload, task, other};
    return croft_blake2b("croft sim result", &(struct croft_bytes){(const u8 *)words, sizeof words}, 1);
}

static struct croft_hash leaf_of(const struct croft_msim_lease *l, u32 task)
{
    struct croft_hash result = result_of(l, task, l->two_faced);
    return result;
}

static void leaves_of(const struct croft_msim_lease *l, struct croft_hash leaf[RANGE_MAX])
{
    for (u32 i = 0; i < l->range && i < RANGE_MAX; i++) {
        struct croft_hash result = leaf_of(l, l->last.first_task + i);
        leaf[i] = croft_merkle_leaf((struct croft_bytes){result.b, sizeof result.b});
    }
}

/* The committed result of a task and its way up. */
static size_t path_of(struct croft_sim *s, const struct croft_msim_lease *l, u32 task, ProtobufCBinaryData **out)
{
    struct croft_hash leaf[RANGE_MAX];
    struct croft_merkle_path path;
    leaves_of(l, leaf);
    croft_merkle_path_of(leaf, l->range, task - l->last.first_task, &path);
    *out = croft_sim_new(s, ProtobufCBinaryData, path.aunt_count + 1);
    for (u32 i = 0; i < path.aunt_count; i++)
        (*out)[i] = croft_sim_copy(s, path.aunt[i].b, sizeof path.aunt[i].b);
    return path.aunt_count;
}

/* ---- the node's side ---- */

/* The first open task, and how many follow it; bits from the pages. */
static bool open_range(struct croft_sim *s, const struct croft_msim_order *o, u32 *out_first, u32 *out_count)
{
    struct croft_page_record page;
    if (!croft_msim_read(s, CROFT_TABLE_PAGES, o->key, &page))
        return false;
    u32 from = (u32)croft_sim_below(s, o->tasks);
    *out_count = 0;
    for (u32 i = from; i < o->tasks && *out_count < RANGE_MAX; i++) {
        bool open = (page.bits[i / 4] >> 2 * (i % 4) & 3) == CROFT_TASK_OPEN;
        if (open && *out_count == 0)
            *out_first = i;
        if (!open && *out_count != 0)
            break;
        *out_count += open;
    }
    return *out_count != 0;
}

void croft_msim_take_tasks(struct croft_sim *s, struct croft_msim_actor *a, u32 node, u32 device)
{
    struct croft_msim *m = s->market;
    u32 first, count;
    if (m->live_order_count == 0)
        return;
    struct croft_msim_order *o = &m->order[m->live_order[croft_sim_below(s, m->live_order_count)]];
    if (!o->known || o->kind != CROFT_ORDER_BATCH || o->buyer == a->number || !open_range(s, o, &first, &count))
        return;
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_TAKE);
    Croft__V1__LeaseTake *op = CROFT_MSIM_OP(s, b, lease_take, Croft__V1__LeaseTake, croft__v1__lease_take__init);
    op->buyer_address = croft_msim_buyer(s, o->key);
    op->order = o->id;
    op->device = device;
    op->seal_key = croft_msim_random(s, 32);
    op->first_task = first;
    op->task_count = 1 + (u32)croft_sim_below(s, count);
    croft_msim_send(s, node, b);
}

static void commit(struct croft_sim *s, struct croft_msim_lease *l)
{
    const struct croft_msim_actor *a = &s->market->actor[l->payee];
    struct croft_hash leaf[RANGE_MAX];
    l->two_faced = croft_msim_is(a, CROFT_FAULT_TWO_FACED | CROFT_FAULT_CLAIMS_MORE);
    leaves_of(l, leaf);
    struct croft_hash root = croft_merkle_root(leaf, l->range);
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_COMMIT);
    Croft__V1__LeaseCommit *op =
        CROFT_MSIM_OP(s, b, lease_commit, Croft__V1__LeaseCommit, croft__v1__lease_commit__init);
    op->lease = croft_msim_lease_id(s, l->key);
    op->results_root = croft_sim_copy(s, root.b, sizeof root.b);
    croft_msim_send(s, l->node, b);
}

static void contest(struct croft_sim *s, const struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_TASK_CONTEST);
    CROFT_MSIM_OP(s, b, task_contest, Croft__V1__TaskContest, croft__v1__task_contest__init)->lease =
        croft_msim_lease_id(s, l->key);
    croft_msim_send(s, l->node, b);
}

void croft_msim_work(struct croft_sim *s, struct croft_msim_lease *l)
{
    const struct croft_msim_actor *a = &s->market->actor[l->payee];
    if (l->order->kind != CROFT_ORDER_BATCH || (l->last.flags & CROFT_LEASE_GATEWAY))
        return;
    bool works = !croft_msim_is(a, CROFT_FAULT_NEVER_RUNS | CROFT_FAULT_VANISHES);
    if (l->last.state == CROFT_LEASE_ACKED && works && croft_sim_chance(s, 2))
        commit(s, l);
    else if (l->last.state == CROFT_LEASE_DISPUTED && !l->two_faced && !croft_sim_chance(s, 4))
        contest(s, l);
}

/* ---- the buyer's side ---- */

/* The node signed the right result to the buyer, and committed another. */
static void slash(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_lease *l)
{
    u32 task = l->last.first_task + (u32)croft_sim_below(s, l->range);
    const struct croft_secret_key *key = &s->market->account[l->node].key;
    struct croft_hash said = result_of(l, task, false), committed = leaf_of(l, task);
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_SLASH);
    Croft__V1__Slash *op = CROFT_MSIM_OP(s, b, slash, Croft__V1__Slash, croft__v1__slash__init);
    struct croft_public_key public = croft_public_key_of(key);
    op->lease = croft_msim_lease_id(s, l->key);
    op->stamp = l->last.stamp;
    op->task = task;
    op->result_hash = croft_sim_copy(s, said.b, sizeof said.b);
    op->committed_hash = croft_sim_copy(s, committed.b, sizeof committed.b);
    op->node_key = croft_sim_copy(s, public.b, sizeof public.b);
    struct croft_hash hash = croft_result_hash(&s->network, op);
    struct croft_signature signature = croft_sign(key, (struct croft_bytes){hash.b, sizeof hash.b});
    op->node_signature = croft_sim_copy(s, signature.b, sizeof signature.b);
    op->n_path = path_of(s, l, task, &op->path);
    croft_msim_send(s, a->account, b);
}

static void say(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_lease *l, u32 rejected)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_TASK_REVIEW);
    Croft__V1__TaskReview *op = CROFT_MSIM_OP(s, b, task_review, Croft__V1__TaskReview, croft__v1__task_review__init);
    op->lease = croft_msim_lease_id(s, l->key);
    if (rejected != 0) {
        Croft__V1__TaskRange *range = croft_sim_new(s, Croft__V1__TaskRange, 1);
        croft__v1__task_range__init(range);
        range->first = l->last.first_task;
        range->count = rejected;
        op->rejects = croft_sim_new(s, Croft__V1__TaskRange *, 1);
        op->rejects[0] = range;
        op->n_rejects = 1;
    }
    croft_msim_send(s, a->account, b);
}

void croft_msim_review(struct croft_sim *s, struct croft_msim_actor *a, struct croft_msim_lease *l)
{
    u32 tasks = l->range;
    if (l->last.state != CROFT_LEASE_COMMITTED || croft_sim_chance(s, 4))
        return; /* silence accepts */
    bool faced = croft_msim_is(&s->market->actor[l->payee], CROFT_FAULT_TWO_FACED);
    if (l->two_faced && faced && croft_sim_chance(s, 2))
        slash(s, a, l);
    else if (l->two_faced || croft_msim_is(a, CROFT_FAULT_REJECTS))
        say(s, a, l, tasks);
    else
        say(s, a, l, 0);
}

/* ---- the arbiter ---- */

/* Opens the first task and compares it with what it works out itself. */
void croft_msim_judge(struct croft_sim *s, u32 account, struct croft_msim_lease *l)
{
    u32 task = l->last.first_task;
    struct croft_hash committed = leaf_of(l, task);
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_TASK_JUDGE);
    Croft__V1__TaskJudge *op = CROFT_MSIM_OP(s, b, task_judge, Croft__V1__TaskJudge, croft__v1__task_judge__init);
    op->lease = croft_msim_lease_id(s, l->key);
    op->upheld = l->two_faced;
    op->task = task;
    op->result_hash = croft_sim_copy(s, committed.b, sizeof committed.b);
    op->n_path = path_of(s, l, task, &op->path);
    if (croft_sim_chance(s, 12))
        op->result_hash.data[0] ^= 1;
    croft_msim_send(s, account, b);
}
