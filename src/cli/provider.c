/* `croft provider`, `croft stake`, `croft claim`: who stands behind nodes, with what, and who vouches for
 * them. */
#include "cli/groups.h"

#include "cli/market.h"

#include <stdio.h>
#include <string.h>

enum { WHAT_MAX = 240 };

static const struct croft_option prove_option[] = {
    {"prove", NULL, "check the chain's proof of the record, and print the app hash it leads to",
     CROFT_OFFER_NOTHING},
};

/* ---- provider ---- */

static croft_err run_show(struct croft_cli *c)
{
    struct croft_address owner;
    CROFT_TRY(croft_cli_account(c, &owner));
    const struct croft_record_key key = croft_key_of_address(&owner);
    return croft_market_show(c, CROFT_TABLE_PROVIDERS, &key, "provider of this account");
}

static croft_err run_leave(struct croft_cli *c)
{
    Croft__V1__ProviderLeave op = CROFT__V1__PROVIDER_LEAVE__INIT;
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_PROVIDER_LEAVE, &op,
                             "the account is no provider any more; its deposit is back", NULL);
}

static const struct croft_market_column provider_column[] = {
    {"PROVIDER", NULL},   {"NODES", "nodes"},     {"STAKE", "stake"},        {"EXPOSURE", "exposure"},
    {"EARNED", "earned"}, {"FEES", "fees_total"}, {"LEASES", "leases_done"}, {"FAILED", "leases_failed"},
};

static croft_err run_list(struct croft_cli *c)
{
    const struct croft_market_list list = {.table = CROFT_TABLE_PROVIDERS,
                                           .column = provider_column,
                                           .column_count = CROFT_COUNT(provider_column),
                                           .none = "no providers"};
    return croft_market_list(c, &list);
}

/* ---- stake ---- */

static croft_err stake_amount(struct croft_cli *c, u64 *out)
{
    struct croft_amt amount;
    CROFT_TRY(croft_cli_amount(c, c->arg[0], "AMOUNT", &amount));
    *out = croft_amt_units(amount);
    return *out != 0 ? CROFT_OK : croft_cli_usage(c, "AMOUNT must be above zero");
}

static croft_err run_stake_lock(struct croft_cli *c)
{
    char what[WHAT_MAX];
    Croft__V1__StakeLock op = CROFT__V1__STAKE_LOCK__INIT;
    CROFT_TRY(stake_amount(c, &op.amount));
    snprintf(what, sizeof what, "%s credits are locked as stake", c->arg[0]);
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_STAKE_LOCK, &op, what,
                             json_pack("{s:s}", "amount", c->arg[0]));
}

static croft_err run_stake_unlock(struct croft_cli *c)
{
    char what[WHAT_MAX];
    Croft__V1__StakeUnlock op = CROFT__V1__STAKE_UNLOCK__INIT;
    CROFT_TRY(stake_amount(c, &op.amount));
    snprintf(what, sizeof what,
             "%s credits are being unlocked; \"croft stake show\" says when they come back", c->arg[0]);
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_STAKE_UNLOCK, &op, what,
                             json_pack("{s:s}", "amount", c->arg[0]));
}

static croft_err print_stake(struct croft_cli *c, const struct croft_provider_record *p)
{
    char cell[5][CROFT_CELL_MAX];
    static const char *const field[] = {"stake", "locked", "unlocking", "due_s", "exposure"};
    for (size_t i = 0; i < CROFT_COUNT(field); i++)
        croft_market_cell(&croft_provider_layout, field[i], p, cell[i]);
    const char *const pair[][2] = {
        {"stake", cell[0][0] != '\0' ? cell[0] : "0.00"},
        {"of it locked by firm offers", cell[1][0] != '\0' ? cell[1] : "0.00"},
        {"being unlocked", cell[2][0] != '\0' ? cell[2] : NULL},
        {"comes back (UTC)", cell[3][0] != '\0' ? cell[3] : NULL},
        {"exposure of its leases", cell[4][0] != '\0' ? cell[4] : "0.00"},
    };
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

static croft_err run_stake_show(struct croft_cli *c)
{
    struct croft_address owner;
    struct croft_provider_record p;
    CROFT_TRY(croft_cli_account(c, &owner));
    const struct croft_record_key key = croft_key_of_address(&owner);
    CROFT_TRY(croft_market_read(c, CROFT_TABLE_PROVIDERS, &key,
                                "stake of this account\nrun: croft stake lock AMOUNT", &p));
    if (c->json)
        return croft_cli_print_json(
            c, croft_market_json(CROFT_TABLE_PROVIDERS, (struct croft_bytes){key.b, key.len}, &p));
    return print_stake(c, &p);
}

/* ---- claims ---- */

static croft_err read_claims(struct croft_cli *c, u64 *out)
{
    u32 named = 0;
    const char *text = croft_cli_value(c, "claims");
    if (text == NULL)
        return croft_cli_has(c, "revoke") ? CROFT_OK
                                          : croft_cli_usage(c, "say what is claimed: --claims country+ecc");
    if (text[0] >= '0' && text[0] <= '9')
        return croft_cli_u64(c, text, "--claims", out);
    CROFT_TRY(croft_market_word_read(c, "claim", "claims", text, &named));
    *out = named;
    return CROFT_OK;
}

static croft_err run_claim_set(struct croft_cli *c)
{
    struct croft_address node;
    const char *until = croft_cli_value(c, "until"), *country = croft_cli_value(c, "country"),
               *machine = croft_cli_value(c, "machine");
    bool revoke = croft_cli_has(c, "revoke");
    Croft__V1__ClaimSet op = CROFT__V1__CLAIM_SET__INIT;
    CROFT_TRY(croft_cli_address(c, c->arg[0], "NODE", &node));
    op.node_address = croft_cli_bytes(node.b, sizeof node.b);
    CROFT_TRY(read_claims(c, &op.claims));
    if (revoke == (until != NULL))
        return croft_cli_usage(c, "give --until TIME, or --revoke");
    if (until != NULL)
        CROFT_TRY(croft_cli_until(c, until, "--until", &op.until_s));
    if (country != NULL)
        op.country = croft_cli_bytes(country, strlen(country));
    if (machine != NULL)
        CROFT_TRY(croft_market_word_read(c, "claim", "machine", machine, &op.machine));
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_CLAIM_SET, &op,
                             revoke ? "the claim is revoked" : "the claim stands", NULL);
}

