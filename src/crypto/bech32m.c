#include "crypto/bech32m.h"

#include "base/assert.h"
#include "crypto/bech32m_int.h"

#include <string.h>

enum {
    QUINTET_BITS = 5,
    CHECKSUM_QUINTETS = 6,
    DATA_BYTES = 32,
    DATA_QUINTETS = (DATA_BYTES * 8 + QUINTET_BITS - 1) / QUINTET_BITS,
    PAD_BITS = DATA_QUINTETS * QUINTET_BITS - DATA_BYTES * 8,
    HRP_MAX = CROFT_BECH32M_LEN_MAX - 1 - DATA_QUINTETS - CHECKSUM_QUINTETS,
};

_Static_assert((int)CROFT_BECH32M_TEXT_MAX > (int)CROFT_BECH32M_LEN_MAX, "every text and its zero fit");

static const u32 FINAL_XOR =
    0x2bc830a3; /* what tells Bech32m from Bech32, whose checksum misses inserted q's */
static const char CHARSET[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the BCH code over GF(32): multiply by x, add the value, reduce. */
static u32 checksum_step(u32 state, u8 value)
{
    static const u32 generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    CROFT_ASSERT(value < 32);

    u32 top = state >> 25;
    state = (state & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < 5; i++)
        state ^= top >> i & 1 ? generator[i] : 0;
    return state;
}

static u32 checksum_of_hrp(const char *hrp)
{
    u32 state = 1;
    for (const char *c = hrp; *c; c++)
        state = checksum_step(state, (u8)((u8)*c >> 5));
    state = checksum_step(state, 0);
    for (const char *c = hrp; *c; c++)
        state = checksum_step(state, (u8)*c & 31);
    return state;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_hrp(const char *hrp, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (hrp[i] < 33 || hrp[i] > 126 || is_upper(hrp[i]))
            return false;
    }
    return len > 0;
}

/* Lower case, when text has one case only and a length that can be valid. */
static bool fold_case(const char *text, char out[CROFT_BECH32M_LEN_MAX + 1])
{
    size_t len = strnlen(text, CROFT_BECH32M_LEN_MAX + 1);
    if (len > CROFT_BECH32M_LEN_MAX)
        return false;

    bool upper = false, lower = false;
    for (size_t i = 0; i < len; i++) {
        upper = upper || is_upper(text[i]);
        lower = lower || is_lower(text[i]);
        out[i] = is_upper(text[i]) ? (char)(text[i] - 'A' + 'a') : text[i];
    }
    out[len] = '\0';
    return !(upper && lower);
}

/* The values of the data characters and the checksum's; false for a character outside the set. */
static bool read_quintets(const char *text, size_t len, u8 *out)
{
    CROFT_ASSERT(len <= CROFT_BECH32M_LEN_MAX);
    for (size_t i = 0; i < len; i++) {
        const char *at = memchr(CHARSET, text[i], 32);
        if (!at)
            return false;
        out[i] = (u8)(at - CHARSET);
    }
    return true;
}

croft_err croft_bech32m_split(const char *text, struct croft_bech32m_parts *out)
{
    struct croft_bech32m_parts parts = {0};
    if (!fold_case(text, parts.hrp))
        return CROFT_ERR_BECH32;

    /* The last '1' separates: the prefix may hold more of them, the data cannot. */
    char *separator = strrchr(parts.hrp, '1');
    if (!separator || !is_hrp(parts.hrp, (size_t)(separator - parts.hrp)))
        return CROFT_ERR_BECH32;
    size_t len = strlen(separator + 1);
    if (len < CHECKSUM_QUINTETS || !read_quintets(separator + 1, len, parts.quintet))
        return CROFT_ERR_BECH32;

    *separator = '\0';
    u32 state = checksum_of_hrp(parts.hrp);
    for (size_t i = 0; i < len; i++)
        state = checksum_step(state, parts.quintet[i]);
    if (state != FINAL_XOR)
        return CROFT_ERR_BECH32;

    parts.quintets = len - CHECKSUM_QUINTETS;
    *out = parts;
    return CROFT_OK;
}

/* Value i of the 256 bits cut into fives, first bit first; the last one ends in padding. */
static u8 quintet_of(const u8 data[DATA_BYTES], size_t i)
{
    CROFT_ASSERT(i < DATA_QUINTETS);
    size_t bit = i * QUINTET_BITS, byte = bit / 8;
    u32 low = byte + 1 < DATA_BYTES ? data[byte + 1] : 0;
    u32 pair = (u32)data[byte] << 8 | low;
    return (u8)(pair >> (16 - QUINTET_BITS - bit % 8) & 31);
}

static char *put_data(const u8 data[DATA_BYTES], u32 *state, char *at)
{
    for (size_t i = 0; i < DATA_QUINTETS; i++) {
        u8 value = quintet_of(data, i);
        *state = checksum_step(*state, value);
        *at++ = CHARSET[value];
    }
    return at;
}

static char *put_checksum(u32 state, char *at)
{
    for (int i = 0; i < CHECKSUM_QUINTETS; i++)
        state = checksum_step(state, 0);
    state ^= FINAL_XOR;
    for (int i = CHECKSUM_QUINTETS - 1; i >= 0; i--)
        *at++ = CHARSET[state >> QUINTET_BITS * i & 31];
    return at;
}

void croft_bech32m_encode(const char *hrp, const u8 data[32], char *out)
{
    size_t hrp_len = strnlen(hrp, HRP_MAX + 1);
    CROFT_ASSERT(hrp_len <= HRP_MAX);
    CROFT_ASSERT(is_hrp(hrp, hrp_len));

    memcpy(out, hrp, hrp_len);
    out[hrp_len] = '1';
    u32 state = checksum_of_hrp(hrp);
    char *end = put_data(data, &state, out + hrp_len + 1);
    end = put_checksum(state, end);
    *end = '\0';
    CROFT_ASSERT(end - out <= CROFT_BECH32M_LEN_MAX);
}

/* Eight bits at a time; the padding stays behind. */
static void join_quintets(const u8 quintet[DATA_QUINTETS], u8 out[DATA_BYTES])
{
    u32 bits = 0;
    size_t held = 0, written = 0;
    for (size_t i = 0; i < DATA_QUINTETS; i++) {
        bits = bits << QUINTET_BITS | quintet[i];
        held += QUINTET_BITS;
        if (held >= 8)
            out[written++] = (u8)(bits >> (held -= 8));
    }
    CROFT_ASSERT(written == DATA_BYTES);
    CROFT_ASSERT(held == PAD_BITS);
}

croft_err croft_bech32m_decode(const char *hrp, const char *text, u8 out[32])
{
    CROFT_ASSERT(is_hrp(hrp, strlen(hrp)));

    struct croft_bech32m_parts parts;
    CROFT_TRY(croft_bech32m_split(text, &parts));
    if (strcmp(parts.hrp, hrp) != 0 || parts.quintets != DATA_QUINTETS)
        return CROFT_ERR_BECH32;

    u8 padding = (1 << PAD_BITS) - 1;
    if (parts.quintet[DATA_QUINTETS - 1] & padding)
        return CROFT_ERR_BECH32;

    join_quintets(parts.quintet, out);
    return CROFT_OK;
}
