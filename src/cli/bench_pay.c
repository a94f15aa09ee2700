#include "cli/groups.h"

#include "base/assert.h"
#include "chain/records.h"
#include "chain/wallet.h"
#include "cli/connect.h"
#include "crypto/hash.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 50, BATCH_MAX = 200, TX_ROOM = 8192, VALID_S = 3600 };

/* One account that pays one unit at a time, in batches, each after the one before is answered. */
struct paying {
    struct croft_cli *c;
    struct croft_client client;
    struct croft_key_info key;
    struct croft_secret_key secret;
    struct croft_address to;
    u32 batch;
    u64 count, paid; /* count 0: until it is interrupted */
    struct croft_key_record window;
    struct croft_region room;
    ProtobufCBinaryData tx[BATCH_MAX];
    struct croft_hash id[BATCH_MAX];
};

static void drop(struct paying *p)
{
    croft_client_close(&p->client);
    croft_secret_key_wipe(&p->secret);
    croft_region_unmap(&p->room);
}

/* ---- nonces ---- */

/* What the chain says was used: read once, at the start. */
static croft_err read_window(struct paying *p)
{
    struct croft_account_record account;
    struct croft_record_key key = croft_key_of_address(&p->key.account);
    struct croft_arena mem = croft_region_arena(&p->room);
    CROFT_TRY(
        croft_record_read(&p->client, CROFT_TABLE_ACCOUNTS, &key, false, &mem, &account, NULL, &p->c->why));
    p->window = account.key[0];
    if (account.key_count == 0)
        p->window.nonce_base = account.nonce_floor;
    return CROFT_OK;
}

static bool is_used(const struct paying *p, u64 nonce)
{
    u64 bit = nonce - p->window.nonce_base - 1;
    return bit < CROFT_REPLAY_WINDOW && (p->window.nonce_map[bit / 8] >> (bit % 8) & 1) != 0;
}

/* The lowest nonces first, so that the window never runs full. */
static u64 next_nonce(const struct paying *p, u64 after)
{
    do
        after++;
    while (is_used(p, after));
    return after;
}

/* ---- a batch ---- */

static croft_err sign_one(struct paying *p, u64 nonce, u32 i, struct croft_arena *mem)
{
    Croft__V1__Leg leg = CROFT__V1__LEG__INIT, *legs[] = {&leg};
    Croft__V1__Transfer transfer = CROFT__V1__TRANSFER__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    const struct croft_secret_key *keys[] = {&p->secret};
    const u8 signer = 0;
    struct croft_bytes made;
    leg.to_address = croft_cli_bytes(p->to.b, sizeof p->to.b);
    leg.amount = 1;
    transfer.n_legs = 1;
    transfer.legs = legs;
    body.format = 1;
    body.account_address = croft_cli_bytes(p->key.account.b, sizeof p->key.account.b);
    body.nonce = nonce;
    body.valid_until_s = p->c->world->ops->wall_ms(p->c->world) / 1000 + VALID_S;
    body.fee_max = CROFT_UNITS_PER_CREDIT;
    body.key_set = croft_key_set_single(&p->key.public_key, mem);
    body.op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    body.transfer = &transfer;
    CROFT_ASSERT(body.key_set != NULL);
    CROFT_TRY(croft_tx_build(&body, &p->client.network, keys, &signer, 1, mem, &made, &p->id[i]));
    p->tx[i] = croft_cli_bytes(made.at, made.len);
    return CROFT_OK;
}

/* What is printed was acknowledged: a line is out before the next batch goes. */
static croft_err print_results(struct paying *p, const Croft__V1__SubmitResult *s, u32 count)
{
    char id[65];
    if (s->n_results != count)
        return croft_fail(&p->c->why, CROFT_ERR_FRAME, "the chain answered with another number of results");
    for (u32 i = 0; i < count; i++) {
        const Croft__V1__TxResult *r = s->results[i];
        if (r->code != 0)
            return croft_fail(&p->c->why, croft_err_of(r->code), "payment %" PRIu64 ": %s", p->paid + i,
                              croft_err_text(croft_err_of(r->code)));
        croft_hex_encode((struct croft_bytes){p->id[i].b, sizeof p->id[i].b}, id);
        printf(p->c->json ? "{\"id\":\"%s\",\"height\":\"%" PRIu64 "\",\"index\":%u}\n"
                          : "%s in block %" PRIu64 ", place %u\n",
               id, r->height, r->index);
    }
    return fflush(stdout) == 0 ? CROFT_OK
                               : croft_fail(&p->c->why, CROFT_ERR_IO, "cannot write to standard output");
}

