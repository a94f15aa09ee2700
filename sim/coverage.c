#include "sim/coverage.h"

#include "base/assert.h"
#include "wire/tx.h"

#include <inttypes.h>

enum { REFUSED = 200, FAILED = 300, SPAN = 32 };

/* 0, or 1 and up; CROFT_COVERAGE_CODES for a code that is not counted. */
static u32 column_of(croft_err code)
{
    u32 n = (u32)code;
    if (n == 0)
        return 0;
    if (n >= REFUSED && n < REFUSED + SPAN)
        return 1 + n - REFUSED;
    return n >= FAILED && n < FAILED + SPAN ? 1 + SPAN + n - FAILED : CROFT_COVERAGE_CODES;
}

static croft_err code_of(u32 column)
{
    CROFT_ASSERT(column < CROFT_COVERAGE_CODES);
    if (column == 0)
        return CROFT_OK;
    return croft_err_of(column <= SPAN ? REFUSED + column - 1 : FAILED + column - 1 - SPAN);
}

void croft_coverage_add(struct croft_coverage *c, u32 op, croft_err code)
{
    u32 column = column_of(code);
    CROFT_ASSERT(op < CROFT_COVERAGE_OPS);
    if (column < CROFT_COVERAGE_CODES)
        c->count[op][column]++;
}

void croft_coverage_merge(struct croft_coverage *into, const struct croft_coverage *from)
{
    for (u32 op = 0; op < CROFT_COVERAGE_OPS; op++)
        for (u32 column = 0; column < CROFT_COVERAGE_CODES; column++)
            into->count[op][column] += from->count[op][column];
}

u64 croft_coverage_of(const struct croft_coverage *c, u32 op, croft_err code)
{
    u32 column = column_of(code);
    return op < CROFT_COVERAGE_OPS && column < CROFT_COVERAGE_CODES ? c->count[op][column] : 0;
}

u64 croft_coverage_of_code(const struct croft_coverage *c, croft_err code)
{
    u64 sum = 0;
    for (u32 op = 0; op < CROFT_COVERAGE_OPS; op++)
        sum += croft_coverage_of(c, op, code);
    return sum;
}

croft_err croft_coverage_code(size_t i)
{
    for (u32 column = 1; column < CROFT_COVERAGE_CODES; column++) {
        croft_err code = code_of(column);
        if (code != CROFT_ERR_DECODE && i-- == 0)
            return code;
    }
    return CROFT_OK;
}

const char *croft_coverage_unreachable(croft_err code)
{
    if (code == CROFT_ERR_TX_BLOCK_FULL)
        return "the driver keeps such a transaction for the next block and never answers with it";
    if (code == CROFT_ERR_OP_CLOSED)
        return "no operation gives it: a closed account is one that does not exist";
    return NULL;
}

static void print_op(const struct croft_coverage *c, u32 op, FILE *to)
{
    for (u32 column = 0; column < CROFT_COVERAGE_CODES; column++)
        if (c->count[op][column] != 0)
            fprintf(to, "%-16s %-26s %12" PRIu64 "\n", op ? croft_op_name(op) : "(no transaction)",
                    croft_err_name(code_of(column)), c->count[op][column]);
}

void croft_coverage_print(const struct croft_coverage *c, FILE *to)
{
    for (u32 op = 0; op < CROFT_COVERAGE_OPS; op++)
        print_op(c, op, to);
    for (size_t i = 0; croft_coverage_code(i) != CROFT_OK; i++) {
        croft_err code = croft_coverage_code(i);
        const char *why = croft_coverage_unreachable(code);
        if (croft_coverage_of_code(c, code) == 0)
            fprintf(to, "never seen: %s%s%s\n", croft_err_name(code), why ? ": " : "", why ? why : "");
    }
}
