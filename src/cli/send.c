#include "cli/groups.h"

#include "chain/payments.h"
#include "cli/connect.h"
#include "cli/pending.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LIST_BYTES_MAX = 1 << 20, WHAT_MAX = 200 };

static void close_file(FILE **f)
{
    if (*f != NULL && *f != stdin)
        fclose(*f);
}

static croft_err read_list(struct croft_cli *c, const char *file, struct croft_bytes *out)
{
    u8 *text = croft_new(&c->mem, u8, LIST_BYTES_MAX);
    FILE *f CROFT_CLEANUP(close_file) = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
    if (text == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the list");
    if (f == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    size_t len = fread(text, 1, LIST_BYTES_MAX, f);
    if (ferror(f))
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    if (len == LIST_BYTES_MAX)
        return croft_fail(&c->why, CROFT_ERR_TX_SIZE, "%s is longer than a list of 1000 payments can be",
                          file);
    *out = (struct croft_bytes){text, len};
    return CROFT_OK;
}

/* Every line is checked here, before a passphrase is asked for or anything moves. */
static croft_err transfer_of_file(struct croft_cli *c, const char *file, Croft__V1__Transfer **out,
                                  struct croft_amt total[CROFT_ASSET_COUNT])
{
    struct croft_bytes text;
    struct croft_why why;
    if (c->arg_count > 0 || croft_cli_has(c, "asset"))
        return croft_cli_usage(c, "--file takes addresses, amounts and assets from the file alone");
    CROFT_TRY(read_list(c, file, &text));
    croft_err err = croft_payments_parse(text, &c->mem, out, total, &why);
    return err == CROFT_OK ? CROFT_OK : croft_fail(&c->why, err, "%s: %s", file, why.text);
}

static croft_err transfer_of_args(struct croft_cli *c, Croft__V1__Transfer **out,
                                  struct croft_amt total[CROFT_ASSET_COUNT])
{
    u32 asset;
    struct croft_address to;
    struct croft_amt amount;
    if (c->arg_count != 2)
        return croft_cli_usage(c, "\"croft send\" needs ADDRESS and AMOUNT, or --file FILE");
    CROFT_TRY(croft_cli_address(c, c->arg[0], "ADDRESS", &to));
    CROFT_TRY(croft_cli_amount(c, c->arg[1], "AMOUNT", &amount));
    CROFT_TRY(croft_cli_asset(c, &asset));
    if (croft_amt_is_zero(amount))
        return croft_cli_usage(c, "AMOUNT must be above zero");
    Croft__V1__Transfer *made = croft_new(&c->mem, Croft__V1__Transfer, 1);
    Croft__V1__Leg **legs = croft_new(&c->mem, Croft__V1__Leg *, 1);
    Croft__V1__Leg *leg = croft_payments_leg(&to, asset, amount, &c->mem);
    if (made == NULL || legs == NULL || leg == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the payment");
    croft__v1__transfer__init(made);
    legs[0] = leg;
    made->n_legs = 1;
    made->legs = legs;
    total[asset] = amount;
    *out = made;
    return CROFT_OK;
}

static void describe(const Croft__V1__Transfer *t, const struct croft_amt total[CROFT_ASSET_COUNT],
                     char out[WHAT_MAX])
{
    size_t len = (size_t)snprintf(out, WHAT_MAX, "sent");
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++) {
        char amount[CROFT_AMT_TEXT_MAX];
        croft_amt_format(total[asset], amount);
        if (!croft_amt_is_zero(total[asset]) && len < WHAT_MAX)
            len += (size_t)snprintf(out + len, WHAT_MAX - len, "%s %s %s", len > 4 ? " and" : "", amount,
                                    croft_asset_name(asset));
    }
    if (t->n_legs > 1 && len < WHAT_MAX)
        snprintf(out + len, WHAT_MAX - len, " in %zu payments", t->n_legs);
}

static json_t *totals_json(const Croft__V1__Transfer *t, const struct croft_amt total[CROFT_ASSET_COUNT])
{
    char credit[CROFT_AMT_TEXT_MAX], token[CROFT_AMT_TEXT_MAX];
    croft_amt_format(total[CROFT_ASSET_CREDIT], credit);
    croft_amt_format(total[CROFT_ASSET_CROFT], token);
    return json_pack("{s:i,s:s,s:s}", "payments", (int)t->n_legs, "sent_credit", credit, "sent_croft", token);
}

/* The first half of a payment in two: cli/pending.h. */
static croft_err send_pending(struct croft_cli *c)
{
    struct croft_amt total[CROFT_ASSET_COUNT] = {{0}};
    Croft__V1__Transfer *transfer;
    if (croft_cli_has(c, "file") || croft_cli_has(c, "ref"))
        return croft_cli_usage(c, "--pending excludes --file and --ref");
    CROFT_TRY(transfer_of_args(c, &transfer, total));
    return croft_pending_open(c, transfer->legs[0]);
}

static croft_err run_send(struct croft_cli *c)
{
    char what[WHAT_MAX];
    const char *file = croft_cli_value(c, "file");
    struct croft_amt total[CROFT_ASSET_COUNT] = {{0}};
    struct croft_wallet_result result;
    Croft__V1__Transfer *transfer;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (croft_cli_has(c, "pending"))
        return send_pending(c);
    if (croft_cli_has(c, "until") || croft_cli_has(c, "arbiter"))
        return croft_cli_usage(c, "--until and --arbiter go with --pending");
    CROFT_TRY(file != NULL ? transfer_of_file(c, file, &transfer, total)
                           : transfer_of_args(c, &transfer, total));
    CROFT_TRY(croft_cli_reference(c, "ref", &transfer->reference));
    body.op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    body.transfer = transfer;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    describe(transfer, total, what);
    return croft_cli_print_result(c, &result, what, totals_json(transfer, total));
}

static const struct croft_option option[] = {
    {"asset", "ASSET", "credit or croft (else credit)", CROFT_OFFER_ASSET},
    {"ref", "TEXT", "a reference of your own, public, at most 64 bytes", CROFT_OFFER_NOTHING},
    {"pending", NULL, "hold the money for ADDRESS; \"croft pending post\" pays it", CROFT_OFFER_NOTHING},
    {"until", "TIME", "with --pending: when it comes back by itself, like 12h, 30d or 2027-01-31",
     CROFT_OFFER_NOTHING},
    {"arbiter", "ADDRESS", "with --pending: who decides in the payer's place", CROFT_OFFER_NOTHING},
    {"file", "FILE", "pay a list: lines of ADDRESS,AMOUNT[,ASSET]; - is standard input", CROFT_OFFER_FILE},
};

static const struct croft_verb verb[] = {
    {
        .name = "send",
        .usage = "ADDRESS AMOUNT\nADDRESS AMOUNT --pending --until TIME\n--file FILE",
        .summary = "pay one account, or up to 1000 in one transaction",
        .about = "A list is one transaction: every payment in it is made, or none.  All its lines are "
                 "checked first.\n"
                 "Returns when the payment is in a block that is on disk.\n"
                 "A pending payment is held until the payer or the arbiter posts it, the payee or the "
                 "arbiter voids "
                 "it, or its\n"
                 "time is over.",
        .examples = "croft send croft1... 12.50\ncroft send croft1... 3 --key till --ref \"invoice 17\"\n"
                    "croft send --file payments.csv\ncroft send croft1... 100 --asset croft --json\n"
                    "croft send croft1... 80 --pending --until 7d --arbiter croft1...\n"
                    "croft send croft1... 500 --out tx.json",
        .option = option,
        .option_count = CROFT_COUNT(option),
        .with = CROFT_WITH_SEND,
        .args_max = 2,
        .run = run_send,
    },
};

const struct croft_verb_group croft_send_verbs = {verb, CROFT_COUNT(verb)};
