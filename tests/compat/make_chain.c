/* make_chain FOLDER - writes the fixture of fixture.h: 1,000 blocks of every operation, from one fixed seed.
 *
 * Random people (ledger/script_int.h) act on a real ledger with signatures on.  Run it once per protocol,
 * into a new folder: what it writes is then fixed for ever, whatever becomes of the script.
 */
#include "ledger/script_int.h"

#include "crypto/keyfile.h"
#include "fixture.h"

enum { BLOCKS = 1000, LEGS = 300, TXS_MAX = 64, BLOCK_MAX = 1 << 20, VALIDATOR_KEYS = 5 };
enum { CLIENT = 12, BANK = 13 }; /* who settle by quota; no script acts for them */
static const u64 SEED = UINT64_C(20240229);

struct maker {
    const char *folder;
    struct chain c;
    struct croft_rng rng;
    struct script script;
    u8 script_bytes[1 << 20];
    FILE *blocks, *roots;
    struct croft_hash previous;
    u64 previous_time_ms;
    u8 block[BLOCK_MAX], receipts[TXS_MAX * CROFT_RECEIPT_BYTES];
    struct croft_writer body;
    u32 tx_count;
    u32 done[64], failed[64], quota, shared; /* by operation; in the quota lane; with several signatures */
};

/* ---- one block ---- */

static void put_tx(struct maker *m, const struct croft_tx *tx)
{
    croft_err err = croft_ledger_block_tx(m->c.l, tx, NULL, &m->c.receipt);
    if (err != CROFT_OK)
        return;
    croft_write_u32(&m->body, (u32)tx->bytes.len);
    croft_write_bytes(&m->body, tx->bytes.at, tx->bytes.len);
    croft_layout_encode(&croft_receipt_layout, &m->c.receipt,
                        m->receipts + (size_t)m->tx_count++ * CROFT_RECEIPT_BYTES, CROFT_RECEIPT_BYTES);
    (m->c.receipt.code == 0 ? m->done : m->failed)[tx->body->op_case]++;
    m->quota += tx->body->lane == CROFT_LANE_QUOTA;
    m->shared += tx->signature_count > 1;
}

/* Signed by the first key that an actor had at genesis. */
static void put_body(struct maker *m, const Croft__V1__TxBody *body)
{
    struct croft_tx tx;
    const struct chain_signer signer = {0, 8 * chain_actor_of(&m->c, body)};
    if (chain_sign(&m->c, body, &signer, 1, &tx) != CROFT_OK)
        die("a transaction that should be valid is not");
    put_tx(m, &tx);
}

static void put_quota_vote(struct maker *m)
{
    put_body(m, chain_propose_quota(&m->c, 1, 1, BANK, 1000));
    for (u32 n = 1; n <= CHAIN_OPERATORS; n++)
        put_body(m, chain_vote(&m->c, n, 1, true));
}

/* One transfer that opens hundreds of accounts. */
static void put_many_legs(struct maker *m)
{
    Croft__V1__TxBody *body = chain_transfer(&m->c, CLIENT, BANK, CROFT_ASSET_CREDIT, 1);
    for (u32 i = 0; i < LEGS; i++) {
        u8 address[32];
        croft_rng_fill(&m->rng, address, sizeof address);
        chain_add_leg(&m->c, body->transfer, chain_bytes(&m->c.scratch, address, sizeof address), i % 2,
                      1 + i);
    }
    put_body(m, body);
}

/* Withdrawals that the bank answers in the quota lane, until its day's quota is used up. */
static void put_settlement(struct maker *m, u64 height)
{
    for (u64 id = 0; id < 5; id++) {
        put_body(m, chain_withdraw(&m->c, CLIENT, height + id, BANK, CROFT_ASSET_CREDIT, 1000 + id));
        Croft__V1__TxBody *body = id % 2 ? chain_withdraw_paid(&m->c, BANK, CLIENT, height + id)
                                         : chain_withdraw_return(&m->c, BANK, CLIENT, height + id);
        body->lane = CROFT_LANE_QUOTA;
        put_body(m, body);
    }
}

/* People of a script waste their money; this keeps them going. */
static void put_alms(struct maker *m)
{
    Croft__V1__TxBody *body = chain_transfer(&m->c, BANK, CLIENT, CROFT_ASSET_CREDIT, 1);
    for (u32 n = 0; n < SCRIPT_ACTORS; n++)
        chain_add_leg(&m->c, body->transfer, chain_address(&m->c, n), CROFT_ASSET_CREDIT, 400000000);
    put_body(m, body);
}

