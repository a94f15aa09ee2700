/* cli/govern.h - open proposals and who has voted on them. */
#ifndef CROFT_CLI_GOVERN_H
#define CROFT_CLI_GOVERN_H

#include "chain/client.h"
#include "cli/cli.h"

/* Reads the open proposals: *out_table (for croft_listing_drop) for people, *out_json an array with for each
 * what its record has, and in words `change`, `yes_power`, `no_power`, `total_power` and `votes`.  only: this
 * one; 0: all. */
struct croft_listing;
CROFT_MUST_USE croft_err croft_proposals_read(struct croft_cli *c, struct croft_client *client, u64 only,
                                              struct croft_listing **out_table, json_t **out_json);

#endif
