#include "chain/wallet.h"

#include "base/assert.h"
#include "crypto/bech32m.h"
#include "json/hex.h"

#include <string.h>

/* The base fee moves by at most 1/8 a block: this outlasts six full blocks in a row. */
enum { HEADROOM = 2, REPLAY_RETRIES = 3, RETRY_MS = 250, SIGNATURE_BYTES = 80 };

croft_err croft_wallet_address(const struct croft_public_key *key, struct croft_address *out)
{
    u8 memory[1024];
    struct croft_arena mem = {memory, memory + sizeof memory};
    const Croft__V1__KeySet *set = croft_key_set_single(key, &mem);
    if (set == NULL)
        return CROFT_ERR_NOMEM;
    *out = croft_key_set_address(set);
    return CROFT_OK;
}

u64 croft_wallet_nonce(const struct croft_key_record *key)
{
    u64 nonce = key->nonce_base + 1;
    for (u32 i = 0; i < CROFT_REPLAY_WINDOW && (key->nonce_map[i / 8] >> (i % 8) & 1) != 0; i++)
        nonce++;
    return nonce;
}

/* Records that an operation writes and creates at most, its own account not counted. */
static void touched(const Croft__V1__TxBody *body, u64 *out_writes, u64 *out_creates)
{
    enum { WRITES_MOST = 4, CREATES_MOST = 1 };
    bool transfer = body->op_case == CROFT__V1__TX_BODY__OP_TRANSFER;
    *out_writes = transfer ? body->transfer->n_legs : WRITES_MOST;
    *out_creates = transfer ? body->transfer->n_legs : CREATES_MOST;
}

static u64 add_product(u64 sum, u64 a, u64 b)
{
    u64 product;
    if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(sum, product, &sum))
        return UINT64_MAX;
    return sum;
}

u64 croft_wallet_cost(const struct croft_params *params, const Croft__V1__TxBody *body, size_t tx_bytes,
                      u32 signatures)
{
    u64 writes, creates;
    touched(body, &writes, &creates);
    u64 cost = add_product(0, signatures, params->value[CROFT_PARAM_COST_SIGNATURE]);
    cost = add_product(cost, (tx_bytes + 15) / 16, params->value[CROFT_PARAM_COST_BYTES_16]);
    cost = add_product(cost, writes + 1, params->value[CROFT_PARAM_COST_WRITE]);
    return add_product(cost, creates, params->value[CROFT_PARAM_COST_CREATE]);
}

/* Sets fee_max on a body that is otherwise whole. */
static croft_err choose_fee(const struct croft_wallet *w, u64 base_fee, Croft__V1__TxBody *body,
                            struct croft_arena mem, struct croft_why *why)
{
    body->fee_max = croft_amt_units(w->fee_max);
    if (body->fee_max != 0 || base_fee == 0)
        return CROFT_OK;
    struct croft_params params;
    CROFT_TRY(croft_params_read(w->client, mem, &params, why));
    body->fee_max = UINT64_MAX; /* as long as it can get, for the length */
    size_t bytes = croft__v1__tx_body__get_packed_size(body) + SIGNATURE_BYTES;
    u64 cost = croft_wallet_cost(&params, body, bytes, 1);
    body->fee_max = add_product(0, add_product(0, cost, base_fee), HEADROOM);
    return CROFT_OK;
}

static croft_err no_account(const struct croft_wallet *w, struct croft_why *why)
{
    char text[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, w->account.b, text);
    return croft_fail(why, CROFT_ERR_NOT_FOUND,
                      "the account %s does not exist on network \"%s\" yet\n"
                      "it comes into being with the first payment to it; it then pays its own fees",
                      text, w->client->network_name);
}

/* What a signature by our key needs to say: its place, its next nonce, and the key set if it was not shown
 * yet. */
struct place {
    u8 key;
    u64 nonce;
    Croft__V1__KeySet *key_set;
};

