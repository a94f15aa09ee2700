#include "cli/cli.h"

#include "base/assert.h"
#include "cli/help_int.h"
#include "cli/version.h"
#include "crypto/sign.h"
#include "json/hex.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int croft_cli_exit_code(croft_err err)
{
    if (err == CROFT_OK)
        return 0;
    if (err == CROFT_ERR_USAGE)
        return 2;
    if (err == CROFT_ERR_UNAVAILABLE)
        return 3;
    if (err == CROFT_ERR_TIMEOUT)
        return 4;
    return err == CROFT_ERR_INTERRUPTED ? 130 : 1;
}

/* ---- errors ---- */

/* Text from outside (a path, a chain's message) may hold anything; a terminal gets printable text. */
static void make_printable(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

static void report_json(croft_err err, const char *what, const char *to_do)
{
    json_t *json = json_pack("{s:{s:i,s:s,s:s,s:s}}", "error", "code", (int)err, "name", croft_err_name(err),
                             "text", what, "hint", to_do);
    char *line = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    fprintf(stderr, "%s\n", line != NULL ? line : "{\"error\":{}}");
    free(line);
    json_decref(json);
}

static void report(struct croft_cli *c, croft_err err)
{
    if (c->why.text[0] == '\0')
        croft_fail(&c->why, err, "%s", croft_err_text(err));
    char *to_do = strchr(c->why.text, '\n');
    if (to_do != NULL)
        *to_do++ = '\0';
    make_printable(c->why.text);
    if (to_do != NULL)
        make_printable(to_do);
    if (c->json) {
        report_json(err, c->why.text, to_do != NULL ? to_do : "");
        return;
    }
    fprintf(stderr, "croft: %s\n", c->why.text);
    if (to_do != NULL && *to_do != '\0')
        fprintf(stderr, "  %s\n", to_do);
}

croft_err croft_cli_usage(struct croft_cli *c, const char *fmt, ...)
{
    char what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    make_printable(what);
    return croft_fail(&c->why, CROFT_ERR_USAGE, "%s\nrun: croft help%s%s", what, c->verb ? " " : "",
                      c->verb ? c->verb->name : "");
}

void croft_cli_note_done(struct croft_cli *c, const u8 id[32])
{
    croft_hex_encode((struct croft_bytes){id, 32}, c->done);
}

/* What failed came after the payment: whoever reads the exit code must not pay again. */
static void put_done_first(struct croft_cli *c, croft_err err)
{
    struct croft_why after = c->why;
    if (after.text[0] == '\0')
        croft_fail(&after, err, "%s", croft_err_text(err));
    croft_fail(&c->why, err, "the transaction %s is carried out; after it: %.*s\nsee: croft tx show %s", c->done,
               (int)strcspn(after.text, "\n"), after.text, c->done);
}

/* ---- options ---- */

static size_t find_option(const struct croft_cli *c, const char *name)
{
    size_t i = 0;
    while (i < c->option_count && strcmp(c->option[i].name, name) != 0)
        i++;
    return i;
}

static size_t option_index(const struct croft_cli *c, const char *name)
{
    size_t i = find_option(c, name);
    CROFT_ASSERT(i < c->option_count);
    return i;
}

bool croft_cli_knows(const struct croft_cli *c, const char *name)
{
    return find_option(c, name) < c->option_count;
}

const char *croft_cli_value(const struct croft_cli *c, const char *name)
{
    return c->value[option_index(c, name)];
}

bool croft_cli_has(const struct croft_cli *c, const char *name)
{
    return croft_cli_value(c, name) != NULL;
}

static croft_err parse_options(struct croft_cli *c, int argc, char **argv)
{
    struct option list[CROFT_OPTIONS_MAX + 1] = {{0}};
    c->option_count = croft_verb_options(c->verb, c->option);
    for (size_t i = 0; i < c->option_count; i++)
        list[i] =
            (struct option){c->option[i].name, c->option[i].arg ? required_argument : no_argument, NULL, 0};

    opterr = 0;
    optind = 1;
    for (;;) {
        int index = 0, got = getopt_long(argc, argv, ":h", list, &index);
        if (got == -1)
            break;
        if (got == ':')
            return croft_cli_usage(c, "%s needs a value", argv[optind - 1]);
        if (got == '?')
            return croft_cli_usage(c, "\"croft %s\" has no option %s", c->verb->name, argv[optind - 1]);
        index = got == 'h' ? (int)option_index(c, "help") : index;
        if (c->value[index] != NULL)
            return croft_cli_usage(c, "--%s is given twice", c->option[index].name);
        c->value[index] = optarg != NULL ? optarg : "";
    }
    c->arg = argv + optind;
    c->arg_count = argc - optind;
    return CROFT_OK;
}

static croft_err check_arg_count(struct croft_cli *c)
{
    if (c->arg_count < c->verb->args_min)
        return croft_cli_usage(c, "\"croft %s\" needs more: %.*s", c->verb->name,
                               (int)strcspn(c->verb->usage, "\n"), c->verb->usage);
    if (c->arg_count > c->verb->args_max)
        return croft_cli_usage(c, "\"croft %s\" does not take \"%s\"", c->verb->name,
                               c->arg[c->verb->args_max]);
    return CROFT_OK;
}

static croft_err choose_home(struct croft_cli *c)
{
    const char *given = croft_cli_value(c, "home"), *set = getenv("CROFT_HOME"), *user = getenv("HOME");
    int n;
    if (given != NULL || (set != NULL && *set != '\0'))
        n = snprintf(c->home, sizeof c->home, "%s", given != NULL ? given : set);
    else if (user != NULL && *user != '\0')
        n = snprintf(c->home, sizeof c->home, "%s/.croft", user);
    else
        return croft_cli_usage(c, "there is no home folder: set CROFT_HOME, or give --home");
    if (n <= 0 || (size_t)n >= sizeof c->home)
        return croft_cli_usage(c, "the home folder's path must have 1 to %zu characters", sizeof c->home - 1);
    return CROFT_OK;
}

/* ---- values ---- */

croft_err croft_cli_u64(struct croft_cli *c, const char *text, const char *what, u64 *out)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
        return croft_cli_usage(c, "%s must be a whole number, not \"%s\"", what, text);
    *out = value;
    return CROFT_OK;
}

