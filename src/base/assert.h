/* base/assert.h - two kinds of check, both for programmer errors only. */
#ifndef CROFT_BASE_ASSERT_H
#define CROFT_BASE_ASSERT_H

#include <stdnoreturn.h>

noreturn void croft_assert_fail(const char *expr, const char *file, int line);

/* Compiled into every build, release too; x has no side effects. */
#define CROFT_ASSERT(x) ((x) ? (void)0 : croft_assert_fail(#x, __FILE__, __LINE__))

/* A place that only a bug reaches; why says which. */
#define CROFT_UNREACHABLE(why) croft_assert_fail(why, __FILE__, __LINE__)

/* Walks, sums and whole-state audits: on in dev, sanitizer, fuzz and simulation builds. */
#ifdef CROFT_AUDIT
#define CROFT_ASSERT_AUDIT(x) CROFT_ASSERT(x)
#else
#define CROFT_ASSERT_AUDIT(x) ((void)(0 && (x)))
#endif

#endif
