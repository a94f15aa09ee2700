/* wire/test_range_int.h - for tests only: a valid body, one change, the answer that the range of the field
 * gives. */
#ifndef CROFT_WIRE_TEST_RANGE_INT_H
#define CROFT_WIRE_TEST_RANGE_INT_H

#include "wire/test_int.h"

static struct maker m;

static inline int open_maker(void **unused)
{
    (void)unused;
    maker_open(&m, croft_test_seed());
    return 0;
}

static inline croft_err decode(const Croft__V1__TxBody *body)
{
    struct croft_bytes bytes;
    struct croft_hash id;
    struct croft_tx tx;
    croft_err err = make_signed(&m, body, 0, 1, &bytes, &id);
    assert_int_equal(err, CROFT_OK);
    return croft_tx_decode(bytes, &m.network, &m.mem, &tx);
}

/* A valid body of the operation, one change, the answer. */
#define EDGE(OP, change, want)                                           \
    do {                                                                 \
        maker_reset(&m);                                                 \
        Croft__V1__TxBody *b = make_of(&m, CROFT__V1__TX_BODY__OP_##OP); \
        change;                                                          \
        croft_err got = decode(b);                                       \
        if (got != (want))                                               \
            fail_msg("%s: %s", #change, croft_err_name(got));            \
    } while (0)

static const croft_err OK = CROFT_OK, RANGE = CROFT_ERR_TX_RANGE, SELF = CROFT_ERR_TX_SELF,
                       RESERVED = CROFT_ERR_TX_RESERVED;

static inline ProtobufCBinaryData system_address(u8 number)
{
    ProtobufCBinaryData b = make_bytes(&m, 32);
    memset(b.data, 0, 32);
    b.data[31] = number;
    return b;
}

/* What holds for every field that names an account: 32 bytes, not a system account. */
#define ADDRESS(OP, field)                                                  \
    do {                                                                    \
        EDGE(OP, b->field = make_bytes(&m, 31), RANGE);                     \
        EDGE(OP, b->field = make_bytes(&m, 33), RANGE);                     \
        EDGE(OP, b->field = system_address(0), RESERVED);                   \
        EDGE(OP, b->field = system_address(1), RESERVED);                   \
        EDGE(OP, b->field = system_address(255), RESERVED);                 \
        EDGE(OP, b->field = system_address(255); b->field.data[0] = 1, OK); \
    } while (0)

#define MONEY(OP, money)                                      \
    do {                                                      \
        EDGE(OP, b->money->asset = CROFT_ASSET_COUNT, RANGE); \
        EDGE(OP, b->money->asset = UINT32_MAX, RANGE);        \
        EDGE(OP, b->money->amount = 0, RANGE);                \
        EDGE(OP, b->money->amount = UINT64_MAX, OK);          \
    } while (0)

static inline char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

#endif
