/* cli/advise_chain.h - what cards bring on this Croft network, read from its chain.
 *
 * As rows for the data of croft advise (text: tables and records have tags of the same name, so the two never
 * meet in one file). */
#ifndef CROFT_CLI_ADVISE_CHAIN_H
#define CROFT_CLI_ADVISE_CHAIN_H

#include "cli/cli.h"

/* CSV of table rates and of table utilisation in c->mem, each NULL when the chain has nothing on this card.
 * Without --chain a chain that cannot be reached is none, and both are NULL; with it that is an error. */
struct croft_advise_chain {
    const char *rates, *utilisation;
};
CROFT_MUST_USE croft_err croft_advise_read_chain(struct croft_cli *c, const char *card_id,
                                                 struct croft_advise_chain *out);

#endif
