#include "consensus/server_query.h"

#include "base/assert.h"

#include <inttypes.h>
#include <string.h>

enum { FIND_MAX = 16 };

struct asking {
    struct croft_query_source *q;
    struct croft_arena *mem;
    Croft__V1__Response *out;
    struct croft_why *why;
};

static croft_err out_of_memory(struct asking *a)
{
    return croft_fail(a->why, CROFT_ERR_NOMEM, "the answer is larger than one call may get");
}

static ProtobufCBinaryData view(const void *at, size_t len)
{
    return (ProtobufCBinaryData){len, (u8 *)(uintptr_t)at}; /* protobuf-c has no const; packing only reads */
}

static ProtobufCBinaryData copy(struct asking *a, const void *from, size_t len)
{
    u8 *to = croft_arena_take_raw(a->mem, len, 1, 1);
    if (to == NULL)
        return (ProtobufCBinaryData){0};
    if (len != 0)
        memcpy(to, from, len);
    return (ProtobufCBinaryData){len, to};
}

/* ---- status ---- */

static croft_err add_tables(struct asking *a, Croft__V1__StatusResult *s)
{
    const struct croft_state *state = croft_ledger_state(croft_solo_ledger(a->q->solo));
    Croft__V1__TableSize *table = croft_new(a->mem, Croft__V1__TableSize, CROFT_TABLE_COUNT);
    s->tables = croft_new(a->mem, Croft__V1__TableSize *, CROFT_TABLE_COUNT);
    if (table == NULL || s->tables == NULL)
        return out_of_memory(a);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++) {
        if (croft_table_layout(t) == NULL)
            continue;
        croft__v1__table_size__init(&table[t]);
        table[t].name = (char *)(uintptr_t)croft_table_name(t);
        table[t].records = croft_state_count(state, t);
        s->tables[s->n_tables++] = &table[t];
    }
    return CROFT_OK;
}

static croft_err add_warnings(struct asking *a, Croft__V1__StatusResult *s)
{
    s->warnings = croft_new(a->mem, char *, CROFT_MATTER_COUNT);
    if (s->warnings == NULL)
        return out_of_memory(a);
    for (u32 i = 0; i < CROFT_MATTER_COUNT && a->q->engine != NULL; i++) {
        const char *text = croft_engine_warning(a->q->engine, (enum croft_engine_matter)i);
        if (text != NULL)
            s->warnings[s->n_warnings++] = (char *)(uintptr_t)text;
    }
    return CROFT_OK;
}

static croft_err answer_status(struct asking *a, const struct croft_query_status *facts)
{
    struct croft_solo *solo = a->q->solo;
    const struct croft_ledger *l = croft_solo_ledger(solo);
    struct croft_chain_record chain = croft_ledger_chain(l);
    struct croft_hash app_hash = croft_ledger_app_hash(l);
    Croft__V1__StatusResult *s = croft_new(a->mem, Croft__V1__StatusResult, 1);
    if (s == NULL)
        return out_of_memory(a);
    croft__v1__status_result__init(s);
    s->height = croft_ledger_height(l);
    s->time_ms = croft_solo_last_time_ms(solo);
    s->app_hash = copy(a, app_hash.b, sizeof app_hash.b);
    s->network_id = view(croft_ledger_network(l)->b, 32);
    s->network_name = (char *)(uintptr_t)a->q->network_name;
    s->protocol = chain.protocol;
    s->txs_total = chain.txs_total;
    s->base_fee = chain.base_fee;
    s->txs_waiting = croft_solo_waiting(solo);
    s->checkpoint_height = croft_solo_checkpoint_height(solo);
    s->follower_height = facts->follower_height;
    s->role = (char *)(uintptr_t)facts->role;
    s->software = (char *)(uintptr_t)a->q->software;
    s->log_bytes = croft_blocklog_bytes(croft_solo_log(solo));
    if (croft_solo_options_of(solo)->key != NULL) {
        struct croft_public_key key = croft_public_key_of(croft_solo_options_of(solo)->key);
        s->sequencer_key = copy(a, key.b, sizeof key.b);
    }
    a->out->result_case = CROFT__V1__RESPONSE__RESULT_STATUS;
    a->out->status = s;
    CROFT_TRY(add_warnings(a, s));
    return add_tables(a, s);
}

