/* Options of `croft advise` into a request, and files into data. */
#include "cli/advise_int.h"

#include "advise/builtin.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- numbers ---- */

/* "0.6" or "60%"; *end is set to what follows. */
static bool read_number(const char *text, double *out, const char **end)
{
    char *rest;
    if (strspn(text, "0123456789.-+") == 0)
        return false;
    *out = strtod(text, &rest);
    if (rest == text || !isfinite(*out))
        return false;
    if (*rest == '%') {
        *out /= 100;
        rest++;
    }
    *end = rest;
    return true;
}

static croft_err number(struct croft_cli *c, const char *name, double *out)
{
    const char *text = croft_cli_value(c, name), *end;
    if (text != NULL && (!read_number(text, out, &end) || *end != '\0'))
        return croft_cli_usage(c, "--%s must be a number, not \"%s\"", name, text);
    return CROFT_OK;
}

static croft_err whole(struct croft_cli *c, const char *name, u64 most, u64 *out)
{
    const char *text = croft_cli_value(c, name);
    if (text == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_cli_u64(c, text, name, out));
    return *out <= most ? CROFT_OK : croft_cli_usage(c, "--%s: at most %llu", name, (unsigned long long)most);
}

/* "A", or "A<mark>B". */
static croft_err pair(struct croft_cli *c, const char *name, char mark, bool both, double *first,
                      double *second)
{
    const char *text = croft_cli_value(c, name), *end;
    if (text == NULL)
        return CROFT_OK;
    if (!read_number(text, first, &end) || (both && *end != mark))
        return croft_cli_usage(c, "--%s must be two numbers with a %c between, not \"%s\"", name, mark, text);
    if (*end == mark && (!read_number(end + 1, second, &end) || *end != '\0'))
        return croft_cli_usage(c, "--%s: \"%s\" does not end in a number", name, text);
    return *end == '\0' ? CROFT_OK : croft_cli_usage(c, "--%s: \"%s\" is not a number", name, text);
}

/* ---- lists ---- */

/* The next part of "a,b,c" as text of its own; NULL at the end. */
static char *next_part(struct croft_cli *c, const char **at)
{
    size_t len = strcspn(*at, ",");
    if (**at == '\0')
        return NULL;
    char *part = croft_new(&c->mem, char, len + 1);
    if (part == NULL)
        return NULL;
    memcpy(part, *at, len);
    *at += len + ((*at)[len] == ',');
    return part;
}

/* "NAME=VALUE" cut in two at the =; the name is "" when there is none. */
static croft_err name_and_value(struct croft_cli *c, const char *option, char *part, const char **name,
                                double *value)
{
    char *equals = strchr(part, '=');
    const char *text = equals != NULL ? equals + 1 : part, *end;
    if (!read_number(text, value, &end) || *end != '\0')
        return croft_cli_usage(c, "--%s: \"%s\" is not a number, or NAME=NUMBER with commas between", option,
                               part);
    if (equals != NULL)
        *equals = '\0';
    *name = equals != NULL ? part : "";
    return CROFT_OK;
}

static croft_err own_values(struct croft_cli *c, const char *option, struct croft_own_values *out)
{
    const char *at = croft_cli_value(c, option);
    for (char *part; at != NULL && (part = next_part(c, &at)) != NULL;) {
        struct croft_own_value *v = &out->of[out->count];
        if (out->count == CROFT_OWN_VALUES_MAX)
            return croft_cli_usage(c, "--%s: at most %d values", option, CROFT_OWN_VALUES_MAX);
        CROFT_TRY(name_and_value(c, option, part, &v->network, &v->value));
        out->count++;
    }
    return CROFT_OK;
}

static croft_err only_networks(struct croft_cli *c, struct croft_advise_request *q)
{
    const char *at = croft_cli_value(c, "network");
    for (char *part; at != NULL && (part = next_part(c, &at)) != NULL;) {
        if (q->only_count == CROFT_OWN_VALUES_MAX)
            return croft_cli_usage(c, "--network: at most %d names", CROFT_OWN_VALUES_MAX);
        q->only[q->only_count++] = part;
    }
    return CROFT_OK;
}

/* ---- the request ---- */

croft_err croft_advise_choose_date(struct croft_cli *c, struct croft_date *out)
{
    const char *text = croft_cli_value(c, "date");
    u64 now_s = c->world->ops->wall_ms(c->world) / 1000;
    *out = croft_date_of_days((i64)(now_s / 86400));
    if (text != NULL && (!croft_date_parse(text, out) || out->day == 0))
        return croft_cli_usage(c, "--date must be YYYY-MM-DD, not \"%s\"", text);
    return CROFT_OK;
}

static croft_err numbers(struct croft_cli *c, struct croft_advise_request *q)
{
    u64 count = q->count, paths = q->paths, months = q->months;
    CROFT_TRY(whole(c, "count", UINT32_MAX, &count));
    CROFT_TRY(whole(c, "paths", UINT32_MAX, &paths));
    CROFT_TRY(whole(c, "months", UINT32_MAX, &months));
    CROFT_TRY(whole(c, "seed", UINT64_MAX, &q->seed));
    q->count = (u32)count;
    q->paths = (u32)paths;
    q->months = (u32)months;
    CROFT_TRY(number(c, "price", &q->price));
    CROFT_TRY(number(c, "resale", &q->resale));
    CROFT_TRY(number(c, "watts", &q->watts));
    CROFT_TRY(number(c, "idle-watts", &q->watts_idle));
    CROFT_TRY(number(c, "availability", &q->availability));
    CROFT_TRY(number(c, "tariff", &q->tariff));
    CROFT_TRY(number(c, "tax", &q->tax_rate));
    CROFT_TRY(number(c, "ram", &q->ram_gb));
    CROFT_TRY(number(c, "disk", &q->disk_gb));
    CROFT_TRY(number(c, "croft-rate", &q->croft_rate));
    CROFT_TRY(pair(c, "night", ':', true, &q->night, &q->night_hours));
    CROFT_TRY(pair(c, "solar", ':', false, &q->solar_share, &q->solar_value));
    return pair(c, "mbps", '/', true, &q->mbps_down, &q->mbps_up);
}

