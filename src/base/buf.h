/* base/buf.h - bounded writing and reading of little-endian bytes.
 *
 * A writer or reader that runs out goes bad and stays bad: later calls do nothing, so a codec checks
 * once at its end instead of after each field.
 */
#ifndef CROFT_BASE_BUF_H
#define CROFT_BASE_BUF_H

#include "base/types.h"

#include <string.h>

static inline void croft_put_u16(u8 *at, u16 v)
{
    for (int i = 0; i < 2; i++)
        at[i] = (u8)(v >> (8 * i));
}

static inline void croft_put_u32(u8 *at, u32 v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (u8)(v >> (8 * i));
}

static inline void croft_put_u64(u8 *at, u64 v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (u8)(v >> (8 * i));
}

static inline u16 croft_get_u16(const u8 *at)
{
    return (u16)(at[0] | at[1] << 8);
}

static inline u32 croft_get_u32(const u8 *at)
{
    return (u32)at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

static inline u64 croft_get_u64(const u8 *at)
{
    return (u64)croft_get_u32(at) | (u64)croft_get_u32(at + 4) << 32;
}

struct croft_writer {
    u8 *at;
    u8 *end;
    bool bad;
};

static inline struct croft_writer croft_writer_of(u8 *out, size_t size)
{
    return (struct croft_writer){.at = out, .end = out + size};
}

/* Room for len bytes, or NULL and bad. */
static inline u8 *croft_write_room(struct croft_writer *w, size_t len)
{
    if (w->bad || (size_t)(w->end - w->at) < len) {
        w->bad = true;
        return NULL;
    }
    u8 *p = w->at;
    w->at += len;
    return p;
}

static inline void croft_write_bytes(struct croft_writer *w, const void *from, size_t len)
{
    if (w->bad || (size_t)(w->end - w->at) < len) {
        w->bad = true;
        return;
    }
    if (len != 0)
        memcpy(w->at, from, len);
    w->at += len;
}

static inline void croft_write_u8(struct croft_writer *w, u8 v)
{
    croft_write_bytes(w, &v, 1);
}

static inline void croft_write_u16(struct croft_writer *w, u16 v)
{
    u8 *p = croft_write_room(w, 2);
    if (p)
        croft_put_u16(p, v);
}

static inline void croft_write_u32(struct croft_writer *w, u32 v)
{
    u8 *p = croft_write_room(w, 4);
    if (p)
        croft_put_u32(p, v);
}

static inline void croft_write_u64(struct croft_writer *w, u64 v)
{
    u8 *p = croft_write_room(w, 8);
    if (p)
        croft_put_u64(p, v);
}

struct croft_reader {
    const u8 *at;
    const u8 *end;
    bool bad;
};

static inline struct croft_reader croft_reader_of(struct croft_bytes from)
{
    return (struct croft_reader){.at = from.at, .end = from.at + from.len};
}

static inline size_t croft_reader_left(const struct croft_reader *r)
{
    return r->bad ? 0 : (size_t)(r->end - r->at);
}

/* The next len bytes in place, or NULL and bad. */
static inline const u8 *croft_read_bytes(struct croft_reader *r, size_t len)
{
    if (r->bad || (size_t)(r->end - r->at) < len) {
        r->bad = true;
        return NULL;
    }
    const u8 *p = r->at;
    r->at += len;
    return p;
}

static inline u8 croft_read_u8(struct croft_reader *r)
{
    const u8 *p = croft_read_bytes(r, 1);
    return p ? *p : 0;
}

static inline u16 croft_read_u16(struct croft_reader *r)
{
    const u8 *p = croft_read_bytes(r, 2);
    return p ? croft_get_u16(p) : 0;
}

static inline u32 croft_read_u32(struct croft_reader *r)
{
    const u8 *p = croft_read_bytes(r, 4);
    return p ? croft_get_u32(p) : 0;
}

static inline u64 croft_read_u64(struct croft_reader *r)
{
    const u8 *p = croft_read_bytes(r, 8);
    return p ? croft_get_u64(p) : 0;
}

#endif
