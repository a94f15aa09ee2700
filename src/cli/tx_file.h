/* cli/tx_file.h - "tx show" of a transaction that is not sent yet. */
#ifndef CROFT_CLI_TX_FILE_H
#define CROFT_CLI_TX_FILE_H

#include "cli/cli.h"

/* Shows the file in words, or as the JSON form it has. */
CROFT_MUST_USE croft_err croft_tx_show_file(struct croft_cli *c, const char *file);

#endif
