/* `croft offer`: what nodes lend, and at what price. */
#include "cli/groups.h"

#include "cli/market.h"

#include <stdio.h>
#include <string.h>

enum { WHAT_MAX = 400, HOUR_S = 3600, WEEK_S = 7 * 24 * HOUR_S, NOTICE_MAX_S = 604800 };

/* ---- post ---- */

static u64 *price_of(Croft__V1__Prices *p, enum croft_price_kind kind)
{
    u64 *const price[CROFT_PRICE_KINDS] = {&p->second, &p->token, &p->byte, &p->frame};
    return price[kind];
}

static croft_err take_prices(struct croft_cli *c, Croft__V1__Prices *p)
{
    const char *at = croft_cli_value(c, "price");
    for (char *part; at != NULL && (part = croft_market_part(c, &at, ',')) != NULL;) {
        enum croft_price_kind kind = CROFT_PRICE_SECOND;
        u64 price = 0;
        CROFT_TRY(croft_market_price(c, part, "--price", &kind, &price));
        *price_of(p, kind) = price;
    }
    return croft_market_money(c, "disk-price", &p->disk);
}

static croft_err take_terms(struct croft_cli *c, Croft__V1__OfferPost *op)
{
    const char *services = croft_cli_value(c, "services"), *egress = croft_cli_value(c, "egress"),
               *until = croft_cli_value(c, "until"), *has = croft_cli_value(c, "hardware");
    CROFT_TRY(take_prices(c, op->prices));
    CROFT_TRY(croft_market_number(c, "class", UINT16_MAX, &op->class_));
    CROFT_TRY(croft_market_seconds(c, "notice", NOTICE_MAX_S, &op->notice_s));
    if (services != NULL)
        CROFT_TRY(croft_market_word_read(c, "device", "services", services, &op->services));
    if (egress != NULL)
        CROFT_TRY(croft_market_word_read(c, "device", "egress", egress, &op->egress));
    op->until_s = croft_market_now_s(c) + WEEK_S;
    if (until != NULL)
        CROFT_TRY(croft_cli_until(c, until, "--until", &op->until_s));
    return has != NULL ? croft_market_capability(c, has, op->capability) : CROFT_OK;
}

