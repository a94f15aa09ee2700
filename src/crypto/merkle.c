#include "crypto/merkle.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <string.h>

enum {
    LEAF_TAG = 0x00,
    INNER_TAG = 0x01,
    NAMED_KEY_MAX = 127, /* so that its uvarint is one byte */
    LOOK_AHEAD = 16,     /* pairs on their way into the cache */
    PAIR_BYTES = 64,     /* two siblings; levels are aligned to it so that a pair is one cache line */
};

_Static_assert(PAIR_BYTES == 2 * sizeof(struct croft_hash), "a pair is two nodes without a gap");

struct croft_hash croft_merkle_empty(void)
{
    return croft_sha256((struct croft_bytes){NULL, 0});
}

struct croft_hash croft_merkle_leaf(struct croft_bytes x)
{
    static const u8 tag = LEAF_TAG;
    struct croft_bytes part[] = {{&tag, 1}, x};
    return croft_sha256_parts(part, CROFT_COUNT(part));
}

struct croft_hash croft_merkle_inner(const struct croft_hash *left, const struct croft_hash *right)
{
    return croft_sha256_pair(INNER_TAG, left, right);
}

struct croft_hash croft_merkle_named_leaf(struct croft_bytes key, struct croft_bytes value)
{
    CROFT_ASSERT(key.len <= NAMED_KEY_MAX);

    struct croft_hash value_hash = croft_sha256(value);
    u8 before_key[] = {LEAF_TAG, (u8)key.len};
    u8 before_value[] = {sizeof value_hash.b};
    struct croft_bytes part[] = {{before_key, sizeof before_key},
                                 key,
                                 {before_value, sizeof before_value},
                                 {value_hash.b, sizeof value_hash.b}};
    return croft_sha256_parts(part, CROFT_COUNT(part));
}

/* The largest power of two below count. */
static size_t split_of(size_t count)
{
    CROFT_ASSERT(count > 1);
    return (size_t)1 << (63 - __builtin_clzll(count - 1));
}

struct croft_hash croft_merkle_root(const struct croft_hash *leaf, size_t count)
{
    if (count == 0)
        return croft_merkle_empty();
    if (count == 1)
        return leaf[0];

    size_t left_count = split_of(count);
    struct croft_hash left = croft_merkle_root(leaf, left_count);
    struct croft_hash right = croft_merkle_root(leaf + left_count, count - left_count);
    return croft_merkle_inner(&left, &right);
}

static void push_aunt(struct croft_merkle_path *path, struct croft_hash aunt)
{
    CROFT_ASSERT(path->aunt_count < CROFT_MERKLE_DEPTH_MAX);
    path->aunt[path->aunt_count++] = aunt;
}

static void push_aunts(const struct croft_hash *leaf, size_t count, size_t index,
                       struct croft_merkle_path *out)
{
    CROFT_ASSERT(index < count);
    if (count == 1)
        return;

    size_t left_count = split_of(count);
    if (index < left_count) {
        push_aunts(leaf, left_count, index, out);
        push_aunt(out, croft_merkle_root(leaf + left_count, count - left_count));
    } else {
        push_aunts(leaf + left_count, count - left_count, index - left_count, out);
        push_aunt(out, croft_merkle_root(leaf, left_count));
    }
}

void croft_merkle_path_of(const struct croft_hash *leaf, size_t count, size_t index,
                          struct croft_merkle_path *out)
{
    CROFT_ASSERT(index < count);
    *out = (struct croft_merkle_path){.total = count, .index = index, .leaf = leaf[index]};
    push_aunts(leaf, count, index, out);
}

/* Nodes on the level above one of count nodes; written so that it cannot wrap. */
static u64 count_above(u64 count)
{
    return count / 2 + count % 2;
}

/* The last of an odd number of nodes. */
static bool is_lone(u64 index, u64 count)
{
    return (index ^ 1) >= count;
}

croft_err croft_merkle_path_root(const struct croft_merkle_path *path, struct croft_hash *out_root)
{
    if (path->index >= path->total || path->aunt_count > CROFT_MERKLE_DEPTH_MAX)
        return CROFT_ERR_PROOF;

    struct croft_hash node = path->leaf;
    u32 used = 0;
    for (u64 index = path->index, count = path->total; count > 1; index /= 2, count = count_above(count)) {
        if (is_lone(index, count))
            continue;
        if (used == path->aunt_count)
            return CROFT_ERR_PROOF;
        const struct croft_hash *aunt = &path->aunt[used++];
        node = index % 2 ? croft_merkle_inner(aunt, &node) : croft_merkle_inner(&node, aunt);
    }
    if (used != path->aunt_count)
        return CROFT_ERR_PROOF;
    *out_root = node;
    return CROFT_OK;
}

static size_t level_bytes(u64 count)
{
    return (size_t)count_above(count) * PAIR_BYTES;
}

static size_t scratch_bytes(u64 leaves_max)
{
    return (size_t)leaves_max * sizeof(u32);
}

