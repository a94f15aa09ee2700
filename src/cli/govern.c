#include "cli/govern.h"

#include "base/assert.h"
#include "chain/payments.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/groups.h"
#include "cli/keyset.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "wire/param.h"
#include "json/json.h"
#include "json/meaning.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_MAX = 24, EXPIRES_S = 7 * 86400, VALIDATORS_MAX = 64, VOTES_MAX = 16384 };

/* ---- validators and their votes ---- */

struct validator {
    struct croft_public_key key;
    struct croft_address operator_address;
    u64 power;
};

struct vote {
    u64 proposal;
    struct croft_address operator_address;
    bool yes;
};

struct electorate {
    struct croft_cli *c;
    struct validator *validator;
    size_t validators, votes;
    struct vote *vote;
    u64 power;
};

static croft_err take_validator(void *context, struct croft_bytes key, const void *record)
{
    struct electorate *e = context;
    const struct croft_validator_record *v = record;
    if (e->validators == VALIDATORS_MAX)
        return croft_fail(&e->c->why, CROFT_ERR_NOMEM,
                          "there are more validators than this release can take");
    struct validator *out = &e->validator[e->validators++];
    memcpy(out->key.b, key.at, sizeof out->key.b);
    out->operator_address = v->operator_address;
    out->power = v->power;
    e->power += v->power;
    return CROFT_OK;
}

static croft_err take_vote(void *context, struct croft_bytes key, const void *record)
{
    struct electorate *e = context;
    const struct croft_vote_record *v = record;
    if (e->votes == VOTES_MAX)
        return croft_fail(&e->c->why, CROFT_ERR_NOMEM, "there are more votes than this release can take");
    struct vote *out = &e->vote[e->votes++];
    out->proposal = croft_cli_id_of_key((struct croft_bytes){key.at, 8});
    memcpy(out->operator_address.b, key.at + 8, sizeof out->operator_address.b);
    out->yes = v->yes != 0;
    return CROFT_OK;
}

static croft_err read_electorate(struct croft_cli *c, struct croft_client *client, struct electorate *out)
{
    *out = (struct electorate){.c = c};
    out->validator = croft_new(&c->mem, struct validator, VALIDATORS_MAX);
    out->vote = croft_new(&c->mem, struct vote, VOTES_MAX);
    if (out->validator == NULL || out->vote == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the votes");
    CROFT_TRY(croft_records_each(client, CROFT_TABLE_VALIDATORS, c->mem, take_validator, out, &c->why));
    return croft_records_each(client, CROFT_TABLE_VOTES, c->mem, take_vote, out, &c->why);
}

static u64 power_of(const struct electorate *e, const struct croft_address *operator_address)
{
    u64 power = 0;
    for (size_t i = 0; i < e->validators; i++)
        if (memcmp(e->validator[i].operator_address.b, operator_address->b, sizeof operator_address->b) == 0)
            power += e->validator[i].power;
    return power;
}

/* ---- proposals ---- */

struct proposals {
    struct electorate e;
    u64 only;
    struct croft_listing *table;
    json_t *all;
};

static json_t *votes_json(const struct electorate *e, u64 id)
{
    json_t *all = json_array();
    for (size_t i = 0; all != NULL && i < e->votes; i++) {
        const struct vote *v = &e->vote[i];
        json_t *one =
            v->proposal != id
                ? NULL
                : json_pack("{s:o,s:b,s:o}", "operator", croft_json_address(v->operator_address.b), "yes",
                            (int)v->yes, "power", croft_json_u64(power_of(e, &v->operator_address)));
        if (v->proposal == id && json_array_append_new(all, one) != 0)
            croft_json_drop(&all);
    }
    return all;
}

static void tally(const struct electorate *e, u64 id, u64 *out_yes, u64 *out_no)
{
    *out_yes = *out_no = 0;
    for (size_t i = 0; i < e->votes; i++)
        if (e->vote[i].proposal == id)
            *(e->vote[i].yes ? out_yes : out_no) += power_of(e, &e->vote[i].operator_address);
}

/* What a record of any kind has in `value`, with its unit; asset, subject and public_key are there for the
 * kinds that have them. */
static json_t *value_json(const struct croft_proposal_record *p)
{
    static const char *const unit[] = {[CROFT_CHANGE_PROTOCOL] = "height",
                                       [CROFT_CHANGE_VALIDATOR] = "power",
                                       [CROFT_CHANGE_QUOTA] = "cost"};
    const char *param = p->kind == CROFT_CHANGE_PARAM ? croft_json_param_unit(p->number) : NULL;
    if (p->kind == CROFT_CHANGE_ISSUER)
        return json_pack("{s:o,s:s}", "value", croft_json_money(p->value), "unit", croft_asset_name(p->asset));
    if (param == NULL && p->kind < CROFT_COUNT(unit))
        param = unit[p->kind];
    return json_pack("{s:o,s:s?,s:n}", "value", croft_json_u64(p->value), "unit", param, "asset");
}

static croft_err take_proposal(void *context, struct croft_bytes key, const void *record)
{
    struct proposals *p = context;
    const struct croft_proposal_record *proposal = record;
    char number[NUMBER_MAX], yes[NUMBER_MAX], no[NUMBER_MAX], of[NUMBER_MAX], expires[CROFT_TIME_TEXT_MAX],
        change[CROFT_CHANGE_TEXT_MAX];
    u64 id = croft_cli_id_of_key(key), yes_power, no_power;
    if (p->only != 0 && p->only != id)
        return CROFT_OK;
    tally(&p->e, id, &yes_power, &no_power);
    croft_tell_change(proposal, change);
    croft_time_text(proposal->expires_s, expires);
    snprintf(number, sizeof number, "%" PRIu64, id);
    snprintf(yes, sizeof yes, "%" PRIu64, yes_power);
    snprintf(no, sizeof no, "%" PRIu64, no_power);
    snprintf(of, sizeof of, "%" PRIu64, p->e.power);
    const char *const row[] = {number, change, yes, no, of, expires};
    croft_listing_row(p->table, row);

    json_t *json = croft_json_of_layout(&croft_proposal_layout, proposal);
    json_t *more = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}", "id", number, "change", change, "yes_power",
                             croft_json_u64(yes_power), "no_power", croft_json_u64(no_power), "total_power",
                             croft_json_u64(p->e.power), "votes", votes_json(&p->e, id));
    json_t *value = value_json(proposal);
    bool good = json != NULL && more != NULL && value != NULL && json_object_update(json, more) == 0 &&
                json_object_update(json, value) == 0 && json_array_append(p->all, json) == 0;
    json_decref(json);
    json_decref(more);
    json_decref(value);
    return good ? CROFT_OK : croft_fail(&p->e.c->why, CROFT_ERR_NOMEM, "no memory left for the proposals");
}

