#include "market/require.h"

#include "base/assert.h"

#include <string.h>

static const char *const flag_name[CROFT_FLAG_COUNT] = {
    "gpu",  "cpu", "disk",   "line", "spot",      "firm",    "reserved",
    "pull", "web", "direct", "ecc",  "redundant", "all_day",
};
static const char *const price_name[CROFT_PRICE_KIND_COUNT] = {
    [CROFT_PRICE_SECOND] = "price/second",
    [CROFT_PRICE_TOKEN] = "price/token",
    [CROFT_PRICE_BYTE] = "price/byte",
    [CROFT_PRICE_FRAME] = "price/frame",
};

/* One condition being read. */
struct reader {
    struct croft_bytes text; /* the whole */
    const struct croft_words *words;
    struct croft_requirement *out;
    struct croft_why *why;
    struct croft_bytes condition, name, value;
    u32 number;
    bool priced;
};

static bool is(struct croft_bytes text, const char *name)
{
    return text.len == strlen(name) && memcmp(text.at, name, text.len) == 0;
}

#define SHOWN(b) (int)((b).len < 80 ? (b).len : 80), (const char *)(b).at

static croft_err refuse(struct reader *r, croft_err err, const char *reason)
{
    return croft_fail(r->why, err, "condition %u, \"%.*s\": %s", r->number, SHOWN(r->condition), reason);
}

static croft_err read_number(struct reader *r, enum croft_trait field)
{
    u64 least, most;
    if (croft_decimal(r->value, &least))
        most = least;
    else if (!croft_decimal_range(r->value, &least, &most))
        return refuse(r, CROFT_ERR_DECODE, "write a number like 4, or a range like 4..8, 4.. or ..8");
    return croft_require_number(r->out, field, least, most);
}

static u32 flag_of(struct croft_bytes name, u32 allowed)
{
    for (u32 i = 0; i < CROFT_FLAG_COUNT; i++)
        if ((allowed >> i & 1) != 0 && is(name, flag_name[i]))
            return 1u << i;
    return 0;
}

static croft_err refuse_flag(struct reader *r, u32 allowed)
{
    char names[64] = "write any of these, with + between:";
    for (u32 i = 0; i < CROFT_FLAG_COUNT; i++)
        if ((allowed >> i & 1) != 0) {
            strncat(names, " ", sizeof names - strlen(names) - 1);
            strncat(names, flag_name[i], sizeof names - strlen(names) - 1);
        }
    CROFT_ASSERT(strlen(names) + 1 < sizeof names); /* none is cut off */
    return refuse(r, CROFT_ERR_DECODE, names);
}

static croft_err read_flags(struct reader *r, enum croft_trait field)
{
    u32 allowed = croft_field_shape(field)->flags, flags = 0;
    for (size_t at = 0; at <= r->value.len;) {
        const u8 *plus = at == r->value.len ? NULL : memchr(r->value.at + at, '+', r->value.len - at);
        size_t end = plus == NULL ? r->value.len : (size_t)(plus - r->value.at);
        u32 flag = flag_of((struct croft_bytes){r->value.at + at, end - at}, allowed);
        if (flag == 0)
            return refuse_flag(r, allowed);
        flags |= flag;
        at = end + 1;
    }
    return croft_require_flags(r->out, field, flags);
}

static croft_err read_words(struct reader *r, enum croft_trait field)
{
    croft_err err = croft_require_words(r->out, r->words, field, r->value);
    if (err == CROFT_ERR_USAGE)
        return refuse(r, CROFT_ERR_DECODE,
                      "an empty or too long pattern; write one like rtx4090 or rtx40*|rtx50*");
    return err;
}

/* The price test is there from the beginning, and stays the last. */
static croft_err read_price(struct reader *r, enum croft_price_kind kind)
{
    u64 least, most;
    struct croft_test *price = &r->out->test[r->out->count - 1];
    if (r->priced)
        return CROFT_ERR_EXISTS;
    if (!croft_decimal_range(r->value, &least, &most) || least != 0)
        return refuse(r, CROFT_ERR_DECODE, "write the most that is paid, in units: ..350000000");
    r->priced = true;
    r->out->price_kind = kind;
    croft_require_price(r->out, most);
    price->text_at = (u16)(r->condition.at - r->text.at);
    price->text_len = (u16)r->condition.len;
    return CROFT_OK;
}

