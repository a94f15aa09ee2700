#include "sim/market/market_int.h"

#include "base/assert.h"

#define PROVIDER(name, count, faults) {name, count, CROFT_ROLE_PROVIDER, faults, croft_msim_provider_acts}
#define BUYER(name, count, faults)    {name, count, CROFT_ROLE_BUYER, faults, croft_msim_buyer_acts}
#define GATEWAY(name, faults)         {name, 1, CROFT_ROLE_GATEWAY, faults, croft_msim_gateway_acts}

/* In the order of croft_msim_cast. */
const struct croft_msim_kind croft_msim_kinds[] = {
    {"reporter", 3, CROFT_ROLE_VALIDATOR, 0, croft_msim_validator_acts},
    {"liar", 1, CROFT_ROLE_VALIDATOR, CROFT_FAULT_LIES, croft_msim_validator_acts},
    PROVIDER("provider", 4, 0),
    PROVIDER("never_acks", 1, CROFT_FAULT_NEVER_ACKS),
    PROVIDER("never_runs", 1, CROFT_FAULT_NEVER_RUNS),
    PROVIDER("vanishes", 1, CROFT_FAULT_VANISHES),
    PROVIDER("claims_more", 1, CROFT_FAULT_CLAIMS_MORE),
    PROVIDER("one_card", 1, CROFT_FAULT_ONE_CARD),
    PROVIDER("undercuts", 1, CROFT_FAULT_UNDERCUTS),
    PROVIDER("two_faced", 1, CROFT_FAULT_TWO_FACED),
    PROVIDER("jumps", 1, CROFT_FAULT_JUMPS),
    PROVIDER("peeks", 1, CROFT_FAULT_PEEKS),
    PROVIDER("never_reveals", 1, CROFT_FAULT_NEVER_REVEALS),
    BUYER("buyer", 5, 0),
    BUYER("never_vouches", 1, CROFT_FAULT_NEVER_VOUCHES),
    BUYER("stops_vouching", 1, CROFT_FAULT_STOPS_VOUCHING),
    BUYER("rejects", 1, CROFT_FAULT_REJECTS),
    BUYER("disputes", 1, CROFT_FAULT_DISPUTES),
    BUYER("holds_gangs", 1, CROFT_FAULT_HOLDS_GANGS),
    BUYER("tops_up_late", 1, CROFT_FAULT_TOPS_UP_LATE),
    BUYER("leaves_reserved", 1, CROFT_FAULT_LEAVES_RESERVED),
    BUYER("overtakes", 1, CROFT_FAULT_OVERTAKES),
    GATEWAY("gateway", 0),
    GATEWAY("signs_for_nothing", CROFT_FAULT_SIGNS_FOR_NOTHING),
    GATEWAY("delays", CROFT_FAULT_DELAYS),
    GATEWAY("drops", CROFT_FAULT_DROPS),
    {"washes", 1, CROFT_ROLE_PROVIDER, CROFT_FAULT_WASHES, croft_msim_wash_acts},
    {"auditor", 2, CROFT_ROLE_AUDITOR, 0, croft_msim_auditor_acts},
    {"stranger", 2, CROFT_ROLE_STRANGER, 0, croft_msim_stranger_acts},
};
const size_t croft_msim_kind_count = CROFT_COUNT(croft_msim_kinds);

/* Wallets are numbered through, in the order of the kinds. */
static void act(struct croft_sim *s, u32 wallet)
{
    u32 number = wallet - CROFT_MSIM_FIRST_WALLET;
    CROFT_ASSERT(number < s->market->actor_count);
    struct croft_msim_actor *a = &s->market->actor[number];
    a->kind->act(s, a);
    a->turn++;
    a->seen_s = croft_msim_now_s(s);
}

const struct croft_sim_source croft_msim_cast[] = {
    {"reporter", 3, 120, act},        {"liar", 1, 120, act},          {"provider", 4, 20, act},
    {"never_acks", 1, 60, act},       {"never_runs", 1, 60, act},     {"vanishes", 1, 30, act},
    {"claims_more", 1, 30, act},      {"one_card", 1, 40, act},       {"undercuts", 1, 60, act},
    {"two_faced", 1, 30, act},        {"jumps", 1, 30, act},          {"peeks", 1, 40, act},
    {"never_reveals", 1, 40, act},    {"buyer", 5, 15, act},          {"never_vouches", 1, 60, act},
    {"stops_vouching", 1, 30, act},   {"rejects", 1, 30, act},        {"disputes", 1, 30, act},
    {"holds_gangs", 1, 60, act},      {"tops_up_late", 1, 30, act},   {"leaves_reserved", 1, 30, act},
    {"overtakes", 1, 30, act},        {"gateway", 1, 20, act},        {"signs_for_nothing", 1, 30, act},
    {"delays", 1, 30, act},           {"drops", 1, 30, act},          {"washes", 1, 30, act},
    {"auditor", 2, 60, act},          {"stranger", 2, 15, act},
};
const size_t croft_msim_cast_count = CROFT_COUNT(croft_msim_cast);

bool croft_msim_is(const struct croft_msim_actor *a, u32 fault)
{
    return (a->kind->faults & fault) != 0;
}