croft_err croft_proposals_read(struct croft_cli *c, struct croft_client *client, u64 only,
                               struct croft_listing **out_table, json_t **out_json)
{
    static const struct croft_column column[] = {{"PROPOSAL", true}, {"CHANGE", false},
                                                 {"YES", true},      {"NO", true},
                                                 {"OF", true},       {"OPEN UNTIL (UTC)", false}};
    struct proposals p = {.only = only};
    CROFT_TRY(read_electorate(c, client, &p.e));
    *out_table = p.table = croft_listing_new(c, column, CROFT_COUNT(column));
    *out_json = p.all = json_array();
    if (p.table == NULL || p.all == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the proposals");
    return croft_records_each(client, CROFT_TABLE_PROPOSALS, c->mem, take_proposal, &p, &c->why);
}

static croft_err run_proposals(struct croft_cli *c)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) = NULL;
    json_t *all CROFT_CLEANUP(croft_json_drop) = NULL;
    u64 only = 0;
    if (c->arg_count > 0)
        CROFT_TRY(croft_cli_u64(c, c->arg[0], "PROPOSAL", &only));
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_proposals_read(c, &client, only, &table, &all));
    if (only != 0 && json_array_size(all) == 0)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "there is no open proposal %" PRIu64 ": it was carried out, or its time was over\n"
                          "\"croft params proposals\" shows those that are open",
                          only);
    for (size_t i = 0; c->json && i < json_array_size(all); i++)
        CROFT_TRY(croft_cli_print_json(c, json_incref(json_array_get(all, i))));
    if (c->json)
        return CROFT_OK;
    if (json_array_size(all) == 0)
        puts("no proposals are open; \"croft params propose\" makes one");
    return croft_listing_print(c, table);
}

