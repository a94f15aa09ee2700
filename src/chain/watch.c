#include "chain/watch.h"

#include "base/assert.h"
#include "chain/records.h"

#include <inttypes.h>

enum { RETRY_MS = 200, RETRY_MAX_MS = 5000 };

struct listening {
    struct croft_watch *w;
    struct croft_client client;
    u64 subscription, ping; /* ids; ping 0: none is out */
    bool up;                /* the chain said hello and took the subscription */
    bool ended;             /* on_block ended the watch */
};

/* A failure that a new connection may mend. */
static bool is_lost(croft_err err)
{
    return err == CROFT_ERR_UNAVAILABLE || err == CROFT_ERR_TIMEOUT;
}

static croft_err subscribe(struct listening *l, struct croft_arena mem, struct croft_why *why)
{
    if (l->w->from_height == 0) {
        /* A height is fixed before the first event: a connection lost until then must miss nothing either. */
        const Croft__V1__StatusResult *status;
        CROFT_TRY(croft_status_read(&l->client, &mem, &status, why));
        l->w->from_height = status->height + 1;
    }
    Croft__V1__Subscribe call = CROFT__V1__SUBSCRIBE__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    call.from_height = l->w->from_height;
    request.call_case = CROFT__V1__REQUEST__CALL_SUBSCRIBE;
    request.subscribe = &call;
    return croft_client_send(&l->client, &request, &l->subscription, why);
}

static croft_err send_ping(struct listening *l, struct croft_why *why)
{
    if (l->ping != 0)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "the chain at %s went silent", l->w->options.where);
    Croft__V1__Status call = CROFT__V1__STATUS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    request.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    request.status = &call;
    return croft_client_send(&l->client, &request, &l->ping, why);
}

static croft_err take_block(struct listening *l, const Croft__V1__BlockEvent *block, struct croft_why *why)
{
    struct croft_watch *w = l->w;
    if (block->height < w->from_height)
        return CROFT_OK; /* handled on an earlier connection */
    if (block->height > w->from_height)
        return croft_fail(why, CROFT_ERR_BLOCK, "the chain sent block %" PRIu64 " where %" PRIu64 " is next",
                          block->height, w->from_height);
    croft_err err = w->on_block(w->context, block);
    l->ended = err != CROFT_OK;
    CROFT_TRY(err);
    w->from_height = block->height + 1;
    return CROFT_OK;
}

/* Handles what comes next, or asks whether anybody is there when nothing comes. */
static croft_err listen_once(struct listening *l, struct croft_arena mem, struct croft_why *why)
{
    struct croft_why quiet;
    Croft__V1__Response *response;
    croft_err err = croft_client_receive(&l->client, l->w->quiet_ms, &mem, &response, &quiet);
    if (err == CROFT_ERR_TIMEOUT)
        return send_ping(l, why);
    if (err != CROFT_OK) {
        *why = quiet;
        return err;
    }
    l->ping = 0;
    if (response->id != l->subscription)
        return CROFT_OK;
    CROFT_TRY(croft_client_error_of(response, why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_BLOCK)
        return CROFT_OK; /* the subscription is taken: nothing to tell yet */
    return take_block(l, response->block, why);
}

static croft_err listen(struct listening *l, struct croft_arena mem, struct croft_why *why)
{
    struct croft_client_options *options = &l->w->options;
    CROFT_TRY(croft_client_open(options, &l->client, why));
    if (options->network_name == NULL)
        options->network = l->client.network; /* what answers after a break must be the same network */
    CROFT_TRY(subscribe(l, mem, why));
    l->up = true;
    for (;;)
        CROFT_TRY(listen_once(l, mem, why));
}

croft_err croft_watch_run(struct croft_watch *w, struct croft_arena mem, struct croft_why *why)
{
    CROFT_ASSERT(w->quiet_ms > 0);
    struct croft_world *world = w->options.world;
    u64 up_ns = 0;
    u32 pause_ms = RETRY_MS;
    for (;;) {
        struct listening l = {.w = w, .client = {.fd = -1}};
        croft_err err = listen(&l, mem, why);
        croft_client_close(&l.client);
        u64 now_ns = world->ops->steady_ns(world);
        if (l.up) {
            up_ns = now_ns;
            pause_ms = RETRY_MS;
        }
        bool patient = w->patience_ms == 0 || now_ns - up_ns < (u64)w->patience_ms * 1000000;
        if (!is_lost(err) || l.ended || up_ns == 0 || !patient)
            return err;
        if (w->on_lost != NULL)
            w->on_lost(w->context, why);
        CROFT_TRY(croft_client_sleep(&w->options, pause_ms, why));
        pause_ms = pause_ms * 2 < RETRY_MAX_MS ? pause_ms * 2 : RETRY_MAX_MS;
    }
}
