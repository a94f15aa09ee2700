#include "sim/sim_int.h"

#include <inttypes.h>
#include <string.h>

const struct croft_sim_scenario *croft_sim_scenario_of(const char *name)
{
    static const struct croft_sim_scenario *const all[] = {&croft_sim_ledger, &croft_sim_market};
    for (size_t i = 0; name != NULL && i < CROFT_COUNT(all); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return name == NULL ? all[0] : NULL;
}

/* ---- the ledger: a model says everything ---- */

static void begin(struct croft_sim *s)
{
    croft_sim_make_network(s);
    s->model = croft_model_make(s->genesis);
}

static void end(struct croft_sim *s)
{
    if (s->model != NULL)
        croft_model_free(s->model);
}

/* Nothing is left to come that the model would not have said. */
static void drain(struct croft_sim *s)
{
    (void)s;
}

static void block_begins(struct croft_sim *s, const struct croft_block *b)
{
    croft_model_begin(s->model, b->header.height, b->header.time_ms / 1000);
    croft_sim_check_dues(s, b);
}

static void tx_stands(struct croft_sim *s, const struct croft_sim_tx *t, const struct croft_receipt *receipt)
{
    struct croft_receipt want;
    croft_err err = croft_model_tx(s->model, t, &want);
    CROFT_SIM_MUST(s, err == CROFT_OK, "#%u is in a block, the model says %s", t->serial, croft_err_name(err));
    CROFT_SIM_MUST(s, want.code == receipt->code && want.op == receipt->op, "#%u: code %u, the model says %u",
                   t->serial, receipt->code, want.code);
    CROFT_SIM_MUST(s, want.fee == receipt->fee, "#%u: fee %" PRIu64 ", the model says %" PRIu64, t->serial,
                   receipt->fee, want.fee);
    CROFT_SIM_MUST(s, want.value == receipt->value, "#%u: value %" PRIu64 ", the model says %" PRIu64,
                   t->serial, receipt->value, want.value);
}

static void block_ends(struct croft_sim *s, const struct croft_block *b)
{
    (void)b;
    croft_model_end(s->model);
}

/* Nothing was due, and whoever was answered was refused. */
static void no_block(struct croft_sim *s)
{
    croft_model_begin(s->model, s->model->height + 1, croft_sim_now_s(s));
    CROFT_SIM_MUST(s, s->model->due_count == 0, "something is due and no block was made");
    croft_sim_answers(s, NULL);
    croft_model_abandon(s->model);
}

const struct croft_sim_scenario croft_sim_ledger = {
    .name = "ledger",
    .actors = croft_sim_actors,
    .actor_count = &croft_sim_actor_count,
    .hurry = 1,
    .wallets = CROFT_SIM_WALLETS,
    .begin = begin,
    .end = end,
    .drain = drain,
    .block_begins = block_begins,
    .tx_stands = tx_stands,
    .block_ends = block_ends,
    .no_block = no_block,
    .check_state = croft_sim_check_state,
};