static croft_err run_validators(struct croft_cli *c)
{
    static const struct croft_column column[] = {{"VALIDATOR", false}, {"POWER", true}, {"OPERATOR", false}};
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    struct electorate e;
    if (table == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(read_electorate(c, &client, &e));
    for (size_t i = 0; i < e.validators; i++) {
        char key[CROFT_BECH32M_TEXT_MAX], power[NUMBER_MAX], operator_address[CROFT_BECH32M_TEXT_MAX];
        croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, e.validator[i].key.b, key);
        croft_bech32m_encode(CROFT_HRP_ADDRESS, e.validator[i].operator_address.b, operator_address);
        snprintf(power, sizeof power, "%" PRIu64, e.validator[i].power);
        if (c->json)
            CROFT_TRY(croft_cli_print_json(c, json_pack("{s:s,s:s,s:s}", "public_key", key, "power", power,
                                                        "operator", operator_address)));
        const char *const row[] = {key, power, operator_address};
        croft_listing_row(table, row);
    }
    return c->json ? CROFT_OK : croft_listing_print(c, table);
}

/* ---- propose ---- */

/* A change and what it points to. */
struct change {
    Croft__V1__Propose propose;
    Croft__V1__ParamChange param;
    Croft__V1__ProtocolChange protocol;
    Croft__V1__ValidatorChange validator;
    Croft__V1__IssuerChange issuer;
    Croft__V1__QuotaChange quota;
    Croft__V1__ClassChange class;
    struct croft_address address;
    struct croft_named_key key;
};

/* The value of an option that this change cannot do without. */
static croft_err need(struct croft_cli *c, const char *with, const char *name, const char **out)
{
    *out = croft_cli_value(c, name);
    return *out != NULL ? CROFT_OK : croft_cli_usage(c, "--%s needs --%s", with, name);
}

