#include "market/feed.h"

#include "base/assert.h"
#include "crypto/bech32m.h"
#include "market/hash_int.h"

#include <stdio.h>
#include <string.h>

enum { NONE = 0, DEVICE_BITS = 6, NODE_BYTES = 32, KEY_BYTES = 40, CLAIM_BITS = 64, PART_ALIGN = 64 };
_Static_assert(CROFT_DEVICES_MAX == 1 << DEVICE_BITS, "an offer's id is its node's number and its own");
_Static_assert((int)CROFT_DEVICE_LINE == 3 && (int)CROFT_FLAG_LINE == CROFT_FLAG_GPU << CROFT_DEVICE_LINE,
               "kinds are flags in their order");

/* ---- pools: places count from 1, 0 is none ---- */

struct pool {
    u8 *at;
    size_t size;
    u32 max, high, free; /* high: taken so far; free: the first that was given back */
};

/* Of everything in a pool: the next of its list, or the next free one. */
struct link {
    u32 next;
};

struct node {
    struct link link; /* of its bucket */
    struct croft_address address;
    bool known, drain; /* known: there is a record */
    u8 machine;
    u8 country[2];
    u32 country_word, attributes, auditors;
    u32 device, claim; /* the first of each; claims by hash */
};

struct device {
    struct link link;
    struct croft_offer offer; /* what the device's record says of it */
};

struct claim {
    struct link link;
    u8 auditor_hash[8]; /* as in its key */
    struct croft_address auditor;
    u64 claims;
    u8 machine;
    u8 country[2];
};

struct croft_feed {
    u64 hash_seed;
    struct croft_market *market;
    struct croft_words *words;
    struct pool node, device, claim;
    u32 *bucket; /* nodes by address */
    u32 buckets;
};

static struct link *place(const struct pool *p, u32 n)
{
    CROFT_ASSERT(n != NONE && n <= p->high);
    return (struct link *)(void *)(p->at + n * p->size);
}

static struct node *node_at(const struct croft_feed *f, u32 n)
{
    return (struct node *)place(&f->node, n);
}

static struct device *device_at(const struct croft_feed *f, u32 n)
{
    return (struct device *)place(&f->device, n);
}

static struct claim *claim_at(const struct croft_feed *f, u32 n)
{
    return (struct claim *)place(&f->claim, n);
}

/* Zeroed; NONE: all are taken. */
static u32 take(struct pool *p)
{
    u32 n = p->free;
    if (n != NONE)
        p->free = place(p, n)->next;
    else if (p->high < p->max)
        n = ++p->high;
    CROFT_ASSERT(n <= p->max);
    if (n != NONE)
        memset(place(p, n), 0, p->size);
    return n;
}

/* Takes the place that *at names out of its list. */
static void give_back(struct pool *p, u32 *at)
{
    u32 n = *at;
    struct link *l = place(p, n);
    *at = l->next;
    l->next = p->free;
    p->free = n;
}

/* ---- memory ---- */

static u32 buckets_for(u32 nodes)
{
    u32 buckets = 64;
    while (buckets < nodes)
        buckets *= 2;
    return buckets;
}

static size_t pool_bytes(u32 max, size_t size)
{
    return ((size_t)max + 1) * size + PART_ALIGN;
}

size_t croft_feed_size(const struct croft_feed_limits *l)
{
    return sizeof(struct croft_feed) + pool_bytes(l->nodes_max, sizeof(struct node)) +
           pool_bytes(l->devices_max, sizeof(struct device)) + pool_bytes(l->claims_max, sizeof(struct claim)) +
           buckets_for(l->nodes_max) * sizeof(u32) + 2 * PART_ALIGN;
}

static bool make_pool(struct pool *p, struct croft_arena *mem, u32 max, size_t size)
{
    CROFT_ASSERT(size >= sizeof(struct link));
    *p = (struct pool){.size = size, .max = max};
    p->at = croft_arena_take_raw(mem, (size_t)max + 1, size, PART_ALIGN);
    return p->at != NULL;
}

