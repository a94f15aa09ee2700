/* check_chain FOLDER - replays a fixture (fixture.h) with this build's ledger: every root, receipt and due
 * record, the stored state and the key files.  Prints the last root.  Exit status 1 and the first difference
 * otherwise. */
#include "ledger/ledger.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "fixture.h"

enum { SCRATCH = 16 << 20 };

struct checker {
    const char *folder;
    struct croft_region ledger_memory, scratch_memory;
    struct croft_ledger *l;
    struct croft_hash network, previous;
    FILE *roots;
    u64 previous_time_ms;
};

static const struct croft_state_limits limits = {.records_max_log2 = 10, .journal_bytes = 32 << 20};

/* ---- files ---- */

static struct croft_bytes read_file(const char *folder, const char *name)
{
    FILE *f = open_file(folder, name, "rb");
    if (fseek(f, 0, SEEK_END) != 0)
        die("cannot read %s", name);
    long len = ftell(f);
    rewind(f);
    if (len < 0)
        die("cannot read %s", name);
    u8 *at = malloc((size_t)len + 1);
    if (at == NULL || fread(at, 1, (size_t)len, f) != (size_t)len)
        die("cannot read %s", name);
    fclose(f);
    at[len] = 0;
    return (struct croft_bytes){at, (size_t)len};
}

static void free_file(struct croft_bytes *b)
{
    free((u8 *)(uintptr_t)b->at);
}

static struct croft_bytes read_counted(struct croft_reader *r)
{
    u32 len = croft_read_u32(r);
    const u8 *at = croft_read_bytes(r, len);
    return (struct croft_bytes){at, at ? len : 0};
}

static void hex_of(const struct croft_hash *h, char out[65])
{
    for (size_t i = 0; i < sizeof h->b; i++)
        snprintf(out + 2 * i, 3, "%02x", h->b[i]);
}

/* The next line of roots.txt is what this ledger would write there. */
static void expect_root(struct checker *k)
{
    char want[128], got[128], hex[65];
    struct croft_hash root = croft_ledger_app_hash(k->l);
    hex_of(&root, hex);
    snprintf(got, sizeof got, "%llu %s\n", (unsigned long long)croft_ledger_height(k->l), hex);
    if (fgets(want, sizeof want, k->roots) == NULL)
        die("roots.txt ends before height %llu", (unsigned long long)croft_ledger_height(k->l));
    if (strcmp(want, got) != 0)
        die("this build gives %.*s, the fixture has %s", (int)strcspn(got, "\n"), got, want);
}

/* ---- the chain ---- */

static void new_ledger(struct checker *k)
{
    croft_region_unmap(&k->ledger_memory);
    if (!croft_region_map(&k->ledger_memory, croft_ledger_size(&limits)))
        die("no memory");
    struct croft_arena mem = croft_region_arena(&k->ledger_memory);
    if (croft_ledger_init(&mem, &limits, &k->l) != CROFT_OK)
        die("no memory");
}

static void audit(const struct checker *k)
{
    struct croft_why why;
    if (croft_ledger_audit(k->l, croft_region_arena(&k->scratch_memory), &why) != CROFT_OK)
        die("audit: %s", why.text);
}

static void start(struct checker *k)
{
    struct croft_why why;
    struct croft_bytes file CROFT_CLEANUP(free_file) = read_file(k->folder, "genesis.bin");
    struct croft_arena scratch = croft_region_arena(&k->scratch_memory);
    const Croft__V1__Genesis *g =
        (void *)croft_unpack_strict(&croft__v1__genesis__descriptor, file, &scratch);
    if (g == NULL)
        die("genesis.bin is not a genesis");
    k->network = croft_genesis_id(g, scratch);
    new_ledger(k);
    if (croft_genesis_check(g, &why) != CROFT_OK ||
        croft_ledger_genesis(k->l, g, &k->network, &why) != CROFT_OK)
        die("genesis: %s", why.text);
    expect_root(k);
}

