/* Fuzz: any text is refused or is, but for its case, the one text of the bytes it gives; any 32 bytes come
 * back from their text, and from no text one character away. */
#include "base/assert.h"
#include "crypto/bech32m.h"

#include <ctype.h>
#include <string.h>

enum { FUZZ_TEXT_MAX = 200 };

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void lower_case(char *text)
{
    for (; *text; text++)
        *text = (char)tolower((unsigned char)*text);
}

static void try_text(const char *hrp, const u8 *data, size_t size)
{
    char text[FUZZ_TEXT_MAX + 1], own[CROFT_BECH32M_TEXT_MAX];
    u8 bytes[32];
    size_t len = size < FUZZ_TEXT_MAX ? size : FUZZ_TEXT_MAX;
    memcpy(text, data, len);
    text[len] = '\0';
    if (croft_bech32m_decode(hrp, text, bytes) != CROFT_OK)
        return;

    croft_bech32m_encode(hrp, bytes, own);
    lower_case(text);
    CROFT_ASSERT(strcmp(own, text) == 0);
}

/* data: 32 bytes to encode, then where to change the text and into what. */
static void try_bytes(const char *hrp, const u8 *data)
{
    char text[CROFT_BECH32M_TEXT_MAX];
    u8 back[32];
    croft_bech32m_encode(hrp, data, text);
    croft_err err = croft_bech32m_decode(hrp, text, back);
    CROFT_ASSERT(err == CROFT_OK);
    CROFT_ASSERT(memcmp(back, data, sizeof back) == 0);

    char *at = &text[data[32] % strlen(text)];
    if (*at == (char)data[33])
        return;
    *at = (char)data[33];
    err = croft_bech32m_decode(hrp, text, back);
    CROFT_ASSERT(err == CROFT_ERR_BECH32);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *hrp = data[0] % 2 ? CROFT_HRP_ADDRESS : CROFT_HRP_PUBLIC_KEY;
    if (data[0] & 2)
        try_text(hrp, data + 1, size - 1);
    else if (size >= 1 + 34)
        try_bytes(hrp, data + 1);
    return 0;
}
