#include "consensus/stored.h"

#include "base/buf.h"
#include "crypto/hash.h"

#include <string.h>

static struct croft_hash message_of(const struct croft_hash *network, u64 height, const u8 block_id[32])
{
    u8 number[8];
    croft_put_u64(number, height);
    const struct croft_bytes part[] = {{network->b, sizeof network->b}, {number, sizeof number}, {block_id, 32}};
    return croft_blake2b("croft stored 1", part, CROFT_COUNT(part));
}

struct croft_signature croft_stored_sign(const struct croft_secret_key *key, const struct croft_hash *network,
                                         u64 height, const struct croft_hash *block_id)
{
    struct croft_hash message = message_of(network, height, block_id->b);
    return croft_sign(key, (struct croft_bytes){message.b, sizeof message.b});
}

croft_err croft_stored_id_at(struct croft_solo *s, u64 height, struct croft_arena mem, struct croft_hash *out,
                             struct croft_why *why)
{
    struct croft_blocklog *log = croft_solo_log(s);
    u64 first = croft_blocklog_first(log), last = croft_blocklog_last(log);
    struct croft_block b;
    if (height == croft_ledger_height(croft_solo_ledger(s))) {
        *out = croft_solo_last_id(s);
        return CROFT_OK;
    }
    bool before = height + 1 == first && first <= last; /* the first block here names it */
    CROFT_TRY(croft_blocklog_read(log, before ? first : height, &mem, &b, why));
    *out = before ? b.header.previous : croft_block_id(&b.header);
    return CROFT_OK;
}

static bool is_among(const struct croft_public_key *one, const struct croft_public_key *key, u32 count)
{
    for (u32 i = 0; i < count; i++)
        if (memcmp(one->b, key[i].b, sizeof one->b) == 0)
            return true;
    return false;
}

bool croft_stored_is_signed(const Croft__V1__BlockStored *m, const struct croft_hash *network,
                            const struct croft_public_key *key, u32 count)
{
    struct croft_public_key by;
    struct croft_signature signature;
    if (m->block_id.len != 32 || m->public_key.len != sizeof by.b || m->signature.len != sizeof signature.b)
        return false;
    memcpy(by.b, m->public_key.data, sizeof by.b);
    memcpy(signature.b, m->signature.data, sizeof signature.b);
    struct croft_hash message = message_of(network, m->height, m->block_id.data);
    return is_among(&by, key, count) &&
           croft_verify(&by, (struct croft_bytes){message.b, sizeof message.b}, &signature) == CROFT_OK;
}