static croft_err first_place(const struct croft_wallet *w, const struct croft_account_record *account,
                             struct croft_arena *mem, struct place *out, struct croft_why *why)
{
    struct croft_public_key public_key = croft_public_key_of(w->key);
    struct croft_address own;
    *out =
        (struct place){.nonce = account->nonce_floor + 1, .key_set = croft_key_set_single(&public_key, mem)};
    if (out->key_set == NULL || croft_wallet_address(&public_key, &own) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the key set");
    if (memcmp(own.b, w->account.b, sizeof own.b) != 0)
        return croft_fail(
            why, CROFT_ERR_TX_KEY,
            "the account has not shown its keys yet, and this key alone is not what it is made of\n"
            "sign its first transaction with the key that its address belongs to");
    return CROFT_OK;
}

static croft_err find_place(const struct croft_wallet *w, struct croft_arena *mem, struct place *out,
                            struct croft_why *why)
{
    struct croft_account_record account;
    const struct croft_record_key at = croft_key_of_address(&w->account);
    croft_err err = croft_record_read(w->client, CROFT_TABLE_ACCOUNTS, &at, false, mem, &account, NULL, why);
    if (err == CROFT_ERR_NOT_FOUND)
        return no_account(w, why);
    CROFT_TRY(err);
    if (account.key_count == 0)
        return first_place(w, &account, mem, out, why);

    struct croft_public_key public_key = croft_public_key_of(w->key);
    for (u8 i = 0; i < account.key_count; i++) {
        const struct croft_key_record *key = &account.key[i];
        if (key->scheme == 0 || memcmp(key->public_key, public_key.b, sizeof public_key.b) != 0)
            continue;
        *out = (struct place){.key = i, .nonce = croft_wallet_nonce(key)};
        return CROFT_OK;
    }
    return croft_fail(
        why, CROFT_ERR_TX_KEY,
        "this key is none of the account's keys: it was revoked, replaced or never added\n"
        "\"croft balance\" lists them; choose another with --key, or the account with --account");
}

/* ---- submitting ---- */

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
        {CROFT_ERR_TX_SCOPE, "sign with a key that has the scope: --key"},
        {CROFT_ERR_TX_CAP, "wait until tomorrow (UTC), or sign with a key without a cap: --key"},
        {CROFT_ERR_OP_CAP, "wait until tomorrow (UTC), or sign with a key without a cap: --key"},
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
    out->tx_id = (ProtobufCBinaryData){0}; /* lies in mem */
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

static bool outcome_is_open(croft_err err)
{
    return err == CROFT_ERR_TIMEOUT || err == CROFT_ERR_UNAVAILABLE || err == CROFT_ERR_INTERRUPTED;
}

static croft_err report(const struct croft_wallet_result *result, const Croft__V1__TxResult *got,
                        struct croft_why *why)
{
    if (got->code == CROFT_OK)
        return CROFT_OK;
    croft_err err = croft_err_of(got->code);
    if (got->height == 0)
        return croft_fail(why, err, "%s\n%s", croft_err_text(err), advice(err));
    char fee[CROFT_AMT_TEXT_MAX];
    croft_amt_format(result->fee, fee);
    return croft_fail(why, err, "%s (fee taken: %s)\n%s", croft_err_text(err), fee, advice(err));
}

static croft_err sign_and_submit(const struct croft_wallet *w, const struct place *place,
                                 Croft__V1__TxBody *body, struct croft_arena mem,
                                 struct croft_wallet_result *out, bool *out_replayed, struct croft_why *why)
{
    const struct croft_secret_key *keys[] = {w->key};
    const u8 signer[] = {place->key};
    struct croft_bytes tx;
    croft_err err = croft_tx_build(body, &w->client->network, keys, signer, 1, &mem, &tx, &out->id);
    if (err != CROFT_OK)
        return croft_fail(why, err, "%s", croft_err_text(err));

