#include "ledger/state.h"

#include "base/assert.h"
#include "base/buf.h"
#include "ledger/blobs.h"
#include "ledger/due.h"
#include "ledger/slots.h"

#include <sodium.h>
#include <string.h>

/* A record in memory: this head, its key, its value. */
struct blob_head {
    u32 slot;
    u16 value_len, value_room; /* room: what the blob's size class leaves for the value */
};

/* What is kept about a slot beside its record: side by side, for both are read whenever a block writes to it. */
struct slot {
    u32 blob;        /* 0: free */
    u32 block_stamp; /* serial of the last block that wrote it */
};

/* An index entry: 0 is empty; else tag << 32 | blob. */
struct table {
    u32 id, key_len, records_max;
    u32 high, count;
    u32 high_before; /* the block */
    u32 index_mask;
    u64 *index;
    struct slot *slot;
    struct croft_slots free;
    struct croft_blobs blobs;
    u8 *unsaved;    /* per slot: 1 while in the unsaved list */
    i64 due_offset; /* of the u64 due time inside the value; -1: none */
};

/* One write, with what was there before.  old key and value follow; entries are found backwards by prev. */
struct journal_entry {
    size_t prev;
    u32 table, slot;
    u32 old_len;   /* of the value; NOTHING: there was no record */
    u32 old_high;  /* of the table, before */
    u32 patch_at, patch_len; /* len != 0: only these bytes of the value follow */
};
enum { NOTHING = UINT32_MAX };

struct touched_at {
    u32 table, slot;
    size_t entry;
};

struct croft_state {
    struct table table[CROFT_TABLE_COUNT];
    struct croft_due_heap due;
    u8 hash_seed[16];
    u32 block_serial;
    u8 *journal;
    size_t journal_used, journal_max, journal_last;
    struct touched_at *touched;
    size_t touched_count, touched_max;
    u64 *unsaved;
    size_t unsaved_count, unsaved_max;
};

/* ---- sizes ---- */

enum { JOURNAL_ENTRY_MAX = sizeof(struct journal_entry) + CROFT_RECORD_KEY_MAX + CROFT_RECORD_VALUE_MAX + 16 };
enum { TOUCH_BYTES_MIN = 64 }; /* no journal entry is smaller: bounds the touched list */

static u32 records_max_of(u32 table, u32 log2)
{
    u32 all = 1u << log2;
    switch ((enum croft_table)table) {
    case CROFT_TABLE_CHAIN:
        return 1;
    case CROFT_TABLE_PARAMS:
        return 128;
    case CROFT_TABLE_VALIDATORS:
        return 64;
    case CROFT_TABLE_PROPOSALS:
        return 256;
    case CROFT_TABLE_ISSUERS:
        return 256 + CROFT_RECORDS_KEPT;
    case CROFT_TABLE_VOTES:
        return 64 * 256;
    case CROFT_TABLE_RECOVERIES:
    case CROFT_TABLE_WITHDRAWALS:
    case CROFT_TABLE_BATCHES:
    case CROFT_TABLE_AUCTIONS:
    case CROFT_TABLE_BIDS:
        return all / 4;
    case CROFT_TABLE_PAGES:
        return all / 2;
    case CROFT_TABLE_ACCOUNTS:
        return all + CROFT_RECORDS_KEPT;
    case CROFT_TABLE_PENDINGS:
    case CROFT_TABLE_LEASES:
    case CROFT_TABLE_PROVIDERS:
    case CROFT_TABLE_NODES:
    case CROFT_TABLE_DEVICES:
    case CROFT_TABLE_ORDERS:
    case CROFT_TABLE_QUEUE:
    case CROFT_TABLE_CLAIMS:
        return all;
    case CROFT_TABLE_CLASSES:
        return 4096;
    case CROFT_TABLE_TOKEN:
        return 1;
    case CROFT_TABLE_REPORTS:
        return 64;
    case CROFT_TABLE_EPOCHS:
        return 65536;
    case CROFT_TABLE_RECEIPTS:
    case CROFT_TABLE_COUNT:
        break;
    }
    return 0;
}

