/* Names of the small numbers in the market's records. */
#include "cli/market.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 12 };

/* Fields of these layouts; "" is any layout.  bits: name i stands for bit i, else for the number i + first.
 */
static const struct words {
    const char *layout, *field;
    bool bits;
    u32 first;
    const char *name[NAMES_MAX];
} words[] = {
    {"device", "state", false, 1, {"unlisted", "listed", "leased"}},
    {"order", "state", false, 1, {"open", "full", "bidding", "revealing", "picking", "closing"}},
    {"lease",
     "state",
     false,
     1,
     {"taken", "acked", "running", "ending", "committed", "disputed", "contested"}},
    {"bid", "state", false, 1, {"sealed", "revealed"}},
    {"order", "kind", false, 0, {"service", "gang", "batch"}},
    {"lease", "kind", false, 0, {"second", "token", "byte", "frame"}},
    {"order", "price_kind", false, 0, {"second", "token", "byte", "frame"}},
    {"", "kind", false, 0, {"gpu", "cpu", "disk", "line"}},
    {"lease", "mode", false, 0, {"metered", "prepaid", "counted"}},
    {"lease",
     "reason",
     false,
     0,
     {"none", "finished", "stopped", "unacked", "unstarted", "notice", "unanswered", "dry", "expired",
      "replaced", "timed_out", "gang"}},
    {"", "service", false, 0, {"spot", "firm", "reserved"}},
    {"", "services", true, 0, {"spot", "firm", "reserved"}},
    {"order", "egress", false, 0, {"pull", "web", "direct"}},
    {"", "egress", true, 0, {"pull", "web", "direct"}},
    {"device", "flags", true, 0, {"leaving"}},
    {"order", "flags", true, 0, {"dry", "once", "queued"}},
    {"lease", "flags", true, 0, {"keep", "gateway", "called_by_buyer", "called_by_node", "started"}},
    {"", "machine", false, 0, {"consumer", "workstation", "data_centre"}},
    {"", "vendor", false, 1, {"nvidia", "amd", "intel", "apple"}},
    {"", "interface", false, 1, {"pcie", "sxm", "integrated"}},
    {"", "hardware", true, 0, {"ecc", "redundant", "all_day"}},
    {"", "isolation", false, 0, {"container", "gvisor", "vm", "confidential"}},
    {"", "policy", false, 0, {"free", "oldest_first"}},
    {"", "rule", false, 0, {"lowest", "pick"}},
    {"", "claims", true, 0, {"identity", "country", "machine", "ecc", "isolation", "uptime", "network"}},
};

static const struct words *find(const char *layout, const char *field)
{
    for (size_t i = 0; i < CROFT_COUNT(words); i++) {
        bool fits = words[i].layout[0] == '\0' || strcmp(words[i].layout, layout) == 0;
        if (fits && strcmp(words[i].field, field) == 0)
            return &words[i];
    }
    return NULL;
}

static void add(char out[CROFT_CELL_MAX], const char *mark, const char *text)
{
    size_t len = strlen(out);
    snprintf(out + len, CROFT_CELL_MAX - len, "%s%s", len > 0 ? mark : "", text);
}

bool croft_market_word(const char *layout, const char *field, u64 value, char out[CROFT_CELL_MAX])
{
    const struct words *w = find(layout, field);
    out[0] = '\0';
    if (w == NULL)
        return false;
    for (u32 i = 0; i < NAMES_MAX && w->name[i] != NULL; i++)
        if (w->bits ? (value >> i & 1) != 0 : value == i + w->first)
            add(out, "+", w->name[i]);
    return true;
}

static bool find_name(const struct words *w, const char *name, u32 *out)
{
    for (u32 i = 0; i < NAMES_MAX && w->name[i] != NULL; i++) {
        if (strcmp(w->name[i], name) == 0) {
            *out = w->bits ? 1u << i : i + w->first;
            return true;
        }
    }
    return false;
}