static void check_header(const struct checker *k, const struct croft_block *b)
{
    const struct croft_header *h = &b->header;
    struct croft_public_key key;
    struct croft_hash id = croft_block_id(h);
    memcpy(key.b, h->sequencer, sizeof key.b);
    if (h->height != croft_ledger_height(k->l) + 1 || h->time_ms < k->previous_time_ms)
        die("block %llu is out of order", (unsigned long long)h->height);
    if (!croft_hash_equal(&h->network, &k->network) || !croft_hash_equal(&h->previous, &k->previous))
        die("block %llu does not follow the one before", (unsigned long long)h->height);
    if (croft_state_find(croft_ledger_state(k->l), CROFT_TABLE_VALIDATORS, key.b) == CROFT_SLOT_NONE)
        die("block %llu: its signer is no validator", (unsigned long long)h->height);
    if (croft_verify(&key, (struct croft_bytes){id.b, sizeof id.b}, &b->signature) != CROFT_OK)
        die("block %llu: wrong signature", (unsigned long long)h->height);
}

static void replay_tx(struct checker *k, const struct croft_block *b, u32 i, struct croft_bytes bytes)
{
    struct croft_tx tx;
    struct croft_receipt got, want = croft_block_receipt(b, i);
    struct croft_arena scratch = croft_region_arena(&k->scratch_memory);
    croft_err err = croft_tx_decode(bytes, &k->network, &scratch, &tx);
    if (err == CROFT_OK)
        err = croft_ledger_block_tx(k->l, &tx, NULL, &got);
    if (err != CROFT_OK)
        die("block %llu, transaction %u: %s", (unsigned long long)b->header.height, i, croft_err_text(err));
    if (got.op != want.op || got.code != want.code || got.fee != want.fee || got.value != want.value)
        die("block %llu, transaction %u (%s): receipt %u fee %llu value %llu, the fixture has %u %llu %llu",
            (unsigned long long)b->header.height, i, croft_op_name(got.op), got.code,
            (unsigned long long)got.fee, (unsigned long long)got.value, want.code,
            (unsigned long long)want.fee, (unsigned long long)want.value);
}

static void check_end(const struct croft_block *b, const struct croft_block_end *end)
{
    const struct croft_header *h = &b->header;
    if (!croft_hash_equal(&end->receipts_root, &h->receipts_root) ||
        !croft_hash_equal(&end->app_hash, &h->app_hash) || end->protocol != h->protocol)
        die("block %llu: other roots than its header's", (unsigned long long)h->height);
    if (end->due_count != h->due_count)
        die("block %llu: %u due records, the fixture has %u", (unsigned long long)h->height, end->due_count,
            h->due_count);
    for (u32 i = 0; i < h->due_count; i++) {
        struct croft_due want = croft_block_due(b, i);
        const struct croft_due *got = &end->due[i];
        if (got->kind != want.kind || got->key_len != want.key_len ||
            croft_amt_cmp(got->amount, want.amount) != 0 || memcmp(got->key, want.key, sizeof want.key) != 0)
            die("block %llu: due record %u differs", (unsigned long long)h->height, i);
    }
}

static void replay_block(struct checker *k, struct croft_bytes bytes)
{
    struct croft_block b;
    struct croft_block_end end;
    struct croft_why why;
    if (croft_block_open(bytes, &b) != CROFT_OK)
        die("after block %llu: not a block", (unsigned long long)croft_ledger_height(k->l));
    check_header(k, &b);
    if (croft_ledger_block_begin(k->l, b.header.height, b.header.time_ms / 1000, &why) != CROFT_OK)
        die("%s", why.text);
    struct croft_bytes txs = b.txs;
    for (u32 i = 0; i < b.header.tx_count; i++)
        replay_tx(k, &b, i, croft_block_next_tx(&txs));
    croft_ledger_block_end(k->l, &end);
    check_end(&b, &end);
    croft_ledger_block_accept(k->l);
    k->previous = croft_block_id(&b.header);
    k->previous_time_ms = b.header.time_ms;
    expect_root(k);
}

static void replay(struct checker *k)
{
    struct croft_bytes file CROFT_CLEANUP(free_file) = read_file(k->folder, "blocks.bin");
    struct croft_reader r = croft_reader_of(file);
    while (croft_reader_left(&r) != 0) {
        struct croft_bytes block = read_counted(&r);
        if (r.bad)
            die("blocks.bin is cut short");
        replay_block(k, block);
#ifdef CROFT_AUDIT
        audit(k);
#endif
    }
    audit(k);
    if (fgetc(k->roots) != EOF)
        die("roots.txt goes on after the last block");
}

/* ---- the stored state ---- */

