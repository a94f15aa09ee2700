/* What a checkpoint or snapshot holds beside the records:
 *   format u8 2 | network 32 | height u64 | time_s u64 | block id 32 | app hash 32 | tables u8 | per table: high u32
 *   | receipts count u64 | per set bit of count, lowest first: peak 32 | LtHash 2048
 *   | BLAKE2b-256(key "croft meta 1", all of the above): height, time and block id are in no root
 * Format 1, of releases that knew 12 tables, has no count of them.
 */
#include "ledger/ledger_int.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"

enum { META_FORMAT = 2, TABLES_OF_FORMAT_1 = 12, TABLES = CROFT_TABLE_COUNT - 1 };

static struct croft_hash meta_digest(const u8 *at, size_t len)
{
    const struct croft_bytes part = {at, len};
    return croft_blake2b("croft meta 1", &part, 1);
}

size_t croft_ledger_save_meta(const struct croft_ledger *l, const struct croft_hash *block_id, u8 out[static CROFT_LEDGER_META_MAX])
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_IDLE);
    struct croft_writer w = {.at = out, .end = out + CROFT_LEDGER_META_MAX};
    croft_write_u8(&w, META_FORMAT);
    croft_write_bytes(&w, l->network.b, sizeof l->network.b);
    croft_write_u64(&w, l->height);
    croft_write_u64(&w, l->time_s);
    croft_write_bytes(&w, block_id->b, sizeof block_id->b);
    croft_write_bytes(&w, l->app_hash.b, sizeof l->app_hash.b);
    croft_write_u8(&w, TABLES);
    for (u32 t = 1; t <= TABLES; t++)
        croft_write_u32(&w, croft_state_high(l->state, t));
    croft_write_u64(&w, l->roots.receipts.count);
    for (u32 k = 0; k < CROFT_PEAKS_MAX; k++)
        if (l->roots.receipts.count >> k & 1)
            croft_write_bytes(&w, l->roots.receipts.peak[k].b, 32);
    u8 *sum = croft_write_room(&w, CROFT_LTHASH_BYTES);
    CROFT_ASSERT(sum != NULL && !w.bad);
    croft_lthash_save(&l->roots.sum, sum);
    struct croft_hash digest = meta_digest(out, (size_t)(w.at - out));
    croft_write_bytes(&w, digest.b, sizeof digest.b);
    CROFT_ASSERT(!w.bad);
    return (size_t)(w.at - out);
}

static void read_hash(struct croft_reader *r, struct croft_hash *out)
{
    const u8 *at = croft_read_bytes(r, sizeof out->b);
    if (at)
        memcpy(out->b, at, sizeof out->b);
}

static void read_peaks(struct croft_reader *r, struct croft_peaks *out)
{
    out->count = croft_read_u64(r);
    for (u32 k = 0; k < CROFT_PEAKS_MAX; k++)
        if (out->count >> k & 1)
            read_hash(r, &out->peak[k]);
}

/* Decoding needs typed bytes; a value that its table's layout does not take is damage, found before it is used. */
croft_err croft_ledger_load(struct croft_ledger *l, u32 table, u32 slot, struct croft_bytes key, struct croft_bytes value)
{
    _Alignas(max_align_t) u8 any[CROFT_RECORD_STRUCT_MAX];
    const struct croft_layout *layout = croft_table_layout(table);
    if (layout == NULL)
        return CROFT_ERR_STATE;
    CROFT_ASSERT(layout->struct_size <= sizeof any);
    croft_err err = croft_layout_decode(layout, value, any);
    if (err != CROFT_OK)
        return err == CROFT_ERR_FORMAT ? err : CROFT_ERR_STATE;
    return croft_state_load(l->state, table, slot, key, value);
}

/* All parameters of the stored protocol, and none of a later one. */
static bool has_params(const struct croft_ledger *l, u32 protocol)
{
    size_t expected = 0;
    for (size_t i = 0; i < croft_param_count(); i++) {
        u8 key[2];
        if (croft_param_at(i)->since > protocol)
            continue;
        expected++;
        croft_key_param(croft_param_at(i)->number, key);
        if (croft_state_find(l->state, CROFT_TABLE_PARAMS, key) == CROFT_SLOT_NONE)
            return false;
    }
    return croft_state_count(l->state, CROFT_TABLE_PARAMS) == expected;
}