static const char *due_field_of(u32 table)
{
    switch ((enum croft_table)table) {
    case CROFT_TABLE_PENDINGS:
    case CROFT_TABLE_PROPOSALS:
        return "expires_s";
    case CROFT_TABLE_WITHDRAWALS:
        return "returns_s";
    case CROFT_TABLE_RECOVERIES:
    case CROFT_TABLE_LEASES:
    case CROFT_TABLE_PROVIDERS:
    case CROFT_TABLE_DEVICES:
    case CROFT_TABLE_ORDERS:
    case CROFT_TABLE_BIDS:
    case CROFT_TABLE_CLAIMS:
    case CROFT_TABLE_TOKEN:
        return "due_s";
    case CROFT_TABLE_RECEIPTS:
    case CROFT_TABLE_CHAIN:
    case CROFT_TABLE_PARAMS:
    case CROFT_TABLE_ACCOUNTS:
    case CROFT_TABLE_ISSUERS:
    case CROFT_TABLE_VALIDATORS:
    case CROFT_TABLE_VOTES:
    case CROFT_TABLE_NODES:
    case CROFT_TABLE_CLASSES:
    case CROFT_TABLE_QUEUE:
    case CROFT_TABLE_BATCHES:
    case CROFT_TABLE_PAGES:
    case CROFT_TABLE_AUCTIONS:
    case CROFT_TABLE_REPORTS:
    case CROFT_TABLE_EPOCHS:
    case CROFT_TABLE_COUNT:
        break;
    }
    return NULL;
}

/* Where the due time lies in the encoded value, read off the layout; -1 when the table has none. */
static i64 due_offset_of(u32 table)
{
    const struct croft_layout *l = croft_table_layout(table);
    const char *name = due_field_of(table);
    i64 at = 0;
    for (u32 i = 0; l != NULL && name != NULL && i < l->field_count; i++) {
        if (strcmp(l->field[i].name, name) == 0)
            return at;
        at += l->field[i].bytes;
    }
    CROFT_ASSERT(name == NULL);
    return -1;
}

/* About half full at most, so that probes stay short: the kept places do not double it. */
static u32 index_len_of(u32 records_max)
{
    u32 len = 16;
    while (len < 2 * (records_max - records_max % (2 * CROFT_RECORDS_KEPT)))
        len *= 2;
    return len;
}

static size_t table_bytes(u32 records_max)
{
    return (size_t)index_len_of(records_max) * sizeof(u64) + croft_slots_size(records_max) +
           (size_t)records_max * (sizeof(struct slot) + sizeof(u32) + 1) + 256;
}

/* Granules that a table's longest record takes. */
static u32 granules_max_of(u32 table)
{
    size_t value = croft_layout_bytes_max(croft_table_layout(table));
    return croft_blob_granules((u32)(sizeof(struct blob_head) + croft_table_key_len(table) + value));
}

static u64 records_in_all(u32 log2)
{
    u64 all = 0;
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        all += records_max_of(t, log2);
    return all;
}

static size_t touched_max_of(const struct croft_state_limits *limits)
{
    return limits->journal_bytes / TOUCH_BYTES_MIN;
}

size_t croft_state_size(const struct croft_state_limits *limits)
{
    u64 all = records_in_all(limits->records_max_log2);
    size_t size = sizeof(struct croft_state) + 4096;
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++) {
        u32 max = records_max_of(t, limits->records_max_log2);
        size += table_bytes(max) + croft_blobs_size(max, granules_max_of(t));
    }
    size += (size_t)all * (sizeof(struct croft_due_slot) + sizeof(u64));
    return size + limits->journal_bytes + touched_max_of(limits) * sizeof(struct touched_at);
}

/* ---- init ---- */

#define TAKE(mem, pointer, count)                                                                            \
    ((pointer) = croft_arena_take_raw((mem), (count), sizeof *(pointer), _Alignof(max_align_t)))

static croft_err init_table(struct croft_state *s, u32 id, u32 log2, struct croft_arena *mem)
{
    struct table *t = &s->table[id];
    u32 max = records_max_of(id, log2);
    *t = (struct table){.id = id, .key_len = (u32)croft_table_key_len(id), .records_max = max,
                        .index_mask = index_len_of(max) - 1, .due_offset = due_offset_of(id)};
    CROFT_ASSERT(t->key_len <= CROFT_RECORD_KEY_MAX);
    if (!TAKE(mem, t->index, index_len_of(max)) || !TAKE(mem, t->slot, max) || !TAKE(mem, t->unsaved, max))
        return CROFT_ERR_NOMEM;
    if (t->due_offset >= 0) {
        if (!TAKE(mem, s->due.place[id], max))
            return CROFT_ERR_NOMEM;
        s->due.max += max;
    }
    CROFT_TRY(croft_blobs_init(&t->blobs, mem, max, granules_max_of(id)));
    return croft_slots_init(&t->free, mem, max);
}

