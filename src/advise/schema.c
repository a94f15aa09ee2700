/* Columns of the tables of data/economics: the one place where their names, ranges and meaning stand. */
#include "advise/data.h"

/* dated: rows of different dates stand side by side. */
#define ROW_COLUMNS(type, dated)                                                                             \
    {"as_of", CROFT_CELL_DATE, true, dated, offsetof(struct type, row.as_of), 0, 0, NULL, "when it was so"}, \
        {"confidence", CROFT_CELL_CONFIDENCE, true, false, offsetof(struct type, row.confidence), 0, 0,      \
         NULL,         "high, medium or low"},                                                               \
    {                                                                                                        \
        "source", CROFT_CELL_TEXT, true, false, offsetof(struct type, row.source), 0, 0, NULL, "who says so" \
    }
#define KEY_ID(type, member, what)                                                          \
    {                                                                                       \
#member, CROFT_CELL_ID, true, true, offsetof(struct type, member), 0, 0, NULL, what \
    }
#define KEY_PATTERN(type, member, what)                                                          \
    {                                                                                            \
#member, CROFT_CELL_PATTERN, true, true, offsetof(struct type, member), 0, 0, NULL, what \
    }
#define KEY_CHOICE(type, member, of, what)                                                    \
    {                                                                                         \
#member, CROFT_CELL_CHOICE, true, true, offsetof(struct type, member), 0, 0, of, what \
    }
#define KEY_TEXT(type, member, what)                                                          \
    {                                                                                         \
#member, CROFT_CELL_TEXT, true, true, offsetof(struct type, member), 0, 0, NULL, what \
    }
#define TEXT(type, member, needed, what)                                                         \
    {                                                                                            \
#member, CROFT_CELL_TEXT, needed, false, offsetof(struct type, member), 0, 0, NULL, what \
    }
#define CHOICE(type, member, needed, of, what)                                                   \
    {                                                                                            \
#member, CROFT_CELL_CHOICE, needed, false, offsetof(struct type, member), 0, 0, of, what \
    }
#define NUMBER(type, member, needed, least, most, what)                                                   \
    {                                                                                                     \
#member, CROFT_CELL_NUMBER, needed, false, offsetof(struct type, member), least, most, NULL, what \
    }
#define KEY_NUMBER(type, member, least, most, what)                                                    \
    {                                                                                                  \
#member, CROFT_CELL_NUMBER, true, true, offsetof(struct type, member), least, most, NULL, what \
    }
#define SCHEMA(id, type, columns_of, what)                                                    \
    static const struct croft_table_schema id##_schema = {.name = #id,                        \
                                                          .text = what,                       \
                                                          .column = columns_of,               \
                                                          .columns = CROFT_COUNT(columns_of), \
                                                          .row_size = sizeof(struct type)}

static const struct croft_cell_schema card_columns[] = {
    KEY_ID(croft_advise_card, id, "what other tables call the card"),
    TEXT(croft_advise_card, name, true, "as its maker calls it"),
    TEXT(croft_advise_card, aliases, false, "as drivers call it; a ; between names"),
    CHOICE(croft_advise_card, vendor, true, "NVIDIA|AMD|Intel", "its maker"),
    {"class", CROFT_CELL_CHOICE, true, false, offsetof(struct croft_advise_card, class_name), 0, 0,
     "consumer|workstation|enterprise", "what it is made for"},
    NUMBER(croft_advise_card, vram_gb, true, 1, 4096, "memory, GB"),
    CHOICE(croft_advise_card, ecc, false, "yes|no", "error-correcting memory"),
    NUMBER(croft_advise_card, tdp_w, false, 1, 5000, "rated power, W"),
    NUMBER(croft_advise_card, mem_bandwidth_gb_s, false, 1, 1e6, "memory bandwidth, GB/s"),
    NUMBER(croft_advise_card, fp32_tflops, false, 0, 1e6, "dense FP32, TFLOPS"),
    NUMBER(croft_advise_card, fp16_tflops, false, 0, 1e6, "dense FP16 with FP32 sums, TFLOPS"),
    NUMBER(croft_advise_card, blender_median, false, 0, 1e9, "median score of Blender Open Data"),
    {"launch_date", CROFT_CELL_DATE, false, false, offsetof(struct croft_advise_card, launch_date), 0, 0,
     NULL, "first sale"},
    ROW_COLUMNS(croft_advise_card, false),
    TEXT(croft_advise_card, note, false, "what else should be known"),
};
SCHEMA(cards, croft_advise_card, card_columns, "cards and what they are");

