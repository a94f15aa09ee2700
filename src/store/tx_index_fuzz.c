/* Any bytes in the index's files: open drops what is no good, find ends and gives only places within what the
 * runs say they cover, and what is added afterwards is found.
 *
 * Input: u8 flags, u8 count of heights to add, then files 1 and 2, each u16 length and bytes.  With flag 1
 * the pages' checks are put right, so that the input reaches what lies behind them. */
#include "base/buf.h"
#include "crypto/hash.h"
#include "store/tiny_disk_int.h"
#include "store/tx_index.h"

enum { FIX_CHECKS = 1, PAGE = 4096, CHECK = 16, RUNS = 2, PLACES = 8 };

static struct croft_tiny_disk tiny;
static struct croft_region region;

/* As tx_index.c does; kept apart so that a change of the form on disk is noticed here. */
static void fix_page(u32 run, u32 page, u8 *at)
{
    u8 place[8];
    croft_put_u32(place, run);
    croft_put_u32(place + 4, page);
    const struct croft_bytes part[] = {{place, sizeof place}, {at, PAGE - CHECK}};
    struct croft_hash check = croft_blake2b("croft index page 1", part, CROFT_COUNT(part));
    memcpy(at + PAGE - CHECK, check.b, CHECK);
}

static void take_file(struct croft_reader *r, u32 run, u8 flags)
{
    u16 len = croft_read_u16(r);
    size_t left = croft_reader_left(r);
    size_t n = len < left ? len : left;
    char name[] = "log/00000001.idx";
    name[11] = (char)('0' + run);
    if (r->bad)
        return;
    croft_tiny_disk_put(&tiny, name, (struct croft_bytes){croft_read_bytes(r, n), n});
    struct croft_tiny_file *f = croft_tiny_file(&tiny, name);
    for (u32 page = 0; flags & FIX_CHECKS && (page + 1) * (u64)PAGE <= f->len; page++)
        fix_page(run, page, f->at + (size_t)page * PAGE);
}

static void find(struct croft_tx_index *x, const struct croft_hash *id, size_t len, u64 newest)
{
    struct croft_tx_place place[PLACES];
    struct croft_why why;
    u32 count = 0;
    croft_err err = croft_tx_index_find(x, (struct croft_bytes){id->b, len}, place, PLACES, &count, &why);
    CROFT_ASSERT(err == CROFT_ERR_STATE || err == CROFT_OK);
    CROFT_ASSERT(count <= PLACES);
    if (err == CROFT_OK && newest > 0)
        CROFT_ASSERT(count > 0 && place[0].height == newest);
    for (u32 i = 1; i < count; i++)
        CROFT_ASSERT(place[i].height <= place[i - 1].height);
}

static void add_and_find(struct croft_tx_index *x, u8 heights, const struct croft_hash *id)
{
    for (u64 i = 0; i < heights % 16; i++) {
        struct croft_why why;
        u64 height = croft_tx_index_last(x) + 1;
        if (height == 0 || croft_tx_index_add(x, height, id, 1, &why) != CROFT_OK)
            return;
        find(x, id, 8, height);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct croft_reader r = croft_reader_of((struct croft_bytes){data, size});
    u8 flags = croft_read_u8(&r), heights = croft_read_u8(&r);
    struct croft_tx_index_options options = {.run_txs_max = 5, .runs_max = 4, .log_last = UINT64_MAX};
    if (region.base == NULL && !croft_region_map(&region, croft_tx_index_size(&options)))
        return 0;
    croft_tiny_disk_clear(&tiny);
    for (u32 run = 1; run <= RUNS; run++)
        take_file(&r, run, flags);

    struct croft_tx_index *x;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    u64 indexed;
    croft_err err = croft_tx_index_open(&tiny.disk, &options, &mem, &x, &indexed, &why);
    CROFT_ASSERT(err == CROFT_OK);
    struct croft_hash id = {0};
    find(x, &id, 4, 0);
    memcpy(id.b, data, size < 8 ? size : 8);
    find(x, &id, 4, 0);
    find(x, &id, 32, 0);
    add_and_find(x, heights, &id);
    croft_tx_index_close(x);
    return 0;
}