croft_err croft_state_init(struct croft_arena *mem, const struct croft_state_limits *limits, struct croft_state **out)
{
    CROFT_ASSERT(limits->records_max_log2 >= 10 && limits->records_max_log2 <= 24);
    CROFT_ASSERT(limits->journal_bytes >= 4 * JOURNAL_ENTRY_MAX);
    struct croft_state *s = croft_new(mem, struct croft_state, 1);
    if (s == NULL)
        return CROFT_ERR_NOMEM;
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        CROFT_TRY(init_table(s, t, limits->records_max_log2, mem));

    u64 all = records_in_all(limits->records_max_log2);
    s->block_serial = 1;
    s->journal_max = limits->journal_bytes;
    s->touched_max = touched_max_of(limits);
    s->unsaved_max = all;
    memcpy(s->hash_seed, limits->hash_seed, sizeof s->hash_seed);
    if (!TAKE(mem, s->due.entry, s->due.max) || !TAKE(mem, s->journal, s->journal_max) ||
        !TAKE(mem, s->touched, s->touched_max) || !TAKE(mem, s->unsaved, s->unsaved_max))
        return CROFT_ERR_NOMEM;
    *out = s;
    return CROFT_OK;
}

/* ---- records ---- */

static struct table *table_at(struct croft_state *s, u32 table)
{
    CROFT_ASSERT(table >= 1 && table < CROFT_TABLE_COUNT);
    return &s->table[table];
}

static const struct table *table_of(const struct croft_state *s, u32 table)
{
    CROFT_ASSERT(table >= 1 && table < CROFT_TABLE_COUNT);
    return &s->table[table];
}

static struct blob_head *head_at(const struct table *t, u32 blob)
{
    return (struct blob_head *)(void *)croft_blob_at(&t->blobs, blob);
}

static u8 *key_at(const struct table *t, u32 blob)
{
    return croft_blob_at(&t->blobs, blob) + sizeof(struct blob_head);
}

static u8 *value_at(const struct table *t, u32 blob)
{
    return key_at(t, blob) + t->key_len;
}

static u32 blob_bytes(const struct table *t, size_t value_len)
{
    return (u32)(sizeof(struct blob_head) + t->key_len + value_len);
}

static u64 hash_of(const struct croft_state *s, const struct table *t, const u8 *key)
{
    u8 out[8];
    crypto_shorthash(out, key, t->key_len, s->hash_seed);
    return croft_get_u64(out);
}

static u64 index_entry(u64 hash, u32 blob)
{
    return (hash >> 32 << 32) | blob;
}

/* The index place that holds the key, or the empty one where it would go. */
static u32 index_find(const struct table *t, const u8 *key, u64 hash)
{
    u32 at = (u32)hash & t->index_mask;
    for (; t->index[at] != 0; at = (at + 1) & t->index_mask) {
        u32 blob = (u32)t->index[at];
        if (t->index[at] == index_entry(hash, blob) && memcmp(key_at(t, blob), key, t->key_len) == 0)
            break;
    }
    return at;
}

/* Empties a place and moves later entries of the same run back, so no tombstone is needed (Knuth 6.4 R). */
static void index_remove(const struct croft_state *s, struct table *t, u32 hole)
{
    u32 at = hole;
    for (;;) {
        t->index[hole] = 0;
        for (;;) {
            at = (at + 1) & t->index_mask;
            if (t->index[at] == 0)
                return;
            u32 home = (u32)hash_of(s, t, key_at(t, (u32)t->index[at])) & t->index_mask;
            bool stays = hole <= at ? hole < home && home <= at : hole < home || home <= at;
            if (!stays)
                break;
        }
        t->index[hole] = t->index[at];
        hole = at;
    }
}

u32 croft_state_records_max(const struct croft_state *s, u32 table)
{
    return table_of(s, table)->records_max;
}

u32 croft_state_find(const struct croft_state *s, u32 table, const u8 *key)
{
    const struct table *t = table_of(s, table);
    u64 entry = t->index[index_find(t, key, hash_of(s, t, key))];
    return entry == 0 ? CROFT_SLOT_NONE : head_at(t, (u32)entry)->slot;
}