static const struct croft_cell_schema price_columns[] = {
    KEY_ID(croft_advise_price, gpu_id, "card"),
    KEY_CHOICE(croft_advise_price, condition, "launch|new|used", "price at launch, new or used"),
    NUMBER(croft_advise_price, usd, false, 1, 1e7, "price of one card, USD"),
    NUMBER(croft_advise_price, low, false, 1, 1e7, "low end of a range, USD"),
    NUMBER(croft_advise_price, high, false, 1, 1e7, "high end, USD"),
    ROW_COLUMNS(croft_advise_price, false),
};
SCHEMA(prices, croft_advise_price, price_columns, "what a card costs");

static const struct croft_cell_schema watts_columns[] = {
    KEY_ID(croft_advise_watts, gpu_id, "card"),
    NUMBER(croft_advise_watts, load_w, false, 1, 5000, "measured under sustained load, W, one card"),
    NUMBER(croft_advise_watts, idle_w, false, 0, 1000, "measured idle, W, one card"),
    ROW_COLUMNS(croft_advise_watts, false),
};
SCHEMA(watts, croft_advise_watts, watts_columns, "measured power of cards");

static const struct croft_cell_schema power_columns[] = {
    KEY_ID(croft_advise_power, gpu_id, "card"),
    KEY_NUMBER(croft_advise_power, cap_w, 1, 5000, "power limit, W"),
    NUMBER(croft_advise_power, performance, true, 0.01, 1, "share of the performance at the highest limit"),
    ROW_COLUMNS(croft_advise_power, false),
};
SCHEMA(power_curves, croft_advise_power, power_columns, "performance under a power limit");

static const struct croft_cell_schema rate_columns[] = {
    KEY_ID(croft_advise_rate, gpu_id, "card"),
    KEY_ID(croft_advise_rate, network, "network"),
    KEY_CHOICE(croft_advise_rate, side, "host|buyer|ceiling",
               "what the host gets, what the buyer pays, or the most that may be asked"),
    NUMBER(croft_advise_rate, usd_h, false, 0, 1000, "one card for an hour, USD"),
    NUMBER(croft_advise_rate, low, false, 0, 1000, "low end of a range, USD/h"),
    NUMBER(croft_advise_rate, high, false, 0, 1000, "high end, USD/h"),
    ROW_COLUMNS(croft_advise_rate, true),
};

SCHEMA(rates, croft_advise_rate, rate_columns, "what an hour of a card costs or brings");

