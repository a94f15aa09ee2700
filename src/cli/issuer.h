/* cli/issuer.h - which issuer a verb means. */
#ifndef CROFT_CLI_ISSUER_H
#define CROFT_CLI_ISSUER_H

#include "cli/cli.h"

/* --issuer, or the only issuer of the asset; CROFT_ERR_USAGE when there are several. */
CROFT_MUST_USE croft_err croft_issuer_choose(struct croft_cli *c, u32 asset, struct croft_address *out);

#endif