size_t croft_tree_size(u64 leaves_max)
{
    CROFT_ASSERT(leaves_max >= 1 && leaves_max <= UINT64_C(1) << 31);

    size_t size = PAIR_BYTES - 1; /* the arena may stand at any address */
    for (u64 count = leaves_max; count > 1; count = count_above(count))
        size += level_bytes(count);
    return size + level_bytes(1) + scratch_bytes(leaves_max);
}

static void place_level(struct croft_tree *t, u8 **at, u64 count)
{
    CROFT_ASSERT(t->levels < CROFT_MERKLE_DEPTH_MAX);
    CROFT_ASSERT((uintptr_t)*at % PAIR_BYTES == 0);
    t->level[t->levels++] = (struct croft_hash *)*at;
    *at += level_bytes(count);
}

croft_err croft_tree_init(struct croft_tree *t, struct croft_arena *mem, u64 leaves_max)
{
    size_t size = croft_tree_size(leaves_max);
    u8 *base = croft_arena_take_raw(mem, size, 1, 1);
    if (!base)
        return CROFT_ERR_NOMEM;

    u8 *at = base + (-(uintptr_t)base & (PAIR_BYTES - 1));
    *t = (struct croft_tree){.leaves_max = leaves_max};
    for (u64 count = leaves_max; count > 1; count = count_above(count))
        place_level(t, &at, count);
    place_level(t, &at, 1);
    t->scratch = (u32 *)(void *)at;
    CROFT_ASSERT(at + scratch_bytes(leaves_max) <= base + size);
    return CROFT_OK;
}

void croft_tree_resize(struct croft_tree *t, u64 count)
{
    CROFT_ASSERT(count <= t->leaves_max);

    /* Leaves past the count are zero at all times: a fresh page is, and what is dropped is cleared here.
     * So growing touches no memory. */
    if (count < t->count)
        memset(&t->level[0][count], 0, (size_t)(t->count - count) * sizeof(struct croft_hash));
    t->count = count;
}

struct croft_hash *croft_tree_leaf(struct croft_tree *t, u64 index)
{
    CROFT_ASSERT(index < t->count);
    return &t->level[0][index];
}

/* The distinct parents of strictly increasing indexes.  out may be index: it is written behind the reader. */
static size_t parents_of(const u32 *index, size_t count, u32 *out)
{
    size_t parents = 0;
    for (size_t i = 0; i < count; i++) {
        u32 parent = index[i] / 2;
        if (parents == 0 || out[parents - 1] != parent)
            out[parents++] = parent;
    }
    CROFT_ASSERT(parents <= count);
    return parents;
}

/* Pairs of the nodes after the next few on their way into the cache, and the nodes' own lines: until such a line is
 * there, what is stored after it waits too, and with it the hash that reads that.  Many at once: where a page is not in
 * the TLB a hint waits for it, and only hints beside it wait at the same time. */
static void bring_pairs(const struct croft_hash *from, const struct croft_hash *to, const u32 *index, size_t count)
{
    for (size_t i = LOOK_AHEAD; i < count && i < (size_t)2 * LOOK_AHEAD; i++) {
        __builtin_prefetch(&from[2 * (u64)index[i]]);
        __builtin_prefetch(&to[index[i]], 1);
    }
}

/* Recomputes the given nodes from the level below, which has `below` nodes. */
static void update_level(const struct croft_hash *from, u64 below, struct croft_hash *to, const u32 *index,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        u64 left = 2 * (u64)index[i];
        CROFT_ASSERT(left < below);
        if (i % LOOK_AHEAD == 0)
            bring_pairs(from, to, index + i, count - i);
        if (is_lone(left, below))
            to[index[i]] = from[left];
        else
            to[index[i]] = croft_merkle_inner(&from[left], &from[left + 1]);
    }
}

static void check_batch(const struct croft_tree *t, const u32 *index, size_t count)
{
    CROFT_ASSERT(count <= t->count);
    for (size_t i = 1; i < count; i++)
        CROFT_ASSERT(index[i - 1] < index[i]);
    CROFT_ASSERT(count == 0 || index[count - 1] < t->count);
}

void croft_tree_update(struct croft_tree *t, const u32 *index, size_t count)
{
    check_batch(t, index, count);

    u32 level = 0;
    for (u64 below = t->count; below > 1; below = count_above(below), level++) {
        CROFT_ASSERT(level + 1 < t->levels);
        count = parents_of(index, count, t->scratch);
        index = t->scratch;
        update_level(t->level[level], below, t->level[level + 1], index, count);
    }
}

struct croft_hash croft_tree_root(const struct croft_tree *t)
{
    if (t->count == 0)
        return croft_merkle_empty();

    u32 level = 0;
    for (u64 count = t->count; count > 1; count = count_above(count))
        level++;
    CROFT_ASSERT(level < t->levels);
    return t->level[level][0];
}

void croft_tree_path(const struct croft_tree *t, u64 index, struct croft_merkle_path *out)
{
    CROFT_ASSERT(index < t->count);

    *out = (struct croft_merkle_path){.total = t->count, .index = index, .leaf = t->level[0][index]};
    u32 level = 0;
    for (u64 count = t->count; count > 1; count = count_above(count), index /= 2, level++) {
        if (!is_lone(index, count))
            push_aunt(out, t->level[level][index ^ 1]);
    }
}