/* The replayed ledger has this record in this slot. */
static void expect_record(const struct checker *k, u32 table, u32 slot, struct croft_bytes key,
                          struct croft_bytes value)
{
    const struct croft_state *s = croft_ledger_state(k->l);
    struct croft_bytes has_key = {0}, has_value = {0};
    if (table >= 1 && table < CROFT_TABLE_COUNT && slot < croft_state_high(s, table)) {
        has_key = croft_state_key(s, table, slot);
        has_value = croft_state_value(s, table, slot);
    }
    if (has_key.len != key.len || memcmp(has_key.at, key.at, key.len) != 0 || has_value.len != value.len ||
        memcmp(has_value.at, value.at, value.len) != 0)
        die("state.bin: record %u of %s differs from the replayed one", slot, croft_table_name(table));
}

static void load_record(struct checker *k, struct croft_reader *r, bool compare)
{
    u32 table = croft_read_u32(r), slot = croft_read_u32(r);
    struct croft_bytes key = read_counted(r), value = read_counted(r);
    if (r->bad)
        die("state.bin is cut short");
    if (compare)
        expect_record(k, table, slot, key, value);
    else if (croft_ledger_load(k->l, table, slot, key, value) != CROFT_OK)
        die("state.bin: record %u of table %u is not taken", slot, table);
}

static struct croft_bytes load_records(struct checker *k, struct croft_bytes file, bool compare)
{
    struct croft_reader r = croft_reader_of(file);
    for (u32 count = croft_read_u32(&r); count > 0; count--)
        load_record(k, &r, compare);
    struct croft_bytes meta = read_counted(&r);
    if (r.bad || croft_reader_left(&r) != 0)
        die("state.bin is cut short or too long");
    return meta;
}

static void check_state(struct checker *k)
{
    static u8 own[CROFT_LEDGER_META_MAX];
    struct croft_why why;
    struct croft_hash id, root = croft_ledger_app_hash(k->l);
    struct croft_bytes file CROFT_CLEANUP(free_file) = read_file(k->folder, "state.bin");
    struct croft_bytes meta = load_records(k, file, true);
    size_t len = croft_ledger_save_meta(k->l, &k->previous, own);
    /* A release that writes a later format still reads the fixture's, below. */
    if (own[0] == meta.at[0] && (len != meta.len || memcmp(own, meta.at, len) != 0))
        die("state.bin: this build writes another meta");

    new_ledger(k);
    meta = load_records(k, file, false);
    if (croft_ledger_load_meta(k->l, meta, &k->network, &id, &why) != CROFT_OK)
        die("state.bin: %s", why.text);
    struct croft_hash loaded = croft_ledger_app_hash(k->l);
    if (!croft_hash_equal(&loaded, &root) || !croft_hash_equal(&id, &k->previous))
        die("state.bin: loaded, it has another root or block id");
    audit(k);
}

/* ---- key files ---- */

static void check_key(const struct checker *k, const char *name, const char *passphrase)
{
    struct croft_bytes text CROFT_CLEANUP(free_file) = read_file(k->folder, name);
    struct croft_secret_key want = made_by(), got;
    croft_err err = croft_keyfile_read(text, passphrase, &got);
    if (err != CROFT_OK)
        die("%s: %s", name, croft_err_text(err));
    if (memcmp(&got, &want, sizeof got) != 0)
        die("%s: another key", name);
    if (passphrase != NULL && croft_keyfile_read(text, NULL, &got) != CROFT_ERR_PASSPHRASE)
        die("%s: opens without its passphrase", name);
}

int main(int argc, char **argv)
{
    struct checker k = {.folder = argc == 2 ? argv[1] : NULL};
    char root[65];
    if (k.folder == NULL)
        die("check_chain FOLDER");
    if (croft_crypto_start() != CROFT_OK || !croft_region_map(&k.scratch_memory, SCRATCH))
        die("the cryptographic library does not pass its test, or there is no memory");
    k.roots = open_file(k.folder, "roots.txt", "r");
    start(&k);
    replay(&k);
    check_state(&k);
    check_key(&k, "key-clear.txt", NULL);
    check_key(&k, "key-passphrase.txt", FIXTURE_PASSPHRASE);
    struct croft_hash last = croft_ledger_app_hash(k.l);
    hex_of(&last, root);
    printf("%llu %s\n", (unsigned long long)croft_ledger_height(k.l), root);
    fclose(k.roots);
    croft_region_unmap(&k.ledger_memory);
    croft_region_unmap(&k.scratch_memory);
    return 0;
}