/* ---- hints ---- */

static void prefetch_blob(const struct table *t, u32 blob)
{
    enum { LINE = 64, LINES = 5 }; /* a record of an account with one key */
    for (u32 i = 0; blob != 0 && i < LINES; i++)
        __builtin_prefetch(croft_blob_at(&t->blobs, blob) + (size_t)i * LINE);
}

/* The blob that has this hash, by what the index alone tells; 0: none. */
static u32 likely_blob(const struct table *t, u64 hash)
{
    u32 at = (u32)hash & t->index_mask;
    while (t->index[at] != 0 && t->index[at] >> 32 != hash >> 32)
        at = (at + 1) & t->index_mask;
    return (u32)t->index[at];
}

void croft_state_bring(const struct croft_state *s, u32 table, const u8 *const *key, u32 count, u32 *out_slot)
{
    const struct table *t = table_of(s, table);
    u64 hash[CROFT_STATE_BRING_MAX];
    u32 blob[CROFT_STATE_BRING_MAX];
    CROFT_ASSERT(count <= CROFT_STATE_BRING_MAX);
    for (u32 i = 0; i < count; i++)
        hash[i] = hash_of(s, t, key[i]);
    for (u32 i = 0; i < count; i++)
        __builtin_prefetch(&t->index[(u32)hash[i] & t->index_mask]);
    for (u32 i = 0; i < count; i++) {
        blob[i] = likely_blob(t, hash[i]);
        prefetch_blob(t, blob[i]);
    }
    for (u32 i = 0; i < count; i++) {
        out_slot[i] = blob[i] != 0 ? head_at(t, blob[i])->slot : CROFT_SLOT_NONE;
        if (blob[i] != 0)
            __builtin_prefetch(&t->slot[out_slot[i]], 1);
    }
}

void croft_state_bring_slots(const struct croft_state *s, u32 table, const u32 *slot, u32 count)
{
    const struct table *t = table_of(s, table);
    for (u32 i = 0; i < count; i++) {
        CROFT_ASSERT(slot[i] < t->high);
        prefetch_blob(t, t->slot[slot[i]].blob);
    }
}

/* ---- reading ---- */

u32 croft_state_high(const struct croft_state *s, u32 table)
{
    return table_of(s, table)->high;
}

u32 croft_state_high_before(const struct croft_state *s, u32 table)
{
    return table_of(s, table)->high_before;
}

u32 croft_state_count(const struct croft_state *s, u32 table)
{
    return table_of(s, table)->count;
}

struct croft_bytes croft_state_key(const struct croft_state *s, u32 table, u32 slot)
{
    const struct table *t = table_of(s, table);
    CROFT_ASSERT(slot < t->high);
    u32 blob = t->slot[slot].blob;
    return blob ? (struct croft_bytes){key_at(t, blob), t->key_len} : (struct croft_bytes){0};
}

struct croft_bytes croft_state_value(const struct croft_state *s, u32 table, u32 slot)
{
    const struct table *t = table_of(s, table);
    CROFT_ASSERT(slot < t->high);
    u32 blob = t->slot[slot].blob;
    return blob ? (struct croft_bytes){value_at(t, blob), head_at(t, blob)->value_len} : (struct croft_bytes){0};
}

/* ---- raw changes: state, index and due heap, no journal ---- */

static void set_due(struct croft_state *s, struct table *t, u32 slot)
{
    if (t->due_offset < 0)
        return;
    u32 blob = t->slot[slot].blob;
    u64 due_s = blob ? croft_get_u64(value_at(t, blob) + t->due_offset) : 0;
    croft_due_set(&s->due, t->id, slot, due_s);
}

static u32 make_blob(struct table *t, u32 slot, const u8 *key, struct croft_bytes value)
{
    CROFT_ASSERT(value.len <= CROFT_RECORD_VALUE_MAX);
    u32 bytes = blob_bytes(t, value.len), blob = croft_blobs_take(&t->blobs, bytes);
    u32 room = croft_blob_granules(bytes) * CROFT_BLOB_GRANULE - blob_bytes(t, 0);
    *head_at(t, blob) = (struct blob_head){.slot = slot, .value_len = (u16)value.len, .value_room = (u16)room};
    memcpy(key_at(t, blob), key, t->key_len);
    memcpy(value_at(t, blob), value.at, value.len);
    return blob;
}