/* ---- proofs ---- */

/* One "simple:v" operation: key is a leaf's, path leads from it. */
static croft_err make_op(struct asking *a, struct croft_bytes key, const struct croft_merkle_path *path,
                         Croft__V1__ProofOp **out)
{
    Croft__V1__Proof proof = CROFT__V1__PROOF__INIT;
    Croft__V1__ValueOp value = CROFT__V1__VALUE_OP__INIT;
    Croft__V1__ProofOp *op = croft_new(a->mem, Croft__V1__ProofOp, 1);
    ProtobufCBinaryData aunt[CROFT_MERKLE_DEPTH_MAX];
    proof.total = (int64_t)path->total;
    proof.index = (int64_t)path->index;
    proof.leaf_hash = view(path->leaf.b, sizeof path->leaf.b);
    proof.n_aunts = path->aunt_count;
    proof.aunts = aunt;
    for (u32 i = 0; i < path->aunt_count; i++)
        aunt[i] = view(path->aunt[i].b, sizeof path->aunt[i].b);
    value.key = view(key.at, key.len);
    value.proof = &proof;
    struct croft_bytes data = croft_pack(&value.base, a->mem);
    if (op == NULL || data.at == NULL)
        return out_of_memory(a);
    croft__v1__proof_op__init(op);
    op->type = (char *)(uintptr_t) "simple:v";
    op->key = copy(a, key.at, key.len);
    op->data = view(data.at, data.len);
    *out = op;
    return op->key.data != NULL ? CROFT_OK : out_of_memory(a);
}

/* The last operation: a name in the app hash. */
static croft_err make_name_op(struct asking *a, enum croft_root which, Croft__V1__ProofOp **out)
{
    struct croft_hash named[CROFT_ROOT_COUNT];
    struct croft_merkle_path path;
    const char *name = croft_root_name(which);
    croft_ledger_named_roots(croft_solo_ledger(a->q->solo), named);
    croft_roots_name_path(named, which, &path);
    return make_op(a, (struct croft_bytes){(const u8 *)name, strlen(name)}, &path, out);
}

static enum croft_root root_of(u32 table)
{
    CROFT_ASSERT(croft_table_has_tree(table));
    return table == CROFT_TABLE_ACCOUNTS ? CROFT_ROOT_ACCOUNTS
           : table == CROFT_TABLE_LEASES ? CROFT_ROOT_LEASES
           : table == CROFT_TABLE_PARAMS ? CROFT_ROOT_PARAMS
                                         : CROFT_ROOT_PROVIDERS;
}

static croft_err prove_record(struct asking *a, u32 table, u32 slot, Croft__V1__QueryResult *result)
{
    const struct croft_ledger *l = croft_solo_ledger(a->q->solo);
    struct croft_merkle_path path;
    if (!croft_table_has_tree(table))
        return croft_fail(
            a->why, CROFT_ERR_USAGE,
            "records of table %s cannot be proved one by one: they are under the root \"state\" together",
            croft_table_name(table));
    result->proof = croft_new(a->mem, Croft__V1__ProofOp *, 2);
    if (result->proof == NULL)
        return out_of_memory(a);
    croft_roots_record_path(croft_ledger_roots(l), table, slot, &path);
    CROFT_TRY(make_op(a, croft_state_key(croft_ledger_state(l), table, slot), &path, &result->proof[0]));
    CROFT_TRY(make_name_op(a, root_of(table), &result->proof[1]));
    result->n_proof = 2;
    return CROFT_OK;
}

/* ---- records ---- */

