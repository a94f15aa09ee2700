#include "bench/load.h"

#include "base/assert.h"
#include "base/buf.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MAX = 64, TX_ROOM = 768 };

/* ---- work on all cores: a range of indexes for each ---- */

struct share {
    void (*run)(void *arg, u32 from, u32 to);
    void *arg;
    u32 from, to;
};

static void *run_share(void *p)
{
    const struct share *s = p;
    s->run(s->arg, s->from, s->to);
    return NULL;
}

static void on_all_cores(void (*run)(void *arg, u32 from, u32 to), void *arg, u32 count)
{
    pthread_t thread[THREADS_MAX];
    struct share share[THREADS_MAX];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    u32 threads = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (u32)cores;
    for (u32 i = 0; i < threads; i++) {
        share[i] =
            (struct share){run, arg, (u32)((u64)count * i / threads), (u32)((u64)count * (i + 1) / threads)};
        int rc = pthread_create(&thread[i], NULL, run_share, &share[i]);
        CROFT_ASSERT(rc == 0);
    }
    for (u32 i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
}

/* ---- keys ---- */

static void secret_of(u32 account, struct croft_secret_key *out)
{
    u8 seed[32] = "croft bench account";
    croft_put_u32(seed + 28, account);
    croft_secret_key_from_seed(out, seed);
}

static Croft__V1__KeySet *key_set_of(const struct croft_load *l, u32 account, struct croft_arena *mem)
{
    Croft__V1__KeySet *set = croft_key_set_single(&l->key[account], mem);
    CROFT_ASSERT(set != NULL);
    return set;
}

static void make_accounts(void *arg, u32 from, u32 to)
{
    struct croft_load *l = arg;
    for (u32 i = from; i < to; i++) {
        u8 room[TX_ROOM];
        struct croft_arena mem = {room, room + sizeof room};
        struct croft_secret_key secret;
        secret_of(i, &secret);
        l->key[i] = croft_public_key_of(&secret);
        l->address[i] = croft_key_set_address(key_set_of(l, i, &mem));
    }
}

size_t croft_load_size(u32 accounts)
{
    return (size_t)accounts * (sizeof(struct croft_address) + sizeof(struct croft_public_key) + sizeof(u32)) +
           4096;
}

void croft_load_init(struct croft_load *l, struct croft_arena *mem, u32 accounts, u64 time_s)
{
    *l = (struct croft_load){
        .accounts = accounts, .time_s = time_s, .nonce_floor = time_s << 20, .rng = croft_rng_of(time_s)};
    l->address = croft_new(mem, struct croft_address, accounts);
    l->key = croft_new(mem, struct croft_public_key, accounts);
    l->used = croft_new(mem, u32, accounts);
    CROFT_ASSERT(l->address && l->key && l->used);
    on_all_cores(make_accounts, l, accounts);
}

/* ---- genesis ---- */

static ProtobufCBinaryData view(const u8 *at)
{
    return (ProtobufCBinaryData){32, (u8 *)(uintptr_t)at};
}

static void add_grants(const struct croft_load *l, Croft__V1__Genesis *g, struct croft_arena *mem)
{
    Croft__V1__GenesisGrant *grant = croft_new(mem, Croft__V1__GenesisGrant, l->accounts);
    g->grants = croft_new(mem, Croft__V1__GenesisGrant *, l->accounts);
    CROFT_ASSERT(grant != NULL && g->grants != NULL);
    g->n_grants = l->accounts;
    for (u32 i = 0; i < l->accounts; i++) {
        croft__v1__genesis_grant__init(&grant[i]);
        grant[i].issuer_address = view(l->address[0].b);
        grant[i].to_address = view(l->address[i].b);
        grant[i].amount = 1000 * CROFT_UNITS_PER_CREDIT;
        g->grants[i] = &grant[i];
    }
}

Croft__V1__Genesis *croft_load_genesis(const struct croft_load *l, const struct croft_public_key *sequencer,
                                       struct croft_arena *mem)
{
    Croft__V1__Genesis *g = croft_new(mem, Croft__V1__Genesis, 1);
    Croft__V1__GenesisValidator *v = croft_new(mem, Croft__V1__GenesisValidator, 1);
    Croft__V1__GenesisIssuer *s = croft_new(mem, Croft__V1__GenesisIssuer, 1);
    void **list = croft_new(mem, void *, 2);
    CROFT_ASSERT(g && v && s && list);
    croft__v1__genesis__init(g);
    croft__v1__genesis_validator__init(v);
    croft__v1__genesis_issuer__init(s);
    v->public_key = view(sequencer->b);
    v->operator_address = view(l->address[0].b);
    v->power = 1;
    s->issuer_address = view(l->address[0].b);
    s->cap = UINT64_MAX;
    list[0] = v;
    list[1] = s;
    g->format = 1;
    g->name = (char *)(uintptr_t) "bench";
    g->token = (char *)(uintptr_t) "none";
    g->protocol = CROFT_PROTOCOL_MAX;
    g->time_s = l->time_s;
    g->n_validators = g->n_issuers = 1;
    g->validators = (Croft__V1__GenesisValidator **)(void *)&list[0];
    g->issuers = (Croft__V1__GenesisIssuer **)(void *)&list[1];
    add_grants(l, g, mem);
    return g;
}

/* ---- transactions ---- */

struct plan {
    u32 from, to;
    u64 nonce, valid_until_s;
};

static struct croft_bytes make_transfer(const struct croft_load *l, const struct plan *p, bool first,
                                        struct croft_arena *mem)
{
    u8 room[4 * TX_ROOM];
    struct croft_arena scratch = {room, room + sizeof room};
    Croft__V1__Leg leg = CROFT__V1__LEG__INIT, *legs[] = {&leg};
    Croft__V1__Transfer transfer = CROFT__V1__TRANSFER__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    leg.to_address = view(l->address[p->to].b);
    leg.amount = 1;
    transfer.n_legs = 1;
    transfer.legs = legs;
    body.format = 1;
    body.account_address = view(l->address[p->from].b);
    body.nonce = p->nonce;
    body.valid_until_s = p->valid_until_s;
    body.fee_max = CROFT_UNITS_PER_CREDIT;
    body.key_set = first ? key_set_of(l, p->from, &scratch) : NULL;
    body.op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    body.transfer = &transfer;

    struct croft_secret_key secret;
    const struct croft_secret_key *keys[] = {&secret};
    struct croft_bytes tx;
    struct croft_hash id;
    u8 signer = 0;
    secret_of(p->from, &secret);
    croft_err err = croft_tx_build(&body, &l->network, keys, &signer, 1, mem, &tx, &id);
    CROFT_ASSERT(err == CROFT_OK);
    return tx;
}

static struct plan draw(struct croft_load *l, u32 from)
{
    struct plan p = {.from = from, .to = (u32)croft_rng_below(&l->rng, l->accounts)};
    p.to = p.to == from ? (from + 1) % l->accounts : p.to;
    p.nonce = l->nonce_floor + ++l->used[from];
    p.valid_until_s = l->time_s + 3600 + croft_rng_below(&l->rng, 86400 - 7200);
    return p;
}

struct making {
    const struct croft_load *load;
    const struct plan *plan;
    struct croft_bytes *out;
    u8 *room;
    bool first;
};

static void make_range(void *arg, u32 from, u32 to)
{
    const struct making *m = arg;
    for (u32 i = from; i < to; i++) {
        struct croft_arena mem = {m->room + (size_t)i * TX_ROOM, m->room + (size_t)(i + 1) * TX_ROOM};
        m->out[i] = make_transfer(m->load, &m->plan[i], m->first, &mem);
    }
}

size_t croft_load_txs_size(u32 count)
{
    return (size_t)count * (sizeof(struct plan) + TX_ROOM) + 64;
}

static void make_all(struct croft_load *l, u32 from, bool first, struct croft_bytes *out, u32 count,
                     struct croft_arena *mem)
{
    struct plan *plan = croft_new(mem, struct plan, count);
    u8 *room = croft_arena_take_raw(mem, count, TX_ROOM, 16);
    CROFT_ASSERT(plan != NULL && room != NULL);
    for (u32 i = 0; i < count; i++)
        plan[i] = draw(l, first ? from + i : (u32)croft_rng_below(&l->rng, l->accounts));
    struct making making = {l, plan, out, room, first};
    on_all_cores(make_range, &making, count);
}

void croft_load_firsts(struct croft_load *l, u32 from, struct croft_bytes *out, u32 count,
                       struct croft_arena *mem)
{
    CROFT_ASSERT(from + count <= l->accounts);
    make_all(l, from, true, out, count, mem);
}

void croft_load_transfers(struct croft_load *l, struct croft_bytes *out, u32 count, struct croft_arena *mem)
{
    make_all(l, 0, false, out, count, mem);
}
