#include "chain/wallet_int.h"

#include "json/hex.h"

#include <stdio.h>

enum { RETRY_MS = 250 };

static const char *advice(croft_err err)
{
    static const struct {
        croft_err err;
        const char *text;
    } known[] = {
        {CROFT_ERR_TX_FUNDS, "pay some credits into it first; \"croft balance\" shows what it has"},
        {CROFT_ERR_OP_FUNDS, "\"croft balance\" shows what the account has"},
        {CROFT_ERR_OP_DEPOSIT, "a deposit is held for each new record and comes back when it goes"},
        {CROFT_ERR_TX_FEE, "the base fee has risen: try again, or allow more with --fee-max"},
        {CROFT_ERR_TX_EXPIRED, "check this machine's clock, and try again"},
        {CROFT_ERR_TX_TOO_LONG, "check this machine's clock"},
        {CROFT_ERR_TX_SCOPE,
         "sign with a key that has the scope (--key), or with several: --out FILE, then croft "
         "tx sign FILE"},
        {CROFT_ERR_TX_CAP, "wait until tomorrow (UTC), or sign with a key without a cap: --key"},
        {CROFT_ERR_TX_LANE, "leave out --quota to pay a fee; a quota is given by vote"},
        {CROFT_ERR_OP_TIME, "\"croft params\" shows how long it may be"},
        {CROFT_ERR_OP_ISSUER, "\"croft issuer list\" shows who may issue"},
        {CROFT_ERR_OP_ISSUER_CAP, "\"croft issuer list\" shows the caps; they change by vote"},
        {CROFT_ERR_OP_VALIDATOR, "\"croft validator list\" shows who votes"},
        {CROFT_ERR_OP_KEYS, "\"croft balance\" shows the account's keys and thresholds"},
        {CROFT_ERR_OP_VOTED, "\"croft params proposals\" shows how the votes stand"},
        {CROFT_ERR_OP_CAP, "wait until tomorrow (UTC), or sign with a key without a cap: --key"},
        {CROFT_ERR_OP_NOT_EMPTY, "\"croft provider show\" and \"croft node show\" say what is still there"},
        {CROFT_ERR_OP_STATE, "\"croft order show\", \"croft lease show\" and \"croft offer show\" tell the state"},
        {CROFT_ERR_OP_OFFERS, "\"croft offer ls\" lists what is free, \"croft explain ORDER\" says why none fits"},
        {CROFT_ERR_OP_TERMS, "\"croft class show\" and \"croft order show\" tell what is asked for"},
        {CROFT_ERR_OP_PRICE, "\"croft order show\" and \"croft class show\" tell the limits"},
        {CROFT_ERR_OP_STAKE, "\"croft stake show\" tells what is free; \"croft stake lock\" adds some"},
        {CROFT_ERR_OP_EXPOSURE, "more stake raises what a provider may hold: croft stake lock AMOUNT"},
        {CROFT_ERR_OP_NODE, "the provider admits it: croft node admit ADDRESS; the node's own key signs"},
        {CROFT_ERR_OP_TURN, "\"croft class show\" names the order whose turn it is"},
        {CROFT_ERR_OP_VOUCHER, "sign with the order's voucher key, for the lease as \"croft lease show\" has it"},
        {CROFT_ERR_OP_VOUCHER_OLD, "nothing is lost: what it covers is paid; settle a newer one"},
        {CROFT_ERR_OP_TASKS, "\"croft order show\" tells how many tasks are open"},
        {CROFT_ERR_OP_ORACLE, "\"croft oracle show\" tells the reports; wait for the next ones"},
        {CROFT_ERR_OP_DAY_CAP, "wait until tomorrow (UTC), or pay in credits"},
        {CROFT_ERR_OP_POOL, "try a smaller amount: \"croft oracle show\" tells what the pool holds"},
        {CROFT_ERR_TX_POOL_FULL, "try again in a moment"},
        {CROFT_ERR_TX_BLOCK_FULL, "try again in a moment"},
        {CROFT_ERR_HALTED, "see the log of the chain"},
    };
    for (size_t i = 0; i < CROFT_COUNT(known); i++)
        if (known[i].err == err)
            return known[i].text;
    return "nothing else changed";
}