static void raw_create(struct croft_state *s, struct table *t, u32 slot, const u8 *key, struct croft_bytes value)
{
    u64 hash = hash_of(s, t, key);
    u32 at = index_find(t, key, hash);
    CROFT_ASSERT(t->index[at] == 0);
    CROFT_ASSERT(t->slot[slot].blob == 0);
    t->slot[slot].blob = make_blob(t, slot, key, value);
    t->index[at] = index_entry(hash, t->slot[slot].blob);
    t->count++;
    set_due(s, t, slot);
}

static void raw_destroy(struct croft_state *s, struct table *t, u32 slot)
{
    u32 blob = t->slot[slot].blob;
    CROFT_ASSERT(blob != 0 && t->count > 0);
    index_remove(s, t, index_find(t, key_at(t, blob), hash_of(s, t, key_at(t, blob))));
    t->slot[slot].blob = 0;
    t->count--;
    set_due(s, t, slot);
    croft_blobs_give(&t->blobs, blob, blob_bytes(t, head_at(t, blob)->value_room));
}

static void raw_replace(struct croft_state *s, struct table *t, u32 slot, struct croft_bytes value)
{
    u32 blob = t->slot[slot].blob;
    struct blob_head *head = head_at(t, blob);
    bool fits = croft_blob_granules(blob_bytes(t, value.len)) == croft_blob_granules(blob_bytes(t, head->value_room));
    if (fits) {
        head->value_len = (u16)value.len;
        memcpy(value_at(t, blob), value.at, value.len);
        set_due(s, t, slot);
        return;
    }
    u8 key[CROFT_RECORD_KEY_MAX];
    memcpy(key, key_at(t, blob), t->key_len);
    raw_destroy(s, t, slot);
    raw_create(s, t, slot, key, value);
}

/* ---- journal ---- */

static void touch(struct croft_state *s, struct table *t, u32 slot, size_t entry)
{
    if (t->slot[slot].block_stamp == s->block_serial)
        return;
    t->slot[slot].block_stamp = s->block_serial;
    CROFT_ASSERT(s->touched_count < s->touched_max);
    s->touched[s->touched_count++] = (struct touched_at){.table = t->id, .slot = slot, .entry = entry};
}

static struct journal_entry *new_entry(struct croft_state *s, size_t bytes)
{
    CROFT_ASSERT(s->journal_max - s->journal_used >= bytes);
    struct journal_entry *e = (void *)(s->journal + s->journal_used);
    *e = (struct journal_entry){.prev = s->journal_last};
    s->journal_last = s->journal_used;
    s->journal_used += bytes;
    return e;
}

/* Writes down what a slot holds before it changes. */
static void remember(struct croft_state *s, struct table *t, u32 slot)
{
    u32 blob = t->slot[slot].blob;
    u32 old_len = blob ? head_at(t, blob)->value_len : NOTHING;
    size_t bytes = sizeof(struct journal_entry) + (blob ? t->key_len + old_len : 0);
    bytes = bytes < TOUCH_BYTES_MIN ? TOUCH_BYTES_MIN : (bytes + 15) / 16 * 16;

    touch(s, t, slot, s->journal_used);
    struct journal_entry *e = new_entry(s, bytes);
    e->table = t->id;
    e->slot = slot;
    e->old_len = old_len;
    e->old_high = t->high;
    if (blob)
        memcpy(e + 1, key_at(t, blob), t->key_len + old_len); /* key and value lie together in the blob */
}

/* The block has the slot's first value already: for taking this write back its few bytes are enough. */
static void remember_patch(struct croft_state *s, const struct table *t, u32 slot, u32 offset, size_t len)
{
    struct journal_entry *e = new_entry(s, (sizeof *e + len + 15) / 16 * 16);
    e->table = t->id;
    e->slot = slot;
    e->old_high = t->high;
    e->patch_at = offset;
    e->patch_len = (u32)len;
    memcpy(e + 1, value_at(t, t->slot[slot].blob) + offset, len);
}

static struct croft_bytes entry_key(const struct croft_state *s, const struct journal_entry *e)
{
    return (struct croft_bytes){(const u8 *)(e + 1), s->table[e->table].key_len};
}

static struct croft_bytes entry_value(const struct croft_state *s, const struct journal_entry *e)
{
    return (struct croft_bytes){(const u8 *)(e + 1) + s->table[e->table].key_len, e->old_len};
}

