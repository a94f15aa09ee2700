#include "cli/groups.h"

#include "chain/payments.h"
#include "cli/connect.h"

#include <stdio.h>

static croft_err choose_issuer(struct croft_cli *c, struct croft_key_info *out)
{
    const char *name = croft_cli_value(c, "from-issuer");
    if (name != NULL && croft_cli_has(c, "key"))
        return croft_cli_usage(c, "--from-issuer and --key name the same thing: give one");
    return name != NULL ? croft_key_info(c, name, out) : croft_key_choose(c, out);
}

static croft_err run_deposit(struct croft_cli *c)
{
    struct croft_address to;
    struct croft_amt amount;
    struct croft_key_info key;
    struct croft_wallet_result result;
    Croft__V1__Issue issue = CROFT__V1__ISSUE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(croft_cli_address(c, c->arg[0], "ADDRESS", &to));
    CROFT_TRY(croft_cli_amount(c, c->arg[1], "AMOUNT", &amount));
    CROFT_TRY(croft_cli_asset(c, &issue.asset));
    CROFT_TRY(croft_cli_reference(c, "ref", &issue.reference));
    if (croft_amt_is_zero(amount))
        return croft_cli_usage(c, "AMOUNT must be above zero");
    CROFT_TRY(choose_issuer(c, &key));
    issue.to_address = croft_cli_bytes(to.b, sizeof to.b);
    issue.amount = croft_amt_units(amount);
    body.op_case = CROFT__V1__TX_BODY__OP_ISSUE;
    body.issue = &issue;
    CROFT_TRY(croft_cli_send_as(c, &key, &body, &result));

    char what[128], text[CROFT_AMT_TEXT_MAX];
    croft_amt_format(amount, text);
    snprintf(what, sizeof what, "issued %s %s to %s", text, croft_asset_name(issue.asset), c->arg[0]);
    return croft_cli_print_result(c, &result, what,
                                  json_pack("{s:s,s:s,s:s}", "to_address", c->arg[0], "amount", text, "asset",
                                            croft_asset_name(issue.asset)));
}

static const struct croft_option option[] = {
    {"from-issuer", "NAME", "the issuer's key (else as --key)", CROFT_OFFER_KEY},
    {"asset", "ASSET", "credit or croft (else credit)", CROFT_OFFER_ASSET},
    {"ref", "TEXT", "the payment it answers, public, at most 64 bytes", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "deposit",
        .usage = "ADDRESS AMOUNT",
        .summary = "as an issuer: issue money to an account",
        .about = "For who runs an issuer account by hand: money was received outside, and credits are issued "
                 "for it,\n"
                 "within the issuer's cap.",
        .examples = "croft deposit croft1... 100 --from-issuer bank\n"
                    "croft deposit croft1... 25.00 --from-issuer bank --ref \"transfer 8841\" --json",
        .option = option,
        .option_count = CROFT_COUNT(option),
        .with = CROFT_WITH_SEND,
        .args_min = 2,
        .args_max = 2,
        .run = run_deposit,
    },
};

const struct croft_verb_group croft_deposit_verbs = {verb, CROFT_COUNT(verb)};