    Croft__V1__TxResult got;
    err = submit(w->client, tx, &out->id, mem, &got, why);
    if (outcome_is_open(err)) {
        char id[65];
        croft_hex_encode((struct croft_bytes){out->id.b, sizeof out->id.b}, id);
        return croft_fail(why, err,
                          "%s after the transaction was sent: it may still be carried out\n"
                          "before sending it again run: croft tx show %s",
                          err == CROFT_ERR_INTERRUPTED ? "interrupted" : "no answer from the chain", id);
    }
    CROFT_TRY(err);
    *out_replayed = got.code == CROFT_ERR_TX_REPLAY;
    out->height = got.height;
    out->index = got.index;
    out->fee = croft_amt_of(got.fee);
    return report(out, &got, why);
}

static croft_err check_ranges(const struct croft_wallet *w, const struct place *place,
                              const Croft__V1__TxBody *body, struct croft_arena mem, struct croft_why *why)
{
    /* Decoding what we would send says now, and for nothing, what the chain would refuse. */
    const struct croft_secret_key *keys[] = {w->key};
    const u8 signer[] = {place->key};
    struct croft_bytes bytes;
    struct croft_hash id;
    struct croft_tx decoded;
    croft_err err = croft_tx_build(body, &w->client->network, keys, signer, 1, &mem, &bytes, &id);
    if (err == CROFT_OK)
        err = croft_tx_decode(bytes, &w->client->network, &mem, &decoded);
    return err == CROFT_OK ? CROFT_OK : croft_fail(why, err, "%s\nnothing was sent", croft_err_text(err));
}

static u64 valid_until_s(const struct croft_wallet *w, const Croft__V1__StatusResult *status)
{
    struct croft_world *world = w->client->options.world;
    u64 now_ms = world->ops->wall_ms(world);
    u64 from_ms = now_ms > status->time_ms ? now_ms : status->time_ms;
    return from_ms / 1000 + (w->valid_s != 0 ? w->valid_s : CROFT_WALLET_VALID_S);
}

static croft_err send_once(const struct croft_wallet *w, Croft__V1__TxBody *body, struct croft_arena mem,
                           struct croft_wallet_result *out, bool *out_replayed, struct croft_why *why)
{
    struct place place;
    const Croft__V1__StatusResult *status;
    CROFT_TRY(croft_status_read(w->client, &mem, &status, why));
    CROFT_TRY(find_place(w, &mem, &place, why));
    body->format = 1;
    body->account_address = (ProtobufCBinaryData){sizeof w->account.b, (u8 *)(uintptr_t)w->account.b};
    body->nonce = place.nonce;
    body->valid_until_s = valid_until_s(w, status);
    body->lane = w->lane;
    body->key_set = place.key_set;
    croft_err err = choose_fee(w, status->base_fee, body, mem, why);
    if (err == CROFT_OK)
        err = check_ranges(w, &place, body, mem, why);
    if (err == CROFT_OK)
        err = sign_and_submit(w, &place, body, mem, out, out_replayed, why);
    body->key_set = NULL; /* what was set here lies in mem or in *w */
    body->account_address = (ProtobufCBinaryData){0};
    return err;
}

croft_err croft_wallet_send(const struct croft_wallet *w, Croft__V1__TxBody *body, struct croft_arena *mem,
                            struct croft_wallet_result *out, struct croft_why *why)
{
    CROFT_ASSERT(body->op_case != CROFT__V1__TX_BODY__OP__NOT_SET);
    CROFT_ASSERT(w->lane <= CROFT_LANE_QUOTA);
    for (int tries = 0;; tries++) {
        /* Another program with the same key may take the nonce between our look and our sending. */
        bool replayed = false;
        struct croft_wallet_result result = {.height = 0};
        croft_err err = send_once(w, body, *mem, &result, &replayed, why);
        if (replayed && err == CROFT_ERR_TX_REPLAY && tries < REPLAY_RETRIES)
            continue;
        *out = result;
        return err;
    }
}