/* Puts a slot back to what an entry remembers. */
static void restore(struct croft_state *s, const struct journal_entry *e)
{
    struct table *t = table_at(s, e->table);
    if (e->patch_len != 0) {
        memcpy(value_at(t, t->slot[e->slot].blob) + e->patch_at, e + 1, e->patch_len);
        return;
    }
    bool was = e->old_len != NOTHING, is = t->slot[e->slot].blob != 0;
    if (is && was && memcmp(key_at(t, t->slot[e->slot].blob), entry_key(s, e).at, t->key_len) == 0) {
        raw_replace(s, t, e->slot, entry_value(s, e));
    } else {
        if (is) {
            raw_destroy(s, t, e->slot);
            croft_slots_free(&t->free, e->slot);
        }
        if (was) {
            croft_slots_take(&t->free, e->slot);
            raw_create(s, t, e->slot, entry_key(s, e).at, entry_value(s, e));
        }
    }
    /* A slot that the undone write added to the table is neither used nor free. */
    if (e->old_high < t->high) {
        CROFT_ASSERT(e->old_high + 1 == t->high && e->slot == e->old_high);
        croft_slots_take(&t->free, e->slot);
        t->high = e->old_high;
    }
}

croft_mark croft_state_mark(const struct croft_state *s)
{
    return s->journal_used;
}

void croft_state_rollback(struct croft_state *s, croft_mark to)
{
    CROFT_ASSERT(to <= s->journal_used);
    /* What was first written after the mark counts as untouched again: its journal entry is about to go. */
    while (s->touched_count > 0 && s->touched[s->touched_count - 1].entry >= to) {
        const struct touched_at *at = &s->touched[--s->touched_count];
        s->table[at->table].slot[at->slot].block_stamp = 0;
    }
    while (s->journal_used > to) {
        const struct journal_entry *e = (void *)(s->journal + s->journal_last);
        restore(s, e);
        s->journal_used = s->journal_last;
        s->journal_last = e->prev;
    }
    CROFT_ASSERT(s->journal_used == to);
}

bool croft_state_journal_tight(const struct croft_state *s)
{
    return s->journal_max - s->journal_used < s->journal_max / 4 || s->touched_max - s->touched_count < s->touched_max / 4;
}

/* ---- writes ---- */

static u32 next_slot(struct croft_state *s, struct table *t)
{
    (void)s;
    u32 slot = croft_slots_lowest(&t->free);
    if (slot != UINT32_MAX)
        return slot;
    return t->high < t->records_max ? t->high : CROFT_SLOT_NONE;
}