static void fill_block(struct maker *m, u64 height)
{
    m->body = croft_writer_of(m->block + CROFT_BLOCK_HEAD_BYTES, BLOCK_MAX - CROFT_BLOCK_HEAD_BYTES);
    m->tx_count = 0;
    if (height == 1)
        put_quota_vote(m);
    if (height == 3)
        put_many_legs(m);
    if (height % 10 == 0)
        put_alms(m);
    if (height % 50 == 7)
        put_settlement(m, height);
    for (u32 i = script_below(&m->script, 12); i > 0; i--) {
        struct croft_tx tx;
        if (script_tx(&m->c, &m->script, &tx) == CROFT_OK)
            put_tx(m, &tx);
    }
}

static void write_dues(struct maker *m)
{
    croft_write_bytes(&m->body, m->receipts, (size_t)m->tx_count * CROFT_RECEIPT_BYTES);
    for (u32 i = 0; i < m->c.end.due_count; i++)
        croft_layout_encode(&croft_due_layout, &m->c.end.due[i], croft_write_room(&m->body, CROFT_DUE_BYTES),
                            CROFT_DUE_BYTES);
    CROFT_ASSERT(!m->body.bad);
}

/* A key that is a validator's before the block. */
static struct croft_secret_key sequencer(const struct maker *m)
{
    for (u32 i = 0; i < VALIDATOR_KEYS; i++) {
        struct croft_secret_key key = chain_secret(CHAIN_KEY_VALIDATOR + i);
        if (croft_state_find(m->c.l->state, CROFT_TABLE_VALIDATORS, croft_public_key_of(&key).b) !=
            CROFT_SLOT_NONE)
            return key;
    }
    die("nobody is left to sign");
}

static void seal_block(struct maker *m, const struct croft_secret_key *key)
{
    struct croft_bytes body = {m->block + CROFT_BLOCK_HEAD_BYTES,
                               (size_t)(m->body.at - m->block) - CROFT_BLOCK_HEAD_BYTES};
    u64 time_ms = m->c.now_s * 1000 + croft_rng_below(&m->rng, 1000);
    time_ms = time_ms < m->previous_time_ms ? m->previous_time_ms : time_ms;
    struct croft_header h = {
        .protocol = m->c.end.protocol,
        .height = m->c.l->block_height,
        .time_ms = time_ms,
        .network = m->c.network,
        .previous = m->previous,
        .body_hash = croft_block_body_hash(body),
        .body_bytes = (u32)body.len,
        .tx_count = m->tx_count,
        .due_count = m->c.end.due_count,
        .receipts_root = m->c.end.receipts_root,
        .app_hash = m->c.end.app_hash,
    };
    memcpy(h.sequencer, croft_public_key_of(key).b, sizeof h.sequencer);
    m->previous = croft_block_id(&h);
    m->previous_time_ms = time_ms;
    struct croft_signature signature =
        croft_sign(key, (struct croft_bytes){m->previous.b, sizeof m->previous.b});
    croft_block_seal(&h, &signature, m->block);
}

static void write_u32(FILE *f, size_t v)
{
    u8 bytes[4];
    croft_put_u32(bytes, (u32)v);
    fwrite(bytes, 1, sizeof bytes, f);
}

static void write_bytes(FILE *f, struct croft_bytes b)
{
    write_u32(f, b.len);
    fwrite(b.at, 1, b.len, f);
}

static void write_root(struct maker *m)
{
    struct croft_hash root = croft_ledger_app_hash(m->c.l);
    fprintf(m->roots, "%llu ", (unsigned long long)croft_ledger_height(m->c.l));
    for (size_t i = 0; i < sizeof root.b; i++)
        fprintf(m->roots, "%02x", root.b[i]);
    fputc('\n', m->roots);
}

/* A block that would end this protocol is taken back: the fixture is about this one. */
static bool make_block(struct maker *m)
{
    struct croft_secret_key key = sequencer(m);
    u64 before_s = m->c.now_s;
    chain_begin(&m->c, script_pause(&m->script));
    fill_block(m, m->c.l->block_height);
    croft_ledger_block_end(m->c.l, &m->c.end);
    if (croft_ledger_chain(m->c.l).next_protocol != 0) {
        croft_ledger_block_undo(m->c.l);
        m->c.now_s = before_s;
        return false;
    }
    write_dues(m);
    seal_block(m, &key);
    croft_ledger_block_accept(m->c.l);
    chain_audit(&m->c);
    write_bytes(m->blocks, (struct croft_bytes){m->block, (size_t)(m->body.at - m->block)});
    write_root(m);
    return true;
}

/* ---- the rest ---- */

static void write_genesis(struct maker *m, const Croft__V1__Genesis *g)
{
    struct croft_bytes packed = croft_pack(&g->base, &m->c.scratch);
    FILE *f = open_file(m->folder, "genesis.bin", "wb");
    fwrite(packed.at, 1, packed.len, f);
    fclose(f);
}

