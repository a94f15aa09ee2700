#include "store/tx_index.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file is pages: the first the head, the others entries; the rest of each is zeros up to its check.
 *   head   = magic (8), u32 format, u64 from, u64 first, u64 last, u32 count, u32 index_bits
 *   entry  = u64 prefix, u32 (height - first) << index_bits | index
 *   check  = 16 bytes over run and page number and the page, so that a page is also in its place */
enum {
    FORMAT = 1,
    PAGE_BYTES = 4096,
    CHECK_BYTES = 16,
    PAGE_USED = PAGE_BYTES - CHECK_BYTES,
    ENTRY_BYTES = 12,
    PAGE_ENTRIES = PAGE_USED / ENTRY_BYTES,
    RUNS_MAX = 99999999, /* eight digits */
    PREFIX_MIN = 4,
    PREFIX_BYTES = 8,
    BUCKET_BITS_MAX = 8 * PREFIX_MIN, /* so that any prefix asked for lies in one bucket */
};
static const u8 magic[8] = "croftidx";
static const char new_name[] = "log/new.idx";

/* A sealed run.  Numbered from 1; run[i] is number i + 1. */
struct run {
    u64 from;        /* first height it covers */
    u64 first, last; /* heights of its first transaction's block, and the last it covers */
    u32 count;
    u32 index_bits;
};

/* A transaction in memory. */
struct item {
    u64 prefix;
    u32 height; /* above the memory run's first */
    u32 index;
    u32 next; /* in the bucket, older: its number + 1, or 0 */
};

struct packed {
    u64 prefix;
    u32 place;
};

struct croft_tx_index {
    struct croft_disk *disk;
    struct croft_tx_index_options options;
    struct run *run;
    u32 run_count;
    u32 bucket_bits;
    u64 from, first, last; /* of the memory run, as in struct run; first only with items */
    u32 index_max;         /* greatest index of an item */
    u32 count;
    bool behind; /* a block could not be added */
    struct item *item;
    u32 *bucket;           /* by the first bits of the prefix: number + 1 of its newest item, or 0 */
    struct packed *sorted; /* one bucket's items, while sealing */
    u8 page[PAGE_BYTES];
};

struct run_name {
    char text[sizeof "log/4294967295.idx"];
};

static struct run_name name_of(u32 i)
{
    struct run_name n;
    int len = snprintf(n.text, sizeof n.text, "log/%08u.idx", i + 1);
    CROFT_ASSERT(len > 0 && (size_t)len < sizeof n.text);
    return n;
}

static u32 bits_of(u64 v)
{
    return v == 0 ? 0 : 64 - (u32)__builtin_clzll(v);
}

static u32 pages_of(const struct run *r)
{
    return (r->count + PAGE_ENTRIES - 1) / PAGE_ENTRIES;
}

/* The first bytes of an id as a number that sorts as they do. */
static u64 prefix_of(const u8 *id, size_t len)
{
    u64 v = 0;
    for (size_t i = 0; i < PREFIX_BYTES; i++)
        v = v << 8 | (i < len ? id[i] : 0);
    return v;
}

static struct croft_hash page_check(u32 run_number, u32 page_number, const u8 *page)
{
    u8 place[8];
    croft_put_u32(place, run_number);
    croft_put_u32(place + 4, page_number);
    const struct croft_bytes part[] = {{place, sizeof place}, {page, PAGE_USED}};
    return croft_blake2b("croft index page 1", part, CROFT_COUNT(part));
}

static croft_err io(struct croft_why *why, croft_err err, const char *verb, const char *name)
{
    return croft_fail(why, err, "cannot %s the transaction index %s: %s", verb, name, croft_err_text(err));
}

static croft_err damaged(struct croft_why *why, u32 i)
{
    return croft_fail(
        why, CROFT_ERR_STATE,
        "the transaction index %s is damaged.  Stop croft and remove the file: the next start makes "
        "it anew from the blocks",
        name_of(i).text);
}

/* Reads one page of a run into x->page; *out_whole says whether it is as it was written. */
static croft_err read_page(struct croft_tx_index *x, int file, u32 i, u32 page, bool *out_whole)
{
    size_t got = 0;
    CROFT_TRY(x->disk->ops->read(x->disk, file, (u64)page * PAGE_BYTES, x->page, PAGE_BYTES, &got));
    struct croft_hash check = page_check(i + 1, page, x->page);
    *out_whole = got == PAGE_BYTES && memcmp(x->page + PAGE_USED, check.b, CHECK_BYTES) == 0;
    return CROFT_OK;
}

