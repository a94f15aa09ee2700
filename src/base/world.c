#include "base/world.h"

#include "base/assert.h"

#include <sys/random.h>
#include <time.h>

static u64 clock_ns(clockid_t clock)
{
    struct timespec now;
    int rc = clock_gettime(clock, &now);
    CROFT_ASSERT(rc == 0);
    return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

static u64 wall_ms(struct croft_world *w)
{
    (void)w;
    return clock_ns(CLOCK_REALTIME) / 1000000u;
}

static u64 steady_ns(struct croft_world *w)
{
    (void)w;
    return clock_ns(CLOCK_BOOTTIME); /* counts while the machine sleeps, as the wall clock does */
}

static void entropy(struct croft_world *w, u8 *out, size_t len)
{
    (void)w;
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        CROFT_ASSERT(got > 0);
        out += got;
        len -= (size_t)got;
    }
}

struct croft_world *croft_world_system(void)
{
    static const struct croft_world_ops ops = {.wall_ms = wall_ms, .steady_ns = steady_ns, .entropy = entropy};
    static struct croft_world world = {.ops = &ops};
    return &world;
}
