#include "cli/groups.h"

#include "base/assert.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/table.h"
#include "wire/param.h"
#include "json/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_MAX = 24, NAME_MAX_BYTES = 40, EXPIRES_S = 7 * 86400 };

static void lower(const char *name, char out[NAME_MAX_BYTES])
{
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < NAME_MAX_BYTES; i++)
        out[i] = (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
}

/* ---- show ---- */

static void param_row(struct croft_listing *l, const struct croft_param_info *info, u64 value)
{
    char name[NAME_MAX_BYTES], now[NUMBER_MAX], initial[NUMBER_MAX], range[2 * NUMBER_MAX + 4];
    lower(info->name, name);
    snprintf(now, sizeof now, "%" PRIu64, value);
    snprintf(initial, sizeof initial, "%" PRIu64, info->initial);
    snprintf(range, sizeof range, "%" PRIu64 " to %" PRIu64, info->low, info->high);
    const char *const row[] = {name, now, initial, range, info->unit, info->text};
    croft_listing_row(l, row);
}

static croft_err print_params(struct croft_cli *c, const struct croft_params *params)
{
    static const struct croft_column column[] = {{"PARAMETER", false}, {"VALUE", true},
                                                 {"DEFAULT", true},    {"RANGE", false},
                                                 {"UNIT", false},      {"WHAT IT IS", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    if (l == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    for (size_t i = 0; i < croft_param_count(); i++)
        param_row(l, croft_param_at(i), params->value[croft_param_at(i)->number]);
    return croft_listing_print(c, l);
}

static const char *const change_name[] = {
    [CROFT_CHANGE_PARAM] = "param",         [CROFT_CHANGE_PROTOCOL] = "protocol",
    [CROFT_CHANGE_VALIDATOR] = "validator", [CROFT_CHANGE_ISSUER] = "issuer",
    [CROFT_CHANGE_QUOTA] = "quota",
};

struct proposals {
    struct croft_cli *c;
    struct croft_listing *table;
    json_t *all;
};

static u64 id_of_key(struct croft_bytes key)
{
    u64 id = 0;
    for (size_t i = 0; i < key.len; i++)
        id = id << 8 | key.at[i];
    return id;
}

static croft_err take_proposal(void *context, struct croft_bytes key, const void *record)
{
    struct proposals *p = context;
    const struct croft_proposal_record *proposal = record;
    char id[NUMBER_MAX], value[NUMBER_MAX], expires[CROFT_TIME_TEXT_MAX], what[NAME_MAX_BYTES];
    const struct croft_param_info *info =
        proposal->kind == CROFT_CHANGE_PARAM ? croft_param_by_number(proposal->number) : NULL;
    snprintf(id, sizeof id, "%" PRIu64, id_of_key(key));
    snprintf(value, sizeof value, "%" PRIu64, proposal->value);
    snprintf(what, sizeof what, "%u", proposal->number);
    if (info != NULL)
        lower(info->name, what);
    croft_time_text(proposal->expires_s, expires);
    const char *kind = proposal->kind < CROFT_COUNT(change_name) ? change_name[proposal->kind] : NULL;
    const char *const row[] = {id, kind != NULL ? kind : "?", what, value, expires};
    croft_listing_row(p->table, row);

    json_t *json = croft_json_of_layout(&croft_proposal_layout, proposal);
    if (json == NULL || json_object_set_new(json, "id", json_string(id)) != 0 ||
        json_array_append_new(p->all, json_incref(json)) != 0) {
        json_decref(json);
        return croft_fail(&p->c->why, CROFT_ERR_NOMEM, "no memory left for the proposals");
    }
    json_decref(json);
    return CROFT_OK;
}

static json_t *params_json(const struct croft_params *params)
{
    json_t *made = json_object();
    for (size_t i = 0; made != NULL && i < croft_param_count(); i++) {
        char name[NAME_MAX_BYTES];
        lower(croft_param_at(i)->name, name);
        if (json_object_set_new(made, name, croft_json_u64(params->value[croft_param_at(i)->number])) != 0)
            croft_json_drop(&made);
    }
    return made;
}

static croft_err run_show(struct croft_cli *c)
{
    static const struct croft_column column[] = {
        {"PROPOSAL", true}, {"KIND", false}, {"WHAT", false}, {"VALUE", true}, {"OPEN UNTIL (UTC)", false}};
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    json_t *all CROFT_CLEANUP(croft_json_drop) = json_array();
    struct proposals proposals = {.c = c, .table = l, .all = all};
    struct croft_params params;
    if (l == NULL || all == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_params_read(&client, c->mem, &params, &c->why));
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_PROPOSALS, c->mem, take_proposal, &proposals, &c->why));
    if (c->json)
        return croft_cli_print_json(c,
                                    json_pack("{s:o,s:O}", "params", params_json(&params), "proposals", all));
    CROFT_TRY(print_params(c, &params));
    if (json_array_size(all) > 0)
        putchar('\n');
    return croft_listing_print(c, l);
}

/* ---- propose ---- */

static croft_err param_change(struct croft_cli *c, Croft__V1__ParamChange *out)
{
    u64 value;
    if (c->arg_count != 2)
        return croft_cli_usage(c, "\"croft params propose\" needs NAME and VALUE, or --change JSON");
    const struct croft_param_info *info = croft_param_by_name(c->arg[0]);
    if (info == NULL)
        return croft_cli_usage(c, "there is no parameter \"%s\"; \"croft params\" shows them", c->arg[0]);
    CROFT_TRY(croft_cli_u64(c, c->arg[1], "VALUE", &value));
    if (value < info->low || value > info->high)
        return croft_cli_usage(c, "%s takes %" PRIu64 " to %" PRIu64 " (%s)", c->arg[0], info->low,
                               info->high, info->unit);
    out->param = info->number;
    out->value = value;
    return CROFT_OK;
}

/* Any of the changes of message Propose, in its JSON form. */
static croft_err change_of_json(struct croft_cli *c, const char *text, Croft__V1__Propose **out)
{
    struct croft_why why;
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    ProtobufCMessage *message = NULL;
    const struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    if (c->arg_count > 0)
        return croft_cli_usage(c, "NAME VALUE and --change exclude each other");
    croft_err err = croft_json_parse(bytes, &json, &why);
    if (err == CROFT_OK)
        err = croft_json_to_message(json, &croft__v1__propose__descriptor, &c->mem, &message, &why);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "--change: %s\nrun: croft help params propose", why.text);
    CROFT_ASSERT(message != NULL);
    *out = (void *)message;
    if ((*out)->change_case == CROFT__V1__PROPOSE__CHANGE__NOT_SET)
        return croft_cli_usage(c, "--change holds no change");
    return CROFT_OK;
}