static croft_err write_page(struct croft_tx_index *x, int file, u32 i, u32 page)
{
    struct croft_hash check = page_check(i + 1, page, x->page);
    memcpy(x->page + PAGE_USED, check.b, CHECK_BYTES);
    croft_err err =
        x->disk->ops->write(x->disk, file, (u64)page * PAGE_BYTES, (struct croft_bytes){x->page, PAGE_BYTES});
    memset(x->page, 0, PAGE_BYTES);
    return err;
}

/* Opening. */

size_t croft_tx_index_size(const struct croft_tx_index_options *o)
{
    size_t buckets = (size_t)1 << bits_of(o->run_txs_max);
    size_t each = sizeof(struct item) + sizeof(struct packed);
    return sizeof(struct croft_tx_index) + o->runs_max * sizeof(struct run) + o->run_txs_max * each +
           buckets * sizeof(u32) + 8 * alignof(max_align_t);
}

static struct croft_tx_index *make_index(struct croft_disk *disk, const struct croft_tx_index_options *o,
                                         struct croft_arena *mem)
{
    u32 bits = bits_of(o->run_txs_max) < BUCKET_BITS_MAX ? bits_of(o->run_txs_max) : BUCKET_BITS_MAX;
    struct croft_tx_index *x = croft_new(mem, struct croft_tx_index, 1);
    struct run *run = croft_arena_take_raw(mem, o->runs_max, sizeof *run, alignof(struct run));
    struct item *item = croft_arena_take_raw(mem, o->run_txs_max, sizeof *item, alignof(struct item));
    struct packed *sorted = croft_arena_take_raw(mem, o->run_txs_max, sizeof *sorted, alignof(struct packed));
    u32 *bucket = croft_new(mem, u32, (size_t)1 << bits);
    if (x == NULL || run == NULL || item == NULL || sorted == NULL || bucket == NULL)
        return NULL;
    x->disk = disk;
    x->options = *o;
    x->run = run;
    x->item = item;
    x->sorted = sorted;
    x->bucket = bucket;
    x->bucket_bits = bits;
    return x;
}

static bool decode_head(const u8 *page, struct run *out)
{
    struct croft_reader r = croft_reader_of((struct croft_bytes){page, PAGE_USED});
    const u8 *m = croft_read_bytes(&r, sizeof magic);
    u32 format = croft_read_u32(&r);
    *out = (struct run){.from = croft_read_u64(&r)};
    out->first = croft_read_u64(&r);
    out->last = croft_read_u64(&r);
    out->count = croft_read_u32(&r);
    out->index_bits = croft_read_u32(&r);
    return m != NULL && memcmp(m, magic, sizeof magic) == 0 && format == FORMAT;
}

static bool head_fits(const struct croft_tx_index *x, const struct run *r, u64 file_bytes)
{
    u64 from = x->run_count > 0 ? x->run[x->run_count - 1].last + 1 : r->from;
    return r->from == from && r->from <= r->first && r->first <= r->last && r->last <= x->options.log_last &&
           r->count > 0 && r->count <= UINT32_MAX - PAGE_ENTRIES && r->index_bits <= 32 &&
           file_bytes == (u64)(1 + pages_of(r)) * PAGE_BYTES;
}

static croft_err check_run(struct croft_tx_index *x, int file, struct run *out, bool *out_good)
{
    u64 bytes;
    CROFT_TRY(x->disk->ops->size(x->disk, file, &bytes));
    CROFT_TRY(read_page(x, file, x->run_count, 0, out_good));
    *out_good = *out_good && decode_head(x->page, out) && head_fits(x, out, bytes);
    return CROFT_OK;
}

/* Takes the next run's head, or says in *out_more that there is none that is any good. */
static croft_err load_run(struct croft_tx_index *x, bool *out_more, struct croft_why *why)
{
    int file;
    struct run r;
    struct run_name name = name_of(x->run_count);
    croft_err err = x->disk->ops->open(x->disk, name.text, false, &file);
    *out_more = false;
    if (err == CROFT_ERR_NOT_FOUND)
        return CROFT_OK;
    if (err != CROFT_OK)
        return io(why, err, "open", name.text);
    err = check_run(x, file, &r, out_more);
    x->disk->ops->close(x->disk, file);
    if (err != CROFT_OK)
        return io(why, err, "read", name.text);
    if (!*out_more)
        return CROFT_OK;
    if (x->run_count == x->options.runs_max)
        return croft_fail(why, CROFT_ERR_NOMEM,
                          "the transaction index has more than the %u runs it was opened for",
                          x->options.runs_max);
    x->run[x->run_count++] = r;
    return CROFT_OK;
}

