#include "crypto/hash.h"

#include "base/assert.h"

#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

enum { PARTS_MAX = 4, BLOCK = SHA256_CBLOCK, SHORT_BLOCKS = 5, SHORT_BYTES = SHORT_BLOCKS * BLOCK - 9 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "sha256_short turns words round");

_Static_assert(sizeof(struct croft_hash) == SHA256_DIGEST_LENGTH, "a SHA-256 digest fills a croft_hash");

/* OpenSSL 3 deprecates these calls in favour of EVP, which wants a context from the heap and a fetched
 * algorithm: 4 to 7 times the time for 32 to 100 bytes, and still 1.4 to 1.9 times with a context kept
 * between calls, which a pure component may not have.  Both end in the same SHA-NI code. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* Tree nodes and records are a few blocks: padded here (FIPS 180-4, 5.1.1) they go to the block function at once,
 * without the copying and wiping that SHA256_Update and _Final do for a stream. */
static inline struct croft_hash sha256_short(u8 *blocks, size_t len)
{
    size_t total = (len + 1 + 8 + BLOCK - 1) / BLOCK * BLOCK;
    CROFT_ASSERT(total <= SHORT_BLOCKS * BLOCK);
    blocks[len] = 0x80;
    memset(blocks + len + 1, 0, total - len - 1);
    blocks[total - 2] = (u8)(len * 8 >> 8);
    blocks[total - 1] = (u8)(len * 8);

    SHA256_CTX ctx;
    struct croft_hash out;
    int good = SHA256_Init(&ctx);
    CROFT_ASSERT(good == 1);
    for (size_t at = 0; at < total; at += BLOCK)
        SHA256_Transform(&ctx, blocks + at);
    for (size_t i = 0; i < 8; i++) {
        u32 word = __builtin_bswap32(ctx.h[i]);
        memcpy(out.b + 4 * i, &word, sizeof word);
    }
    return out;
}

static struct croft_hash sha256_long(const struct croft_bytes *part, size_t count)
{
    SHA256_CTX ctx;
    struct croft_hash out;
    int good = SHA256_Init(&ctx);
    for (size_t i = 0; i < count; i++) {
        CROFT_ASSERT(part[i].at || part[i].len == 0);
        good &= SHA256_Update(&ctx, part[i].at, part[i].len);
    }
    good &= SHA256_Final(out.b, &ctx);
    CROFT_ASSERT(good == 1);
    return out;
}

#pragma GCC diagnostic pop

struct croft_hash croft_sha256_parts(const struct croft_bytes *part, size_t count)
{
    CROFT_ASSERT(part || count == 0);
    CROFT_ASSERT(count <= PARTS_MAX);

    u8 blocks[SHORT_BLOCKS * BLOCK];
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        CROFT_ASSERT(part[i].at || part[i].len == 0);
        if (part[i].len > SHORT_BYTES - len)
            return sha256_long(part, count);
        if (part[i].len != 0)
            memcpy(blocks + len, part[i].at, part[i].len);
        len += part[i].len;
    }
    return sha256_short(blocks, len);
}

struct croft_hash croft_sha256(struct croft_bytes data)
{
    return croft_sha256_parts(&data, 1);
}

struct croft_hash croft_sha256_pair(u8 tag, const struct croft_hash *left, const struct croft_hash *right)
{
    enum { LEN = 1 + 2 * sizeof left->b };
    u8 blocks[2 * BLOCK];
    blocks[0] = tag;
    memcpy(blocks + 1, left->b, sizeof left->b);
    memcpy(blocks + 1 + sizeof left->b, right->b, sizeof right->b);
    return sha256_short(blocks, LEN);
}

struct croft_hash croft_blake2b(const char *domain, const struct croft_bytes *part, size_t count)
{
    size_t key_len = strnlen(domain, crypto_generichash_blake2b_KEYBYTES_MAX + 1);
    CROFT_ASSERT(key_len > 0 && key_len <= crypto_generichash_blake2b_KEYBYTES_MAX);
    CROFT_ASSERT(part || count == 0);

    crypto_generichash_blake2b_state state;
    struct croft_hash out;
    int rc = crypto_generichash_blake2b_init(&state, (const u8 *)domain, key_len, sizeof out.b);
    for (size_t i = 0; i < count; i++) {
        CROFT_ASSERT(part[i].at || part[i].len == 0);
        rc |= crypto_generichash_blake2b_update(&state, part[i].at, part[i].len);
    }
    rc |= crypto_generichash_blake2b_final(&state, out.b, sizeof out.b);
    CROFT_ASSERT(rc == 0);
    return out;
}

bool croft_hash_equal(const struct croft_hash *a, const struct croft_hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool croft_hash_is_zero(const struct croft_hash *a)
{
    static const struct croft_hash zero;
    return croft_hash_equal(a, &zero);
}
