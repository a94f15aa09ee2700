#include "json/hex.h"

#include <string.h>

void croft_hex_encode(struct croft_bytes from, char *out)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < from.len; i++) {
        out[2 * i] = digit[from.at[i] >> 4];
        out[2 * i + 1] = digit[from.at[i] & 15];
    }
    out[2 * from.len] = '\0';
}

static int value_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool croft_hex_decode(const char *text, u8 *out, size_t len)
{
    if (strlen(text) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (u8)(high * 16 + low);
    }
    return true;
}
