#include "sim/fake_checkpoint.h"

#include "base/assert.h"
#include "wire/record.h"

#include <stdlib.h>
#include <string.h>

struct record {
    u32 table, slot;
    u32 key_len, value_len;
    u8 bytes[]; /* key, then value */
};

struct croft_fake_checkpoint {
    struct croft_checkpoint checkpoint;
    struct record **record; /* by table and then by slot */
    size_t count, room;
    u8 *meta;
    size_t meta_len;
    croft_err next_commit;
};

static struct croft_fake_checkpoint *fake_of(struct croft_checkpoint *c)
{
    return (struct croft_fake_checkpoint *)c;
}

static u64 order_of(u32 table, u32 slot)
{
    return (u64)table << 32 | slot;
}

/* Where a record is, or where it would go. */
static size_t place_of(const struct croft_fake_checkpoint *f, u32 table, u32 slot)
{
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct record *r = f->record[middle];
        if (order_of(r->table, r->slot) < order_of(table, slot))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct croft_fake_checkpoint *f, size_t at, u32 table, u32 slot)
{
    return at < f->count && f->record[at]->table == table && f->record[at]->slot == slot;
}

static void take_out(struct croft_fake_checkpoint *f, size_t at)
{
    free(f->record[at]);
    f->count--;
    memmove(f->record + at, f->record + at + 1, (f->count - at) * sizeof *f->record);
}

static void put_in(struct croft_fake_checkpoint *f, size_t at, const struct croft_stored *s)
{
    struct record *r = malloc(sizeof *r + s->key.len + s->value.len);
    if (f->count == f->room) {
        f->room = f->room * 2 + 64;
        f->record = realloc(f->record, f->room * sizeof *f->record);
    }
    CROFT_ASSERT(r != NULL && f->record != NULL);
    *r = (struct record){s->table, s->slot, (u32)s->key.len, (u32)s->value.len};
    memcpy(r->bytes, s->key.at, s->key.len);
    memcpy(r->bytes + s->key.len, s->value.at, s->value.len);
    memmove(f->record + at + 1, f->record + at, (f->count - at) * sizeof *f->record);
    f->record[at] = r;
    f->count++;
}

static croft_err fake_meta(struct croft_checkpoint *c, struct croft_bytes *out, struct croft_why *why)
{
    (void)why;
    const struct croft_fake_checkpoint *f = fake_of(c);
    *out = (struct croft_bytes){f->meta, f->meta_len};
    return CROFT_OK;
}

static croft_err fake_load(struct croft_checkpoint *c,
                           croft_err (*take)(void *arg, const struct croft_stored *r), void *arg,
                           struct croft_why *why)
{
    (void)why;
    const struct croft_fake_checkpoint *f = fake_of(c);
    for (size_t i = 0; i < f->count; i++) {
        const struct record *r = f->record[i];
        const struct croft_stored s = {
            .table = r->table,
            .slot = r->slot,
            .key = {r->bytes, r->key_len},
            .value = {r->bytes + r->key_len, r->value_len},
        };
        CROFT_TRY(take(arg, &s));
    }
    return CROFT_OK;
}

static croft_err fake_commit(struct croft_checkpoint *c, const struct croft_stored *record, size_t count,
                             struct croft_bytes meta, struct croft_why *why)
{
    struct croft_fake_checkpoint *f = fake_of(c);
    croft_err err = f->next_commit;
    f->next_commit = CROFT_OK;
    if (err != CROFT_OK)
        return croft_fail(why, err, "the fake checkpoint was told to fail");
    for (size_t i = 0; i < count; i++) {
        size_t at = place_of(f, record[i].table, record[i].slot);
        if (is_at(f, at, record[i].table, record[i].slot))
            take_out(f, at);
        if (record[i].value.at != NULL)
            put_in(f, at, &record[i]);
    }
    f->meta = realloc(f->meta, meta.len);
    CROFT_ASSERT(f->meta != NULL);
    memcpy(f->meta, meta.at, meta.len);
    f->meta_len = meta.len;
    return CROFT_OK;
}

static const struct croft_checkpoint_ops fake_ops = {
    .meta = fake_meta, .load = fake_load, .commit = fake_commit};

struct croft_fake_checkpoint *croft_fake_checkpoint_make(void)
{
    struct croft_fake_checkpoint *f = calloc(1, sizeof *f);
    CROFT_ASSERT(f != NULL);
    f->checkpoint.ops = &fake_ops;
    return f;
}

void croft_fake_checkpoint_wipe(struct croft_fake_checkpoint *f)
{
    while (f->count > 0)
        free(f->record[--f->count]);
    free(f->meta);
    f->meta = NULL;
    f->meta_len = 0;
}

void croft_fake_checkpoint_free(struct croft_fake_checkpoint *f)
{
    croft_fake_checkpoint_wipe(f);
    free(f->record);
    free(f);
}

struct croft_checkpoint *croft_fake_checkpoint_of(struct croft_fake_checkpoint *f)
{
    return &f->checkpoint;
}

void croft_fake_checkpoint_fail(struct croft_fake_checkpoint *f, croft_err err)
{
    f->next_commit = err;
}
