/* wire/frame.h - frames of the chain API: u32 length (little-endian), then a packed Request or Response. */
#ifndef CROFT_WIRE_FRAME_H
#define CROFT_WIRE_FRAME_H

#include "base/err.h"
#include "base/types.h"

enum { CROFT_FRAME_HEAD = 4, CROFT_FRAME_MAX = 80 << 20 }; /* room for one block of CROFT_BLOCK_BYTES_MAX */

/* API numbers this release speaks, for Hello. */
enum { CROFT_API_MIN = 1, CROFT_API_MAX = 1 };

/* Looks at the start of a stream.  *out_len is the whole frame's length, head included, or 0 when fewer
 * than CROFT_FRAME_HEAD bytes are there yet.  CROFT_ERR_FRAME when the frame is longer than max. */
CROFT_MUST_USE croft_err croft_frame_peek(struct croft_bytes stream, size_t max, size_t *out_len);

#endif
