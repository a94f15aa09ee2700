/* cli/advise_int.h - between the files of `croft advise`. */
#ifndef CROFT_CLI_ADVISE_INT_H
#define CROFT_CLI_ADVISE_INT_H

#include "advise/advise.h"
#include "cli/cli.h"

/* Options into a request; words of it point into the options or c->mem.  CROFT_ERR_USAGE.  advise_options.c
 */
CROFT_MUST_USE croft_err croft_advise_read_options(struct croft_cli *c, struct croft_advise_request *out);
/* --date, else today (UTC).  CROFT_ERR_USAGE. */
CROFT_MUST_USE croft_err croft_advise_choose_date(struct croft_cli *c, struct croft_date *out);
/* --data and --set over the built-in data. */
CROFT_MUST_USE croft_err croft_advise_read_data(struct croft_cli *c, struct croft_date date,
                                                struct croft_advise_data *out);
/* --log; NULL without it. */
CROFT_MUST_USE croft_err croft_advise_read_log(struct croft_cli *c, const struct croft_advise_data *data,
                                               const struct croft_table **out);
/* A whole file into c->mem, at most CROFT_CSV_BYTES_MAX.  CROFT_ERR_IO, CROFT_ERR_NOMEM. */
CROFT_MUST_USE croft_err croft_advise_read_file(struct croft_cli *c, const char *path,
                                                struct croft_bytes *out);

/* What this machine has, into the parts of the request that no option filled.  CROFT_ERR_NOT_FOUND: no card,
 * or one that the data does not know; *why says what to type.  advise_machine.c */
CROFT_MUST_USE croft_err croft_advise_read_machine(struct croft_cli *c, const struct croft_advise_data *data,
                                                   struct croft_advise_request *request);

/* The report as JSON text of one line, NULL when memory is used up; the caller frees it.  advise_json.c */
char *croft_advise_json_text(const struct croft_advise_report *report);

/* The report as tables and sentences of at most 80 columns.  advise_print.c */
CROFT_MUST_USE croft_err croft_advise_print(struct croft_cli *c, const struct croft_advise_report *report);

/* Words in lines of 80 columns; the first begins with lead, the others with next_lead. */
void croft_advise_print_wrapped(const char *lead, const char *next_lead, const char *text);

/* The page with this JSON in it, written to a new file that then replaces path.  advise_html.c */
CROFT_MUST_USE croft_err croft_advise_write_page(struct croft_cli *c, const char *path, const char *json);

/* `croft advise data`.  advise_data.c */
CROFT_MUST_USE croft_err croft_advise_run_data(struct croft_cli *c);

#endif