static croft_err is_there(struct croft_disk *disk, u32 i, bool *out)
{
    int file;
    croft_err err = disk->ops->open(disk, name_of(i).text, false, &file);
    *out = err == CROFT_OK;
    if (*out)
        disk->ops->close(disk, file);
    return err == CROFT_ERR_NOT_FOUND ? CROFT_OK : err;
}

static croft_err drop_one(struct croft_disk *disk, u32 i)
{
    croft_err err = disk->ops->remove(disk, name_of(i).text);
    return err == CROFT_OK ? disk->ops->sync_names(disk) : err == CROFT_ERR_NOT_FOUND ? CROFT_OK : err;
}

/* Removes the file that is no good or missing, and those after it.  The last goes first, each durably, so
 * that a crash leaves no gap behind which old runs could later seem to fit. */
static croft_err drop_from(struct croft_disk *disk, u32 first, struct croft_why *why)
{
    u32 end = first;
    croft_err err = CROFT_OK;
    for (u32 missing = 0; err == CROFT_OK && missing < 2 && end < RUNS_MAX; end++) {
        bool there = false;
        err = is_there(disk, end, &there);
        missing = there ? 0 : missing + 1;
    }
    while (err == CROFT_OK && end-- > first)
        err = drop_one(disk, end);
    return err == CROFT_OK ? CROFT_OK : io(why, err, "remove", name_of(end).text);
}

