#include "cli/groups.h"

#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/table.h"
#include "crypto/hash.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>

enum { NUMBER_MAX = 24 };

static croft_err print_status(struct croft_cli *c, const Croft__V1__StatusResult *s)
{
    char height[NUMBER_MAX], time[CROFT_TIME_TEXT_MAX], txs[NUMBER_MAX], waiting[NUMBER_MAX];
    char fee[CROFT_AMT_TEXT_MAX], follower[NUMBER_MAX], log[NUMBER_MAX], checkpoint[NUMBER_MAX],
        protocol[NUMBER_MAX];
    char id[65] = "?", app_hash[65] = "?";
    snprintf(height, sizeof height, "%" PRIu64, s->height);
    snprintf(txs, sizeof txs, "%" PRIu64, s->txs_total);
    snprintf(waiting, sizeof waiting, "%u", s->txs_waiting);
    snprintf(follower, sizeof follower, "%" PRIu64, s->follower_height);
    snprintf(log, sizeof log, "%" PRIu64 " bytes", s->log_bytes);
    snprintf(checkpoint, sizeof checkpoint, "%" PRIu64, s->checkpoint_height);
    snprintf(protocol, sizeof protocol, "%u", s->protocol);
    croft_time_text(s->time_ms / 1000, time);
    croft_amt_format(croft_amt_of(s->base_fee), fee);
    if (s->network_id.len == 32)
        croft_hex_encode((struct croft_bytes){s->network_id.data, 32}, id);
    if (s->app_hash.len == 32)
        croft_hex_encode((struct croft_bytes){s->app_hash.data, 32}, app_hash);
    const char *const pair[][2] = {
        {"network", s->network_name},
        {"network id", id},
        {"role", s->role},
        {"software", s->software},
        {"protocol", protocol},
        {"height", height},
        {"block time", s->height > 0 ? time : NULL},
        {"app hash", app_hash},
        {"transactions", txs},
        {"waiting", waiting},
        {"base fee", fee},
        {"checkpoint at", checkpoint},
        {"follower at", s->follower_height > 0 ? follower : "none"},
        {"block log", log},
    };
    CROFT_TRY(croft_listing_print_pairs(c, pair, CROFT_COUNT(pair)));
    for (size_t i = 0; i < s->n_warnings; i++)
        printf("warning: %s\n", s->warnings[i]);
    return CROFT_OK;
}

static croft_err print_tables(struct croft_cli *c, const Croft__V1__StatusResult *s)
{
    static const struct croft_column column[] = {{"TABLE", false}, {"RECORDS", true}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    if (l == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    for (size_t i = 0; i < s->n_tables; i++) {
        char records[NUMBER_MAX];
        snprintf(records, sizeof records, "%" PRIu64, s->tables[i]->records);
        const char *const row[] = {s->tables[i]->name, records};
        croft_listing_row(l, row);
    }
    if (s->n_tables > 0)
        putchar('\n');
    return croft_listing_print(c, l);
}

static croft_err run_status(struct croft_cli *c)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client_options options;
    const Croft__V1__StatusResult *status;
    CROFT_TRY(croft_connect_options(c, &options));
    /* To look at a chain is not to belong to it. */
    const struct croft_hash own = options.network;
    options.network = (struct croft_hash){{0}};
    CROFT_TRY(croft_client_open(&options, &client, &c->why));
    if (!croft_hash_is_zero(&own) && !croft_hash_equal(&own, &client.network))
        fprintf(stderr, "note: this is network \"%s\", and this wallet belongs to \"%s\"\n", client.network_name,
                options.network_name != NULL ? options.network_name : "?");
    CROFT_TRY(croft_status_read(&client, &c->mem, &status, &c->why));
    if (c->json)
        return croft_cli_print_json(c, croft_json_of_message(&status->base));
    CROFT_TRY(print_status(c, status));
    return print_tables(c, status);
}

static const struct croft_verb verb[] = {
    {
        .name = "chain status",
        .usage = "",
        .summary = "ask a running chain how it is",
        .about = "Exit code 3 when no chain answers.",
        .examples = "croft chain status\ncroft chain status --chain 10.0.0.5:7400 --json",
        .with = CROFT_WITH_CHAIN,
        .run = run_status,
    },
};

const struct croft_verb_group croft_status_verbs = {verb, CROFT_COUNT(verb)};