/* All system accounts of the stored protocol, and none of a later one. */
static bool has_system_accounts(const struct croft_ledger *l, u32 protocol)
{
    for (u32 i = CROFT_SYSTEM_FEES; i < CROFT_SYSTEM_COUNT; i++) {
        struct croft_address a = croft_system_address((enum croft_system_account)i);
        bool is = croft_account_find(l, &a) != CROFT_SLOT_NONE;
        if (is != (croft_system_since(i) <= protocol))
            return false;
    }
    return true;
}

/* Tables that the format did not have are empty. */
static croft_err load_highs(struct croft_ledger *l, struct croft_reader *r, u32 tables)
{
    for (u32 t = 1; t <= TABLES; t++)
        CROFT_TRY(croft_state_load_high(l->state, t, t <= tables ? croft_read_u32(r) : 0));
    if (croft_state_count(l->state, CROFT_TABLE_CHAIN) != 1)
        return CROFT_ERR_STATE;
    u32 protocol = croft_ledger_chain(l).protocol;
    return has_params(l, protocol) && has_system_accounts(l, protocol) ? CROFT_OK : CROFT_ERR_STATE;
}

/* The stored app hash must come out of the records themselves: rot in any of them shows here. */
static croft_err load_roots(struct croft_ledger *l, struct croft_reader *r, const struct croft_hash *app_hash,
                            struct croft_why *why)
{
    read_peaks(r, &l->roots.receipts);
    const u8 *sum = croft_read_bytes(r, CROFT_LTHASH_BYTES);
    if (r->bad || r->at != r->end)
        return croft_fail(why, CROFT_ERR_STATE, "the stored state's head is cut short");
    croft_params_refresh(l);
    croft_system_refresh(l);
    croft_roots_rebuild(&l->roots, l->state);
    croft_roots_refresh(l);

    struct croft_lthash stored;
    croft_lthash_load(&stored, sum);
    bool same_sum = memcmp(&stored, &l->roots.sum, sizeof stored) == 0;
    bool same_count = croft_ledger_chain(l).receipt_blocks == l->roots.receipts.count;
    if (!same_sum || !same_count || !croft_hash_equal(app_hash, &l->app_hash))
        return croft_fail(why, CROFT_ERR_STATE,
                          "the stored state at block %llu does not give the roots it was stored with: a record is damaged",
                          (unsigned long long)l->height);
    return CROFT_OK;
}

/* Checks the digest at the end and takes it off what is still to be read. */
static bool take_digest(struct croft_reader *r, struct croft_bytes meta)
{
    struct croft_hash stored;
    if (meta.len < 1 + sizeof stored.b)
        return false;
    r->end -= sizeof stored.b;
    memcpy(stored.b, r->end, sizeof stored.b);
    struct croft_hash digest = meta_digest(meta.at, meta.len - sizeof stored.b);
    return croft_hash_equal(&stored, &digest);
}

croft_err croft_ledger_load_meta(struct croft_ledger *l, struct croft_bytes meta, const struct croft_hash *network,
                                 struct croft_hash *out_block_id, struct croft_why *why)
{
    struct croft_reader r = croft_reader_of(meta);
    struct croft_hash app_hash = {{0}}, block_id = {{0}};
    u8 format = croft_read_u8(&r);
    if (format != META_FORMAT && format != 1)
        return croft_fail(why, CROFT_ERR_FORMAT,
                          "the stored state has format %u, this release knows %d: install a newer release", format,
                          META_FORMAT);
    if (!take_digest(&r, meta))
        return croft_fail(why, CROFT_ERR_STATE, "the stored state's head is damaged");
    read_hash(&r, &l->network);
    l->height = croft_read_u64(&r);
    l->time_s = croft_read_u64(&r);
    read_hash(&r, &block_id);
    read_hash(&r, &app_hash);
    if (!croft_hash_equal(&l->network, network))
        return croft_fail(why, CROFT_ERR_NETWORK, "the stored state belongs to another network than the genesis beside it");
    u32 tables = format == 1 ? TABLES_OF_FORMAT_1 : croft_read_u8(&r);
    if (r.bad || tables > TABLES || load_highs(l, &r, tables) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_STATE, "the stored state is not whole: records are missing or in the wrong place");
    CROFT_TRY(load_roots(l, &r, &app_hash, why));
    *out_block_id = block_id;
    return CROFT_OK;
}