static const struct croft_cell_schema network_columns[] = {
    KEY_ID(croft_advise_network, id, "what other tables call the network"),
    TEXT(croft_advise_network, name, true, "as it calls itself"),
    CHOICE(croft_advise_network, kind, true, "gpu|render|bandwidth|cloud",
           "what it rents; cloud: nobody can join"),
    CHOICE(croft_advise_network, vendor, false, "NVIDIA|AMD|Intel", "only cards of this maker"),
    CHOICE(croft_advise_network, os, false, "linux|windows", "only under this system"),
    CHOICE(croft_advise_network, kyc, false, "yes|no", "asks the host for papers"),
    NUMBER(croft_advise_network, min_vram_gb, false, 0, 4096, "VRAM of each card, GB"),
    NUMBER(croft_advise_network, min_ram_gb_per_gpu, false, 0, 1e5, "memory for each card, GB"),
    NUMBER(croft_advise_network, min_ram_gb, false, 0, 1e5, "memory, GB"),
    NUMBER(croft_advise_network, min_disk_gb_per_gpu, false, 0, 1e7, "disk for each card, GB"),
    NUMBER(croft_advise_network, min_disk_gb, false, 0, 1e7, "disk, GB"),
    NUMBER(croft_advise_network, min_mbps_down, false, 0, 1e6, "line down, Mbit/s"),
    NUMBER(croft_advise_network, min_mbps_up, false, 0, 1e6, "line up, Mbit/s"),
    NUMBER(croft_advise_network, min_availability, false, 0, 1, "share of time online"),
    TEXT(croft_advise_network, other_needs, false, "what else it asks for; a ; between items"),
    TEXT(croft_advise_network, paid_in, false, "what the host gets"),
    TEXT(croft_advise_network, token, false, "token that carries the risk, empty for none"),
    TEXT(croft_advise_network, schedule, false, "when it pays"),
    NUMBER(croft_advise_network, payout_min_usd, false, 0, 1e5, "least payout, USD"),
    NUMBER(croft_advise_network, settle_days, false, 0, 365, "days from earning to being able to sell"),
    NUMBER(croft_advise_network, lockup_days, false, 0, 3650, "days that money or stake is locked"),
    NUMBER(croft_advise_network, host_fee, false, 0, 1, "share of the price that the host does not get"),
    NUMBER(croft_advise_network, buyer_fee, false, 0, 1, "share that the buyer pays on top"),
    NUMBER(croft_advise_network, stake_amount, false, 0, 1e9, "stake, in stake_token"),
    TEXT(croft_advise_network, stake_token, false, "token of the stake"),
    TEXT(croft_advise_network, stake_rule, false, "how the stake is reckoned"),
    TEXT(croft_advise_network, risks, false, "what goes wrong there; a ; between items"),
    ROW_COLUMNS(croft_advise_network, false),
};
SCHEMA(networks, croft_advise_network, network_columns, "networks: what they ask for and how they pay");

static const struct croft_cell_schema reward_columns[] = {
    KEY_ID(croft_advise_reward, network, "network"),
    KEY_CHOICE(croft_advise_reward, what, "job_week|idle_week|per_1000_obh|usd_gb|usd_month",
               "token for a week of jobs or of waiting, token for 1000 OctaneBench-hours, USD for a GB, USD "
               "a month"),
    TEXT(croft_advise_reward, token, false, "token, empty for USD"),
    NUMBER(croft_advise_reward, value, false, 0, 1e6, "amount"),
    NUMBER(croft_advise_reward, low, false, 0, 1e6, "low end of a range"),
    NUMBER(croft_advise_reward, high, false, 0, 1e6, "high end"),
    ROW_COLUMNS(croft_advise_reward, false),
};
SCHEMA(rewards, croft_advise_reward, reward_columns, "rewards that are not a rate per hour");

static const struct croft_cell_schema multiplier_columns[] = {
    KEY_ID(croft_advise_multiplier, network, "network"),
    KEY_ID(croft_advise_multiplier, gpu_id, "card"),
    NUMBER(croft_advise_multiplier, value, true, 0.01, 100, "multiplier of the reward or of the stake"),
    ROW_COLUMNS(croft_advise_multiplier, false),
};
SCHEMA(multipliers, croft_advise_multiplier, multiplier_columns, "multipliers of cards on networks");

static const struct croft_cell_schema utilisation_columns[] = {
    KEY_ID(croft_advise_utilisation, network, "network"),
    KEY_PATTERN(croft_advise_utilisation, gpu_id, "card, or the beginning of its id and *"),
    NUMBER(croft_advise_utilisation, utilisation, true, 0, 1,
           "share of the time online that cards are rented"),
    ROW_COLUMNS(croft_advise_utilisation, false),
};
SCHEMA(utilisation, croft_advise_utilisation, utilisation_columns, "how much of the time cards are rented");

static const struct croft_cell_schema token_columns[] = {
    KEY_TEXT(croft_advise_token, token, "token"),
    KEY_CHOICE(croft_advise_token, what, "price|volatility|drawdown",
               "USD; standard deviation of the log price in a year; deepest fall, a share below 0"),
    NUMBER(croft_advise_token, value, false, -1, 1e6, "figure"),
    NUMBER(croft_advise_token, low, false, -1, 1e6, "low end of a range"),
    NUMBER(croft_advise_token, high, false, -1, 1e6, "high end"),
    ROW_COLUMNS(croft_advise_token, false),
};
SCHEMA(tokens, croft_advise_token, token_columns, "tokens: price and risk");