croft_err croft_feed_init(struct croft_feed **out, struct croft_arena *mem, const struct croft_feed_limits *l,
                          struct croft_market *market, struct croft_words *words)
{
    CROFT_ASSERT(l->nodes_max >= 1 && l->nodes_max <= 1u << 24 && l->devices_max >= 1);
    CROFT_ASSERT(croft_market_count(market) == 0 && croft_market_words(market) == words);
    struct croft_feed *f = croft_new(mem, struct croft_feed, 1);
    if (f == NULL)
        return CROFT_ERR_NOMEM;
    f->hash_seed = l->hash_seed;
    f->market = market;
    f->words = words;
    f->buckets = buckets_for(l->nodes_max);
    f->bucket = croft_arena_take_raw(mem, f->buckets, sizeof *f->bucket, PART_ALIGN);
    if (f->bucket == NULL || !make_pool(&f->node, mem, l->nodes_max, sizeof(struct node)) ||
        !make_pool(&f->device, mem, l->devices_max, sizeof(struct device)) ||
        !make_pool(&f->claim, mem, l->claims_max, sizeof(struct claim)))
        return CROFT_ERR_NOMEM;
    *out = f;
    return CROFT_OK;
}

/* ---- nodes ---- */

/* Where the node's place stands, or, NONE, where it belongs. */
static u32 *find_node(const struct croft_feed *f, const u8 *address)
{
    CROFT_ASSERT((f->buckets & (f->buckets - 1)) == 0);
    u64 h = croft_hash_of(f->hash_seed, (struct croft_bytes){address, NODE_BYTES});
    u32 *at = &f->bucket[h & (f->buckets - 1)];
    while (*at != NONE && memcmp(node_at(f, *at)->address.b, address, NODE_BYTES) != 0)
        at = &node_at(f, *at)->link.next;
    return at;
}

/* The node, made if nobody named it yet; NONE: all places are taken. */
static u32 reach_node(struct croft_feed *f, const u8 *address)
{
    u32 *at = find_node(f, address);
    if (*at == NONE && (*at = take(&f->node)) != NONE)
        memcpy(node_at(f, *at)->address.b, address, NODE_BYTES);
    return *at;
}

/* A node that nothing is known of any more makes room. */
static void forget_node(struct croft_feed *f, const u8 *address)
{
    u32 *at = find_node(f, address);
    const struct node *n = *at == NONE ? NULL : node_at(f, *at);
    if (n != NULL && !n->known && n->device == NONE && n->claim == NONE)
        give_back(&f->node, at);
}

/* ---- words ---- */

static croft_err word_of(struct croft_feed *f, u32 space, struct croft_bytes text, u32 *out)
{
    *out = text.len == 0 ? CROFT_WORD_NONE : croft_word(f->words, space, text);
    return text.len == 0 || *out != CROFT_WORD_NONE ? CROFT_OK : CROFT_ERR_NOMEM;
}

static struct croft_bytes text_of(const char *text)
{
    return (struct croft_bytes){(const u8 *)text, strlen(text)};
}

static struct croft_bytes padded(const u8 *at, size_t max)
{
    return (struct croft_bytes){at, strnlen((const char *)at, max)};
}

static const char *vendor_name(u32 vendor)
{
    static const char *const name[] = {"", "nvidia", "amd", "intel", "apple"};
    return vendor < CROFT_COUNT(name) ? name[vendor] : "";
}

static const char *interface_name(u32 interface)
{
    static const char *const name[] = {"", "pcie", "sxm", "integrated"};
    return interface < CROFT_COUNT(name) ? name[interface] : "";
}

enum { CLASS_TEXT_MAX = 8 };

static struct croft_bytes class_text(u32 class, char out[CLASS_TEXT_MAX])
{
    CROFT_ASSERT(class <= UINT16_MAX);
    int len = class == 0 ? 0 : snprintf(out, CLASS_TEXT_MAX, "%u", class);
    CROFT_ASSERT(len >= 0 && len < CLASS_TEXT_MAX);
    return (struct croft_bytes){(const u8 *)out, (size_t)len};
}