/* The test just added: the last of its field, which is where a test of one field goes. */
static void remember_text(struct reader *r, enum croft_trait field)
{
    u32 at = r->out->count - 1;
    while (r->out->test[at].field != field) {
        CROFT_ASSERT(at > 0);
        at--;
    }
    r->out->test[at].text_at = (u16)(r->condition.at - r->text.at);
    r->out->test[at].text_len = (u16)r->condition.len;
}

static croft_err read_field(struct reader *r, enum croft_trait field)
{
    switch ((enum croft_trait_form)croft_field_shape(field)->form) {
    case CROFT_FORM_FLAGS:
        CROFT_TRY(read_flags(r, field));
        break;
    case CROFT_FORM_NUMBER:
        CROFT_TRY(read_number(r, field));
        break;
    case CROFT_FORM_WORD:
    case CROFT_FORM_SET:
        CROFT_TRY(read_words(r, field));
        break;
    case CROFT_FORM_PRICE:
        CROFT_UNREACHABLE("prices are read by their own names");
    }
    remember_text(r, field);
    return CROFT_OK;
}

static croft_err read_named(struct reader *r)
{
    for (u32 kind = 0; kind < CROFT_PRICE_KIND_COUNT; kind++)
        if (is(r->name, price_name[kind]))
            return read_price(r, (enum croft_price_kind)kind);
    for (u32 field = 0; field < CROFT_TRAIT_PRICE; field++)
        if (is(r->name, croft_field_shape((enum croft_trait)field)->name))
            return read_field(r, (enum croft_trait)field);
    return refuse(
        r, CROFT_ERR_DECODE,
        "no such name; there are kind class vendor model interface gpus machine service egress hardware "
        "isolation vram_mib tops gbs ram_mib disk_gib cores down_mbit up_mbit uptime_ppm country auditor "
        "attribute until_s price/second price/token price/byte price/frame");
}

static croft_err read_condition(struct reader *r)
{
    const u8 *equals = memchr(r->condition.at, '=', r->condition.len);
    r->number++;
    if (equals == NULL)
        return refuse(r, CROFT_ERR_DECODE, "write NAME=VALUE, like model=rtx4090");
    r->name = (struct croft_bytes){r->condition.at, (size_t)(equals - r->condition.at)};
    r->value = (struct croft_bytes){equals + 1, r->condition.len - r->name.len - 1};
    croft_err err = read_named(r);
    if (err == CROFT_ERR_EXISTS)
        return refuse(r, err, "stands there twice");
    if (err == CROFT_ERR_OVERFLOW)
        return refuse(r, err,
                      "too many conditions, or a pattern that matches too many names; write a narrower one");
    return err;
}

static size_t condition_end(struct croft_bytes text, size_t at)
{
    while (at < text.len && text.at[at] != '\n' && text.at[at] != ';')
        at++;
    return at;
}

croft_err croft_requirement_parse(struct croft_bytes text, const struct croft_words *w,
                                  struct croft_requirement *out, struct croft_why *why)
{
    struct reader r = {.text = text, .words = w, .out = out, .why = why};
    if (text.len > CROFT_REQUIREMENT_TEXT_MAX)
        return croft_fail(why, CROFT_ERR_DECODE, "a requirement has at most %d bytes",
                          CROFT_REQUIREMENT_TEXT_MAX);
    croft_requirement_init(out, CROFT_PRICE_SECOND);
    for (size_t at = 0; at < text.len;) {
        size_t end = condition_end(text, at);
        r.condition = (struct croft_bytes){text.at + at, end - at};
        if (end > at)
            CROFT_TRY(read_condition(&r));
        at = end + 1;
    }
    return CROFT_OK;
}

struct croft_bytes croft_requirement_condition(const struct croft_requirement *r, u32 place,
                                               struct croft_bytes text)
{
    CROFT_ASSERT(place < r->count);
    const struct croft_test *t = &r->test[place];
    CROFT_ASSERT((size_t)t->text_at + t->text_len <= text.len);
    if (t->text_len == 0)
        return (struct croft_bytes){NULL, 0};
    return (struct croft_bytes){text.at + t->text_at, t->text_len};
}

size_t croft_requirement_canonical(const struct croft_requirement *r, struct croft_bytes text, u8 *out)
{
    size_t len = 0;
    for (u32 i = 0; i < r->count; i++) {
        struct croft_bytes c = croft_requirement_condition(r, i, text);
        if (c.len == 0)
            continue;
        memcpy(out + len, c.at, c.len);
        len += c.len;
        out[len++] = '\n';
    }
    CROFT_ASSERT(len <= text.len + 1);
    return len;
}