/* The operation says all; what no option says stays as it is. */
static croft_err take_present(struct croft_cli *c, const struct croft_device_record *d,
                              Croft__V1__OfferPost *op)
{
    Croft__V1__Capability *can = op->capability;
    char *model = croft_new(&c->mem, char, sizeof d->model + 1);
    if (model == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the offer");
    memcpy(model, d->model, sizeof d->model);
    *can = (Croft__V1__Capability){.base = can->base,
                                   .kind = d->kind,
                                   .vendor = d->vendor,
                                   .model = model,
                                   .interface = d->interface,
                                   .gpu_count = d->gpu_count,
                                   .vram_mib = d->vram_mib,
                                   .ram_mib = d->ram_mib,
                                   .disk_gib = d->disk_gib,
                                   .cores = d->cores,
                                   .down_mbit = d->down_mbit,
                                   .up_mbit = d->up_mbit,
                                   .tops = d->tops,
                                   .gbs = d->gbs,
                                   .flags = d->hardware,
                                   .isolation = d->isolation};
    for (u32 i = 0; i < CROFT_PRICE_KINDS; i++)
        *price_of(op->prices, (enum croft_price_kind)i) = d->price[i];
    op->prices->disk = d->disk_price;
    op->class_ = d->class;
    op->services = d->services;
    op->egress = d->egress;
    op->notice_s = d->notice_s;
    return CROFT_OK;
}

static croft_err read_present(struct croft_cli *c, const struct croft_address *node, Croft__V1__OfferPost *op)
{
    struct croft_device_record now;
    const struct croft_market_name name = {.owner = *node, .number = op->device};
    const struct croft_record_key key = croft_market_device_key(&name);
    croft_err err = croft_market_read(c, CROFT_TABLE_DEVICES, &key, "such device", &now);
    if (err == CROFT_OK)
        return take_present(c, &now, op);
    if (err != CROFT_ERR_NOT_FOUND)
        return err;
    if (!croft_cli_has(c, "hardware"))
        return croft_cli_usage(c,
                               "it is a new device: say what it is, --hardware kind=gpu,model=rtx4090,...");
    c->why.text[0] = '\0';
    return CROFT_OK;
}

/* What is posted for the first time is for all who take it now and then, over the network. */
static croft_err check_post(struct croft_cli *c, Croft__V1__OfferPost *op)
{
    const Croft__V1__Prices *p = op->prices;
    op->services = op->services != 0 ? op->services : 1u << CROFT_SERVICE_SPOT;
    op->egress = op->egress != 0 ? op->egress : 1;
    if (p->second == 0 && p->token == 0 && p->byte == 0 && p->frame == 0)
        return croft_cli_usage(c, "an offer needs a price: --price 0.35/h");
    if (op->services != 1u << CROFT_SERVICE_SPOT && p->second == 0)
        return croft_cli_usage(c, "firm and reserved are sold by the hour: --price 0.35/h");
    return CROFT_OK;
}

static croft_err read_post(struct croft_cli *c, struct croft_key_info *key, Croft__V1__OfferPost *op)
{
    u64 device;
    CROFT_TRY(croft_cli_u64(c, c->arg[0], "DEVICE", &device));
    if (device >= CROFT_DEVICES_MAX)
        return croft_cli_usage(c, "the number of a device is 0 to %d", CROFT_DEVICES_MAX - 1);
    op->device = (u32)device;
    CROFT_TRY(take_terms(c, op)); /* wrong options are told without a chain */
    CROFT_TRY(croft_key_choose(c, key));
    CROFT_TRY(read_present(c, &key->account, op));
    CROFT_TRY(take_terms(c, op));
    return check_post(c, op);
}

static croft_err run_post(struct croft_cli *c)
{
    char what[WHAT_MAX], price[CROFT_PRICE_TEXT_MAX], until[CROFT_CELL_MAX];
    struct croft_key_info key;
    Croft__V1__Capability capability = CROFT__V1__CAPABILITY__INIT;
    Croft__V1__Prices prices = CROFT__V1__PRICES__INIT;
    Croft__V1__OfferPost op = CROFT__V1__OFFER_POST__INIT;
    op.capability = &capability;
    op.prices = &prices;
    CROFT_TRY(read_post(c, &key, &op));
    const struct croft_device_record shown = {.due_s = op.until_s};
    croft_market_cell(&croft_device_layout, "due_s", &shown, until);
    croft_market_price_text(prices.second, CROFT_PRICE_SECOND, price);
    snprintf(what, sizeof what, "device %u is offered%s%s until %s UTC", op.device,
             prices.second != 0 ? " at " : "", prices.second != 0 ? price : "", until);
    return croft_market_send_as(
        c, &key, CROFT__V1__TX_BODY__OP_OFFER_POST, &op, what,
        json_pack("{s:i,s:I}", "device", (int)op.device, "until_s", (json_int_t)op.until_s));
}

static croft_err run_withdraw(struct croft_cli *c)
{
    u64 device;
    Croft__V1__OfferWithdraw op = CROFT__V1__OFFER_WITHDRAW__INIT;
    CROFT_TRY(croft_cli_u64(c, c->arg[0], "DEVICE", &device));
    if (device >= CROFT_DEVICES_MAX)
        return croft_cli_usage(c, "the number of a device is 0 to %d", CROFT_DEVICES_MAX - 1);
    op.device = (u32)device;
    op.remove = croft_cli_has(c, "remove");
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_OFFER_WITHDRAW, &op,
                             op.remove ? "the device is gone; leased, it goes when the lease has ended"
                                       : "the device is offered no more; leased, once the lease has ended",
                             NULL);
}

/* ---- showing ---- */

static croft_err run_show(struct croft_cli *c)
{
    struct croft_market_name name;
    CROFT_TRY(croft_market_device(c, c->arg[0], &name));
    const struct croft_record_key key = croft_market_device_key(&name);
    return croft_market_show(c, CROFT_TABLE_DEVICES, &key, "such offer");
}

struct wanted {
    u32 class, state; /* 0: any */
    const char *model;
};

static bool is_wanted(const void *context, struct croft_bytes key, const void *record)
{
    const struct wanted *w = context;
    const struct croft_device_record *d = record;
    (void)key;
    if ((w->class != 0 && d->class != w->class) || (w->state != 0 && d->state != w->state))
        return false;
    return w->model == NULL || strncmp(w->model, (const char *)d->model, sizeof d->model) == 0;
}

static const struct croft_market_column column[] = {
    {"OFFER", NULL},           {"STATE", "state"},       {"KIND", "kind"},          {"MODEL", "model"},
    {"GPUS", "gpu_count"},     {"VRAM MIB", "vram_mib"}, {"PRICE", "price_second"}, {"TOKENS", "price_token"},
    {"FRAMES", "price_frame"}, {"CLASS", "class"},       {"SERVICES", "services"},  {"UNTIL (UTC)", "due_s"},
};

