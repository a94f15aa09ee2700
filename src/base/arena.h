/* base/arena.h - memory that lives exactly as long as one piece of work.
 *
 * One arena per request, per block, per state; emptied whole, never piecemeal.  Pass
 * `struct croft_arena *` for what the caller keeps.  Pass `struct croft_arena` by value for scratch:
 * the copy moves, the original does not, so what was taken from the copy is gone at return.
 */
#ifndef CROFT_BASE_ARENA_H
#define CROFT_BASE_ARENA_H

#include "base/types.h"

struct croft_arena {
    u8 *at;
    u8 *end;
};

/* Zeroed room for count objects, or NULL when the arena's limit is reached (or count * size overflows).
 * The arena never grows and never calls malloc. */
CROFT_MUST_USE void *croft_arena_take(struct croft_arena *a, size_t count, size_t size, size_t align);

/* The same without zeroing, for large regions that are zero already because they were just mapped. */
CROFT_MUST_USE void *croft_arena_take_raw(struct croft_arena *a, size_t count, size_t size, size_t align);

#define croft_new(a, type, count) ((type *)croft_arena_take((a), (count), sizeof(type), _Alignof(type)))

/* A region of address space: pages get memory when first touched, so a generous maximum costs nothing.
 * False, with *out unchanged, when the system has no room.  unmap gives it back and zeroes *r. */
struct croft_region {
    u8 *base;
    size_t size;
};
CROFT_MUST_USE bool croft_region_map(struct croft_region *out, size_t size);
void croft_region_unmap(struct croft_region *r);
struct croft_arena croft_region_arena(const struct croft_region *r);

#endif