static const struct croft_market_column claim_column[] = {
    {"NODE", NULL},         {"AUDITOR", "auditor"}, {"CLAIMS", "claims"},
    {"COUNTRY", "country"}, {"MACHINE", "machine"}, {"UNTIL (UTC)", "due_s"},
};

static croft_err run_claim_list(struct croft_cli *c)
{
    struct croft_address node;
    struct croft_market_list list = {.table = CROFT_TABLE_CLAIMS,
                                     .column = claim_column,
                                     .column_count = CROFT_COUNT(claim_column),
                                     .none = "no claims"};
    if (c->arg_count == 1) {
        CROFT_TRY(croft_cli_address(c, c->arg[0], "NODE", &node));
        list.prefix = croft_key_of_address(&node);
    }
    return croft_market_list(c, &list);
}

static const struct croft_option list_option[] = {
    {"limit", "N", "show at most so many (else 1000)", CROFT_OFFER_NOTHING},
};
static const struct croft_option claim_option[] = {
    {"claims", "NAMES",
     "what is claimed: identity+country+machine+ecc+isolation+uptime+network, or a number of bits",
     CROFT_OFFER_NOTHING},
    {"country", "XX", "what the claim \"country\" says", CROFT_OFFER_NOTHING},
    {"machine", "NAME", "what the claim \"machine\" says: consumer, workstation, data_centre",
     CROFT_OFFER_NOTHING},
    {"until", "TIME", "how long it stands, like 365d or 2027-01-31", CROFT_OFFER_NOTHING},
    {"revoke", NULL, "take it back; the deposit comes back", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "provider show",
        .usage = "[ADDRESS]",
        .summary = "show a provider: nodes, stake, what it earned and how its leases went",
        .about = "Without ADDRESS: the account of --key.  An account becomes a provider with its first node "
                 "or stake.",
        .examples = "croft provider show\ncroft provider show croft1... --prove --json",
        .option = prove_option,
        .option_count = CROFT_COUNT(prove_option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_show,
    },
    {
        .name = "provider list",
        .usage = "",
        .summary = "list all providers",
        .about = "",
        .examples = "croft provider list\ncroft provider list --limit 100000 --json",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN,
        .run = run_list,
    },
    {
        .name = "provider leave",
        .usage = "",
        .summary = "stop being a provider; the deposit comes back",
        .about = "Nodes, stake, rewards and leases must be gone first: \"croft node remove\", \"croft stake "
                 "unlock\", "
                 "\"croft reward claim\".",
        .examples = "croft provider leave\ncroft provider leave --key owner --json",
        .with = CROFT_WITH_SEND,
        .run = run_leave,
    },
    {
        .name = "stake lock",
        .usage = "AMOUNT",
        .summary = "lock credits as stake: for firm offers, and for more leases at a time",
        .about =
            "A firm or reserved offer locks part of it while it is listed.  It comes back with \"croft stake "
            "unlock\" and a wait.",
        .examples = "croft stake lock 100\ncroft stake lock 2.5 --key owner --json",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_stake_lock,
    },
    {
        .name = "stake unlock",
        .usage = "AMOUNT",
        .summary = "ask for stake back; it comes after the network's unlock time",
        .about = "A second call adds to what is on its way and starts the time anew.",
        .examples = "croft stake unlock 100\ncroft stake unlock 2.5 --key owner --json",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_stake_unlock,
    },
    {
        .name = "stake show",
        .usage = "[ADDRESS]",
        .summary = "show an account's stake and what of it is locked or on its way back",
        .about = "",
        .examples = "croft stake show\ncroft stake show croft1... --json",
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_stake_show,
    },
    {
        .name = "claim set",
        .usage = "NODE --claims NAMES --until TIME\nNODE --revoke",
        .summary = "as an auditor: vouch for what a node says of itself",
        .about = "Buyers name the auditors they trust; the ledger trusts none.  Country and machine count "
                 "only while "
                 "the node says the same.",
        .examples = "croft claim set croft1... --claims country+machine --country DE --machine data_centre "
                    "--until 365d\n"
                    "croft claim set croft1... --revoke --quota",
        .option = claim_option,
        .option_count = CROFT_COUNT(claim_option),
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_claim_set,
    },
    {
        .name = "claim list",
        .usage = "[NODE]",
        .summary = "list what auditors vouch for",
        .about = "",
        .examples = "croft claim list croft1...\ncroft claim list --json",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN,
        .args_max = 1,
        .run = run_claim_list,
    },
};

const struct croft_verb_group croft_provider_verbs = {verb, CROFT_COUNT(verb)};
