#include "cli/advise_chain.h"

#include "chain/records.h"
#include "cli/connect.h"
#include "cli/market_prices.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CSV_MAX = 512, IMPLIED_TIMEOUT_MS = 3000, DATE_MAX = 16, MODEL_MAX = 24 };

/* ---- which devices are of the card ---- */

/* "h100_pcie" is the model "h100-pcie" at any interface, or "h100" at PCIe. */
struct card {
    char model[64], base[64];
    u8 interface; /* of base; 0: there is none */
};

static struct card card_of(const char *id)
{
    static const char *const suffix[] = {NULL, "-pcie", "-sxm"};
    struct card card = {.interface = 0};
    snprintf(card.model, sizeof card.model, "%s", id);
    for (char *at = card.model; *at != '\0'; at++)
        *at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    memcpy(card.base, card.model, sizeof card.base);
    size_t len = strlen(card.base);
    for (u8 i = 1; i < CROFT_COUNT(suffix); i++) {
        size_t tail = strlen(suffix[i]);
        if (len > tail && strcmp(card.base + len - tail, suffix[i]) == 0) {
            card.base[len - tail] = '\0';
            card.interface = i;
            break;
        }
    }
    return card;
}

static bool is_of_card(const void *context, const struct croft_device_record *d)
{
    const struct card *card = context;
    char model[MODEL_MAX + 1] = "";
    memcpy(model, d->model, sizeof d->model);
    if (d->kind != CROFT_DEVICE_GPU)
        return false;
    return strcmp(model, card->model) == 0 ||
           (card->interface != 0 && d->interface == card->interface && strcmp(model, card->base) == 0);
}

/* ---- rows ---- */

struct reading {
    struct croft_price_facts facts;
    const char *network;
    char date[DATE_MAX];
    u64 height, fee_ppm;
};

static char *row(struct croft_cli *c, const char *text)
{
    char *copy = croft_new(&c->mem, char, strlen(text) + 1);
    if (copy != NULL)
        memcpy(copy, text, strlen(text));
    return copy;
}

/* What the host gets of a listed price. */
static void host_text(const struct reading *r, u64 price, char out[CROFT_AMT_TEXT_MAX])
{
    u64 fee = (u64)((unsigned __int128)price * r->fee_ppm / 1000000);
    croft_amt_format(croft_amt_of(price - fee), out);
}

static croft_err make_rows(struct croft_cli *c, const char *card_id, const struct reading *r,
                           struct croft_advise_chain *out)
{
    char text[CSV_MAX], median[CROFT_AMT_TEXT_MAX], cheapest[CROFT_AMT_TEXT_MAX];
    u32 devices = r->facts.listed + r->facts.leased;
    host_text(r, r->facts.median, median);
    host_text(r, r->facts.cheapest, cheapest);
    if (r->facts.priced > 0) {
        snprintf(text, sizeof text,
                 "gpu_id,network,side,usd_h,low,as_of,confidence,source\n%s,croft,host,%s,%s,%s,high,\"this "
                 "network's "
                 "chain (%s) after block %" PRIu64
                 ": median of %u offers by the hour, less the market fee\"\n",
                 card_id, median, cheapest, r->date, r->network, r->height, r->facts.priced);
        out->rates = row(c, text);
    }
    if (devices > 0) {
        snprintf(text, sizeof text,
                 "network,gpu_id,utilisation,as_of,confidence,source\ncroft,%s,%.6f,%s,medium,\"this "
                 "network's chain (%s) "
                 "after block %" PRIu64 ": %u of %u devices are leased\"\n",
                 card_id, (double)r->facts.leased / devices, r->date, r->network, r->height, r->facts.leased,
                 devices);
        out->utilisation = row(c, text);
    }
    bool lost = (r->facts.priced > 0 && out->rates == NULL) || (devices > 0 && out->utilisation == NULL);
    return lost ? croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the chain's prices") : CROFT_OK;
}

/* ---- the chain ---- */

/* *out_there false: there is none, and none was named.  To look at a chain is not to belong to it. */
static croft_err find_chain(struct croft_cli *c, struct croft_client *out, bool *out_there)
{
    struct croft_client_options options;
    bool named = croft_cli_has(c, "chain");
    CROFT_TRY(croft_connect_options(c, &options));
    if (!named)
        options.timeout_ms = IMPLIED_TIMEOUT_MS;
    options.network = (struct croft_hash){{0}};
    croft_err err = croft_client_open(&options, out, &c->why);
    *out_there = err == CROFT_OK;
    if (err == CROFT_OK || named || err == CROFT_ERR_INTERRUPTED)
        return err;
    c->why.text[0] = '\0';
    return CROFT_OK;
}

static croft_err read_facts(struct croft_cli *c, struct croft_client *client, const char *card_id,
                            struct reading *out)
{
    const Croft__V1__StatusResult *status;
    struct croft_params params;
    struct tm tm;
    const struct card card = card_of(card_id);
    CROFT_TRY(croft_status_read(client, &c->mem, &status, &c->why));
    CROFT_TRY(croft_params_read(client, c->mem, &params, &c->why));
    CROFT_TRY(croft_market_prices(c, client, is_of_card, &card, &out->facts));
    const time_t at = (time_t)(status->time_ms / 1000);
    if (gmtime_r(&at, &tm) == NULL || strftime(out->date, sizeof out->date, "%Y-%m-%d", &tm) == 0)
        return croft_fail(&c->why, CROFT_ERR_DECODE, "the chain's block time is no date");
    out->height = status->height;
    out->network = status->network_name;
    out->fee_ppm = params.value[CROFT_PARAM_MARKET_FEE_PPM];
    return CROFT_OK;
}

croft_err croft_advise_read_chain(struct croft_cli *c, const char *card_id, struct croft_advise_chain *out)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct reading r = {.height = 0};
    bool there;
    *out = (struct croft_advise_chain){.rates = NULL};
    CROFT_TRY(find_chain(c, &client, &there));
    if (!there)
        return CROFT_OK;
    CROFT_TRY(read_facts(c, &client, card_id, &r));
    return make_rows(c, card_id, &r, out);
}
