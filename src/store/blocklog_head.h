/* store/blocklog_head.h - headers without their bodies, from the copies that the log keeps apart. */
#ifndef CROFT_STORE_BLOCKLOG_HEAD_H
#define CROFT_STORE_BLOCKLOG_HEAD_H

#include "store/blocklog.h"

/* Reads the headers of blocks height, height + 1, ... and gives each to take, up to count or the end of the
 * log; stops at the first error of take and hands it on. CROFT_ERR_NOT_FOUND  height outside first..last
 *   CROFT_ERR_LOG_ROT    a header copy was damaged since the log was opened
 *   CROFT_ERR_IO */
CROFT_MUST_USE croft_err croft_blocklog_heads(struct croft_blocklog *log, u64 height, u64 count,
                                              croft_err (*take)(void *arg, const struct croft_header *h),
                                              void *arg, struct croft_why *why);

#endif
