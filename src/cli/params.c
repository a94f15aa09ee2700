#include "cli/groups.h"

#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/govern.h"
#include "cli/table.h"
#include "wire/param.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_MAX = 24 };

static void param_row(struct croft_listing *l, const struct croft_param_info *info, u64 value)
{
    char name[CROFT_PARAM_TEXT_MAX], now[NUMBER_MAX], initial[NUMBER_MAX], range[2 * NUMBER_MAX + 4];
    croft_param_text(info->number, name);
    snprintf(now, sizeof now, "%" PRIu64, value);
    snprintf(initial, sizeof initial, "%" PRIu64, info->initial);
    snprintf(range, sizeof range, "%" PRIu64 " to %" PRIu64, info->low, info->high);
    const char *const row[] = {name, now, initial, range, info->unit, info->text};
    croft_listing_row(l, row);
}

static croft_err print_params(struct croft_cli *c, const struct croft_params *params)
{
    static const struct croft_column column[] = {{"PARAMETER", false}, {"VALUE", true},
                                                 {"DEFAULT", true},    {"RANGE", false},
                                                 {"UNIT", false},      {"WHAT IT IS", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    if (l == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    for (size_t i = 0; i < croft_param_count(); i++)
        param_row(l, croft_param_at(i), params->value[croft_param_at(i)->number]);
    return croft_listing_print(c, l);
}

static json_t *params_json(const struct croft_params *params)
{
    json_t *made = json_object();
    for (size_t i = 0; made != NULL && i < croft_param_count(); i++) {
        char name[CROFT_PARAM_TEXT_MAX];
        croft_param_text(croft_param_at(i)->number, name);
        const struct croft_param_info *info = croft_param_at(i);
        json_t *one = json_pack("{s:o,s:s}", "value", croft_json_u64(params->value[info->number]), "unit",
                                info->unit);
        if (json_object_set_new(made, name, one) != 0)
            croft_json_drop(&made);
    }
    return made;
}

static croft_err run_show(struct croft_cli *c)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_listing *proposals CROFT_CLEANUP(croft_listing_drop) = NULL;
    json_t *all CROFT_CLEANUP(croft_json_drop) = NULL;
    struct croft_params params;
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_params_read(&client, c->mem, &params, &c->why));
    CROFT_TRY(croft_proposals_read(c, &client, 0, &proposals, &all));
    if (c->json)
        return croft_cli_print_json(c,
                                    json_pack("{s:o,s:O}", "params", params_json(&params), "proposals", all));
    CROFT_TRY(print_params(c, &params));
    if (json_array_size(all) > 0)
        putchar('\n');
    return croft_listing_print(c, proposals);
}

#define SHOW(words, text)                                                                               \
    {                                                                                                   \
        .name = (words), .usage = "", .summary = (text), .about = "",                                   \
        .examples = "croft params\ncroft params show --json", .with = CROFT_WITH_CHAIN, .run = run_show \
    }

static const struct croft_verb verb[] = {
    SHOW("params", "show the network's parameters and open proposals"),
    SHOW("params show", "the same"),
};

const struct croft_verb_group croft_params_verbs = {verb, CROFT_COUNT(verb)};