static croft_err submit_once(struct croft_client *c, struct croft_bytes tx, struct croft_arena mem,
                             Croft__V1__TxResult *out, struct croft_why *why)
{
    ProtobufCBinaryData bytes = {tx.len, (u8 *)(uintptr_t)tx.at};
    Croft__V1__Submit submit = CROFT__V1__SUBMIT__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    submit.n_txs = 1;
    submit.txs = &bytes;
    request.call_case = CROFT__V1__REQUEST__CALL_SUBMIT;
    request.submit = &submit;
    Croft__V1__Response *response;
    CROFT_TRY(croft_client_call(c, &request, &mem, &response, why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_SUBMIT || response->submit->n_results != 1)
        return croft_fail(why, CROFT_ERR_FRAME, "the chain answered a submission with something else");
    *out = *response->submit->results[0];
    out->tx_id = (ProtobufCBinaryData){0}; /* lies in mem, and so does what the chain says */
    snprintf(why->text, sizeof why->text, "%s", out->message);
    out->message = why->text;
    return CROFT_OK;
}

static croft_err find_tx(struct croft_client *c, const struct croft_hash *id, struct croft_arena mem,
                         Croft__V1__TxResult *out, struct croft_why *why)
{
    Croft__V1__FindTx find = CROFT__V1__FIND_TX__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    find.tx_id = (ProtobufCBinaryData){sizeof id->b, (u8 *)(uintptr_t)id->b};
    request.call_case = CROFT__V1__REQUEST__CALL_FIND_TX;
    request.find_tx = &find;
    Croft__V1__Response *response;
    CROFT_TRY(croft_client_call(c, &request, &mem, &response, why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_FIND_TX)
        return croft_fail(why, CROFT_ERR_FRAME, "the chain answered a search with something else");
    croft__v1__tx_result__init(out);
    out->code = response->find_tx->code;
    out->height = response->find_tx->height;
    out->index = response->find_tx->index;
    out->fee = response->find_tx->fee;
    return CROFT_OK;
}

/* Submits until there is an answer or the call's time is up.  The same bytes again count once: if the first
 * time got through, the second is a replay, and the search tells what the first one got.  A replay that the
 * search does not explain stays open: signing anew could pay twice. */
static croft_err submit(struct croft_client *c, struct croft_bytes tx, const struct croft_hash *id,
                        struct croft_arena mem, Croft__V1__TxResult *out, struct croft_why *why)
{
    struct croft_world *world = c->options.world;
    u64 end_ns = world->ops->steady_ns(world) + (u64)c->options.timeout_ms * 1000000;
    for (bool again = false;; again = true) {
        croft_err err = submit_once(c, tx, mem, out, why);
        if (err == CROFT_OK && out->code == CROFT_ERR_TX_REPLAY && again) {
            err = find_tx(c, id, mem, out, why);
            return err == CROFT_OK ? err : CROFT_ERR_UNAVAILABLE;
        }
        if (err != CROFT_ERR_UNAVAILABLE || world->ops->steady_ns(world) >= end_ns)
            return err;
        CROFT_TRY(croft_client_sleep(&c->options, RETRY_MS, why));
        struct croft_why unused;
        croft_err reopened = croft_client_reopen(c, &unused);
        if (reopened != CROFT_OK && reopened != CROFT_ERR_UNAVAILABLE)
            return reopened == CROFT_ERR_NETWORK ? croft_fail(why, reopened, "%s", unused.text) : err;
    }
}

static void take_result(struct croft_wallet_result *out, const Croft__V1__TxResult *got)
{
    out->height = got->height;
    out->index = got->index;
    out->fee = croft_amt_of(got->fee);
}

static bool outcome_is_open(croft_err err)
{
    return err == CROFT_ERR_TIMEOUT || err == CROFT_ERR_UNAVAILABLE || err == CROFT_ERR_INTERRUPTED;
}

static croft_err tell(const struct croft_wallet_result *result, const Croft__V1__TxResult *got,
                      struct croft_why *why)
{
    if (got->code == CROFT_OK)
        return CROFT_OK;
    croft_err err = croft_err_of(got->code);
    if (got->message == why->text && why->text[0] != '\0')
        return err; /* the chain says it itself */
    if (got->height == 0)
        return croft_fail(why, err, "%s\n%s", croft_err_text(err), advice(err));
    char fee[CROFT_AMT_TEXT_MAX];
    croft_amt_format(result->fee, fee);
    return croft_fail(why, err, "%s (fee taken: %s)\n%s", croft_err_text(err), fee, advice(err));
}

croft_err croft_wallet_deliver(struct croft_client *c, struct croft_bytes tx, const struct croft_hash *id,
                               struct croft_arena mem, struct croft_wallet_result *out, bool *out_replayed,
                               struct croft_why *why)
{
    Croft__V1__TxResult got;
    croft_err err = submit(c, tx, id, mem, &got, why);
    out->id = *id;
    if (outcome_is_open(err)) {
        char text[65];
        croft_hex_encode((struct croft_bytes){id->b, sizeof id->b}, text);
        return croft_fail(why, err,
                          "%s after the transaction was sent: it may still be carried out\n"
                          "before sending it again run: croft tx show %s",
                          err == CROFT_ERR_INTERRUPTED ? "interrupted" : "no answer from the chain", text);
    }
    CROFT_TRY(err);
    *out_replayed = got.code == CROFT_ERR_TX_REPLAY;
    take_result(out, &got);
    return tell(out, &got, why);
}

croft_err croft_wallet_submit(struct croft_client *c, struct croft_bytes tx, const struct croft_hash *id,
                              struct croft_arena mem, struct croft_wallet_result *out, struct croft_why *why)
{
    bool replayed = false;
    struct croft_wallet_result result = {.height = 0};
    Croft__V1__TxResult got;
    croft_err err = croft_wallet_deliver(c, tx, id, mem, &result, &replayed, why);
    if (replayed) {
        /* Sent before: then this is what it got.  Else its nonce went to another transaction. */
        struct croft_why unused;
        err = find_tx(c, id, mem, &got, &unused);
        if (err != CROFT_OK)
            return croft_fail(why, CROFT_ERR_TX_REPLAY,
                              "%s\nanother transaction used its nonce: make it anew and sign that",
                              croft_err_text(CROFT_ERR_TX_REPLAY));
        take_result(&result, &got);
        err = tell(&result, &got, why);
    }
    *out = result;
    return err;
}
