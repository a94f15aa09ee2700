#include "sim/coverage.h"

#include "base/assert.h"
#include "wire/tx.h"

#include <inttypes.h>
#include <string.h>

enum { REFUSED = 200, FAILED = 300, REFUSALS = 32, FAILURES = 48, MARKET_FROM = 330 };

/* 0, or 1 and up; CROFT_COVERAGE_CODES for a code that is not counted. */
static u32 column_of(croft_err code)
{
    u32 n = (u32)code;
    if (n == 0)
        return 0;
    if (n >= REFUSED && n < REFUSED + REFUSALS)
        return 1 + n - REFUSED;
    return n >= FAILED && n < FAILED + FAILURES ? 1 + REFUSALS + n - FAILED : CROFT_COVERAGE_CODES;
}

static croft_err code_of(u32 column)
{
    CROFT_ASSERT(column < CROFT_COVERAGE_CODES);
    if (column == 0)
        return CROFT_OK;
    return croft_err_of(column <= REFUSALS ? REFUSED + column - 1 : FAILED + column - 1 - REFUSALS);
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

static bool is_market(const char *scenario)
{
    return scenario != NULL && strcmp(scenario, "market") == 0;
}

bool croft_coverage_has_op(const char *scenario, u32 op)
{
    return strcmp(croft_op_name(op), "?") != 0 && is_market(scenario) == (op >= CROFT__V1__TX_BODY__OP_NODE_ADMIT);
}

/* The market's people make no mistakes that the ledger's make already. */
static bool is_of_scenario(const char *scenario, croft_err code)
{
    bool of_market = (u32)code >= MARKET_FROM || code == CROFT_ERR_TX_PROTOCOL;
    return is_market(scenario) == of_market;
}

const char *croft_coverage_unreachable(const char *scenario, croft_err code)
{
    if (!is_of_scenario(scenario, code))
        return "another scenario goes for it";
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

void croft_coverage_print(const struct croft_coverage *c, const char *scenario, FILE *to)
{
    for (u32 op = 0; op < CROFT_COVERAGE_OPS; op++)
        print_op(c, op, to);
    for (size_t i = 0; croft_coverage_code(i) != CROFT_OK; i++) {
        croft_err code = croft_coverage_code(i);
        const char *why = croft_coverage_unreachable(scenario, code);
        if (croft_coverage_of_code(c, code) == 0)
            fprintf(to, "never seen: %s%s%s\n", croft_err_name(code), why ? ": " : "", why ? why : "");
    }
}
