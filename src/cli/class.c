/* `croft class`: named kinds of device with a posted price and a queue. */
#include "cli/groups.h"

#include "cli/market.h"

#include <stdio.h>
#include <string.h>

static croft_err class_number(struct croft_cli *c, u32 *out)
{
    u64 number = 0;
    CROFT_TRY(croft_cli_u64(c, c->arg[0], "CLASS", &number));
    if (number == 0 || number > UINT16_MAX)
        return croft_cli_usage(c, "the number of a class is 1 to %d", UINT16_MAX);
    *out = (u32)number;
    return CROFT_OK;
}

static croft_err take_options(struct croft_cli *c, Croft__V1__ClassSet *op)
{
    enum croft_price_kind kind = CROFT_PRICE_SECOND;
    const char *price = croft_cli_value(c, "price"), *policy = croft_cli_value(c, "policy"),
               *machine = croft_cli_value(c, "machine"), *needs = croft_cli_value(c, "hardware");
    if (croft_cli_has(c, "name"))
        op->name = (char *)(uintptr_t)croft_cli_value(c, "name");
    if (price != NULL)
        CROFT_TRY(croft_market_price(c, price, "--price", &kind, &op->price));
    if (kind != CROFT_PRICE_SECOND)
        return croft_cli_usage(c, "a class posts a price by the hour: --price 0.35/h");
    if (policy != NULL)
        CROFT_TRY(croft_market_word_read(c, "class", "policy", policy, &op->policy));
    if (machine != NULL)
        CROFT_TRY(croft_market_word_read(c, "class", "machine", machine, &op->machine_min));
    CROFT_TRY(croft_market_seconds(c, "start", UINT16_MAX, &op->start_s));
    return needs != NULL ? croft_market_capability(c, needs, op->requirement) : CROFT_OK;
}

static char *text_of(struct croft_cli *c, const u8 *padded, size_t size)
{
    char *text = croft_new(&c->mem, char, size + 1);
    if (text != NULL)
        memcpy(text, padded, size);
    return text;
}

/* The operation says all; what no option says stays as it is. */
static croft_err take_present(struct croft_cli *c, const struct croft_class_record *k,
                              Croft__V1__ClassSet *op)
{
    Croft__V1__Capability *needs = op->requirement;
    char *name = text_of(c, k->name, sizeof k->name), *model = text_of(c, k->model, sizeof k->model);
    if (name == NULL || model == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the class");
    *needs = (Croft__V1__Capability){.base = needs->base,
                                     .kind = k->kind,
                                     .vendor = k->vendor,
                                     .model = model,
                                     .interface = k->interface,
                                     .gpu_count = k->gpu_count,
                                     .vram_mib = k->vram_mib,
                                     .ram_mib = k->ram_mib,
                                     .disk_gib = k->disk_gib,
                                     .cores = k->cores,
                                     .down_mbit = k->down_mbit,
                                     .up_mbit = k->up_mbit,
                                     .tops = k->tops,
                                     .gbs = k->gbs,
                                     .flags = k->hardware,
                                     .isolation = k->isolation};
    op->name = name;
    op->policy = k->policy;
    op->machine_min = k->machine;
    op->price = k->price;
    op->start_s = k->start_s;
    return CROFT_OK;
}

static croft_err read_present(struct croft_cli *c, Croft__V1__ClassSet *op)
{
    struct croft_class_record now;
    const struct croft_record_key key = croft_key_of_number(op->number, 2);
    croft_err err = croft_market_read(c, CROFT_TABLE_CLASSES, &key, "such class", &now);
    if (err == CROFT_OK)
        return take_present(c, &now, op);
    if (err != CROFT_ERR_NOT_FOUND)
        return err;
    if (!croft_cli_has(c, "name"))
        return croft_cli_usage(c, "it is a new class: give it a name, --name rtx4090");
    c->why.text[0] = '\0';
    return CROFT_OK;
}

static croft_err run_set(struct croft_cli *c)
{
    Croft__V1__Capability needs = CROFT__V1__CAPABILITY__INIT;
    Croft__V1__ClassSet op = CROFT__V1__CLASS_SET__INIT;
    op.requirement = &needs;
    CROFT_TRY(class_number(c, &op.number));
    CROFT_TRY(take_options(c, &op)); /* wrong options are told without a chain */
    CROFT_TRY(read_present(c, &op));
    CROFT_TRY(take_options(c, &op));
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_CLASS_SET, &op, "the class is set",
                             json_pack("{s:i}", "class", (int)op.number));
}

static croft_err run_show(struct croft_cli *c)
{
    u32 number = 0;
    CROFT_TRY(class_number(c, &number));
    const struct croft_record_key key = croft_key_of_number(number, 2);
    return croft_market_show(c, CROFT_TABLE_CLASSES, &key, "such class\nrun: croft class list");
}

static const struct croft_market_column column[] = {
    {"CLASS", NULL},        {"NAME", "name"},       {"KIND", "kind"},
    {"MODEL", "model"},     {"PRICE", "price"},     {"POLICY", "policy"},
    {"DEVICES", "devices"}, {"WAITING", "waiting"}, {"WAIT", "wait_s"},
};

static croft_err run_list(struct croft_cli *c)
{
    const struct croft_market_list list = {.table = CROFT_TABLE_CLASSES,
                                           .column = column,
                                           .column_count = CROFT_COUNT(column),
                                           .none = "no classes"};
    return croft_market_list(c, &list);
}

static const struct croft_option set_option[] = {
    {"name", "NAME", "1 to 24 of a-z 0-9 -", CROFT_OFFER_NOTHING},
    {"hardware", "K=V,K=V", "least that its devices have, as \"croft offer post\" says it",
     CROFT_OFFER_NOTHING},
    {"machine", "NAME", "least machine: consumer, workstation, data_centre", CROFT_OFFER_NOTHING},
    {"price", "PRICE", "posted for all its leases by the hour, 0.35/h; 0: the devices' own",
     CROFT_OFFER_NOTHING},
    {"policy", "NAME", "free, or oldest_first: the oldest waiting order is taken first", CROFT_OFFER_NOTHING},
    {"start", "TIME", "time to start, of orders that name none", CROFT_OFFER_NOTHING},
};
static const struct croft_option list_option[] = {
    {"limit", "N", "show at most so many (else 1000)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "class set",
        .usage = "CLASS [--name NAME] [--price PRICE]",
        .summary = "make a class of devices, or change one",
        .about = "Numbers from 256 on are anybody's who comes first; those below are given by vote.  What no "
                 "option says\n"
                 "stays as it is.",
        .examples = "croft class set 256 --name rtx4090 --hardware kind=gpu,model=rtx4090,vram_mib=24000 "
                    "--price 0.35/h\n"
                    "croft class set 256 --price 0.33/h --quota --json",
        .option = set_option,
        .option_count = CROFT_COUNT(set_option),
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_set,
    },
    {
        .name = "class show",
        .usage = "CLASS",
        .summary = "show a class: what it asks for, its price and its queue",
        .about = "",
        .examples = "croft class show 256\ncroft class show 256 --json",
        .with = CROFT_WITH_CHAIN,
        .args_min = 1,
        .args_max = 1,
        .run = run_show,
    },
    {
        .name = "class list",
        .usage = "",
        .summary = "list all classes",
        .about = "",
        .examples = "croft class list\ncroft class list --json",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN,
        .run = run_list,
    },
};

const struct croft_verb_group croft_class_verbs = {verb, CROFT_COUNT(verb)};