/* ---- a node's attributes and auditors ---- */

static croft_err read_attributes(struct croft_feed *f, const struct croft_node_record *r, u32 *out_set)
{
    u32 word[CROFT_WORD_SET_MAX], count = 0;
    CROFT_ASSERT(r->attributes_len <= sizeof r->attributes);
    for (size_t at = 0; at < r->attributes_len && count < CROFT_WORD_SET_MAX;) {
        const u8 *line = r->attributes + at, *end = memchr(line, '\n', r->attributes_len - at);
        size_t len = end == NULL ? r->attributes_len - at : (size_t)(end - line);
        if (len >= 1 && len <= CROFT_WORD_BYTES_MAX)
            CROFT_TRY(word_of(f, CROFT_SPACE_ATTRIBUTE, (struct croft_bytes){line, len}, &word[count++]));
        at += len + 1;
    }
    return croft_word_set(f->words, word, count, out_set) ? CROFT_OK : CROFT_ERR_NOMEM;
}

enum { CLAIM_COUNTRY = 1, CLAIM_MACHINE = 2, CLAIM_TEXT_MAX = CROFT_BECH32M_TEXT_MAX + 16 };

static bool claim_counts(const struct node *n, const struct claim *c, u32 bit)
{
    CROFT_ASSERT(bit < CLAIM_BITS);
    bool country = memcmp(c->country, n->country, sizeof n->country) == 0;
    return (c->claims >> bit & 1) != 0 && (bit != CLAIM_COUNTRY || country) &&
           (bit != CLAIM_MACHINE || c->machine == n->machine);
}

static croft_err claim_word(struct croft_feed *f, const struct claim *c, u32 bit, u32 *out)
{
    static const char *const name[] = {"identity", "country", "machine", "ecc", "isolation", "uptime", "network"};
    char text[CLAIM_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, c->auditor.b, text);
    size_t len = strlen(text);
    CROFT_ASSERT(len < CROFT_BECH32M_TEXT_MAX);
    if (bit < CROFT_COUNT(name))
        snprintf(text + len, sizeof text - len, "/%s", name[bit]);
    else
        snprintf(text + len, sizeof text - len, "/%u", bit);
    return word_of(f, CROFT_SPACE_AUDITOR, text_of(text), out);
}

/* Bits outside, auditors inside: whoever has many bits of its own cannot crowd out the others' common ones. */
static croft_err read_auditors(struct croft_feed *f, struct node *n)
{
    u32 word[CROFT_WORD_SET_MAX], count = 0;
    for (u32 bit = 0; bit < CLAIM_BITS && n->claim != NONE; bit++)
        for (u32 c = n->claim; c != NONE && count < CROFT_WORD_SET_MAX; c = claim_at(f, c)->link.next)
            if (claim_counts(n, claim_at(f, c), bit))
                CROFT_TRY(claim_word(f, claim_at(f, c), bit, &word[count++]));
    return croft_word_set(f->words, word, count, &n->auditors) ? CROFT_OK : CROFT_ERR_NOMEM;
}

/* ---- offers ---- */

static croft_err put_offer(struct croft_feed *f, u32 node, const struct device *d)
{
    const struct node *n = node_at(f, node);
    struct croft_offer o = d->offer;
    CROFT_ASSERT(o.id >> DEVICE_BITS == node && o.node == node);
    if (!n->known || n->drain) {
        croft_market_drop(f->market, o.id);
        return CROFT_OK;
    }
    o.number[CROFT_NUMBER_MACHINE] = n->machine;
    o.word[CROFT_SPACE_COUNTRY] = n->country_word;
    o.auditors = n->auditors;
    o.attributes = n->attributes;
    return croft_market_put(f->market, &o) == CROFT_OK ? CROFT_OK : CROFT_ERR_NOMEM;
}