static croft_err make_result(struct asking *a, size_t records, Croft__V1__QueryResult **out)
{
    const struct croft_ledger *l = croft_solo_ledger(a->q->solo);
    struct croft_hash app_hash = croft_ledger_app_hash(l);
    Croft__V1__QueryResult *result = croft_new(a->mem, Croft__V1__QueryResult, 1);
    if (result == NULL)
        return out_of_memory(a);
    croft__v1__query_result__init(result);
    result->height = croft_ledger_height(l);
    result->app_hash = copy(a, app_hash.b, sizeof app_hash.b);
    result->records = croft_new(a->mem, Croft__V1__Record *, records + 1);
    if (result->app_hash.data == NULL || result->records == NULL)
        return out_of_memory(a);
    a->out->result_case = CROFT__V1__RESPONSE__RESULT_QUERY;
    a->out->query = result;
    *out = result;
    return CROFT_OK;
}

/* The state's own bytes are sent: the answer is packed before anything can change them. */
static croft_err add_record(struct asking *a, Croft__V1__QueryResult *result, struct croft_bytes key,
                            struct croft_bytes value)
{
    Croft__V1__Record *r = croft_new(a->mem, Croft__V1__Record, 1);
    if (r == NULL)
        return out_of_memory(a);
    croft__v1__record__init(r);
    r->key = view(key.at, key.len);
    r->value = view(value.at, value.len);
    result->records[result->n_records++] = r;
    return CROFT_OK;
}

static croft_err answer_one(struct asking *a, const Croft__V1__Query *c)
{
    const struct croft_state *state = croft_ledger_state(croft_solo_ledger(a->q->solo));
    Croft__V1__QueryResult *result = NULL;
    CROFT_TRY(make_result(a, 1, &result));
    u32 slot = croft_state_find(state, c->table, c->key.data);
    if (slot == CROFT_SLOT_NONE)
        return CROFT_OK; /* no record is an answer, too */
    CROFT_TRY(add_record(a, result, croft_state_key(state, c->table, slot),
                         croft_state_value(state, c->table, slot)));
    return c->prove ? prove_record(a, c->table, slot, result) : CROFT_OK;
}

static croft_err answer_list(struct asking *a, const Croft__V1__Query *c)
{
    const struct croft_state *state = croft_ledger_state(croft_solo_ledger(a->q->solo));
    Croft__V1__QueryResult *result = NULL;
    u32 slot = 0, high = croft_state_high(state, c->table);
    if (c->after_key.len != 0) {
        slot = croft_state_find(state, c->table, c->after_key.data);
        if (slot == CROFT_SLOT_NONE)
            return croft_fail(a->why, CROFT_ERR_NOT_FOUND,
                              "the record to go on after is gone; begin the list again");
        slot++;
    }
    CROFT_TRY(make_result(a, c->limit, &result));
    for (; slot < high && result->n_records < c->limit; slot++) {
        struct croft_bytes key = croft_state_key(state, c->table, slot);
        if (key.at != NULL)
            CROFT_TRY(add_record(a, result, key, croft_state_value(state, c->table, slot)));
    }
    return CROFT_OK;
}

static bool begins_with(struct croft_bytes key, const ProtobufCBinaryData *prefix)
{
    return key.at != NULL && key.len >= prefix->len && memcmp(key.at, prefix->data, prefix->len) == 0;
}

/* A record that goes while the reader is between two calls leaves its slot, so the place holds. */
static croft_err answer_prefix(struct asking *a, const Croft__V1__Query *c)
{
    const struct croft_state *state = croft_ledger_state(croft_solo_ledger(a->q->solo));
    Croft__V1__QueryResult *result = NULL;
    u32 high = croft_state_high(state, c->table);
    u32 slot = c->from_slot < high ? (u32)c->from_slot : high;
    u32 end = high - slot > CROFT_QUERY_SLOTS_MAX ? slot + CROFT_QUERY_SLOTS_MAX : high;
    CROFT_TRY(make_result(a, c->limit, &result));
    for (; slot < end && result->n_records < c->limit; slot++) {
        struct croft_bytes key = croft_state_key(state, c->table, slot);
        if (begins_with(key, &c->prefix))
            CROFT_TRY(add_record(a, result, key, croft_state_value(state, c->table, slot)));
    }
    result->next_slot = slot < high ? slot : 0;
    return CROFT_OK;
}