static croft_err run_list(struct croft_cli *c)
{
    struct croft_address node;
    struct wanted wanted = {.state = croft_cli_has(c, "all") ? 0 : CROFT_DEVICE_LISTED,
                            .model = croft_cli_value(c, "model")};
    struct croft_market_list list = {.table = CROFT_TABLE_DEVICES,
                                     .column = column,
                                     .column_count = CROFT_COUNT(column),
                                     .keep = is_wanted,
                                     .context = &wanted,
                                     .none =
                                         "no offers; --all shows devices that are leased or not listed too"};
    CROFT_TRY(croft_market_number(c, "class", UINT16_MAX, &wanted.class));
    if (c->arg_count == 1) {
        CROFT_TRY(croft_cli_address(c, c->arg[0], "NODE", &node));
        list.prefix = croft_key_of_address(&node);
    }
    return croft_market_list(c, &list);
}

static const struct croft_option post_option[] = {
    {"hardware", "K=V,K=V",
     "what it is: kind vendor model interface gpus vram_mib ram_mib disk_gib cores down_mbit up_mbit tops "
     "gbs hardware "
     "isolation",
     CROFT_OFFER_NOTHING},
    {"price", "PRICE,PRICE", "0.35/h, and 0.2/Mtok, 0.05/GB, 0.001/frame if it is sold so",
     CROFT_OFFER_NOTHING},
    {"disk-price", "AMOUNT", "for keeping a GiB of disk an hour", CROFT_OFFER_NOTHING},
    {"class", "N", "the class whose posted price and queue it joins; 0 leaves it", CROFT_OFFER_NOTHING},
    {"services", "NAMES", "spot+firm+reserved (else spot)", CROFT_OFFER_NOTHING},
    {"egress", "NAMES", "pull+web+direct (else pull)", CROFT_OFFER_NOTHING},
    {"notice", "TIME", "spot: notice given before it is taken back", CROFT_OFFER_NOTHING},
    {"until", "TIME", "how long it is offered, like 30d (else 7d)", CROFT_OFFER_NOTHING},
};
static const struct croft_option withdraw_option[] = {
    {"remove", NULL, "the device's record too; its deposit comes back", CROFT_OFFER_NOTHING},
};
static const struct croft_option list_option[] = {
    {"class", "N", "only of this class", CROFT_OFFER_NOTHING},
    {"model", "NAME", "only of this model, like rtx4090", CROFT_OFFER_NOTHING},
    {"all", NULL, "leased and unlisted devices too", CROFT_OFFER_NOTHING},
    {"limit", "N", "show at most so many (else 1000)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "offer post",
        .usage = "DEVICE [--hardware K=V,...] [--price PRICE]",
        .summary = "as a node: list a device, or change what it is and costs",
        .about = "DEVICE is the node's own number for it, 0 to 63.  What no option says stays as it was "
                 "posted last.\n"
                 "A bond is held while it is listed; firm and reserved need free stake of the provider.",
        .examples =
            "croft offer post 0 --hardware kind=gpu,vendor=nvidia,model=rtx4090,interface=pcie,gpus=1,"
            "vram_mib=24564 --price 0.35/h --key node1\n"
            "croft offer post 0 --price 0.32/h --until 30d --key node1",
        .option = post_option,
        .option_count = CROFT_COUNT(post_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_post,
    },
    {
        .name = "offer withdraw",
        .usage = "DEVICE [--remove]",
        .summary = "as a node: offer a device no more",
        .about = "A lease that runs goes on.  Bond and lock come back.",
        .examples = "croft offer withdraw 0 --key node1\ncroft offer withdraw 0 --remove --key node1 --json",
        .option = withdraw_option,
        .option_count = CROFT_COUNT(withdraw_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_withdraw,
    },
    {
        .name = "offer list",
        .usage = "[NODE]",
        .summary = "list what is offered",
        .about = "",
        .examples = "croft offer list --model rtx4090\ncroft offer list croft1... --all\ncroft offer list "
                    "--class 256 --json",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN,
        .args_max = 1,
        .run = run_list,
    },
    {
        .name = "offer show",
        .usage = "NODE:DEVICE\nDEVICE",
        .summary = "show a device and its terms",
        .about = "DEVICE alone is one of the account of --key.",
        .examples = "croft offer show croft1...:0\ncroft offer show 0 --key node1 --json",
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_min = 1,
        .args_max = 1,
        .run = run_show,
    },
};

const struct croft_verb_group croft_offer_verbs = {verb, CROFT_COUNT(verb)};