static croft_err put_offers(struct croft_feed *f, u32 node)
{
    for (u32 d = node_at(f, node)->device; d != NONE; d = device_at(f, d)->link.next)
        CROFT_TRY(put_offer(f, node, device_at(f, d)));
    return CROFT_OK;
}

/* ---- records of nodes ---- */

static croft_err node_is(struct croft_feed *f, const u8 *key, struct croft_bytes value)
{
    struct croft_node_record r;
    CROFT_TRY(croft_layout_decode(&croft_node_layout, value, &r));
    u32 at = reach_node(f, key);
    if (at == NONE)
        return CROFT_ERR_NOMEM;
    struct node *n = node_at(f, at);
    n->known = true;
    n->drain = r.drain != 0;
    n->machine = r.machine;
    memcpy(n->country, r.country, sizeof n->country);
    CROFT_TRY(word_of(f, CROFT_SPACE_COUNTRY, padded(r.country, sizeof r.country), &n->country_word));
    CROFT_TRY(read_attributes(f, &r, &n->attributes));
    CROFT_TRY(read_auditors(f, n));
    return put_offers(f, at);
}

static croft_err node_gone(struct croft_feed *f, const u8 *key)
{
    u32 at = *find_node(f, key);
    if (at == NONE)
        return CROFT_OK;
    node_at(f, at)->known = false;
    croft_err err = put_offers(f, at);
    CROFT_ASSERT(err == CROFT_OK); /* it only drops them */
    CROFT_ASSERT(croft_market_find(f->market, (u64)at << DEVICE_BITS) == NULL);
    forget_node(f, key);
    return CROFT_OK;
}

/* ---- records of devices ---- */

static u32 seconds_32(u64 s)
{
    return s < UINT32_MAX ? (u32)s : UINT32_MAX;
}

/* What was measured counts; what nobody measured counts as the node says, as in the ledger's own check of a class. */
static u32 believed(u32 proved, u32 declared)
{
    return proved != 0 ? proved : declared;
}

static void read_numbers(const struct croft_device_record *r, u32 number[CROFT_NUMBER_COUNT])
{
    number[CROFT_NUMBER_GPUS] = r->gpu_count;
    number[CROFT_NUMBER_ISOLATION] = r->isolation;
    number[CROFT_NUMBER_VRAM_MIB] = believed(r->proved_vram_mib, r->vram_mib);
    number[CROFT_NUMBER_TOPS] = believed(r->proved_tops, r->tops);
    number[CROFT_NUMBER_GBS] = believed(r->proved_gbs, r->gbs);
    number[CROFT_NUMBER_RAM_MIB] = r->ram_mib;
    number[CROFT_NUMBER_DISK_GIB] = r->disk_gib;
    number[CROFT_NUMBER_CORES] = r->cores;
    number[CROFT_NUMBER_DOWN_MBIT] = r->down_mbit;
    number[CROFT_NUMBER_UP_MBIT] = r->up_mbit;
    number[CROFT_NUMBER_UPTIME_PPM] = r->uptime_ppm;
    number[CROFT_NUMBER_UNTIL_S] = seconds_32(r->due_s);
}

/* In the order of the bits of a record: the lowest flag, and how many there are. */
static u32 flags_of(u32 bits, u32 lowest, u32 count)
{
    CROFT_ASSERT((lowest & (lowest - 1)) == 0 && count < CROFT_FLAG_COUNT);
    return (bits & ((1u << count) - 1)) * lowest;
}

static u32 read_flags(const struct croft_device_record *r)
{
    u32 kind = r->kind <= CROFT_DEVICE_LINE ? (u32)CROFT_FLAG_GPU << r->kind : 0;
    return kind | flags_of(r->services, CROFT_FLAG_SPOT, 3) | flags_of(r->egress, CROFT_FLAG_PULL, 3) |
           flags_of(r->hardware, CROFT_FLAG_ECC, 3);
}

