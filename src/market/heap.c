#include "market/index_int.h"

#include "base/assert.h"

static bool before(const struct found *a, const struct found *b)
{
    return goes_before(a->price, a->id, b->price, b->id);
}

static void sift_down(struct found *found, u32 at, u32 count)
{
    struct found moved = found[at];
    for (u32 child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(&found[child + 1], &found[child]))
            child++;
        if (!before(&found[child], &moved))
            break;
        found[at] = found[child];
    }
    found[at] = moved;
}

void croft_found_heap(struct found *found, u32 count)
{
    for (u32 at = count / 2; at-- > 0;)
        sift_down(found, at, count);
}

struct found croft_found_pop(struct found *found, u32 *count)
{
    CROFT_ASSERT(*count > 0);
    struct found first = found[0];
    found[0] = found[--*count];
    if (*count > 0)
        sift_down(found, 0, *count);
    CROFT_ASSERT(*count == 0 || !before(&found[0], &first));
    return first;
}
