#include "wire/frame.h"

#include "base/assert.h"
#include "base/buf.h"

croft_err croft_frame_peek(struct croft_bytes stream, size_t max, size_t *out_len)
{
    CROFT_ASSERT(max <= CROFT_FRAME_MAX);
    if (stream.len < CROFT_FRAME_HEAD) {
        *out_len = 0;
        return CROFT_OK;
    }
    size_t len = (size_t)croft_get_u32(stream.at) + CROFT_FRAME_HEAD;
    if (len > max)
        return CROFT_ERR_FRAME;
    *out_len = len;
    return CROFT_OK;
}
