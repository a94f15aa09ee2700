/* base/testing.h - for tests only: cmocka with what it wants included before it, and the seed. */
#ifndef CROFT_BASE_TESTING_H
#define CROFT_BASE_TESTING_H

#include "base/types.h"
#include "base/world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* CROFT_TEST_SEED, or a fresh one; printed, so that a failure can be had again. */
static inline u64 croft_test_seed(void)
{
    const char *text = getenv("CROFT_TEST_SEED");
    u64 seed = 0;
    if (text != NULL)
        seed = strtoull(text, NULL, 0);
    else
        croft_world_system()->ops->entropy(croft_world_system(), (u8 *)&seed, sizeof seed);
    printf("CROFT_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

#endif