/* ---- receipts ---- */

/* CROFT_OK with *out_ready false: some headers are still to be read. */
static croft_err make_tree(struct asking *a, bool *out_ready)
{
    struct croft_query_source *q = a->q;
    struct croft_blocklog *log = croft_solo_log(q->solo);
    if (q->receipts.memory.base == NULL &&
        croft_receipts_open(&q->base, q->base_height, &q->receipts) != CROFT_OK)
        return croft_fail(a->why, CROFT_ERR_NOMEM, "no memory for the receipts tree");
    CROFT_TRY(croft_receipts_catch_up(&q->receipts, log, CROFT_QUERY_HEADS_MAX, a->why));
    *out_ready = q->receipts.height == croft_blocklog_last(log);
    return CROFT_OK;
}

static croft_err prove_receipt(struct asking *a, const struct croft_block *b, u32 index,
                               Croft__V1__QueryResult *result, struct croft_hash *out_id)
{
    u8 key[8];
    u64 number;
    struct croft_merkle_path in_block, in_tree;
    result->proof = croft_new(a->mem, Croft__V1__ProofOp *, 3);
    if (result->proof == NULL)
        return out_of_memory(a);
    croft_err err = croft_receipts_block_path(b, index, *a->mem, out_id, &in_block);
    if (err == CROFT_OK)
        err = croft_receipts_path(&a->q->receipts, b->header.height, &number, &in_tree);
    if (err != CROFT_OK)
        return croft_fail(a->why, err, "the proof cannot be made: %s", croft_err_text(err));
    croft_receipts_key(number, key);
    CROFT_TRY(make_op(a, (struct croft_bytes){out_id->b, sizeof out_id->b}, &in_block, &result->proof[0]));
    CROFT_TRY(make_op(a, (struct croft_bytes){key, sizeof key}, &in_tree, &result->proof[1]));
    CROFT_TRY(make_name_op(a, CROFT_ROOT_RECEIPTS, &result->proof[2]));
    result->n_proof = 3;
    return CROFT_OK;
}

static struct croft_bytes tx_at(const struct croft_block *b, u32 index)
{
    struct croft_bytes txs = b->txs, tx = croft_block_next_tx(&txs);
    for (u32 i = 0; i < index; i++)
        tx = croft_block_next_tx(&txs);
    return tx;
}

static croft_err read_block(struct asking *a, u64 height, u32 index, struct croft_block *out)
{
    CROFT_TRY(croft_blocklog_read(croft_solo_log(a->q->solo), height, a->mem, out, a->why));
    if (index < out->header.tx_count)
        return CROFT_OK;
    return croft_fail(a->why, CROFT_ERR_NOT_FOUND, "block %" PRIu64 " has %u transactions", height,
                      out->header.tx_count);
}

static croft_err answer_receipt(struct asking *a, const Croft__V1__Query *c, bool *out_ready)
{
    struct croft_block b;
    struct croft_hash id;
    Croft__V1__QueryResult *result = NULL;
    if (c->prove) {
        CROFT_TRY(make_tree(a, out_ready));
        if (!*out_ready)
            return CROFT_OK;
    }
    CROFT_TRY(read_block(a, c->receipt_height, c->receipt_index, &b));
    CROFT_TRY(make_result(a, 1, &result));
    if (c->prove) {
        CROFT_TRY(prove_receipt(a, &b, c->receipt_index, result, &id));
    } else {
        croft_err err = croft_tx_id_of(&b.header.network, tx_at(&b, c->receipt_index), *a->mem, &id);
        if (err != CROFT_OK)
            return croft_fail(a->why, err, "%s", croft_err_text(err));
    }
    ProtobufCBinaryData key = copy(a, id.b, sizeof id.b);
    const u8 *receipt = b.receipts.at + (size_t)c->receipt_index * CROFT_RECEIPT_BYTES;
    if (key.data == NULL)
        return out_of_memory(a);
    return add_record(a, result, (struct croft_bytes){key.data, key.len},
                      (struct croft_bytes){receipt, CROFT_RECEIPT_BYTES});
}