static croft_err read_words(struct croft_feed *f, const struct croft_device_record *r, u32 *word)
{
    char class[CLASS_TEXT_MAX];
    CROFT_TRY(word_of(f, CROFT_SPACE_CLASS, class_text(r->class, class), &word[CROFT_SPACE_CLASS]));
    CROFT_TRY(word_of(f, CROFT_SPACE_VENDOR, text_of(vendor_name(r->vendor)), &word[CROFT_SPACE_VENDOR]));
    CROFT_TRY(word_of(f, CROFT_SPACE_MODEL, padded(r->model, sizeof r->model), &word[CROFT_SPACE_MODEL]));
    return word_of(f, CROFT_SPACE_INTERFACE, text_of(interface_name(r->interface)), &word[CROFT_SPACE_INTERFACE]);
}

static croft_err read_device(struct croft_feed *f, const struct croft_device_record *r, struct croft_offer *o)
{
    for (u32 i = 0; i < CROFT_PRICE_KIND_COUNT; i++)
        o->price[i] = r->price[i];
    read_numbers(r, o->number);
    o->flags = read_flags(r);
    return read_words(f, r, o->word);
}

static u64 number_in(const u8 *key)
{
    u64 number = 0;
    for (u32 i = NODE_BYTES; i < KEY_BYTES; i++)
        number = number << 8 | key[i];
    return number;
}

/* Where the device's place stands in its node's list, or NONE at the end of it. */
static u32 *find_device(const struct croft_feed *f, u32 node, u64 number)
{
    u64 id = (u64)node << DEVICE_BITS | number;
    CROFT_ASSERT(number < CROFT_DEVICES_MAX);
    u32 *at = &node_at(f, node)->device;
    while (*at != NONE && device_at(f, *at)->offer.id != id)
        at = &device_at(f, *at)->link.next;
    return at;
}

static croft_err device_listed(struct croft_feed *f, const u8 *key, const struct croft_device_record *r)
{
    struct croft_offer o = {.id = number_in(key), .node = reach_node(f, key)};
    if (o.node == NONE)
        return CROFT_ERR_NOMEM;
    u32 *at = find_device(f, o.node, o.id);
    if (*at == NONE && (*at = take(&f->device)) == NONE)
        return CROFT_ERR_NOMEM;
    struct device *d = device_at(f, *at);
    o.id |= (u64)o.node << DEVICE_BITS;
    croft_err err = read_device(f, r, &o);
    CROFT_ASSERT(d->offer.id == 0 || d->offer.id == o.id);
    d->offer = o; /* with its id also when words are full, so that it is found again */
    return err == CROFT_OK ? put_offer(f, o.node, d) : err;
}

static void device_gone(struct croft_feed *f, const u8 *key)
{
    u32 node = *find_node(f, key), *at = node == NONE ? NULL : find_device(f, node, number_in(key));
    if (at == NULL || *at == NONE)
        return;
    croft_market_drop(f->market, device_at(f, *at)->offer.id);
    give_back(&f->device, at);
    forget_node(f, key);
}

static croft_err device_is(struct croft_feed *f, const u8 *key, struct croft_bytes value)
{
    struct croft_device_record r;
    CROFT_TRY(croft_layout_decode(&croft_device_layout, value, &r));
    if (r.state == CROFT_DEVICE_LISTED)
        return device_listed(f, key, &r);
    device_gone(f, key);
    return CROFT_OK;
}

/* ---- records of claims ---- */

/* Where the claim's place stands in its node's list, or where it belongs. */
static u32 *find_claim(const struct croft_feed *f, u32 node, const u8 *hash)
{
    u32 *at = &node_at(f, node)->claim;
    while (*at != NONE && memcmp(claim_at(f, *at)->auditor_hash, hash, KEY_BYTES - NODE_BYTES) < 0)
        at = &claim_at(f, *at)->link.next;
    return at;
}

