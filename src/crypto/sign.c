#include "crypto/sign.h"

#include "base/assert.h"
#include "crypto/sign_vectors_int.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct croft_public_key) == crypto_sign_PUBLICKEYBYTES, "32 bytes");
_Static_assert(sizeof(struct croft_signature) == crypto_sign_BYTES, "64 bytes");

void croft_secret_key_from_seed(struct croft_secret_key *out, const u8 seed[32])
{
    _Static_assert(sizeof out->seed == crypto_sign_SEEDBYTES, "32 bytes");
    _Static_assert(sizeof out->expanded == crypto_sign_SECRETKEYBYTES, "64 bytes");

    u8 public[crypto_sign_PUBLICKEYBYTES];
    memmove(out->seed, seed, sizeof out->seed);
    int rc = crypto_sign_seed_keypair(public, out->expanded, out->seed);
    CROFT_ASSERT(rc == 0);
}

void croft_secret_key_make(struct croft_secret_key *out, struct croft_world *world)
{
    u8 seed[32];
    world->ops->entropy(world, seed, sizeof seed);
    croft_secret_key_from_seed(out, seed);
    sodium_memzero(seed, sizeof seed);
}

void croft_secret_key_wipe(struct croft_secret_key *key)
{
    sodium_memzero(key, sizeof *key);
}

/* No public key is zero, so this finds a key that was wiped or never made, and looks at nothing secret. */
static bool is_filled(const struct croft_secret_key *key)
{
    return !sodium_is_zero(key->expanded + sizeof key->seed, crypto_sign_PUBLICKEYBYTES);
}

struct croft_public_key croft_public_key_of(const struct croft_secret_key *key)
{
    CROFT_ASSERT(is_filled(key));

    struct croft_public_key out;
    memcpy(out.b, key->expanded + sizeof key->seed, sizeof out.b);
    return out;
}

struct croft_signature croft_sign(const struct croft_secret_key *key, struct croft_bytes message)
{
    CROFT_ASSERT(is_filled(key));
    CROFT_ASSERT(message.at || message.len == 0);

    struct croft_signature out;
    int rc = crypto_sign_detached(out.b, NULL, message.at, message.len, key->expanded);
    CROFT_ASSERT(rc == 0);
    return out;
}

croft_err croft_verify(const struct croft_public_key *key, struct croft_bytes message,
                       const struct croft_signature *signature)
{
    CROFT_ASSERT(message.at || message.len == 0);

    int rc = crypto_sign_verify_detached(signature->b, message.at, message.len, key->b);
    return rc == 0 ? CROFT_OK : CROFT_ERR_TX_SIGNATURE;
}

static size_t from_hex(const char *hex, u8 *out, size_t size)
{
    size_t len = 0;
    int rc = sodium_hex2bin(out, size, hex, strlen(hex), NULL, &len, NULL);
    CROFT_ASSERT(rc == 0);
    return len;
}

croft_err croft_sign_check_vectors(const struct croft_sign_vector *vector, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct croft_public_key key;
        struct croft_signature signature;
        u8 message[CROFT_SIGN_VECTOR_MESSAGE_MAX];
        size_t key_len = from_hex(vector[i].public_key, key.b, sizeof key.b);
        size_t signature_len = from_hex(vector[i].signature, signature.b, sizeof signature.b);
        size_t message_len = from_hex(vector[i].message, message, sizeof message);
        CROFT_ASSERT(key_len == sizeof key.b);
        CROFT_ASSERT(signature_len == sizeof signature.b);

        croft_err got = croft_verify(&key, (struct croft_bytes){message, message_len}, &signature);
        if ((got == CROFT_OK) != vector[i].valid)
            return CROFT_ERR_SELFTEST;
    }
    return CROFT_OK;
}

croft_err croft_crypto_start(void)
{
    if (sodium_init() < 0)
        return CROFT_ERR_SELFTEST;
    return croft_sign_check_vectors(croft_sign_vectors, CROFT_COUNT(croft_sign_vectors));
}