static const struct croft_cell_schema tariff_columns[] = {
    KEY_TEXT(croft_advise_tariff, place, "country or region"),
    KEY_TEXT(croft_advise_tariff, sector, "residential or business"),
    {"currency", CROFT_CELL_CHOICE, true, true, offsetof(struct croft_advise_tariff, currency), 0, 0,
     "USD|EUR", "of the price"},
    NUMBER(croft_advise_tariff, price_kwh, true, 0, 10, "price of a kWh"),
    ROW_COLUMNS(croft_advise_tariff, true),
};

SCHEMA(electricity, croft_advise_tariff, tariff_columns, "what a kWh costs");

static const struct croft_cell_schema resale_columns[] = {
    KEY_PATTERN(croft_advise_resale, gpu_id, "card, or the beginning of its id and *"),
    KEY_NUMBER(croft_advise_resale, age_years, 0, 30, "age, years"),
    NUMBER(croft_advise_resale, share, true, 0.01, 2, "share of the price of a new one"),
    ROW_COLUMNS(croft_advise_resale, false),
};
SCHEMA(resale, croft_advise_resale, resale_columns, "what is left of a card's price");

static const struct croft_cell_schema assumption_columns[] = {
    KEY_ID(croft_advise_assumption, name, "what --set calls it"),
    NUMBER(croft_advise_assumption, value, false, -10, 1e6, "value; empty: asked for"),
    TEXT(croft_advise_assumption, unit, false, "unit; empty for a share or a count"),
    NUMBER(croft_advise_assumption, low, false, -10, 1e6, "low end of what is plausible"),
    NUMBER(croft_advise_assumption, high, false, -10, 1e6, "high end"),
    NUMBER(croft_advise_assumption, min, true, -10, 1e6, "least it may be set to"),
    NUMBER(croft_advise_assumption, max, true, -10, 1e6, "most"),
    ROW_COLUMNS(croft_advise_assumption, false),
    TEXT(croft_advise_assumption, text, true, "what it is"),
};
SCHEMA(assumptions, croft_advise_assumption, assumption_columns,
       "choices of the model; --set NAME=VALUE replaces one");

static const struct croft_cell_schema earning_columns[] = {
    {"day", CROFT_CELL_DATE, true, true, offsetof(struct croft_advise_earning, day), 0, 0, NULL,
     "YYYY-MM-DD"},
    KEY_ID(croft_advise_earning, network, "network"),
    NUMBER(croft_advise_earning, online_h, true, 0, 24, "hours online"),
    NUMBER(croft_advise_earning, rented_h, true, 0, 24, "hours rented, averaged over the cards"),
    NUMBER(croft_advise_earning, earned_usd, true, 0, 1e6, "what was paid, after fees, all cards, USD"),
    NUMBER(croft_advise_earning, kwh, false, 0, 1e4, "electricity used, kWh"),
};
const struct croft_table_schema croft_advise_earnings_schema = {.name = "earnings",
                                                                .text = "a node's own days",
                                                                .column = earning_columns,
                                                                .columns = CROFT_COUNT(earning_columns),
                                                                .row_size =
                                                                    sizeof(struct croft_advise_earning)};

const struct croft_table_schema *const croft_advise_schemas[CROFT_TABLE_COUNT] = {
    [CROFT_TABLE_CARDS] = &cards_schema,
    [CROFT_TABLE_PRICES] = &prices_schema,
    [CROFT_TABLE_WATTS] = &watts_schema,
    [CROFT_TABLE_POWER_CURVES] = &power_curves_schema,
    [CROFT_TABLE_RATES] = &rates_schema,
    [CROFT_TABLE_NETWORKS] = &networks_schema,
    [CROFT_TABLE_REWARDS] = &rewards_schema,
    [CROFT_TABLE_MULTIPLIERS] = &multipliers_schema,
    [CROFT_TABLE_UTILISATION] = &utilisation_schema,
    [CROFT_TABLE_TOKENS] = &tokens_schema,
    [CROFT_TABLE_ELECTRICITY] = &electricity_schema,
    [CROFT_TABLE_RESALE] = &resale_schema,
    [CROFT_TABLE_ASSUMPTIONS] = &assumptions_schema,
};