croft_err croft_state_insert(struct croft_state *s, u32 table, const u8 *key, struct croft_bytes value, u32 *out_slot)
{
    struct table *t = table_at(s, table);
    u32 slot = next_slot(s, t);
    if (slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_FULL;

    remember(s, t, slot);
    if (slot == t->high)
        t->high++;
    else
        croft_slots_take(&t->free, slot);
    raw_create(s, t, slot, key, value);
    *out_slot = slot;
    return CROFT_OK;
}

void croft_state_update(struct croft_state *s, u32 table, u32 slot, struct croft_bytes value)
{
    struct table *t = table_at(s, table);
    CROFT_ASSERT(slot < t->high && t->slot[slot].blob != 0);
    remember(s, t, slot);
    raw_replace(s, t, slot, value);
}

void croft_state_patch(struct croft_state *s, u32 table, u32 slot, u32 offset, struct croft_bytes bytes)
{
    struct table *t = table_at(s, table);
    CROFT_ASSERT(slot < t->high && t->slot[slot].blob != 0);
    i64 due_at = t->due_offset; /* which a patch would change behind the due heap's back */
    CROFT_ASSERT(due_at < 0 || offset + bytes.len <= (u64)due_at || offset >= (u64)due_at + sizeof(u64));
    CROFT_ASSERT(offset + bytes.len <= head_at(t, t->slot[slot].blob)->value_len);
    u8 *at = value_at(t, t->slot[slot].blob) + offset;
    if (t->slot[slot].block_stamp == s->block_serial)
        remember_patch(s, t, slot, offset, bytes.len);
    else
        remember(s, t, slot);
    memcpy(at, bytes.at, bytes.len);
}

void croft_state_remove(struct croft_state *s, u32 table, u32 slot)
{
    struct table *t = table_at(s, table);
    CROFT_ASSERT(slot < t->high && t->slot[slot].blob != 0);
    remember(s, t, slot);
    raw_destroy(s, t, slot);
    croft_slots_free(&t->free, slot);
}

/* ---- reading the block's changes ---- */

bool croft_state_first_due(const struct croft_state *s, struct croft_due_slot *out)
{
    if (s->due.count == 0)
        return false;
    *out = s->due.entry[0];
    return true;
}

size_t croft_state_touched_count(const struct croft_state *s)
{
    return s->touched_count;
}

struct croft_touched croft_state_touched(const struct croft_state *s, size_t i)
{
    CROFT_ASSERT(i < s->touched_count);
    const struct touched_at *at = &s->touched[i];
    const struct journal_entry *e = (const void *)(s->journal + at->entry);
    struct croft_touched out = {.table = at->table, .slot = at->slot};
    if (e->old_len != NOTHING) {
        out.old_key = entry_key(s, e);
        out.old_value = entry_value(s, e);
    }
    return out;
}

static void start_block(struct croft_state *s)
{
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        s->table[t].high_before = s->table[t].high;
    s->journal_used = 0;
    s->journal_last = 0;
    s->touched_count = 0;
    s->block_serial++;
    CROFT_ASSERT(s->block_serial != 0); /* 4e9 blocks in one process */
}

void croft_state_unsave(struct croft_state *s, u32 table, u32 slot)
{
    struct table *t = table_at(s, table);
    CROFT_ASSERT(slot < t->records_max);
    if (t->unsaved[slot])
        return;
    t->unsaved[slot] = 1;
    CROFT_ASSERT(s->unsaved_count < s->unsaved_max);
    s->unsaved[s->unsaved_count++] = (u64)t->id << 32 | slot;
}

void croft_state_accept(struct croft_state *s)
{
    for (size_t i = 0; i < s->touched_count; i++) {
        const struct touched_at *at = &s->touched[i];
        if (at->slot < s->table[at->table].high)
            croft_state_unsave(s, at->table, at->slot);
    }
    start_block(s);
}

void croft_state_undo(struct croft_state *s)
{
    croft_state_rollback(s, 0);
    start_block(s);
}

size_t croft_state_unsaved_count(const struct croft_state *s)
{
    return s->unsaved_count;
}

void croft_state_unsaved(const struct croft_state *s, size_t i, u32 *out_table, u32 *out_slot)
{
    CROFT_ASSERT(i < s->unsaved_count);
    *out_table = (u32)(s->unsaved[i] >> 32);
    *out_slot = (u32)s->unsaved[i];
}

void croft_state_saved(struct croft_state *s)
{
    for (size_t i = 0; i < s->unsaved_count; i++)
        s->table[s->unsaved[i] >> 32].unsaved[(u32)s->unsaved[i]] = 0;
    s->unsaved_count = 0;
}

/* ---- loading ---- */

croft_err croft_state_load(struct croft_state *s, u32 table, u32 slot, struct croft_bytes key, struct croft_bytes value)
{
    if (table < 1 || table >= CROFT_TABLE_COUNT || slot >= s->table[table].records_max)
        return CROFT_ERR_STATE;
    struct table *t = table_at(s, table);
    const struct croft_layout *layout = croft_table_layout(table);
    bool fits = layout != NULL && key.len == t->key_len && value.len <= croft_layout_bytes_max(layout);
    if (!fits || t->slot[slot].blob != 0 || croft_state_find(s, table, key.at) != CROFT_SLOT_NONE)
        return CROFT_ERR_STATE;
    if (t->due_offset >= 0 && value.len < (size_t)t->due_offset + sizeof(u64))
        return CROFT_ERR_STATE;
    raw_create(s, t, slot, key.at, value);
    return CROFT_OK;
}

croft_err croft_state_load_high(struct croft_state *s, u32 table, u32 high)
{
    if (table < 1 || table >= CROFT_TABLE_COUNT || high > s->table[table].records_max)
        return CROFT_ERR_STATE;
    struct table *t = table_at(s, table);
    u32 below = 0;
    for (u32 slot = 0; slot < high; slot++) {
        below += t->slot[slot].blob != 0;
        if (t->slot[slot].blob == 0)
            croft_slots_free(&t->free, slot);
    }
    if (below != t->count)
        return CROFT_ERR_STATE;
    t->high = t->high_before = high;
    return CROFT_OK;
}