static void open_network(struct maker *m)
{
    chain_open(&m->c);
    chain_set_actor(&m->c, 4, chain_key_set(&m->c.keep, 32, 3, 2));
    chain_set_actor(&m->c, 7, chain_key_set(&m->c.keep, 56, 8, 4));
    Croft__V1__Genesis *g = chain_genesis(&m->c);
    g->name = (char *)(uintptr_t) "compat-1";
    chain_issuer(&m->c, g, BANK, CROFT_ASSET_CREDIT, CHAIN_CAP);
    chain_grant(&m->c, g, BANK, CROFT_ASSET_CREDIT, CHAIN_CREDIT);
    chain_grant(&m->c, g, CLIENT, CROFT_ASSET_CREDIT, CHAIN_CREDIT);
    chain_grant(&m->c, g, CLIENT, CROFT_ASSET_CROFT, CHAIN_CROFT);
    for (size_t i = g->n_grants - 3; i < g->n_grants - 1; i++)
        g->grants[i]->issuer_address = chain_address(&m->c, BANK);
    chain_param(&m->c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 5);
    chain_param(&m->c, g, CROFT_PARAM_RECOVER_DELAY_MIN_S, 3600);
    chain_param(&m->c, g, CROFT_PARAM_WITHDRAW_RETURN_S, 3600);
    chain_start(&m->c, g);
    write_genesis(m, g);
}

static void write_state(struct maker *m)
{
    static u8 meta[CROFT_LEDGER_META_MAX];
    FILE *f = open_file(m->folder, "state.bin", "wb");
    const struct croft_state *s = m->c.l->state;
    u32 count = 0;
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        count += croft_state_count(s, t);
    write_u32(f, count);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        for (u32 slot = 0; slot < croft_state_high(s, t); slot++) {
            if (croft_state_key(s, t, slot).at == NULL)
                continue;
            write_u32(f, t);
            write_u32(f, slot);
            write_bytes(f, croft_state_key(s, t, slot));
            write_bytes(f, croft_state_value(s, t, slot));
        }
    write_bytes(f, (struct croft_bytes){meta, croft_ledger_save_meta(m->c.l, &m->previous, meta)});
    fclose(f);
}

struct fixed_world {
    struct croft_world world;
    struct croft_rng rng;
};

static void fixed_entropy(struct croft_world *w, u8 *out, size_t len)
{
    croft_rng_fill(&((struct fixed_world *)w)->rng, out, len);
}

static void write_key(const char *folder, const char *name, const char *passphrase)
{
    static const struct croft_world_ops ops = {.entropy = fixed_entropy};
    struct fixed_world world = {.world.ops = &ops, .rng = croft_rng_of(SEED)};
    char text[CROFT_KEYFILE_MAX];
    struct croft_secret_key key = made_by();
    if (croft_keyfile_write(&key, passphrase, false, &world.world, text) != CROFT_OK)
        die("cannot write a key file");
    FILE *f = open_file(folder, name, "w");
    fputs(text, f);
    fclose(f);
}

static void report(const struct maker *m)
{
    const ProtobufCMessageDescriptor *type = &croft__v1__tx_body__descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        u32 op = type->fields[i].id;
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
            continue;
        printf("%-16s %4u done %4u failed\n", croft_op_name(op), m->done[op], m->failed[op]);
        if (m->done[op] == 0 || m->failed[op] == 0)
            die("%s is missing: choose another seed", croft_op_name(op));
    }
    printf("%u in the quota lane, %u with several signatures\n", m->quota, m->shared);
    if (m->quota == 0 || m->shared == 0)
        die("a lane or shared accounts are missing: choose another seed");
}

int main(int argc, char **argv)
{
    static struct maker m;
    if (argc != 2)
        die("make_chain FOLDER");
    if (croft_crypto_start() != CROFT_OK)
        die("the cryptographic library does not pass its test");
    m.folder = argv[1];
    m.rng = croft_rng_of(SEED);
    croft_rng_fill(&m.rng, m.script_bytes, sizeof m.script_bytes);
    m.script = (struct script){m.script_bytes, m.script_bytes + sizeof m.script_bytes};
    m.blocks = open_file(m.folder, "blocks.bin", "wb");
    m.roots = open_file(m.folder, "roots.txt", "w");
    open_network(&m);
    write_root(&m);
    while (croft_ledger_height(m.c.l) < BLOCKS && !script_is_over(&m.script))
        (void)!make_block(&m);
    if (script_is_over(&m.script))
        die("the script is over at block %llu", (unsigned long long)croft_ledger_height(m.c.l));
    write_state(&m);
    write_key(m.folder, "key-clear.txt", NULL);
    write_key(m.folder, "key-passphrase.txt", FIXTURE_PASSPHRASE);
    report(&m);
    if (fclose(m.blocks) != 0 || fclose(m.roots) != 0)
        die("cannot write the fixture");
    chain_stop(&m.c);
    return 0;
}
