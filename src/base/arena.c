#include "base/arena.h"

#include "base/assert.h"

#include <string.h>
#include <sys/mman.h>

static const size_t LARGE_REGION = (size_t)4 << 30;

void *croft_arena_take_raw(struct croft_arena *a, size_t count, size_t size, size_t align)
{
    CROFT_ASSERT(a->at <= a->end);
    CROFT_ASSERT(align != 0 && (align & (align - 1)) == 0);

    size_t room = (size_t)(a->end - a->at);
    size_t skip = (size_t)(-(uintptr_t)a->at & (align - 1));
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || skip > room || bytes > room - skip)
        return NULL;

    void *p = a->at + skip;
    a->at += skip + bytes;
    return p;
}

void *croft_arena_take(struct croft_arena *a, size_t count, size_t size, size_t align)
{
    void *p = croft_arena_take_raw(a, count, size, align);
    return p ? memset(p, 0, count * size) : NULL;
}

bool croft_region_map(struct croft_region *out, size_t size)
{
    CROFT_ASSERT(size > 0);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return false;
    /* Records are found at random: with large pages a look-up misses the cache but not the TLB too.  Small regions
     * stay with small pages, which are quicker to get and waste less.  A kernel without them says no; so be it. */
    if (size >= LARGE_REGION)
        (void)madvise(p, size, MADV_HUGEPAGE);
    *out = (struct croft_region){.base = p, .size = size};
    return true;
}

void croft_region_unmap(struct croft_region *r)
{
    if (r->base == NULL)
        return;
    int rc = munmap(r->base, r->size);
    CROFT_ASSERT(rc == 0);
    *r = (struct croft_region){0};
}

struct croft_arena croft_region_arena(const struct croft_region *r)
{
    return (struct croft_arena){.at = r->base, .end = r->base + r->size};
}
