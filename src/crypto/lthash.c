#include "crypto/lthash.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"

#include <endian.h>
#include <sodium.h>

_Static_assert(sizeof(struct croft_lthash) == CROFT_LTHASH_BYTES, "lanes lie without gaps");

/* Key stream as it comes; lane i is the little-endian number in raw[i]. */
struct expansion {
    _Alignas(64) u16 raw[CROFT_LTHASH_LANES];
};

static struct croft_hash element_seed(u8 table, struct croft_bytes key, struct croft_bytes value)
{
    CROFT_ASSERT(key.len <= UINT16_MAX);
    CROFT_ASSERT(value.len <= UINT32_MAX);

    u8 before_key[3], before_value[4];
    before_key[0] = table;
    croft_put_u16(before_key + 1, (u16)key.len);
    croft_put_u32(before_value, (u32)value.len);

    struct croft_bytes part[] = {
        {before_key, sizeof before_key}, key, {before_value, sizeof before_value}, value};
    return croft_blake2b("croft lthash 1", part, CROFT_COUNT(part));
}

static void expand(const struct croft_hash *seed, struct expansion *out)
{
    static const u8 nonce[crypto_stream_chacha20_ietf_NONCEBYTES];
    _Static_assert(crypto_stream_chacha20_ietf_KEYBYTES == sizeof seed->b, "a seed is a ChaCha20 key");

    int rc = crypto_stream_chacha20_ietf((u8 *)out->raw, sizeof out->raw, nonce, seed->b);
    CROFT_ASSERT(rc == 0);
}

/* The two loops below are what the compiler turns into vector code: no call, no branch, no aliasing. */
static void add_lanes(u16 *restrict lane, const u16 *restrict raw)
{
    for (int i = 0; i < CROFT_LTHASH_LANES; i++)
        lane[i] = (u16)(lane[i] + le16toh(raw[i]));
}

static void subtract_lanes(u16 *restrict lane, const u16 *restrict raw)
{
    for (int i = 0; i < CROFT_LTHASH_LANES; i++)
        lane[i] = (u16)(lane[i] - le16toh(raw[i]));
}

void croft_lthash_add(struct croft_lthash *h, u8 table, struct croft_bytes key, struct croft_bytes value)
{
    struct croft_hash seed = element_seed(table, key, value);
    struct expansion x;
    expand(&seed, &x);
    add_lanes(h->lane, x.raw);
}

void croft_lthash_remove(struct croft_lthash *h, u8 table, struct croft_bytes key, struct croft_bytes value)
{
    struct croft_hash seed = element_seed(table, key, value);
    struct expansion x;
    expand(&seed, &x);
    subtract_lanes(h->lane, x.raw);
}

struct croft_hash croft_lthash_digest(const struct croft_lthash *h)
{
    u8 lanes[CROFT_LTHASH_BYTES];
    croft_lthash_save(h, lanes);
    struct croft_bytes part = {lanes, sizeof lanes};
    return croft_blake2b("croft lthash digest 1", &part, 1);
}

void croft_lthash_save(const struct croft_lthash *h, u8 out[CROFT_LTHASH_BYTES])
{
    for (size_t i = 0; i < CROFT_LTHASH_LANES; i++)
        croft_put_u16(out + 2 * i, h->lane[i]);
}

void croft_lthash_load(struct croft_lthash *h, const u8 from[CROFT_LTHASH_BYTES])
{
    for (size_t i = 0; i < CROFT_LTHASH_LANES; i++)
        h->lane[i] = croft_get_u16(from + 2 * i);
}
