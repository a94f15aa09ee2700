#include "base/err.h"

#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>

const char *croft_err_name(croft_err err)
{
    switch (err) {
#define X(name, number, text)                                                                                \
    case name:                                                                                               \
        return #name;
        CROFT_ERR_TABLE(X)
#undef X
    }
    return "CROFT_ERR_UNKNOWN";
}

const char *croft_err_text(croft_err err)
{
    switch (err) {
#define X(name, number, text)                                                                                \
    case name:                                                                                               \
        return text;
        CROFT_ERR_TABLE(X)
#undef X
    }
    return "unknown error";
}

croft_err croft_err_of(u32 number)
{
    switch (number) {
#define X(name, number, text)                                                                                \
    case number:                                                                                             \
        return name;
        CROFT_ERR_TABLE(X)
#undef X
    default:
        return CROFT_ERR_DECODE;
    }
}

croft_err croft_fail(struct croft_why *why, croft_err err, const char *fmt, ...)
{
    CROFT_ASSERT(err != CROFT_OK);
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(why->text, sizeof why->text, fmt, args);
    va_end(args);
    CROFT_ASSERT(n >= 0);
    return err;
}