static bool has_hash(const struct croft_feed *f, u32 claim, const u8 *hash)
{
    return claim != NONE && memcmp(claim_at(f, claim)->auditor_hash, hash, KEY_BYTES - NODE_BYTES) == 0;
}

static croft_err auditors_changed(struct croft_feed *f, u32 node)
{
    CROFT_TRY(read_auditors(f, node_at(f, node)));
    return put_offers(f, node);
}

static croft_err claim_is(struct croft_feed *f, const u8 *key, struct croft_bytes value)
{
    const u8 *hash = key + NODE_BYTES;
    struct croft_claim_record r;
    CROFT_TRY(croft_layout_decode(&croft_claim_layout, value, &r));
    u32 node = reach_node(f, key);
    if (node == NONE)
        return CROFT_ERR_NOMEM;
    u32 *at = find_claim(f, node, hash);
    if (!has_hash(f, *at, hash)) {
        u32 fresh = take(&f->claim);
        if (fresh == NONE)
            return CROFT_ERR_NOMEM;
        claim_at(f, fresh)->link.next = *at;
        *at = fresh;
    }
    struct claim *c = claim_at(f, *at);
    CROFT_ASSERT(c->link.next == NONE || memcmp(claim_at(f, c->link.next)->auditor_hash, hash, 8) > 0);
    memcpy(c->auditor_hash, hash, sizeof c->auditor_hash);
    memcpy(c->country, r.country, sizeof c->country);
    c->auditor = r.auditor;
    c->claims = r.claims;
    c->machine = r.machine;
    return auditors_changed(f, node);
}

static croft_err claim_gone(struct croft_feed *f, const u8 *key)
{
    u32 node = *find_node(f, key), *at = node == NONE ? NULL : find_claim(f, node, key + NODE_BYTES);
    if (at == NULL || !has_hash(f, *at, key + NODE_BYTES))
        return CROFT_OK;
    give_back(&f->claim, at);
    croft_err err = auditors_changed(f, node);
    forget_node(f, key);
    return err;
}

/* ---- records ---- */

croft_err croft_feed_record(struct croft_feed *f, u32 table, struct croft_bytes key, struct croft_bytes value)
{
    bool is_node = table == CROFT_TABLE_NODES, is_device = table == CROFT_TABLE_DEVICES;
    if (!is_node && !is_device && table != CROFT_TABLE_CLAIMS)
        return CROFT_OK;
    if (key.len != croft_table_key_len(table) || (is_device && number_in(key.at) >= CROFT_DEVICES_MAX))
        return CROFT_ERR_DECODE;
    if (is_node)
        return value.at != NULL ? node_is(f, key.at, value) : node_gone(f, key.at);
    if (!is_device)
        return value.at != NULL ? claim_is(f, key.at, value) : claim_gone(f, key.at);
    if (value.at != NULL)
        return device_is(f, key.at, value);
    device_gone(f, key.at);
    return CROFT_OK;
}

u64 croft_feed_id(const struct croft_feed *f, const u8 device_key[40])
{
    u32 node = *find_node(f, device_key);
    u64 number = number_in(device_key);
    if (node == NONE || number >= CROFT_DEVICES_MAX || *find_device(f, node, number) == NONE)
        return CROFT_OFFER_NONE;
    return (u64)node << DEVICE_BITS | number;
}

bool croft_feed_key(const struct croft_feed *f, u64 id, u8 out_device_key[40])
{
    u64 node = id >> DEVICE_BITS, number = id & (CROFT_DEVICES_MAX - 1);
    if (node == NONE || node > f->node.high || *find_device(f, (u32)node, number) == NONE)
        return false;
    memset(out_device_key, 0, KEY_BYTES);
    memcpy(out_device_key, node_at(f, (u32)node)->address.b, NODE_BYTES);
    out_device_key[KEY_BYTES - 1] = (u8)number;
    return true;
}

/* ---- requirements ---- */

