#include "sim/sim_int.h"

static struct croft_sim_node *some_node(struct croft_sim *s)
{
    return &s->node[croft_rng_below(&s->fault_rng, 2)];
}

/* Calls that write: what is read while a node runs is the oracles' own business. */
enum { WRITES = CROFT_FAKE_ANY & ~CROFT_FAKE_READ };

static void plan(struct croft_sim *s, struct croft_sim_node *n, enum croft_fake_fault fault, const char *what)
{
    u64 nth = 1 + croft_rng_below(&s->fault_rng, 12);
    croft_fake_disk_plan(n->disk, WRITES, nth, fault);
    croft_sim_note(s, "%s: in %u calls %s", n->name, (u32)nth, what);
}

static void strike_power(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    plan(s, &s->node[0], CROFT_FAKE_CRASH, "the power fails");
}

static void strike_follower_power(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    plan(s, &s->node[1], CROFT_FAKE_CRASH, "the power fails");
}

static void strike_disk_error(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    plan(s, some_node(s), CROFT_FAKE_FAIL, "the disk fails");
}

static void strike_disk_call_full(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    plan(s, some_node(s), CROFT_FAKE_DISK_FULL, "the disk is full");
}

/* Fills up in a while, and gets room again later. */
static void strike_disk_full(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    struct croft_sim_node *n = some_node(s);
    bool lift = croft_rng_chance(&s->fault_rng, 2);
    croft_fake_disk_set_room(
        n->disk, lift ? UINT64_MAX : croft_fake_disk_used(n->disk) + croft_rng_below(&s->fault_rng, 10000));
    croft_sim_note(s, "%s: the disk %s", n->name, lift ? "has room" : "has little room left");
}

static void strike_room(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    croft_fake_disk_set_room(s->node[0].disk, UINT64_MAX);
    croft_fake_disk_set_room(s->node[1].disk, UINT64_MAX);
}

static void strike_kill(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    croft_sim_restart(s, some_node(s), CROFT_SIM_KILL);
}

static void strike_restart(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    croft_sim_restart(s, some_node(s),
                      croft_rng_chance(&s->fault_rng, 2) ? CROFT_SIM_CLOSE : CROFT_SIM_POWER_LOSS);
}

static void strike_promote(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    croft_sim_promote(s);
}

static void strike_away(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    s->away_until_ms = s->world.now_ms + 1000 * croft_rng_below(&s->fault_rng, 10000);
    croft_sim_note(s, "the follower is away");
}

static void strike_busy(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    s->busy_until_ms = s->world.now_ms + 1000 * croft_rng_below(&s->fault_rng, 600);
    croft_sim_note(s, "the sequencer is busy");
}

/* Up to two hours either way: far from the jump after which the driver makes no blocks (solo_test.c has that). */
static void strike_clock(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    i64 by_ms = (i64)croft_rng_below(&s->fault_rng, 7200000);
    s->world.skew_ms = croft_rng_chance(&s->fault_rng, 2) ? by_ms : -by_ms;
    croft_sim_note(s, "the clock jumps: it is %lld ms off", (long long)s->world.skew_ms);
}

static void strike_clock_right(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    s->world.skew_ms = 0;
    croft_sim_note(s, "the clock is right");
}

static void strike_checkpoint(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    struct croft_sim_node *n = some_node(s);
    if (n->job_running || croft_solo_checkpoint_due(n->solo) || croft_rng_chance(&s->fault_rng, 3))
        croft_sim_checkpoint(s, n);
}

static void strike_checkpoint_error(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    bool full = croft_rng_chance(&s->fault_rng, 2);
    croft_fake_checkpoint_fail(some_node(s)->checkpoint, full ? CROFT_ERR_DISK_FULL : CROFT_ERR_IO);
}

const struct croft_sim_source croft_sim_faults[] = {
    {"power", 1, 7000, strike_power},
    {"follower_power", 1, 12000, strike_follower_power},
    {"disk_error", 1, 12000, strike_disk_error},
    {"disk_call_full", 1, 9000, strike_disk_call_full},
    {"disk_full", 1, 15000, strike_disk_full},
    {"room", 1, 9000, strike_room},
    {"kill", 1, 9000, strike_kill},
    {"restart", 1, 9000, strike_restart},
    {"promote", 1, 60000, strike_promote},
    {"away", 1, 20000, strike_away},
    {"busy", 1, 2000, strike_busy},
    {"clock", 1, 15000, strike_clock},
    {"clock_right", 1, 20000, strike_clock_right},
    {"checkpoint", 1, 2000, strike_checkpoint},
    {"checkpoint_error", 1, 10000, strike_checkpoint_error},
};
const size_t croft_sim_fault_count = CROFT_COUNT(croft_sim_faults);
