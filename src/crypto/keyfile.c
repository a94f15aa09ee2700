#include "crypto/keyfile.h"

#include "base/assert.h"
#include "crypto/bech32m.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    FORMAT = 1,
    SEED_BYTES = 32,
    SALT_BYTES = crypto_pwhash_argon2id_SALTBYTES,
    NONCE_BYTES = crypto_secretbox_xchacha20poly1305_NONCEBYTES,
    BOX_BYTES = SEED_BYTES + crypto_secretbox_xchacha20poly1305_MACBYTES,
    OPS_MIN = crypto_pwhash_argon2id_OPSLIMIT_MIN,
    OPS_MAX = 64,
    MEMORY_KIB_MIN = crypto_pwhash_argon2id_MEMLIMIT_MIN / 1024,
    MEMORY_KIB_MAX = 4 * 1024 * 1024,
};

/* The fields of a key file. */
struct fields {
    struct croft_public_key public;
    bool encrypted;
    u32 ops; /* this and the next three only if encrypted */
    u32 memory_kib;
    u8 salt[SALT_BYTES];
    u8 nonce[NONCE_BYTES];
    u8 secret[BOX_BYTES]; /* the box if encrypted, else the seed and zeros */
};

struct secret {
    u8 b[SEED_BYTES];
};

struct text {
    char c[CROFT_KEYFILE_MAX];
};

_Static_assert(SEED_BYTES == crypto_secretbox_xchacha20poly1305_KEYBYTES, "struct secret holds either");

static void wipe_fields(struct fields *f)
{
    sodium_memzero(f, sizeof *f);
}

static void wipe_secret(struct secret *s)
{
    sodium_memzero(s, sizeof *s);
}

static void wipe_text(struct text *t)
{
    sodium_memzero(t, sizeof *t);
}

static size_t secret_bytes(const struct fields *f)
{
    return f->encrypted ? BOX_BYTES : SEED_BYTES;
}

static void to_hex(const u8 *from, size_t len, char *out, size_t size)
{
    CROFT_ASSERT(size > 2 * len);
    sodium_bin2hex(out, size, from, len);
}

/* The one text of these fields; its length. */
static size_t render(const struct fields *f, struct text *out)
{
    char public[CROFT_BECH32M_TEXT_MAX], salt[2 * SALT_BYTES + 1], nonce[2 * NONCE_BYTES + 1];
    char secret[2 * BOX_BYTES + 1];
    croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, f->public.b, public);
    to_hex(f->salt, sizeof f->salt, salt, sizeof salt);
    to_hex(f->nonce, sizeof f->nonce, nonce, sizeof nonce);
    to_hex(f->secret, secret_bytes(f), secret, sizeof secret);

    int len = snprintf(out->c, sizeof out->c, "croft-key: %d\npublic: %s\nkdf: ", FORMAT, public);
    CROFT_ASSERT(len > 0);
    char *rest = out->c + len;
    size_t room = sizeof out->c - (size_t)len;
    int more = f->encrypted ? snprintf(rest, room, "argon2id %" PRIu32 " %" PRIu32 " %s\nsecret: %s %s\n",
                                       f->ops, f->memory_kib, salt, nonce, secret)
                            : snprintf(rest, room, "none\nsecret: %s\n", secret);
    CROFT_ASSERT(more > 0 && (size_t)more < room);
    sodium_memzero(secret, sizeof secret);
    return (size_t)(len + more);
}

static bool skip(const char **at, const char *literal)
{
    size_t len = strlen(literal);
    if (strncmp(*at, literal, len) != 0)
        return false;
    *at += len;
    return true;
}

static bool read_number(const char **at, u32 *out)
{
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > 9)
        return false;

    u32 number = 0;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (u32)((*at)[i] - '0');
    *at += digits;
    *out = number;
    return true;
}

static bool read_hex(const char **at, u8 *out, size_t size)
{
    if (strnlen(*at, 2 * size) < 2 * size)
        return false;
    size_t len = 0;
    if (sodium_hex2bin(out, size, *at, 2 * size, NULL, &len, NULL) != 0)
        return false;
    CROFT_ASSERT(len == size);
    *at += 2 * size;
    return true;
}

static bool read_public(const char **at, struct croft_public_key *out)
{
    char token[CROFT_BECH32M_TEXT_MAX];
    size_t len = strcspn(*at, "\n");
    if (len >= sizeof token)
        return false;

    memcpy(token, *at, len);
    token[len] = '\0';
    *at += len;
    return croft_bech32m_decode(CROFT_HRP_PUBLIC_KEY, token, out->b) == CROFT_OK;
}

static bool read_kdf(const char **at, struct fields *out)
{
    out->encrypted = !skip(at, "none");
    if (!out->encrypted)
        return true;

    return skip(at, "argon2id ") && read_number(at, &out->ops) && skip(at, " ") &&
           read_number(at, &out->memory_kib) && skip(at, " ") && read_hex(at, out->salt, sizeof out->salt) &&
           out->ops >= OPS_MIN && out->ops <= OPS_MAX && out->memory_kib >= MEMORY_KIB_MIN &&
           out->memory_kib <= MEMORY_KIB_MAX;
}

static bool read_secret(const char **at, struct fields *out)
{
    if (out->encrypted && !(read_hex(at, out->nonce, sizeof out->nonce) && skip(at, " ")))
        return false;
    return read_hex(at, out->secret, secret_bytes(out));
}