croft_err croft_advise_read_options(struct croft_cli *c, struct croft_advise_request *out)
{
    *out = croft_advise_request_empty();
    CROFT_TRY(croft_advise_choose_date(c, &out->date));
    CROFT_TRY(numbers(c, out));
    CROFT_TRY(own_values(c, "rate", &out->rate));
    CROFT_TRY(own_values(c, "fee", &out->fee));
    CROFT_TRY(own_values(c, "utilisation", &out->utilisation));
    CROFT_TRY(only_networks(c, out));
    out->place = croft_cli_value(c, "country");
    out->os = croft_cli_value(c, "os");
    if (out->os != NULL && strcmp(out->os, "linux") != 0 && strcmp(out->os, "windows") != 0)
        return croft_cli_usage(c, "--os must be linux or windows, not \"%s\"", out->os);
    if (croft_known(out->tariff) && out->place != NULL)
        return croft_cli_usage(c, "--tariff and --country exclude each other");
    return CROFT_OK;
}

/* ---- files ---- */

static void close_file(FILE **f)
{
    if (*f != NULL)
        fclose(*f);
}

croft_err croft_advise_read_file(struct croft_cli *c, const char *path, struct croft_bytes *out)
{
    struct stat info;
    FILE *f CROFT_CLEANUP(close_file) = fopen(path, "re");
    if (f == NULL || fstat(fileno(f), &info) != 0)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %.300s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return croft_fail(&c->why, CROFT_ERR_IO, "%.300s is a folder; name a file", path);
    u8 *text = croft_arena_take_raw(&c->mem, CROFT_CSV_BYTES_MAX + 1, 1, 1);
    if (text == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for %.300s", path);
    size_t len = fread(text, 1, CROFT_CSV_BYTES_MAX + 1, f);
    if (ferror(f))
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %.300s: %s", path, strerror(errno));
    *out = (struct croft_bytes){text, len};
    return CROFT_OK;
}

static croft_err overlay_files(struct croft_cli *c, struct croft_advise_data *data)
{
    const char *at = croft_cli_value(c, "data");
    for (const char *path; at != NULL && (path = next_part(c, &at)) != NULL;) {
        enum croft_advise_table table;
        struct croft_bytes text;
        struct croft_why why;
        CROFT_TRY(croft_advise_read_file(c, path, &text));
        croft_err err = croft_advise_data_overlay(data, text, &c->mem, &table, &why);
        if (err != CROFT_OK)
            return croft_fail(&c->why, err, "%.200s: %s", path, why.text);
    }
    return CROFT_OK;
}

static croft_err set_assumptions(struct croft_cli *c, struct croft_date date, struct croft_advise_data *data)
{
    const char *at = croft_cli_value(c, "set");
    for (char *part; at != NULL && (part = next_part(c, &at)) != NULL;) {
        struct croft_why why;
        const char *name = "";
        double value = 0;
        CROFT_TRY(name_and_value(c, "set", part, &name, &value));
        if (name[0] == '\0')
            return croft_cli_usage(c, "--set: NAME=VALUE is needed, not \"%s\"", part);
        croft_err err =
            croft_advise_data_set(data, name, value, "given on the command line", date, &c->mem, &why);
        if (err != CROFT_OK)
            return croft_fail(&c->why, CROFT_ERR_USAGE, "--set: %s%s", why.text,
                              strchr(why.text, '\n') != NULL ? "" : "\nsee: croft advise data assumptions");
    }
    return CROFT_OK;
}

croft_err croft_advise_read_data(struct croft_cli *c, struct croft_date date, struct croft_advise_data *out)
{
    CROFT_TRY(
        croft_advise_data_load(croft_advise_builtin, croft_advise_builtin_count, &c->mem, out, &c->why));
    CROFT_TRY(overlay_files(c, out));
    return set_assumptions(c, date, out);
}

croft_err croft_advise_read_log(struct croft_cli *c, const struct croft_advise_data *data,
                                const struct croft_table **out)
{
    const char *path = croft_cli_value(c, "log");
    struct croft_bytes text;
    struct croft_csv csv;
    struct croft_why why;
    *out = NULL;
    if (path == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_advise_read_file(c, path, &text));
    struct croft_table *log = croft_new(&c->mem, struct croft_table, 1);
    if (log == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the log");
    croft_err err = croft_csv_parse(text, &c->mem, &csv, &why);
    if (err == CROFT_OK)
        err = croft_table_read(&croft_advise_earnings_schema, &csv, &c->mem, log, &why);
    if (err == CROFT_OK)
        err = croft_advise_check_earnings(data, log, &why);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "%.200s: %s", path, why.text);
    *out = log;
    return CROFT_OK;
}
