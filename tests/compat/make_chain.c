/* make_chain PROTOCOL FOLDER - writes the fixture of fixture.h: 1,000 blocks of every operation of the
 * protocol, from one fixed seed.
 *
 * Random people (make_v1.c, make_v2.c) act on a real ledger with signatures on.  Run it once per protocol,
 * into a new folder: what it writes is then fixed for ever, whatever becomes of the script.  The fixtures are
 * gcc's: clang evaluates arguments in another order, and so makes another chain of the same seed.
 */
#include "make.h"

#include "crypto/keyfile.h"
#include "fixture.h"

enum { BLOCKS = 1000, VALIDATOR_KEYS = 5 };
static const u64 KEY_SEED = UINT64_C(20240229);

/* ---- one block ---- */

void make_put(struct maker *m, const struct croft_tx *tx)
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

bool make_do(struct maker *m, Croft__V1__TxBody *body)
{
    struct croft_tx tx;
    struct script calm = {0}; /* one that is over makes no mistakes */
    if (script_sign(&m->c, &calm, body, &tx) != CROFT_OK)
        die("%s that should be valid is not", croft_op_name(body->op_case));
    m->c.receipt.code = UINT16_MAX;
    make_put(m, &tx);
    return m->c.receipt.code == 0;
}

void make_must(struct maker *m, Croft__V1__TxBody *body)
{
    if (!make_do(m, body))
        die("block %llu: %s: %s", (unsigned long long)m->c.l->block_height, croft_op_name(body->op_case),
            croft_err_name(m->c.receipt.code));
}

static void fill_block(struct maker *m, u64 height)
{
    m->body = croft_writer_of(m->block + CROFT_BLOCK_HEAD_BYTES, MAKE_BLOCK_MAX - CROFT_BLOCK_HEAD_BYTES);
    m->tx_count = 0;
    m->plan->fill(m, height);
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

/* A block that would end the plan's protocol is taken back: the fixture is about that one. */
static bool make_block(struct maker *m)
{
    struct croft_secret_key key = sequencer(m);
    u64 before_s = m->c.now_s;
    chain_begin(&m->c, m->plan->pause(&m->script));
    fill_block(m, m->c.l->block_height);
    croft_ledger_block_end(m->c.l, &m->c.end);
    if (croft_ledger_chain(m->c.l).next_protocol > m->plan->protocol) {
        croft_ledger_block_undo(m->c.l);
        m->c.now_s = before_s;
        return false;
    }
    for (u32 i = 0; i < m->c.end.due_count; i++)
        m->due[m->c.end.due[i].kind]++;
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
    Croft__V1__Genesis *g = m->plan->genesis(&m->c);
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
    struct fixed_world world = {.world.ops = &ops, .rng = croft_rng_of(KEY_SEED)};
    char text[CROFT_KEYFILE_MAX];
    struct croft_secret_key key = made_by();
    if (croft_keyfile_write(&key, passphrase, false, &world.world, text) != CROFT_OK)
        die("cannot write a key file");
    FILE *f = open_file(folder, name, "w");
    fputs(text, f);
    fclose(f);
}

/* All that the plan's protocol knows must be there: how much of it is not. */
static u32 report_ops(const struct maker *m)
{
    const ProtobufCMessageDescriptor *type = &croft__v1__tx_body__descriptor;
    u32 missing = 0;
    for (unsigned i = 0; i < type->n_fields; i++) {
        u32 op = type->fields[i].id;
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
            croft_op_info_of(op)->since > m->plan->protocol)
            continue;
        bool is_missing = m->done[op] == 0 || m->failed[op] == 0;
        printf("%-20s %5u done %5u failed%s\n", croft_op_name(op), m->done[op], m->failed[op],
               is_missing ? " MISSING" : "");
        missing += is_missing;
    }
    return missing;
}

static u32 report_dues(const struct maker *m)
{
    u32 missing = 0;
    for (u32 kind = CROFT_DUE_PENDING_EXPIRED; kind <= m->plan->last_due; kind++) {
        bool is_missing = m->due[kind] == 0;
        printf("%-20s %5u due%s\n", croft_due_name(kind), m->due[kind], is_missing ? " MISSING" : "");
        missing += is_missing;
    }
    return missing;
}

static void report(const struct maker *m)
{
    u32 missing = report_ops(m) + report_dues(m) + (m->quota == 0) + (m->shared == 0);
    printf("%u in the quota lane, %u with several signatures\n", m->quota, m->shared);
    if (missing != 0)
        die("%u kinds of what happens are missing: choose another seed", missing);
}

static const struct make_plan *plan_of(const char *protocol)
{
    static const struct make_plan *const plans[] = {&make_v1, &make_v2};
    for (size_t i = 0; i < CROFT_COUNT(plans); i++)
        if (protocol[0] == (char)('0' + plans[i]->protocol) && protocol[1] == 0)
            return plans[i];
    die("make_chain PROTOCOL FOLDER, PROTOCOL 1 to %zu", CROFT_COUNT(plans));
}

static void start(struct maker *m)
{
    m->rng = croft_rng_of(m->plan->seed);
    croft_rng_fill(&m->rng, m->script_bytes, sizeof m->script_bytes);
    m->script = (struct script){m->script_bytes, m->script_bytes + sizeof m->script_bytes};
    m->blocks = open_file(m->folder, "blocks.bin", "wb");
    m->roots = open_file(m->folder, "roots.txt", "w");
    open_network(m);
    write_root(m);
}

int main(int argc, char **argv)
{
    static struct maker m;
    if (argc != 3)
        die("make_chain PROTOCOL FOLDER");
    if (croft_crypto_start() != CROFT_OK)
        die("the cryptographic library does not pass its test");
    m.plan = plan_of(argv[1]);
    m.folder = argv[2];
    start(&m);
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