croft_err croft_market_word_read(struct croft_cli *c, const char *layout, const char *field, const char *text,
                                 u32 *out)
{
    const struct words *w = find(layout, field);
    u32 value = 0, one = 0;
    bool good = w != NULL && text[0] != '\0';
    const char *at = text;
    for (char *part; good && (part = croft_market_part(c, &at, '+')) != NULL; value |= one)
        good = find_name(w, part, &one) && (w->bits || *at == '\0');
    if (good) {
        *out = value;
        return CROFT_OK;
    }
    char names[CROFT_CELL_MAX] = "";
    for (u32 i = 0; w != NULL && i < NAMES_MAX && w->name[i] != NULL; i++)
        add(names, ", ", w->name[i]);
    return croft_cli_usage(c, "%s: \"%s\" is none of %s%s", field, text, names,
                           w != NULL && w->bits ? ", or several with + between" : "");
}

/* ---- capabilities ---- */

static const struct {
    const char *name; /* as in requirements (market/require.h) */
    size_t offset;
    const char *field; /* of the words; NULL: a number */
} capability[] = {
    {"kind", offsetof(Croft__V1__Capability, kind), "kind"},
    {"vendor", offsetof(Croft__V1__Capability, vendor), "vendor"},
    {"interface", offsetof(Croft__V1__Capability, interface), "interface"},
    {"gpus", offsetof(Croft__V1__Capability, gpu_count), NULL},
    {"vram_mib", offsetof(Croft__V1__Capability, vram_mib), NULL},
    {"ram_mib", offsetof(Croft__V1__Capability, ram_mib), NULL},
    {"disk_gib", offsetof(Croft__V1__Capability, disk_gib), NULL},
    {"cores", offsetof(Croft__V1__Capability, cores), NULL},
    {"down_mbit", offsetof(Croft__V1__Capability, down_mbit), NULL},
    {"up_mbit", offsetof(Croft__V1__Capability, up_mbit), NULL},
    {"tops", offsetof(Croft__V1__Capability, tops), NULL},
    {"gbs", offsetof(Croft__V1__Capability, gbs), NULL},
    {"hardware", offsetof(Croft__V1__Capability, flags), "hardware"},
    {"isolation", offsetof(Croft__V1__Capability, isolation), "isolation"},
};

static croft_err set_capability(struct croft_cli *c, const char *name, char *value,
                                Croft__V1__Capability *out)
{
    u64 number = 0;
    if (strcmp(name, "model") == 0) {
        out->model = value;
        return CROFT_OK;
    }
    for (size_t i = 0; i < CROFT_COUNT(capability); i++) {
        if (strcmp(capability[i].name, name) != 0)
            continue;
        u32 *field = (void *)((u8 *)out + capability[i].offset);
        if (capability[i].field != NULL)
            return croft_market_word_read(c, "device", capability[i].field, value, field);
        CROFT_TRY(croft_cli_u64(c, value, name, &number));
        if (number > UINT32_MAX)
            return croft_cli_usage(c, "%s is too large", name);
        *field = (u32)number;
        return CROFT_OK;
    }
    char names[CROFT_CELL_MAX] = "model";
    for (size_t i = 0; i < CROFT_COUNT(capability); i++)
        add(names, ", ", capability[i].name);
    return croft_cli_usage(c, "\"%s\" is none of %s", name, names);
}

croft_err croft_market_capability(struct croft_cli *c, const char *text, Croft__V1__Capability *out)
{
    for (char *part; (part = croft_market_part(c, &text, ',')) != NULL;) {
        char *equals = strchr(part, '=');
        if (equals == NULL)
            return croft_cli_usage(
                c, "write NAME=VALUE with commas between, like kind=gpu,model=rtx4090; not \"%s\"", part);
        *equals = '\0';
        CROFT_TRY(set_capability(c, part, equals + 1, out));
    }
    return CROFT_OK;
}