croft_err croft_tx_index_open(struct croft_disk *disk, const struct croft_tx_index_options *options,
                              struct croft_arena *mem, struct croft_tx_index **out, u64 *out_indexed,
                              struct croft_why *why)
{
    CROFT_ASSERT(options->run_txs_max > 0 && options->runs_max <= RUNS_MAX);
    struct croft_arena left = *mem;
    struct croft_tx_index *x = make_index(disk, options, &left);
    if (x == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the transaction index");
    for (bool more = true; more;)
        CROFT_TRY(load_run(x, &more, why));
    CROFT_TRY(drop_from(disk, x->run_count, why));

    x->last = x->run_count > 0 ? x->run[x->run_count - 1].last : 0;
    x->from = x->last + 1;
    *mem = left;
    *out_indexed = x->last;
    *out = x;
    return CROFT_OK;
}

void croft_tx_index_close(struct croft_tx_index *x)
{
    (void)x; /* its memory is the arena's, and no file stays open */
}

u64 croft_tx_index_last(const struct croft_tx_index *x)
{
    return x->last;
}

/* Sealing. */

static int compare_packed(const void *a, const void *b)
{
    const struct packed *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* One bucket's items into x->sorted.  Buckets follow each other as prefixes do, so the whole is sorted. */
static u32 sort_bucket(struct croft_tx_index *x, size_t bucket, u32 index_bits)
{
    u32 n = 0;
    for (u32 at = x->bucket[bucket]; at != 0; at = x->item[at - 1].next) {
        const struct item *t = &x->item[at - 1];
        x->sorted[n++] = (struct packed){t->prefix, (u32)((u64)t->height << index_bits) | t->index};
    }
    if (n > 1)
        qsort(x->sorted, n, sizeof *x->sorted, compare_packed);
    return n;
}

static void encode_head(const struct run *r, u8 *page)
{
    struct croft_writer w = croft_writer_of(page, PAGE_USED);
    croft_write_bytes(&w, magic, sizeof magic);
    croft_write_u32(&w, FORMAT);
    croft_write_u64(&w, r->from);
    croft_write_u64(&w, r->first);
    croft_write_u64(&w, r->last);
    croft_write_u32(&w, r->count);
    croft_write_u32(&w, r->index_bits);
    CROFT_ASSERT(!w.bad);
}

static croft_err write_entries(struct croft_tx_index *x, int file, const struct run *r)
{
    u32 written = 0;
    for (size_t b = 0; b < (size_t)1 << x->bucket_bits; b++) {
        u32 n = sort_bucket(x, b, r->index_bits);
        for (u32 k = 0; k < n; k++) {
            u8 *at = x->page + (size_t)(written % PAGE_ENTRIES) * ENTRY_BYTES;
            croft_put_u64(at, x->sorted[k].prefix);
            croft_put_u32(at + 8, x->sorted[k].place);
            written++;
            if (written % PAGE_ENTRIES == 0 || written == r->count)
                CROFT_TRY(write_page(x, file, x->run_count, (written + PAGE_ENTRIES - 1) / PAGE_ENTRIES));
        }
    }
    CROFT_ASSERT(written == r->count);
    return CROFT_OK;
}

static croft_err write_run(struct croft_tx_index *x, int file, const struct run *r)
{
    CROFT_TRY(x->disk->ops->truncate(x->disk, file, 0));
    memset(x->page, 0, PAGE_BYTES);
    encode_head(r, x->page);
    CROFT_TRY(write_page(x, file, x->run_count, 0));
    CROFT_TRY(write_entries(x, file, r));
    return x->disk->ops->sync(x->disk, file);
}

/* Under another name until it is whole: a run on disk is never half a run. */
static croft_err place_run(struct croft_tx_index *x, const struct run *r)
{
    int file;
    CROFT_TRY(x->disk->ops->open(x->disk, new_name, true, &file));
    croft_err err = write_run(x, file, r);
    x->disk->ops->close(x->disk, file);
    CROFT_TRY(err);
    CROFT_TRY(x->disk->ops->rename(x->disk, new_name, name_of(x->run_count).text));
    return x->disk->ops->sync_names(x->disk);
}

static croft_err seal(struct croft_tx_index *x, struct croft_why *why)
{
    if (x->run_count == x->options.runs_max)
        return croft_fail(why, CROFT_ERR_NOMEM, "the transaction index was opened for at most %u runs",
                          x->options.runs_max);
    struct run r = {.from = x->from, .first = x->first, .last = x->last, .count = x->count};
    r.index_bits = bits_of(x->index_max);
    croft_err err = place_run(x, &r);
    if (err != CROFT_OK)
        return io(why, err, "write", name_of(x->run_count).text);
    x->run[x->run_count++] = r;
    x->from = x->last + 1;
    x->count = x->index_max = 0;
    memset(x->bucket, 0, ((size_t)1 << x->bucket_bits) * sizeof *x->bucket);
    return CROFT_OK;
}

/* Adding. */

static bool fits(const struct croft_tx_index *x, u64 height, u32 count)
{
    if (x->count == 0 || count == 0)
        return true;
    u32 index_max = x->index_max > count - 1 ? x->index_max : count - 1;
    return count <= x->options.run_txs_max - x->count &&
           bits_of(height - x->first) + bits_of(index_max) <= 32;
}

static void add_item(struct croft_tx_index *x, u64 height, const struct croft_hash *id, u32 index)
{
    u64 prefix = prefix_of(id->b, sizeof id->b);
    u32 *bucket = &x->bucket[prefix >> (64 - x->bucket_bits)];
    x->item[x->count] =
        (struct item){.prefix = prefix, .height = (u32)(height - x->first), .index = index, .next = *bucket};
    *bucket = ++x->count;
}

croft_err croft_tx_index_add(struct croft_tx_index *x, u64 height, const struct croft_hash *id, u32 count,
                             struct croft_why *why)
{
    CROFT_ASSERT(height > x->last && count <= x->options.run_txs_max);
    bool behind = x->behind;
    x->behind = true;
    if (!fits(x, height, count))
        CROFT_TRY(seal(x, why));
    if (behind && height != x->last + 1)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE,
                          "the transaction index lacks the blocks from %llu on; the next start adds them",
                          (unsigned long long)x->last + 1);
    x->behind = false;
    if (x->last == 0 && x->run_count == 0 && x->count == 0)
        x->from = height;
    if (x->count == 0)
        x->first = height;
    for (u32 i = 0; i < count; i++)
        add_item(x, height, &id[i], i);
    if (count > 0 && x->index_max < count - 1)
        x->index_max = count - 1;
    x->last = height;
    return CROFT_OK;
}

/* Finding. */

/* What is looked for, and the newest places found so far, newest first. */
struct search {
    u64 low, high; /* prefixes, both included */
    struct croft_tx_place *out;
    u32 max, count;
};

static bool is_newer(const struct croft_tx_place *a, const struct croft_tx_place *b)
{
    return a->height > b->height || (a->height == b->height && a->index > b->index);
}

static void found(struct search *s, struct croft_tx_place place)
{
    u32 at = s->count;
    while (at > 0 && is_newer(&place, &s->out[at - 1]))
        at--;
    if (at == s->max)
        return;
    u32 end = s->count < s->max ? s->count : s->max - 1;
    memmove(&s->out[at + 1], &s->out[at], (end - at) * sizeof *s->out);
    s->out[at] = place;
    s->count = end + 1;
}

static void find_in_memory(const struct croft_tx_index *x, struct search *s)
{
    for (u32 at = x->bucket[s->low >> (64 - x->bucket_bits)]; at != 0; at = x->item[at - 1].next) {
        const struct item *t = &x->item[at - 1];
        if (t->prefix >= s->low && t->prefix <= s->high)
            found(s, (struct croft_tx_place){x->first + t->height, t->index});
    }
}

/* The first page whose first entry is not below low, or one past the last.  Ids are spread evenly, so it is
 * near where they would put it; strides from there keep the search logarithmic whatever the ids. */
static croft_err find_page(struct croft_tx_index *x, int file, u32 i, u64 low, u32 *out,
                           struct croft_why *why)
{
    u32 pages = pages_of(&x->run[i]);
    u64 from = 1, to = (u64)pages + 1, stride = 1;
    u64 at = 1 + (u64)((u128)low * pages >> 64);
    bool below = false, above = false;
    while (from < to) {
        at = at < from ? from : at >= to ? to - 1 : at;
        bool whole;
        croft_err err = read_page(x, file, i, (u32)at, &whole);
        if (err != CROFT_OK)
            return io(why, err, "read", name_of(i).text);
        if (!whole)
            return damaged(why, i);
        if (croft_get_u64(x->page) < low) {
            below = true;
            from = at + 1;
            at += stride;
        } else {
            above = true;
            to = at;
            at -= at < stride ? at : stride;
        }
        stride *= 2;
        if (below && above)
            at = from + (to - from) / 2;
    }
    *out = (u32)from;
    return CROFT_OK;
}

/* Takes what the page in memory has; *out_past says that the run has no more. */
static croft_err take_from_page(struct croft_tx_index *x, u32 i, u32 page, struct search *s, bool *out_past,
                                struct croft_why *why)
{
    const struct run *r = &x->run[i];
    u32 before = (page - 1) * PAGE_ENTRIES;
    u32 n = r->count - before < PAGE_ENTRIES ? r->count - before : PAGE_ENTRIES;
    for (u32 k = 0; k < n && !*out_past; k++) {
        u64 prefix = croft_get_u64(x->page + (size_t)k * ENTRY_BYTES);
        u64 packed = croft_get_u32(x->page + (size_t)k * ENTRY_BYTES + 8);
        u64 height = r->first + (packed >> r->index_bits);
        *out_past = prefix > s->high;
        if (prefix < s->low || prefix > s->high)
            continue;
        if (height > r->last || height < r->first)
            return damaged(why, i);
        found(s, (struct croft_tx_place){height, (u32)(packed & ((UINT64_C(1) << r->index_bits) - 1))});
    }
    return CROFT_OK;
}

static croft_err find_in_file(struct croft_tx_index *x, int file, u32 i, struct search *s,
                              struct croft_why *why)
{
    u32 page = 0;
    CROFT_TRY(find_page(x, file, i, s->low, &page, why));
    bool past = false;
    for (page -= page > 1; page <= pages_of(&x->run[i]) && !past; page++) {
        bool whole;
        croft_err err = read_page(x, file, i, page, &whole);
        if (err != CROFT_OK)
            return io(why, err, "read", name_of(i).text);
        if (!whole)
            return damaged(why, i);
        CROFT_TRY(take_from_page(x, i, page, s, &past, why));
    }
    return CROFT_OK;
}

static croft_err find_in_run(struct croft_tx_index *x, u32 i, struct search *s, struct croft_why *why)
{
    int file;
    struct run_name name = name_of(i);
    croft_err err = x->disk->ops->open(x->disk, name.text, false, &file);
    if (err == CROFT_ERR_NOT_FOUND)
        return damaged(why, i);
    if (err != CROFT_OK)
        return io(why, err, "open", name.text);
    err = find_in_file(x, file, i, s, why);
    x->disk->ops->close(x->disk, file);
    return err;
}

croft_err croft_tx_index_find(struct croft_tx_index *x, struct croft_bytes prefix, struct croft_tx_place *out,
                              u32 max, u32 *out_count, struct croft_why *why)
{
    CROFT_ASSERT(prefix.len >= PREFIX_MIN && prefix.len <= sizeof(struct croft_hash));
    size_t len = prefix.len < PREFIX_BYTES ? prefix.len : PREFIX_BYTES;
    struct search s = {.low = prefix_of(prefix.at, len), .out = out, .max = max};
    s.high = len == PREFIX_BYTES ? s.low : s.low | (UINT64_MAX >> 8 * len);
    find_in_memory(x, &s);
    /* Every place of a run is newer than all of the run before. */
    for (u32 i = x->run_count; i-- > 0 && s.count < max;)
        CROFT_TRY(find_in_run(x, i, &s, why));
    *out_count = s.count;
    return CROFT_OK;
}
