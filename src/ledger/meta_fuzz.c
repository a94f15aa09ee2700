/* Fuzz: a stored ledger that was changed is refused, or is the same ledger; whatever loads passes its audit
 * and goes on. The input is either a head (meta) for good records, or changes to records and head; its digest
 * is put right on request, or nothing behind it would ever be reached. */
#include "ledger/script_int.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { RECORDS_MAX = 128, DIGEST = 32 };

struct stored {
    u32 table, slot;
    u8 key[CROFT_RECORD_KEY_MAX], value[CROFT_RECORD_VALUE_MAX];
    size_t key_len, value_len;
};

struct dump {
    struct stored record[RECORDS_MAX];
    u32 count;
    u8 meta[CROFT_LEDGER_META_MAX];
    size_t meta_len;
};

static struct dump good, bad;
static struct croft_hash network;
static struct croft_region region;

static const struct croft_state_limits limits = {.records_max_log2 = 10, .journal_bytes = 4 << 20};

static void dump_slot(const struct chain *c, u32 table, u32 slot)
{
    struct croft_bytes key = croft_state_key(c->l->state, table, slot),
                       value = croft_state_value(c->l->state, table, slot);
    if (key.at == NULL)
        return;
    CROFT_ASSERT(good.count < RECORDS_MAX);
    struct stored *r = &good.record[good.count++];
    *r = (struct stored){.table = table, .slot = slot, .key_len = key.len, .value_len = value.len};
    memcpy(r->key, key.at, key.len);
    memcpy(r->value, value.at, value.len);
}

static void fill_chain(struct chain *c)
{
    chain_make(c);
    chain_begin(c, 1);
    (void)!chain_do(c, chain_pending_open(c, 4, 1, 5, 70, 1000));
    (void)!chain_do(c, chain_pending_open(c, 4, 2, 5, 70, 1000));
    (void)!chain_do(c, chain_withdraw(c, 4, 1, 0, CROFT_ASSET_CROFT, 30));
    (void)!chain_do(c, chain_propose_param(c, 1, 5, CROFT_PARAM_COST_WRITE, 1));
    (void)!chain_do(c, chain_vote(c, 1, 5, true));
    (void)!chain_do(c, chain_set_guardian(c, 4, 6, 86400));
    (void)!chain_do(c, chain_recover_start(c, 6, 4, c->actor[7].set));
    (void)!chain_do(c, chain_pending_void(c, 5, 4, 1));
    chain_end(c);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    struct chain c;
    const struct croft_hash id = {{5}};
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    fill_chain(&c);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        for (u32 slot = 0; slot < croft_state_high(c.l->state, t); slot++)
            dump_slot(&c, t, slot);
    good.meta_len = croft_ledger_save_meta(c.l, &id, good.meta);
    network = c.network;
    chain_stop(&c);
    return 0;
}

/* One change: what, where, by how much. */
static void change(struct script *s)
{
    u32 what = script_below(s, 6);
    u32 at = script_below(s, 256) * 256 + script_below(s, 256);
    u8 by = (u8)(1 + script_below(s, 255));
    struct stored *r = &bad.record[at % bad.count];
    switch (what) {
    case 0:
        bad.meta[at % bad.meta_len] ^= by;
        break;
    case 1:
        r->value[by % r->value_len] ^= (u8)(1 + at / bad.count);
        break;
    case 2:
        r->key[by % r->key_len] ^= (u8)(1 + at / bad.count);
        break;
    case 3:
        r->slot = by % 8 == 7 ? UINT32_MAX : by % 8;
        break;
    case 4:
        r->value_len = by;
        break;
    default:
        *r = bad.record[bad.count - 1];
        bad.count -= bad.count > 1;
        break;
    }
}

static void mend_digest(void)
{
    CROFT_ASSERT(bad.meta_len >= DIGEST);
    const struct croft_bytes part = {bad.meta, bad.meta_len - DIGEST};
    struct croft_hash h = croft_blake2b("croft meta 1", &part, 1);
    memcpy(bad.meta + bad.meta_len - DIGEST, h.b, DIGEST);
}

static croft_err load(struct croft_ledger *l)
{
    struct croft_why why;
    struct croft_hash id;
    for (u32 i = 0; i < bad.count; i++) {
        const struct stored *r = &bad.record[i];
        CROFT_TRY(croft_ledger_load(l, r->table, r->slot, (struct croft_bytes){r->key, r->key_len},
                                    (struct croft_bytes){r->value, r->value_len}));
    }
    return croft_ledger_load_meta(l, (struct croft_bytes){bad.meta, bad.meta_len}, &network, &id, &why);
}

/* The roots vouch for the records: audit holds, and blocks go on, whatever time and height the head claims.
 */
static void go_on(struct croft_ledger *l)
{
    struct croft_region scratch;
    struct croft_why why;
    struct croft_block_end end;
    bool mapped = croft_region_map(&scratch, 1 << 20);
    CROFT_ASSERT(mapped);
    croft_err err = croft_ledger_audit(l, croft_region_arena(&scratch), &why);
    CROFT_ASSERT(err == CROFT_OK);
    u64 time_s = croft_ledger_time_s(l), height = croft_ledger_height(l);
    if (time_s < UINT64_C(1) << 43 && height < UINT64_MAX - 1) {
        err = croft_ledger_block_begin(l, height + 1, time_s + 100000000, &why);
        CROFT_ASSERT(err == CROFT_OK);
        croft_ledger_block_end(l, &end);
        croft_ledger_block_accept(l);
        err = croft_ledger_audit(l, croft_region_arena(&scratch), &why);
        CROFT_ASSERT(err == CROFT_OK);
    }
    croft_region_unmap(&scratch);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct script s = {data, data + size};
    struct croft_ledger *l;
    bad = good;
    u32 mode = script_below(&s, 4);
    if (mode < 2 && size > 1 + DIGEST && size <= sizeof bad.meta) {
        memcpy(bad.meta, data + 1, size - 1);
        bad.meta_len = size - 1;
    } else {
        while (!script_is_over(&s))
            change(&s);
    }
    if (mode % 2 == 1)
        mend_digest();
    bool mapped = croft_region_map(&region, croft_ledger_size(&limits));
    CROFT_ASSERT(mapped);
    struct croft_arena mem = croft_region_arena(&region);
    croft_err err = croft_ledger_init(&mem, &limits, &l);
    CROFT_ASSERT(err == CROFT_OK);
    err = load(l);
    CROFT_ASSERT(err == CROFT_OK || err == CROFT_ERR_STATE || err == CROFT_ERR_FORMAT ||
                 err == CROFT_ERR_NETWORK);
    if (err == CROFT_OK)
        go_on(l);
    croft_region_unmap(&region);
    return 0;
}
