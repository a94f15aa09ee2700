/* Goal: the start of a stream tells how long its frame is, and a frame that is too long is refused before it
 * is read. Method: every length of head; lengths around the maximum. */
#include "wire/frame.h"

#include "base/buf.h"
#include "base/testing.h"

static void test_short_heads(void **unused)
{
    (void)unused;
    const u8 head[CROFT_FRAME_HEAD] = {255, 255, 255, 255};
    for (size_t len = 0; len < CROFT_FRAME_HEAD; len++) {
        size_t out = 99;
        assert_int_equal(croft_frame_peek((struct croft_bytes){head, len}, 100, &out), CROFT_OK);
        assert_int_equal(out, 0);
    }
}

static void expect(u32 length, size_t max, croft_err want)
{
    u8 head[CROFT_FRAME_HEAD + 1] = {0};
    croft_put_u32(head, length);
    for (size_t more = 0; more < 2; more++) {
        size_t out = 99;
        assert_int_equal(croft_frame_peek((struct croft_bytes){head, CROFT_FRAME_HEAD + more}, max, &out),
                         want);
        assert_int_equal(out, want == CROFT_OK ? (size_t)length + CROFT_FRAME_HEAD : 99);
    }
}

static void test_lengths(void **unused)
{
    (void)unused;
    expect(0, 4, CROFT_OK);
    expect(1, 4, CROFT_ERR_FRAME);
    expect(96, 100, CROFT_OK);
    expect(97, 100, CROFT_ERR_FRAME);
    expect(0x01020304, CROFT_FRAME_MAX, CROFT_OK);
    expect(CROFT_FRAME_MAX - CROFT_FRAME_HEAD, CROFT_FRAME_MAX, CROFT_OK);
    expect(CROFT_FRAME_MAX - CROFT_FRAME_HEAD + 1, CROFT_FRAME_MAX, CROFT_ERR_FRAME);
    expect(UINT32_MAX, CROFT_FRAME_MAX, CROFT_ERR_FRAME);
    expect(UINT32_MAX - 3, CROFT_FRAME_MAX, CROFT_ERR_FRAME); /* would wrap in 32 bits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_heads),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