croft_err croft_cli_duration(struct croft_cli *c, const char *text, const char *what, u64 *out_s)
{
    static const struct {
        const char *unit;
        u64 seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; digits > 0 && digits < 12 && i < CROFT_COUNT(units); i++) {
        if (strcmp(text + digits, units[i].unit) == 0) {
            *out_s = strtoull(text, NULL, 10) * units[i].seconds;
            return CROFT_OK;
        }
    }
    return croft_cli_usage(c, "%s must be a time like 90s, 15m, 12h or 30d, not \"%s\"", what, text);
}

/* "2027-01-31" or "2027-01-31T08:15", to the end of the text. */
static bool parse_date(const char *text, u64 *out_s)
{
    struct tm day = {0}, minute = {0};
    const char *end = strptime(text, "%Y-%m-%d", &day);
    struct tm *tm = &day;
    if (end == NULL || *end != '\0') {
        end = strptime(text, "%Y-%m-%dT%H:%M", &minute);
        tm = &minute;
    }
    if (end == NULL || *end != '\0')
        return false;
    time_t at = timegm(tm);
    *out_s = (u64)at;
    return at > 0;
}

croft_err croft_cli_until(struct croft_cli *c, const char *text, const char *what, u64 *out_s)
{
    u64 now_s = c->world->ops->wall_ms(c->world) / 1000, at_s = 0, later_s = 0;
    if (parse_date(text, &at_s)) {
        if (at_s <= now_s)
            return croft_cli_usage(c, "%s: %s has passed; times are UTC", what, text);
        *out_s = at_s;
        return CROFT_OK;
    }
    struct croft_why unused = c->why;
    if (croft_cli_duration(c, text, what, &later_s) != CROFT_OK || later_s == 0) {
        c->why = unused;
        return croft_cli_usage(c, "%s must be a time like 12h or 30d, or a day like 2027-01-31, not \"%s\"",
                               what, text);
    }
    *out_s = now_s + later_s;
    return CROFT_OK;
}