static croft_err want_word(struct croft_requirement *r, const struct croft_words *w, enum croft_trait trait,
                           struct croft_bytes text)
{
    return text.len == 0 ? CROFT_OK : croft_require_words(r, w, trait, text);
}

static croft_err want_least(struct croft_requirement *r, enum croft_trait trait, u64 least)
{
    return least == 0 ? CROFT_OK : croft_require_number(r, trait, least, UINT64_MAX);
}

static croft_err want_hardware(struct croft_requirement *r, const struct croft_class_record *c)
{
    if (c->kind > CROFT_DEVICE_LINE)
        return CROFT_ERR_USAGE;
    if (c->kind != 0) /* 0 asks for nothing */
        CROFT_TRY(croft_require_flags(r, CROFT_TRAIT_KIND, (u32)CROFT_FLAG_GPU << c->kind));
    return c->hardware == 0 ? CROFT_OK
                            : croft_require_flags(r, CROFT_TRAIT_HARDWARE, (u32)CROFT_FLAG_ECC * c->hardware);
}

static croft_err want_numbers(struct croft_requirement *r, const struct croft_class_record *c)
{
    const struct {
        enum croft_trait trait;
        u32 least;
    } want[] = {
        {CROFT_TRAIT_GPUS, c->gpu_count},       {CROFT_TRAIT_MACHINE, c->machine},
        {CROFT_TRAIT_ISOLATION, c->isolation},  {CROFT_TRAIT_VRAM_MIB, c->vram_mib},
        {CROFT_TRAIT_TOPS, c->tops},            {CROFT_TRAIT_GBS, c->gbs},
        {CROFT_TRAIT_RAM_MIB, c->ram_mib},      {CROFT_TRAIT_DISK_GIB, c->disk_gib},
        {CROFT_TRAIT_CORES, c->cores},          {CROFT_TRAIT_DOWN_MBIT, c->down_mbit},
        {CROFT_TRAIT_UP_MBIT, c->up_mbit},
    };
    for (size_t i = 0; i < CROFT_COUNT(want); i++)
        CROFT_TRY(want_least(r, want[i].trait, want[i].least));
    return CROFT_OK;
}

croft_err croft_feed_of_class(const struct croft_class_record *c, const struct croft_words *w,
                              struct croft_requirement *out)
{
    croft_requirement_init(out, CROFT_PRICE_SECOND);
    CROFT_TRY(want_hardware(out, c));
    CROFT_TRY(want_word(out, w, CROFT_TRAIT_VENDOR, text_of(vendor_name(c->vendor))));
    CROFT_TRY(want_word(out, w, CROFT_TRAIT_MODEL, padded(c->model, sizeof c->model)));
    CROFT_TRY(want_word(out, w, CROFT_TRAIT_INTERFACE, text_of(interface_name(c->interface))));
    return want_numbers(out, c);
}

croft_err croft_feed_of_order(const struct croft_order_record *o, const struct croft_words *w, u64 now_s,
                              struct croft_requirement *out)
{
    char class[CLASS_TEXT_MAX];
    u64 ends_s = now_s + (o->firm_s > o->start_s ? o->firm_s : o->start_s);
    if (o->price_kind >= CROFT_PRICE_KIND_COUNT || o->service >= CROFT_SERVICE_COUNT || o->egress > 2)
        return CROFT_ERR_USAGE;
    croft_requirement_init(out, (enum croft_price_kind)o->price_kind);
    CROFT_TRY(want_word(out, w, CROFT_TRAIT_CLASS, class_text(o->class, class)));
    CROFT_TRY(croft_require_flags(out, CROFT_TRAIT_SERVICE, (u32)CROFT_FLAG_SPOT << o->service));
    CROFT_TRY(croft_require_flags(out, CROFT_TRAIT_EGRESS, (u32)CROFT_FLAG_PULL << o->egress));
    CROFT_TRY(want_least(out, CROFT_TRAIT_UNTIL_S, seconds_32(ends_s)));
    croft_require_price(out, o->price_max);
    return CROFT_OK;
}