/* Whether text is, byte for byte, what we would write: no second spelling of a key file is accepted. */
static bool is_canonical(const struct fields *f, struct croft_bytes text)
{
    struct text own CROFT_CLEANUP(wipe_text);
    return render(f, &own) == text.len && memcmp(own.c, text.at, text.len) == 0;
}

static croft_err parse(struct croft_bytes text, struct fields *out)
{
    CROFT_ASSERT(text.at || text.len == 0);

    struct text copy CROFT_CLEANUP(wipe_text) = {0};
    size_t len = text.len < sizeof copy.c ? text.len : sizeof copy.c - 1;
    if (len)
        memcpy(copy.c, text.at, len);

    /* The number comes before anything else that a later format may do otherwise, its length too. */
    const char *at = copy.c;
    u32 format = 0;
    if (!skip(&at, "croft-key: ") || !read_number(&at, &format) || format < FORMAT)
        return CROFT_ERR_KEY_FILE;
    if (format > FORMAT)
        return CROFT_ERR_FORMAT;

    *out = (struct fields){0};
    bool good = skip(&at, "\npublic: ") && read_public(&at, &out->public) && skip(&at, "\nkdf: ") &&
                read_kdf(&at, out) && skip(&at, "\nsecret: ") && read_secret(&at, out);
    return good && is_canonical(out, text) ? CROFT_OK : CROFT_ERR_KEY_FILE;
}

static croft_err derive(const struct fields *f, const char *passphrase, struct secret *out)
{
    CROFT_ASSERT(f->encrypted);
    CROFT_ASSERT(f->ops >= OPS_MIN && f->ops <= OPS_MAX);
    CROFT_ASSERT(f->memory_kib >= MEMORY_KIB_MIN && f->memory_kib <= MEMORY_KIB_MAX);

    int rc = crypto_pwhash(out->b, sizeof out->b, passphrase, strlen(passphrase), f->salt, f->ops,
                           (size_t)f->memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13);
    return rc == 0 ? CROFT_OK : CROFT_ERR_NOMEM;
}

static croft_err close_box(struct fields *f, const struct croft_secret_key *key, const char *passphrase)
{
    struct secret box_key CROFT_CLEANUP(wipe_secret);
    CROFT_TRY(derive(f, passphrase, &box_key));
    int rc =
        crypto_secretbox_xchacha20poly1305_easy(f->secret, key->seed, sizeof key->seed, f->nonce, box_key.b);
    CROFT_ASSERT(rc == 0);
    return CROFT_OK;
}

static croft_err open_box(const struct fields *f, const char *passphrase, struct secret *out_seed)
{
    struct secret box_key CROFT_CLEANUP(wipe_secret);
    CROFT_TRY(derive(f, passphrase, &box_key));
    int rc = crypto_secretbox_xchacha20poly1305_open_easy(out_seed->b, f->secret, sizeof f->secret, f->nonce,
                                                          box_key.b);
    return rc == 0 ? CROFT_OK : CROFT_ERR_PASSPHRASE;
}

croft_err croft_keyfile_write(const struct croft_secret_key *key, const char *passphrase, bool fast,
                              struct croft_world *world, char out[CROFT_KEYFILE_MAX])
{
    struct fields f CROFT_CLEANUP(wipe_fields) = {.public = croft_public_key_of(key),
                                                  .encrypted = passphrase != NULL};
    if (passphrase) {
        f.ops = fast ? OPS_MIN : crypto_pwhash_argon2id_OPSLIMIT_MODERATE;
        f.memory_kib = fast ? MEMORY_KIB_MIN : crypto_pwhash_argon2id_MEMLIMIT_MODERATE / 1024;
        world->ops->entropy(world, f.salt, sizeof f.salt);
        world->ops->entropy(world, f.nonce, sizeof f.nonce);
        CROFT_TRY(close_box(&f, key, passphrase));
    } else {
        memcpy(f.secret, key->seed, sizeof key->seed);
    }

    struct text text CROFT_CLEANUP(wipe_text);
    size_t len = render(&f, &text);
    memcpy(out, text.c, len + 1);
    return CROFT_OK;
}

croft_err croft_keyfile_peek(struct croft_bytes text, struct croft_public_key *out_public,
                             bool *out_encrypted)
{
    struct fields f CROFT_CLEANUP(wipe_fields);
    CROFT_TRY(parse(text, &f));
    *out_public = f.public;
    *out_encrypted = f.encrypted;
    return CROFT_OK;
}

croft_err croft_keyfile_read(struct croft_bytes text, const char *passphrase, struct croft_secret_key *out)
{
    struct fields f CROFT_CLEANUP(wipe_fields);
    CROFT_TRY(parse(text, &f));

    struct secret seed CROFT_CLEANUP(wipe_secret);
    if (f.encrypted && !passphrase)
        return CROFT_ERR_PASSPHRASE;
    if (f.encrypted)
        CROFT_TRY(open_box(&f, passphrase, &seed));
    else
        memcpy(seed.b, f.secret, sizeof seed.b);

    struct croft_secret_key key CROFT_CLEANUP(croft_secret_key_wipe);
    croft_secret_key_from_seed(&key, seed.b);
    if (memcmp(croft_public_key_of(&key).b, f.public.b, sizeof f.public.b) != 0)
        return CROFT_ERR_KEY_FILE;
    *out = key;
    return CROFT_OK;
}