static croft_err run_propose(struct croft_cli *c)
{
    const char *json = croft_cli_value(c, "change"), *open = croft_cli_value(c, "expires");
    u64 open_s = EXPIRES_S;
    char what[96];
    struct croft_wallet_result result;
    Croft__V1__ParamChange param = CROFT__V1__PARAM_CHANGE__INIT;
    Croft__V1__Propose fresh = CROFT__V1__PROPOSE__INIT, *propose = &fresh;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (open != NULL)
        CROFT_TRY(croft_cli_duration(c, open, "--expires", &open_s));
    if (json != NULL) {
        CROFT_TRY(change_of_json(c, json, &propose));
    } else {
        CROFT_TRY(param_change(c, &param));
        fresh.change_case = CROFT__V1__PROPOSE__CHANGE_PARAM;
        fresh.param = &param;
    }
    if (propose->id == 0)
        propose->id = croft_cli_fresh_id(c);
    if (propose->expires_s == 0)
        propose->expires_s = c->world->ops->wall_ms(c->world) / 1000 + open_s;
    body.op_case = CROFT__V1__TX_BODY__OP_PROPOSE;
    body.propose = propose;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    snprintf(what, sizeof what, "proposal %" PRIu64 " is open for votes", propose->id);
    return croft_cli_print_result(c, &result, what,
                                  json_pack("{s:o}", "proposal", croft_json_u64(propose->id)));
}

static croft_err run_vote(struct croft_cli *c)
{
    struct croft_wallet_result result;
    Croft__V1__Vote vote = CROFT__V1__VOTE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(croft_cli_u64(c, c->arg[0], "PROPOSAL", &vote.proposal));
    if (strcmp(c->arg[1], "yes") != 0 && strcmp(c->arg[1], "no") != 0)
        return croft_cli_usage(c, "vote yes or no, not \"%s\"", c->arg[1]);
    vote.yes = strcmp(c->arg[1], "yes") == 0;
    body.op_case = CROFT__V1__TX_BODY__OP_VOTE;
    body.vote = &vote;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    return croft_cli_print_result(c, &result, vote.yes ? "voted yes" : "voted no", NULL);
}

static const struct croft_option propose_option[] = {
    {"change", "JSON", "another change, as message Propose of proto/croft/v1/tx.proto has it",
     CROFT_OFFER_NOTHING},
    {"expires", "TIME", "how long it is open for votes (else 7d)", CROFT_OFFER_NOTHING},
};

#define SHOW(words, text)                                                                               \
    {                                                                                                   \
        .name = (words), .usage = "", .summary = (text), .about = "",                                   \
        .examples = "croft params\ncroft params show --json", .with = CROFT_WITH_CHAIN, .run = run_show \
    }

static const struct croft_verb verb[] = {
    SHOW("params", "show the network's parameters and open proposals"),
    SHOW("params show", "the same"),
    {
        .name = "params propose",
        .usage = "NAME VALUE\n--change JSON",
        .summary = "as a validator's operator: propose a change to the network",
        .about = "It is carried out when validators with more than 2/3 of the power have voted yes.",
        .examples = "croft params propose base_fee_min 2000 --key operator\n"
                    "croft params propose --change "
                    "'{\"issuer\":{\"issuer_address\":\"croft1...\",\"cap\":\"1000000000000\"}}'\n"
                    "croft params propose --change "
                    "'{\"protocol\":{\"protocol\":2,\"height\":\"90000\",\"release\":\"0.2.0\"}}'",
        .option = propose_option,
        .option_count = CROFT_COUNT(propose_option),
        .with = CROFT_WITH_SEND,
        .args_max = 2,
        .run = run_propose,
    },
    {
        .name = "params vote",
        .usage = "PROPOSAL yes|no",
        .summary = "as a validator's operator: vote on a proposal",
        .about = "",
        .examples = "croft params vote 2781 yes --key operator",
        .with = CROFT_WITH_SEND,
        .args_min = 2,
        .args_max = 2,
        .run = run_vote,
    },
};

const struct croft_verb_group croft_params_verbs = {verb, CROFT_COUNT(verb)};
