/* cli/pending.h - payments in two halves: held first, posted or voided later. */
#ifndef CROFT_CLI_PENDING_H
#define CROFT_CLI_PENDING_H

#include "cli/cli.h"
#include "wire/tx.h"

/* Holds what the leg says for its payee, as --until and --arbiter say, and prints the result. */
CROFT_MUST_USE croft_err croft_pending_open(struct croft_cli *c, const Croft__V1__Leg *leg);

#endif
