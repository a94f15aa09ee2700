#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

noreturn void croft_assert_fail(const char *expr, const char *file, int line)
{
    fprintf(stderr, "croft: assertion failed: %s at %s:%d\n"
                    "This is a bug in croft, not in what you did; nothing that was acknowledged is lost.\n",
            expr, file, line);
    abort();
}