croft_err croft_cli_print_json(struct croft_cli *c, json_t *json)
{
    if (json == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the JSON form");
    int rc = json_dumpf(json, stdout, JSON_COMPACT);
    json_decref(json);
    if (rc != 0 || putchar('\n') == EOF)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
    return CROFT_OK;
}

/* ---- dispatch ---- */

static croft_err unknown_verb(struct croft_cli *c, int count, char **word)
{
    const struct croft_verb *near = croft_verb_nearest(count, word);
    if (word[0][0] == '-')
        return croft_fail(&c->why, CROFT_ERR_USAGE, "options come after the verb\nrun: croft help");
    if (near == NULL)
        near = croft_verb_ending(word[0]);
    if (near != NULL)
        return croft_fail(&c->why, CROFT_ERR_USAGE, "there is no \"croft %s\"\ndid you mean: croft %s",
                          word[0], near->name);
    return croft_fail(&c->why, CROFT_ERR_USAGE, "there is no \"croft %s\"\nrun: croft help", word[0]);
}

static croft_err unfinished_family(struct croft_cli *c, int count, char **word)
{
    const struct croft_verb *near = count > 1 ? croft_verb_nearest(count, word) : NULL;
    if (near != NULL)
        return croft_fail(&c->why, CROFT_ERR_USAGE, "there is no \"croft %s %s\"\ndid you mean: croft %s",
                          word[0], word[1], near->name);
    return croft_fail(&c->why, CROFT_ERR_USAGE, "\"croft %s\" needs one of its verbs\nrun: croft help %s",
                      word[0], word[0]);
}

static croft_err show_help(struct croft_cli *c, int count, char **word)
{
    int words;
    if (count == 0) {
        croft_help_all();
        return CROFT_OK;
    }
    const struct croft_verb *v = croft_verb_find(count, word, &words);
    if (v != NULL && (count == words || !croft_verb_is_family(word[0]))) {
        croft_help_verb(v);
        return CROFT_OK;
    }
    if (count > 1 || !croft_verb_is_family(word[0]))
        return croft_verb_is_family(word[0]) ? unfinished_family(c, count, word)
                                             : unknown_verb(c, count, word);
    croft_help_family(word[0]);
    return CROFT_OK;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static croft_err run_verb(struct croft_cli *c, int words, int argc, char **argv)
{
    CROFT_TRY(parse_options(c, argc - words, argv + words));
    c->json = croft_cli_has(c, "json");
    if (croft_cli_has(c, "help")) {
        croft_help_verb(c->verb);
        return CROFT_OK;
    }
    CROFT_TRY(check_arg_count(c));
    CROFT_TRY(choose_home(c));
    croft_err err = croft_crypto_start();
    if (err != CROFT_OK)
        return croft_fail(&c->why, err,
                          "%s\ninstall the release's own build, which has the library it was tested with",
                          croft_err_text(err));
    return c->verb->run(c);
}

static croft_err dispatch(struct croft_cli *c, int argc, char **argv)
{
    int count = argc - 1, words = 0;
    char **word = argv + 1;
    if (count == 0 || is_help(word[0]))
        return show_help(c, 0, NULL);
    if (strcmp(word[0], "help") == 0)
        return show_help(c, count - 1, word + 1);
    if (strcmp(word[0], "--version") == 0 || strcmp(word[0], "-V") == 0) {
        printf("croft %s\n", CROFT_VERSION);
        return CROFT_OK;
    }
    c->verb = croft_verb_find(count, word, &words);
    if (c->verb != NULL)
        return run_verb(c, words, argc, argv);
    if (!croft_verb_is_family(word[0]))
        return unknown_verb(c, count, word);
    return count > 1 && is_help(word[1]) ? show_help(c, 1, word) : unfinished_family(c, count, word);
}

/* Errors found before the options are read are to be JSON too. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

int croft_cli_main(struct croft_cli *c, int argc, char **argv)
{
    const char *no_color = getenv("NO_COLOR");
    c->color = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0');
    c->json = wants_json(argc, argv);
    croft_err err = dispatch(c, argc, argv);
    if (fflush(stdout) != 0 && err == CROFT_OK)
        err = croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
    if (err != CROFT_OK && c->done[0] != '\0')
        put_done_first(c, err);
    if (err != CROFT_OK)
        report(c, err);
    return err != CROFT_OK && c->done[0] != '\0' ? CROFT_EXIT_DONE : croft_cli_exit_code(err);
}