static croft_err param_change(struct croft_cli *c, Croft__V1__ParamChange *out)
{
    u64 value;
    if (c->arg_count != 2)
        return croft_cli_usage(
            c,
            "\"croft params propose\" needs NAME and VALUE, or what is to change: --protocol, --validator, "
            "--issuer, --quota-of, --class or --change");
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

static croft_err protocol_change(struct croft_cli *c, const char *text, struct change *out)
{
    u64 number;
    const char *at, *release;
    CROFT_TRY(need(c, "protocol", "at", &at));
    CROFT_TRY(need(c, "protocol", "release", &release));
    CROFT_TRY(croft_cli_u64(c, text, "--protocol", &number));
    CROFT_TRY(croft_cli_u64(c, at, "--at", &out->protocol.height));
    if (number == 0 || number > UINT32_MAX)
        return croft_cli_usage(c, "--protocol is a number from 1 on");
    out->protocol.protocol = (u32)number;
    out->protocol.release = (char *)(uintptr_t)release; /* packing only reads */
    out->propose.change_case = CROFT__V1__PROPOSE__CHANGE_PROTOCOL;
    out->propose.protocol = &out->protocol;
    return CROFT_OK;
}

/* The operator of a validator that is to go is not said, and not looked at. */
static croft_err validator_change(struct croft_cli *c, const char *text, struct change *out)
{
    const char *power, *operator_text = croft_cli_value(c, "operator");
    CROFT_TRY(need(c, "validator", "power", &power));
    CROFT_TRY(croft_cli_u64(c, power, "--power", &out->validator.power));
    CROFT_TRY(croft_keyset_key(c, text, &out->key));
    if (operator_text == NULL && out->validator.power > 0)
        return croft_cli_usage(c,
                               "--validator needs --operator ADDRESS: the account that votes with its power");
    if (operator_text != NULL) {
        CROFT_TRY(croft_cli_address(c, operator_text, "--operator", &out->address));
    } else {
        struct croft_key_info own;
        CROFT_TRY(croft_key_choose(c, &own));
        out->address = own.account;
    }
    out->validator.public_key = croft_cli_bytes(out->key.public_key.b, sizeof out->key.public_key.b);
    out->validator.operator_address = croft_cli_bytes(out->address.b, sizeof out->address.b);
    out->propose.change_case = CROFT__V1__PROPOSE__CHANGE_VALIDATOR;
    out->propose.validator = &out->validator;
    return CROFT_OK;
}

static croft_err issuer_change(struct croft_cli *c, const char *text, struct change *out)
{
    const char *cap;
    struct croft_amt amount;
    CROFT_TRY(need(c, "issuer", "cap", &cap));
    CROFT_TRY(croft_cli_amount(c, cap, "--cap", &amount));
    CROFT_TRY(croft_cli_asset(c, &out->issuer.asset));
    CROFT_TRY(croft_cli_address(c, text, "--issuer", &out->address));
    out->issuer.issuer_address = croft_cli_bytes(out->address.b, sizeof out->address.b);
    out->issuer.cap = croft_amt_units(amount);
    out->propose.change_case = CROFT__V1__PROPOSE__CHANGE_ISSUER;
    out->propose.issuer = &out->issuer;
    return CROFT_OK;
}

static croft_err quota_change(struct croft_cli *c, const char *text, struct change *out)
{
    const char *cost;
    CROFT_TRY(need(c, "quota-of", "cost", &cost));
    CROFT_TRY(croft_cli_u64(c, cost, "--cost", &out->quota.cost_per_day));
    CROFT_TRY(croft_cli_address(c, text, "--quota-of", &out->address));
    out->quota.account_address = croft_cli_bytes(out->address.b, sizeof out->address.b);
    out->propose.change_case = CROFT__V1__PROPOSE__CHANGE_QUOTA;
    out->propose.quota = &out->quota;
    return CROFT_OK;
}

static croft_err class_change(struct croft_cli *c, const char *text, struct change *out)
{
    u64 number;
    const char *operator_text;
    CROFT_TRY(need(c, "class", "operator", &operator_text));
    CROFT_TRY(croft_cli_u64(c, text, "--class", &number));
    if (number == 0 || number >= CROFT_CLASS_OPEN_MIN)
        return croft_cli_usage(c, "a vote gives the classes 1 to %d; others are anybody's: croft class set",
                               CROFT_CLASS_OPEN_MIN - 1);
    CROFT_TRY(croft_cli_address(c, operator_text, "--operator", &out->address));
    out->class.number = (u32)number;
    out->class.operator_address = croft_cli_bytes(out->address.b, sizeof out->address.b);
    out->propose.change_case = CROFT__V1__PROPOSE__CHANGE_CLASS;
    out->propose.class_ = &out->class;
    return CROFT_OK;
}

static void init_change(struct change *out)
{
    *out = (struct change){.key = {.name = NULL}};
    croft__v1__propose__init(&out->propose);
    croft__v1__param_change__init(&out->param);
    croft__v1__protocol_change__init(&out->protocol);
    croft__v1__validator_change__init(&out->validator);
    croft__v1__issuer_change__init(&out->issuer);
    croft__v1__quota_change__init(&out->quota);
    croft__v1__class_change__init(&out->class);
}

/* The one change that arguments and options say. */
static croft_err parse_change(struct croft_cli *c, struct change *out, Croft__V1__Propose **out_propose)
{
    const char *json = croft_cli_value(c, "change"), *protocol = croft_cli_value(c, "protocol"),
               *validator = croft_cli_value(c, "validator"), *issuer = croft_cli_value(c, "issuer"),
               *quota = croft_cli_value(c, "quota-of"), *class = croft_cli_value(c, "class");
    init_change(out);
    *out_propose = &out->propose;
    if ((json != NULL) + (protocol != NULL) + (validator != NULL) + (issuer != NULL) + (quota != NULL) +
            (class != NULL) + (c->arg_count > 0) >
        1)
        return croft_cli_usage(c,
                               "one proposal is one change: NAME VALUE, --protocol, --validator, --issuer, "
                               "--quota-of, --class and --change exclude each other");
    if (json != NULL)
        return change_of_json(c, json, out_propose);
    if (protocol != NULL)
        return protocol_change(c, protocol, out);
    if (validator != NULL)
        return validator_change(c, validator, out);
    if (issuer != NULL)
        return issuer_change(c, issuer, out);
    if (quota != NULL)
        return quota_change(c, quota, out);
    if (class != NULL)
        return class_change(c, class, out);
    CROFT_TRY(param_change(c, &out->param));
    out->propose.change_case = CROFT__V1__PROPOSE__CHANGE_PARAM;
    out->propose.param = &out->param;
    return CROFT_OK;
}

static croft_err run_propose(struct croft_cli *c)
{
    const char *open = croft_cli_value(c, "expires");
    u64 open_s = EXPIRES_S;
    char what[128];
    struct change change;
    struct croft_wallet_result result;
    Croft__V1__Propose *propose;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (open != NULL)
        CROFT_TRY(croft_cli_duration(c, open, "--expires", &open_s));
    CROFT_TRY(parse_change(c, &change, &propose));
    if (propose->id == 0)
        propose->id = croft_cli_fresh_id(c);
    if (propose->expires_s == 0)
        propose->expires_s = c->world->ops->wall_ms(c->world) / 1000 + open_s;
    body.op_case = CROFT__V1__TX_BODY__OP_PROPOSE;
    body.propose = propose;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    snprintf(what, sizeof what,
             "proposal %" PRIu64 " is open for votes\n  next: croft params vote %" PRIu64 " yes|no",
             propose->id, propose->id);
    return croft_cli_print_result(c, &result, what,
                                  json_pack("{s:o}", "proposal", croft_json_u64(propose->id)));
}

/* ---- vote ---- */

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
    {"protocol", "NUMBER", "the protocol that is in force --at a height; --release is the one that knows it",
     CROFT_OFFER_NOTHING},
    {"at", "HEIGHT", "with --protocol: the first block under it", CROFT_OFFER_NOTHING},
    {"release", "VERSION", "with --protocol: what an older release tells to install", CROFT_OFFER_NOTHING},
    {"validator", "KEY", "a validator's key (croftpub1...), with --power and --operator", CROFT_OFFER_KEY},
    {"power", "N", "with --validator: its power; 0 removes it", CROFT_OFFER_NOTHING},
    {"operator", "ADDRESS", "with --validator: the account that votes with its power; with --class: who sets it",
     CROFT_OFFER_NOTHING},
    {"class", "N", "one of the classes 1 to 255 of the market, with --operator", CROFT_OFFER_NOTHING},
    {"issuer", "ADDRESS", "an issuer, with --cap", CROFT_OFFER_NOTHING},
    {"cap", "AMOUNT", "with --issuer: the most it may have outstanding", CROFT_OFFER_NOTHING},
    {"asset", "ASSET", "with --issuer: credit or croft (else credit)", CROFT_OFFER_ASSET},
    {"quota-of", "ADDRESS", "an account that settles without fees, with --cost", CROFT_OFFER_NOTHING},
    {"cost", "N", "with --quota-of: cost units a day; 0 takes it away", CROFT_OFFER_NOTHING},
    {"change", "JSON", "any change, as message Propose of proto/croft/v1/tx.proto has it",
     CROFT_OFFER_NOTHING},
    {"expires", "TIME", "how long it is open for votes (else 7d)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "params proposals",
        .usage = "[PROPOSAL]",
        .summary = "show open proposals and how the votes stand",
        .about = "YES and NO are power of validators, OF is that of all.  A proposal is carried out when YES "
                 "is more "
                 "than 2/3.\n"
                 "--json also says who voted.",
        .examples = "croft params proposals\ncroft params proposals 2781 --json",
        .with = CROFT_WITH_CHAIN,
        .args_max = 1,
        .run = run_proposals,
    },
    {
        .name = "params propose",
        .usage = "NAME VALUE\n--protocol NUMBER --at HEIGHT --release VERSION\n"
                 "--validator KEY --power N --operator ADDRESS\n--issuer ADDRESS --cap AMOUNT\n"
                 "--quota-of ADDRESS --cost N\n--class N --operator ADDRESS\n--change JSON",
        .summary = "as a validator's operator: propose a change to the network",
        .about = "It is carried out when validators with more than 2/3 of the power have voted yes; "
                 "proposing is not "
                 "voting.",
        .examples = "croft params propose base_fee_min 2000 --key operator\n"
                    "croft params propose --protocol 2 --at 90000 --release 0.2.0\n"
                    "croft params propose --validator croftpub1... --power 10 --operator croft1...\n"
                    "croft params propose --validator croftpub1... --power 0\n"
                    "croft params propose --issuer croft1... --cap 1000000 --asset credit\n"
                    "croft params propose --quota-of croft1... --cost 100000\n"
                    "croft params propose --class 1 --operator croft1...\n"
                    "croft params propose --change '{\"param\":{\"param\":5,\"value\":\"2000\"}}'",
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
        .about = "A vote is for ever.  The one that reaches 2/3 carries the change out.",
        .examples = "croft params vote 2781 yes --key operator",
        .with = CROFT_WITH_SEND,
        .args_min = 2,
        .args_max = 2,
        .run = run_vote,
    },
    {
        .name = "validator list",
        .usage = "",
        .summary = "show the validators, their power and who votes with it",
        .about = "Validators change by vote: \"croft params propose --validator\".",
        .examples = "croft validator list\ncroft validator list --json",
        .with = CROFT_WITH_CHAIN,
        .run = run_validators,
    },
};

const struct croft_verb_group croft_govern_verbs = {verb, CROFT_COUNT(verb)};
