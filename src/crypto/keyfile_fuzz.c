/* Fuzz: a text that is taken without a passphrase is byte for byte what its key is written as; a key comes
 * back from its text under the right passphrase, and a changed text never gives a key. Encrypted texts are
 * made here, at the lowest limits: one from outside could ask for 4 GiB. */
#include "base/assert.h"
#include "crypto/keyfile.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A world whose chance is the input, over and over. */
struct fuzz_world {
    struct croft_world world;
    const u8 *data;
    size_t size, at;
};

static void fuzz_entropy(struct croft_world *w, u8 *out, size_t len)
{
    struct fuzz_world *f = (struct fuzz_world *)w;
    for (size_t i = 0; i < len; i++)
        out[i] = f->data[f->at++ % f->size];
}

static const struct croft_world_ops FUZZ_OPS = {.entropy = fuzz_entropy};

static void try_text(struct croft_bytes text)
{
    struct croft_public_key public;
    struct croft_secret_key key;
    bool encrypted = false;
    char own[CROFT_KEYFILE_MAX];
    croft_err peeked = croft_keyfile_peek(text, &public, &encrypted);
    croft_err err = croft_keyfile_read(text, NULL, &key);
    CROFT_ASSERT(peeked == CROFT_OK || peeked == err);
    CROFT_ASSERT(!encrypted || err == CROFT_ERR_PASSPHRASE);
    if (err != CROFT_OK)
        return;

    CROFT_ASSERT(memcmp(croft_public_key_of(&key).b, public.b, sizeof public.b) == 0);
    err = croft_keyfile_write(&key, NULL, true, NULL, own);
    CROFT_ASSERT(err == CROFT_OK);
    CROFT_ASSERT(strlen(own) == text.len && memcmp(own, text.at, text.len) == 0);
}

static void expect_back(struct croft_bytes text, const char *passphrase, const struct croft_secret_key *key)
{
    struct croft_secret_key back;
    croft_err err = croft_keyfile_read(text, passphrase, &back);
    CROFT_ASSERT(err == CROFT_OK);
    CROFT_ASSERT(memcmp(&back, key, sizeof back) == 0);
}

/* data: whether to encrypt, where to change the text and into what, then all that the world draws. */
static void try_key(const u8 *data, size_t size)
{
    struct fuzz_world f = {.world.ops = &FUZZ_OPS, .data = data + 4, .size = size - 4};
    const char *passphrase = data[0] % 2 ? "passphrase" : NULL;
    struct croft_secret_key key, back;
    char text[CROFT_KEYFILE_MAX];
    croft_secret_key_make(&key, &f.world);
    croft_err err = croft_keyfile_write(&key, passphrase, true, &f.world, text);
    CROFT_ASSERT(err == CROFT_OK);
    struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    expect_back(bytes, passphrase, &key);

    char *at = &text[((size_t)data[1] << 8 | data[2]) % bytes.len];
    if (*at == (char)data[3])
        return;
    *at = (char)data[3];
    err = croft_keyfile_read(bytes, passphrase, &back);
    CROFT_ASSERT(err != CROFT_OK);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    if (size < 1)
        return 0;
    if (data[0] % 4)
        try_text((struct croft_bytes){data + 1, size - 1});
    else if (size > 5)
        try_key(data + 1, size - 1);
    return 0;
}
