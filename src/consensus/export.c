#include "consensus/export.h"

#include "base/amt.h"
#include "base/assert.h"
#include "consensus/home.h"
#include "store/posix_disk.h"
#include "wire/tx.h"
#include "json/json.h"

#include <inttypes.h>
#include <string.h>

#define BLOCK_BYTES   (2 * (size_t)CROFT_BLOCK_BYTES_MAX)
#define SCRATCH_BYTES ((size_t)64 << 20)

static croft_err put(json_t *json, FILE *to, struct croft_why *why)
{
    if (json == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for a line of JSON");
    bool good = json_dumpf(json, to, JSON_COMPACT) == 0 && fputc('\n', to) != EOF;
    json_decref(json);
    return good ? CROFT_OK : croft_fail(why, CROFT_ERR_IO, "cannot write the export");
}

static json_t *hex(const struct croft_hash *h)
{
    return croft_json_hex((struct croft_bytes){h->b, sizeof h->b});
}

static json_t *amount(u64 units)
{
    char text[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(units), text);
    return json_string(text);
}

static json_t *block_line(const struct croft_block *b)
{
    const struct croft_header *h = &b->header;
    struct croft_hash id = croft_block_id(h);
    return json_pack("{s:s,s:o,s:o,s:o,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:i,s:i,s:o}", "type", "block", "height",
                     croft_json_u64(h->height), "id", hex(&id), "time_ms", croft_json_u64(h->time_ms),
                     "protocol", (int)h->protocol, "network", hex(&h->network), "previous", hex(&h->previous),
                     "app_hash", hex(&h->app_hash), "receipts_root", hex(&h->receipts_root), "body_hash",
                     hex(&h->body_hash), "sequencer", croft_json_public_key(h->sequencer), "txs",
                     (int)h->tx_count, "dues", (int)h->due_count, "signature",
                     croft_json_hex((struct croft_bytes){b->signature.b, sizeof b->signature.b}));
}

static croft_err put_tx(const struct croft_block *b, u32 i, struct croft_bytes bytes, struct croft_arena mem,
                        FILE *to, struct croft_why *why)
{
    struct croft_tx tx;
    struct croft_receipt r = croft_block_receipt(b, i);
    croft_err err = croft_tx_decode(bytes, &b->header.network, &mem, &tx);
    if (err != CROFT_OK)
        return croft_fail(why, CROFT_ERR_DECODE, "block %" PRIu64 ", transaction %u: %s", b->header.height, i,
                          croft_err_text(err));
    json_t *json = json_pack(
        "{s:s,s:o,s:i,s:o,s:i,s:s,s:s,s:o,s:o,s:o}", "type", "tx", "height", croft_json_u64(b->header.height),
        "index", (int)i, "id", hex(&tx.id), "code", (int)r.code, "result",
        r.code == 0 ? "ok" : croft_err_name(croft_err_of(r.code)), "op", croft_op_name(tx.body->op_case),
        "fee", amount(r.fee), "value", amount(r.value), "body", croft_json_of_message(&tx.body->base));
    return put(json, to, why);
}

static croft_err put_due(const struct croft_block *b, u32 i, FILE *to, struct croft_why *why)
{
    struct croft_due d = croft_block_due(b, i);
    size_t key_len = d.key_len < sizeof d.key ? d.key_len : sizeof d.key;
    return put(json_pack("{s:s,s:o,s:i,s:s,s:o,s:o}", "type", "due", "height",
                         croft_json_u64(b->header.height), "index", (int)i, "kind", croft_due_name(d.kind),
                         "key", croft_json_hex((struct croft_bytes){d.key, key_len}), "amount",
                         amount(croft_amt_units(d.amount))),
               to, why);
}

croft_err croft_export_block(struct croft_bytes block, struct croft_arena scratch, FILE *to,
                             struct croft_why *why)
{
    struct croft_block b;
    croft_err err = croft_block_open(block, &b);
    if (err != CROFT_OK)
        return croft_fail(why, err, "what was to be exported is not a block: %s", croft_err_text(err));
    CROFT_TRY(put(block_line(&b), to, why));
    struct croft_bytes txs = b.txs;
    for (u32 i = 0; i < b.header.tx_count; i++)
        CROFT_TRY(put_tx(&b, i, croft_block_next_tx(&txs), scratch, to, why));
    for (u32 i = 0; i < b.header.due_count; i++)
        CROFT_TRY(put_due(&b, i, to, why));
    return CROFT_OK;
}

/* ---- a folder ---- */

struct exporting {
    const struct croft_export_options *options;
    FILE *to;
    struct croft_region genesis_memory, log_memory, block, scratch;
    struct croft_disk *disk;
    struct croft_blocklog *log;
};

static void finish(struct exporting *e)
{
    if (e->log != NULL)
        croft_blocklog_close(e->log);
    if (e->disk != NULL)
        croft_posix_disk_close(e->disk);
    croft_region_unmap(&e->genesis_memory);
    croft_region_unmap(&e->log_memory);
    croft_region_unmap(&e->block);
    croft_region_unmap(&e->scratch);
}

static croft_err open_log(struct exporting *e, struct croft_why *why)
{
    char path[CROFT_HOME_PATH_MAX];
    const Croft__V1__Genesis *genesis;
    struct croft_blocklog_opened opened;
    CROFT_TRY(croft_home_path(e->options->path, CROFT_HOME_GENESIS, path, why));
    CROFT_TRY(croft_posix_disk_open(e->options->path, false, &e->disk, why));
    CROFT_TRY(croft_genesis_read(path, &e->genesis_memory, &genesis, why));
    struct croft_blocklog_options o = croft_home_solo_options(genesis, e->options->world).log;
    bool mapped = croft_region_map(&e->log_memory, croft_blocklog_size(&o)) &&
                  croft_region_map(&e->block, BLOCK_BYTES) && croft_region_map(&e->scratch, SCRATCH_BYTES);
    if (!mapped)
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space to read the block log");
    struct croft_arena mem = croft_region_arena(&e->log_memory);
    return croft_blocklog_open(e->disk, &o, &mem, &e->log, &opened, why);
}

static croft_err export_one(struct exporting *e, u64 height, struct croft_why *why)
{
    struct croft_block b;
    struct croft_arena mem = croft_region_arena(&e->block);
    const struct croft_export_options *o = e->options;
    if (o->interrupted != NULL && *o->interrupted)
        return croft_fail(why, CROFT_ERR_INTERRUPTED, "interrupted before block %" PRIu64, height);
    CROFT_TRY(croft_blocklog_read(e->log, height, &mem, &b, why));
    return croft_export_block(b.bytes, croft_region_arena(&e->scratch), e->to, why);
}

static croft_err export_all(struct exporting *e, struct croft_why *why)
{
    const struct croft_export_options *o = e->options;
    CROFT_TRY(open_log(e, why));
    u64 last = croft_blocklog_last(e->log);
    last = o->to != 0 && o->to < last ? o->to : last;
    for (u64 height = o->from; height <= last; height++) {
        CROFT_TRY(export_one(e, height, why));
        if (o->progress != NULL)
            o->progress(o->arg, height, last);
    }
    return CROFT_OK;
}

croft_err croft_export_folder(const struct croft_export_options *options, FILE *to, struct croft_why *why)
{
    CROFT_ASSERT(options->from != 0);
    struct exporting e = {.options = options, .to = to};
    croft_err err = export_all(&e, why);
    finish(&e);
    return err;
}