/* ---- transactions ---- */

static croft_err fill_found(struct asking *a, const struct croft_block *b, u32 index,
                            const struct croft_hash *id)
{
    struct croft_receipt receipt = croft_block_receipt(b, index);
    Croft__V1__FindTxResult *f = croft_new(a->mem, Croft__V1__FindTxResult, 1);
    struct croft_bytes tx = tx_at(b, index);
    if (f == NULL)
        return out_of_memory(a);
    croft__v1__find_tx_result__init(f);
    f->height = b->header.height;
    f->index = index;
    f->time_ms = b->header.time_ms;
    f->tx = view(tx.at, tx.len);
    f->code = receipt.code;
    f->fee = receipt.fee;
    f->tx_id = copy(a, id->b, sizeof id->b);
    a->out->result_case = CROFT__V1__RESPONSE__RESULT_FIND_TX;
    a->out->find_tx = f;
    return f->tx_id.data != NULL ? CROFT_OK : out_of_memory(a);
}

/* The index compares eight bytes; the block has the whole id. */
static croft_err try_place(struct asking *a, const struct croft_tx_place *place, const Croft__V1__FindTx *c,
                           bool *out_found)
{
    struct croft_block b;
    struct croft_hash id;
    struct croft_arena before = *a->mem;
    CROFT_TRY(read_block(a, place->height, place->index, &b));
    croft_err err = croft_tx_id_of(&b.header.network, tx_at(&b, place->index), *a->mem, &id);
    if (err != CROFT_OK)
        return croft_fail(a->why, err, "%s", croft_err_text(err));
    *out_found = memcmp(id.b, c->tx_id.data, c->tx_id.len) == 0;
    if (*out_found)
        return fill_found(a, &b, place->index, &id);
    *a->mem = before;
    return CROFT_OK;
}

static croft_err answer_find(struct asking *a, const Croft__V1__FindTx *c)
{
    struct croft_tx_place place[FIND_MAX];
    u32 count = 0;
    bool found = false;
    struct croft_tx_index *index = croft_solo_index(a->q->solo);
    CROFT_TRY(croft_tx_index_find(index, (struct croft_bytes){c->tx_id.data, c->tx_id.len}, place, FIND_MAX,
                                  &count, a->why));
    for (u32 i = 0; i < count && !found; i++)
        CROFT_TRY(try_place(a, &place[i], c, &found));
    if (found)
        return CROFT_OK;
    return croft_fail(a->why, CROFT_ERR_NOT_FOUND, "there is no such transaction in any block here");
}

/* ---- all ---- */

static croft_err answer_query(struct asking *a, const Croft__V1__Query *c, bool *out_ready)
{
    if (c->table == CROFT_TABLE_RECEIPTS)
        return answer_receipt(a, c, out_ready);
    if (c->limit == 0)
        return answer_one(a, c);
    return c->prefix.len > 0 ? answer_prefix(a, c) : answer_list(a, c);
}

bool croft_query_answer(struct croft_query_source *q, const Croft__V1__Request *r,
                        const struct croft_query_status *status, struct croft_arena *mem,
                        Croft__V1__Response *out, struct croft_why *why)
{
    struct asking a = {q, mem, out, why};
    bool ready = true;
    croft_err err;
    croft__v1__response__init(out);
    if (r->call_case == CROFT__V1__REQUEST__CALL_QUERY) {
        err = answer_query(&a, r->query, &ready);
    } else if (r->call_case == CROFT__V1__REQUEST__CALL_FIND_TX) {
        err = answer_find(&a, r->find_tx);
    } else {
        CROFT_ASSERT(r->call_case == CROFT__V1__REQUEST__CALL_STATUS);
        err = answer_status(&a, status);
    }
    if (err != CROFT_OK) {
        croft__v1__response__init(out);
        out->error = (u32)err;
        out->message = why->text;
    }
    out->id = r->id;
    return ready;
}

void croft_query_close(struct croft_query_source *q)
{
    croft_receipts_close(&q->receipts);
}
