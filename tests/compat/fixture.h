/* compat/fixture.h - the files of a fixture, one folder per protocol.
 *
 *   v1   protocol 1, meta format 1
 *   v2   begins under protocol 1, raised to 2 by vote, a token, every operation of the market; meta format 2
 *
 * In each folder:
 *
 *   genesis.bin     Genesis, packed
 *   blocks.bin      blocks in the order of their heights, each as a u32 length and its bytes
 *   roots.txt       a line per height from 0: height, app hash in hex
 *   state.bin       the stored state after the last block: u32 records, per record u32 table, u32 slot, u32
 * length and bytes of the key, u32 length and bytes of the value; then u32 length and bytes of the meta
 *   key-clear.txt, key-passphrase.txt   key files of the key that made_by() makes; the passphrase is "croft"
 *
 * Integers are little-endian.  Files of a fixture never change once they are committed.
 */
#ifndef CROFT_COMPAT_FIXTURE_H
#define CROFT_COMPAT_FIXTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/sign.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>

#define FIXTURE_PASSPHRASE "croft"

CROFT_PRINTF(1, 2) static noreturn void die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("compat: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static FILE *open_file(const char *folder, const char *name, const char *mode)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, mode);
    if (f == NULL)
        die("cannot open %s", path);
    return f;
}

/* The key of the key files. */
static inline struct croft_secret_key made_by(void)
{
    struct croft_secret_key key;
    const u8 seed[32] = "croft compat key";
    croft_secret_key_from_seed(&key, seed);
    return key;
}

#endif