static croft_err submit(struct paying *p, u32 count, struct croft_arena mem)
{
    Croft__V1__Submit call = CROFT__V1__SUBMIT__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    call.n_txs = count;
    call.txs = p->tx;
    request.call_case = CROFT__V1__REQUEST__CALL_SUBMIT;
    request.submit = &call;
    CROFT_TRY(croft_client_call(&p->client, &request, &mem, &response, &p->c->why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_SUBMIT)
        return croft_fail(&p->c->why, CROFT_ERR_FRAME, "the chain answered with something else");
    return print_results(p, response->submit, count);
}

static croft_err pay_batch(struct paying *p, u64 *last)
{
    struct croft_arena mem = croft_region_arena(&p->room);
    u64 left = p->count - p->paid;
    u32 count = p->count != 0 && left < p->batch ? (u32)left : p->batch;
    for (u32 i = 0; i < count; i++) {
        *last = next_nonce(p, *last);
        CROFT_TRY(sign_one(p, *last, i, &mem));
    }
    CROFT_TRY(submit(p, count, mem));
    p->paid += count;
    return CROFT_OK;
}

/* ---- the verb ---- */

static croft_err read_options(struct paying *p)
{
    struct croft_cli *c = p->c;
    u64 batch = BATCH;
    const char *count = croft_cli_value(c, "count"), *size = croft_cli_value(c, "batch");
    CROFT_TRY(croft_cli_address(c, c->arg[0], "ADDRESS", &p->to));
    if (count != NULL)
        CROFT_TRY(croft_cli_u64(c, count, "--count", &p->count));
    if (size != NULL)
        CROFT_TRY(croft_cli_u64(c, size, "--batch", &batch));
    if (batch < 1 || batch > BATCH_MAX)
        return croft_cli_usage(c, "--batch must be from 1 to %d", BATCH_MAX);
    p->batch = (u32)batch;
    return CROFT_OK;
}

static croft_err pay(struct paying *p)
{
    struct croft_cli *c = p->c;
    CROFT_TRY(read_options(p));
    CROFT_TRY(croft_key_choose(c, &p->key));
    CROFT_TRY(croft_key_open(c, &p->key, &p->secret));
    CROFT_TRY(croft_connect(c, &p->client));
    if (!croft_region_map(&p->room, (size_t)BATCH_MAX * TX_ROOM))
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the payments");
    CROFT_TRY(read_window(p));
    u64 last = p->window.nonce_base;
    while ((p->count == 0 || p->paid < p->count) && !*c->interrupted)
        CROFT_TRY(pay_batch(p, &last));
    return CROFT_OK;
}

static croft_err run_pay(struct croft_cli *c)
{
    static struct paying p;
    p = (struct paying){.c = c, .client = {.fd = -1}};
    croft_err err = pay(&p);
    drop(&p);
    return err;
}

static const struct croft_option option[] = {
    {"count", "N", "payments to send (else until Ctrl-C)", CROFT_OFFER_NOTHING},
    {"batch", "N", "payments to a call, 1 to 200 (else 50)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {{
    .name = "bench pay",
    .usage = "ADDRESS",
    .summary = "load on a running chain: the smallest payments, as fast as they are answered",
    .about = "Prints a line for each payment when it is acknowledged. For a key that is the first of its "
             "account; real\n"
             "money and fees are spent.",
    .examples =
        "croft bench pay croft1... --key alice --count 10000\ncroft bench pay croft1... --key alice --json",
    .option = option,
    .option_count = CROFT_COUNT(option),
    .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
    .args_min = 1,
    .args_max = 1,
    .run = run_pay,
}};

const struct croft_verb_group croft_bench_pay_verbs = {verb, CROFT_COUNT(verb)};
