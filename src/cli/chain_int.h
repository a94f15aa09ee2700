/* cli/chain_int.h - what the verbs about a chain's folder share. */
#ifndef CROFT_CLI_CHAIN_INT_H
#define CROFT_CLI_CHAIN_INT_H

#include "chain/client.h"
#include "cli/cli.h"
#include "consensus/home.h"

enum { CROFT_CHAIN_PATH_MAX = CROFT_HOME_MAX + 8 };

/* HOME/chain. */
void croft_chain_folder(const struct croft_cli *c, char out[CROFT_CHAIN_PATH_MAX]);

/* A connection to the chain that runs in HOME/chain. */
CROFT_MUST_USE croft_err croft_chain_connect(struct croft_cli *c, struct croft_client *out);

/* A line about progress on a terminal, else nothing: "[####....] 52%  block 5200 of 10000".  Erased by end.
 */
struct croft_progress {
    struct croft_cli *c;
    const char *what;
    u64 first, shown_ms;
    bool shown;
};
struct croft_progress croft_progress_of(struct croft_cli *c, const char *what);
void croft_progress_show(void *progress, u64 height, u64 last); /* suits croft_verify_options and the like */
void croft_progress_end(struct croft_progress *p);

croft_err croft_chain_init(struct croft_cli *c);
croft_err croft_chain_verify(struct croft_cli *c);
croft_err croft_chain_snapshot(struct croft_cli *c);
croft_err croft_chain_export(struct croft_cli *c);

#endif
