/* chain/dial.h - from a text that names a chain to a connected, non-blocking socket. */
#ifndef CROFT_CHAIN_DIAL_H
#define CROFT_CHAIN_DIAL_H

#include "base/err.h"
#include "base/types.h"
#include "base/world.h"

#include <signal.h>

/* A deadline on the world's steady clock. */
struct croft_wait {
    struct croft_world *world;
    const volatile sig_atomic_t *interrupted; /* NULL: never */
    u64 deadline_ns;
};

struct croft_wait croft_wait_of(struct croft_world *world, const volatile sig_atomic_t *interrupted, u32 ms);

/* Waits until one of the poll(2) events holds; fd -1 only waits.
 *   CROFT_ERR_TIMEOUT  CROFT_ERR_INTERRUPTED */
CROFT_MUST_USE croft_err croft_wait_for(const struct croft_wait *wait, int fd, short events);

/* *out_fd is the caller's.
 *   CROFT_ERR_USAGE        `where` is none of unix:PATH, a path with a '/', HOST:PORT, [v6]:PORT
 *   CROFT_ERR_UNAVAILABLE  no such host or socket, or nobody listens
 *   CROFT_ERR_TIMEOUT      CROFT_ERR_INTERRUPTED */
CROFT_MUST_USE croft_err croft_dial(const char *where, const struct croft_wait *wait, int *out_fd,
                                    struct croft_why *why);

#endif
