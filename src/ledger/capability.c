#include "ledger/market_int.h"

#include "base/assert.h"

/* What a device has and what a class asks for are fields of the same names, checked by croft_tx_decode. */
#define SET_CAPABILITY(r, from)                     \
    do {                                            \
        (r)->kind = (u8)(from)->kind;               \
        (r)->vendor = (u8)(from)->vendor;           \
        (r)->interface = (u8)(from)->interface;     \
        (r)->gpu_count = (u8)(from)->gpu_count;     \
        (r)->hardware = (u8)(from)->flags;          \
        (r)->isolation = (u8)(from)->isolation;     \
        (r)->cores = (u16)(from)->cores;            \
        (r)->vram_mib = (from)->vram_mib;           \
        (r)->ram_mib = (from)->ram_mib;             \
        (r)->disk_gib = (from)->disk_gib;           \
        (r)->down_mbit = (from)->down_mbit;         \
        (r)->up_mbit = (from)->up_mbit;             \
        (r)->tops = (from)->tops;                   \
        (r)->gbs = (from)->gbs;                     \
        croft_text_set((r)->model, (from)->model);  \
    } while (0)

void croft_text_set(u8 to[24], const char *text)
{
    size_t len = strlen(text);
    CROFT_ASSERT(len <= 24);
    memset(to, 0, 24);
    memcpy(to, text, len);
}

/* Records that differ only in what was set: whether it changed anything. */
static bool encodes_same(const struct croft_layout *layout, const void *a, const void *b)
{
    u8 first[CROFT_RECORD_VALUE_MAX], second[CROFT_RECORD_VALUE_MAX];
    size_t len = croft_layout_encode(layout, a, first, sizeof first);
    size_t other_len = croft_layout_encode(layout, b, second, sizeof second);
    CROFT_ASSERT(len == other_len); /* neither has a tail */
    return memcmp(first, second, len) == 0;
}

void croft_device_describe(struct croft_device_record *d, const Croft__V1__Capability *capability)
{
    struct croft_device_record before = *d;
    CROFT_ASSERT(capability->kind <= CROFT_DEVICE_LINE && capability->cores <= UINT16_MAX); /* croft_tx_decode */
    SET_CAPABILITY(d, capability);
    if (encodes_same(&croft_device_layout, &before, d))
        return;
    d->proved_vram_mib = d->proved_tops = d->proved_gbs = d->uptime_ppm = 0;
    d->proved_s = 0;
}

bool croft_class_require(struct croft_class_record *k, const Croft__V1__Capability *requirement, u32 machine)
{
    struct croft_class_record before = *k;
    CROFT_ASSERT(requirement->kind <= CROFT_DEVICE_LINE && machine <= CROFT_MACHINE_DATA_CENTRE);
    SET_CAPABILITY(k, requirement);
    k->machine = (u8)machine;
    return !encodes_same(&croft_class_layout, &before, k);
}

/* ---- fit ---- */

static bool is_asked(u32 asked, u32 has)
{
    return asked == 0 || asked == has;
}

/* What was measured counts; what nobody measured counts as the node says. */
static u32 believed(u32 proved, u32 declared)
{
    return proved != 0 ? proved : declared;
}

static bool is_that_make(const struct croft_class_record *k, const struct croft_device_record *d)
{
    bool any = k->model[0] == 0;
    return is_asked(k->kind, d->kind) && is_asked(k->vendor, d->vendor) && is_asked(k->interface, d->interface) &&
           (any || memcmp(k->model, d->model, sizeof k->model) == 0) && (k->hardware & ~d->hardware) == 0;
}

static bool is_fast_enough(const struct croft_class_record *k, const struct croft_device_record *d)
{
    return believed(d->proved_vram_mib, d->vram_mib) >= k->vram_mib && believed(d->proved_tops, d->tops) >= k->tops &&
           believed(d->proved_gbs, d->gbs) >= k->gbs;
}

static bool is_large_enough(const struct croft_class_record *k, const struct croft_device_record *d)
{
    return d->gpu_count >= k->gpu_count && d->isolation >= k->isolation && d->cores >= k->cores &&
           d->ram_mib >= k->ram_mib && d->disk_gib >= k->disk_gib && d->down_mbit >= k->down_mbit &&
           d->up_mbit >= k->up_mbit;
}

bool croft_class_fits(const struct croft_class_record *k, const struct croft_device_record *d, u32 machine)
{
    return machine >= k->machine && is_that_make(k, d) && is_fast_enough(k, d) && is_large_enough(k, d);
}
