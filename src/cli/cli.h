/* cli/cli.h - the frame of the program: a table of verbs, their options, their output and their errors.
 *
 *   main --words and options--> the verb's run --croft_err, *why--> two lines on stderr and an exit code
 *
 * A verb's file fills a croft_verb_group and names it in verbs.c; help, completion and parsing come from that
 * one table.  A verb checks its arguments first, then asks for a passphrase, then connects, then acts.
 * Text in `why` is "what happened", and after a line end "what to do".
 */
#ifndef CROFT_CLI_CLI_H
#define CROFT_CLI_CLI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "base/world.h"

#include <jansson.h>
#include <signal.h>

/* What a shell offers for a value. */
enum croft_hint { CROFT_OFFER_NOTHING, CROFT_OFFER_FILE, CROFT_OFFER_KEY, CROFT_OFFER_ASSET };

struct croft_option {
    const char *name; /* without the dashes */
    const char *arg;  /* what help calls its value; NULL: it has none */
    const char *text;
    enum croft_hint offer;
};

/* Options that many verbs share; every verb has --json, --home and --help. */
enum {
    CROFT_WITH_CHAIN = 1,  /* --chain, --timeout */
    CROFT_WITH_KEY = 2,    /* --key, --account, --passphrase-file */
    CROFT_WITH_FEE = 4,    /* --fee-max, --valid */
    CROFT_WITH_FILE = 8,   /* --out, --unsigned: a file to sign and send later (cli/draft.h) */
    CROFT_WITH_QUOTA = 16, /* --quota */
    CROFT_WITH_SEND = CROFT_WITH_CHAIN | CROFT_WITH_KEY | CROFT_WITH_FEE | CROFT_WITH_FILE,
};

enum { CROFT_ARGS_ANY = 1 << 20, CROFT_OPTIONS_MAX = 64, CROFT_HOME_MAX = 200, CROFT_PATH_TEXT_MAX = 320 };

struct croft_cli;
struct croft_unsent;

struct croft_verb {
    const char *name;     /* one word or two: "send", "key new" */
    const char *usage;    /* what follows the name: "ADDRESS AMOUNT"; further forms on lines of their own */
    const char *summary;  /* one line */
    const char *about;    /* more, or "" */
    const char *examples; /* lines, each a command */
    const struct croft_option *option;
    size_t option_count;
    u32 with; /* CROFT_WITH_... */
    int args_min, args_max;
    enum croft_hint offer; /* for arguments */
    croft_err (*run)(struct croft_cli *c);
};

struct croft_verb_group {
    const struct croft_verb *verb;
    size_t count;
};

/* One run of the program. */
struct croft_cli {
    struct croft_world *world;
    const volatile sig_atomic_t *interrupted; /* set by SIGINT and SIGTERM */
    struct croft_arena mem;                   /* for the whole run; generous, touched as used */
    char home[CROFT_HOME_MAX];                /* --home, $CROFT_HOME or ~/.croft */
    bool json;                                /* machine-readable: one JSON value a line */
    bool color;                               /* stdout is a terminal and NO_COLOR is not set */
    const struct croft_verb *verb;
    int arg_count;
    char **arg; /* without program, verb and options */
    struct croft_option option[CROFT_OPTIONS_MAX];
    const char *value[CROFT_OPTIONS_MAX]; /* NULL: not given */
    size_t option_count;
    const struct croft_unsent *draft; /* what --out or --unsigned made instead of sending; NULL: nothing */
    char done[65];                    /* hex id of the transaction that this run carried out; "" while none */
    struct croft_why why;             /* filled beside every error */
};

/* All verbs, in the order help shows them. */
extern const struct croft_verb_group *const croft_verb_groups[];
extern const size_t croft_verb_group_count;

/* Runs the program and returns its exit code (docs/cli.md). */
int croft_cli_main(struct croft_cli *c, int argc, char **argv);

/* Whether this verb has the option, given or not. */
bool croft_cli_knows(const struct croft_cli *c, const char *name);

/* The value of an option of this verb (asserted), "" for one without a value, NULL when it was not given. */
const char *croft_cli_value(const struct croft_cli *c, const char *name);
bool croft_cli_has(const struct croft_cli *c, const char *name);

/* Fills c->why with CROFT_ERR_USAGE and the verb's help as what to do. */
CROFT_PRINTF(2, 3) croft_err croft_cli_usage(struct croft_cli *c, const char *fmt, ...);

/* Notes that a transaction is carried out: an error from here on is about telling it, and ends the program with
 * CROFT_EXIT_DONE.  A reader that has gone away no longer ends the program. */
enum { CROFT_EXIT_DONE = 5 };
void croft_cli_note_done(struct croft_cli *c, const u8 id[32]);

/* Exit code of an error. */
int croft_cli_exit_code(croft_err err);

/* Prints one JSON value as one line and gives it back; NULL is memory used up. */
CROFT_MUST_USE croft_err croft_cli_print_json(struct croft_cli *c, json_t *json);

/* Arguments as numbers; each CROFT_ERR_USAGE, naming what was meant. */
CROFT_MUST_USE croft_err croft_cli_u64(struct croft_cli *c, const char *text, const char *what, u64 *out);
/* Seconds: "90", "90s", "15m", "12h", "30d". */
CROFT_MUST_USE croft_err croft_cli_duration(struct croft_cli *c, const char *text, const char *what,
                                            u64 *out_s);
/* A time to come, in seconds since 1970: a duration from now, or "2027-01-31" or "2027-01-31T08:15" in UTC.
 */
CROFT_MUST_USE croft_err croft_cli_until(struct croft_cli *c, const char *text, const char *what, u64 *out_s);

#endif
