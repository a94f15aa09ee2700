/* Goal: a genesis that is not valid is refused with the name of the field, and a valid one makes the state it
 * says. Method: one change at a time to a valid genesis; then the state, record by record, against the
 * message. */
#include "ledger/test_int.h"

typedef void (*change)(struct chain *c, Croft__V1__Genesis *g);

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

/* ---- each field ---- */

static void later_format(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->format = 2;
}

static void no_name(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->name = text("");
}

static void long_name(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->name = text("abcdefghijklmnopqrstuvwxyz-012345");
}

static void loud_name(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->name = text("Test");
}

static void far_time(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->time_s = UINT64_C(1) << 40;
}

static void no_protocol(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->protocol = 0;
}

static void later_protocol(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->protocol = CROFT_PROTOCOL_MAX + 1;
}

static void other_token(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->token = text("gold");
}

static void no_token(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->token = text("");
}

static void small_tables(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->records_max_log2 = 9;
}

static void large_tables(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->records_max_log2 = 25;
}

static void unknown_param(struct chain *c, Croft__V1__Genesis *g)
{
    chain_param(c, g, (u32)croft_param_count() + 1, 1);
}

static void param_zero(struct chain *c, Croft__V1__Genesis *g)
{
    chain_param(c, g, 0, 1);
}

static void param_low(struct chain *c, Croft__V1__Genesis *g)
{
    chain_param(c, g, CROFT_PARAM_TX_BYTES_MAX, 2047);
}

static void param_high(struct chain *c, Croft__V1__Genesis *g)
{
    chain_param(c, g, CROFT_PARAM_TX_BYTES_MAX, 1048577);
}

static void param_twice(struct chain *c, Croft__V1__Genesis *g)
{
    chain_param(c, g, CROFT_PARAM_TX_BYTES_MAX, 3000);
    chain_param(c, g, CROFT_PARAM_COST_WRITE, 2000);
    chain_param(c, g, CROFT_PARAM_TX_BYTES_MAX, 3000);
}

/* Each value alone is allowed; together they leave no room for a vote. */
static void param_corner(struct chain *c, Croft__V1__Genesis *g)
{
    chain_param(c, g, CROFT_PARAM_BLOCK_COST_MAX, 100000);
    chain_param(c, g, CROFT_PARAM_COST_SIGNATURE, 20000);
}

static void no_validators(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->n_validators = 0;
}

static void many_validators(struct chain *c, Croft__V1__Genesis *g)
{
    while (g->n_validators < 65)
        chain_validator(c, g, CHAIN_KEY_VALIDATOR + (u32)g->n_validators, 1, 1);
}

static void short_validator_key(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->validators[1]->public_key.len = 31;
}

static void short_operator(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->validators[1]->operator_address.len = 33;
}

static ProtobufCBinaryData system_account(struct chain *c)
{
    struct croft_address a = croft_system_address(CROFT_SYSTEM_FEES);
    return chain_bytes(&c->keep, a.b, sizeof a.b);
}

static void system_operator(struct chain *c, Croft__V1__Genesis *g)
{
    g->validators[2]->operator_address = system_account(c);
}

static void no_power(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->validators[0]->power = 0;
}

static void too_much_power(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->validators[0]->power = (u64)INT64_MAX / 8 / 64 + 1;
}

static void validator_twice(struct chain *c, Croft__V1__Genesis *g)
{
    chain_validator(c, g, CHAIN_KEY_VALIDATOR, 5, 1);
}

static void system_issuer(struct chain *c, Croft__V1__Genesis *g)
{
    g->issuers[0]->issuer_address = system_account(c);
}

static void issuer_of_nothing(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->issuers[1]->asset = CROFT_ASSET_COUNT;
}

static void issuer_without_token(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->token = text("none");
}

static void issuer_twice(struct chain *c, Croft__V1__Genesis *g)
{
    chain_issuer(c, g, CHAIN_ISSUER, CROFT_ASSET_CREDIT, 7);
}

static void grant_to_system(struct chain *c, Croft__V1__Genesis *g)
{
    g->grants[3]->to_address = system_account(c);
}

static void grant_of_nothing(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->grants[3]->asset = CROFT_ASSET_COUNT;
}

static void grant_of_zero(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->grants[3]->amount = 0;
}

static void grant_of_nobody(struct chain *c, Croft__V1__Genesis *g)
{
    g->grants[3]->issuer_address = chain_address(c, 5);
}

static void grants_wrap(struct chain *c, Croft__V1__Genesis *g)
{
    (void)c;
    g->grants[2]->amount = UINT64_MAX;
}

static const struct {
    change make;
    const char *named;
} refused[] = {
    {later_format, "format:"},
    {no_name, "name:"},
    {long_name, "name:"},
    {loud_name, "name:"},
    {far_time, "time_s:"},
    {no_protocol, "protocol:"},
    {later_protocol, "protocol:"},
    {other_token, "token:"},
    {no_token, "token:"},
    {small_tables, "records_max_log2:"},
    {large_tables, "records_max_log2:"},
    {unknown_param, "params[0].param:"},
    {param_zero, "params[0].param:"},
    {param_low, "params[0].value:"},
    {param_high, "params[0].value:"},
    {param_twice, "params[2]:"},
    {param_corner, "params: with these costs"},
    {no_validators, "validators:"},
    {many_validators, "validators:"},
    {short_validator_key, "validators[1].public_key:"},
    {short_operator, "validators[1].operator_address:"},
    {system_operator, "validators[2].operator_address:"},
    {no_power, "validators[0].power:"},
    {too_much_power, "validators[0].power:"},
    {validator_twice, "validators[3].public_key:"},
    {system_issuer, "issuers[0].issuer_address:"},
    {issuer_of_nothing, "issuers[1].asset:"},
    {issuer_without_token, "issuers[1].asset:"},
    {issuer_twice, "issuers[2]:"},
    {grant_to_system, "grants[3].to_address:"},
    {grant_of_nothing, "grants[3].asset:"},
    {grant_of_zero, "grants[3].amount:"},
    {grant_of_nobody, "grants[3].issuer_address:"},
    {grants_wrap, "grants[2].amount:"},
};

static void test_each_refusal(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < CROFT_COUNT(refused); i++) {
        struct chain c;
        struct croft_why why;
        chain_open(&c);
        Croft__V1__Genesis *g = chain_genesis(&c);
        assert_int_equal(croft_genesis_check(g, &why), CROFT_OK);
        refused[i].make(&c, g);
        assert_int_equal(croft_genesis_check(g, &why), CROFT_ERR_GENESIS);
        if (strncmp(why.text, refused[i].named, strlen(refused[i].named)) != 0)
            fail_msg("case %zu: %s", i, why.text);
        chain_stop(&c);
    }
}

/* The first of two faults is named, in the order of the fields. */
static void test_order_of_refusals(void **unused)
{
    (void)unused;
    for (size_t i = 0; i + 1 < CROFT_COUNT(refused); i++) {
        struct chain c;
        struct croft_why one, both;
        chain_open(&c);
        Croft__V1__Genesis *g = chain_genesis(&c);
        refused[i].make(&c, g);
        assert_int_equal(croft_genesis_check(g, &one), CROFT_ERR_GENESIS);
        size_t field = strcspn(refused[i].named, "[:");
        if (strncmp(refused[i].named, refused[i + 1].named, field) != 0) {
            refused[i + 1].make(&c, g);
            assert_int_equal(croft_genesis_check(g, &both), CROFT_ERR_GENESIS);
            assert_string_equal(one.text, both.text);
        }
        chain_stop(&c);
    }
}

/* ---- what only filling finds ---- */

static void expect_not_filled(struct chain *c, Croft__V1__Genesis *g, const char *named)
{
    struct croft_why why;
    assert_int_equal(croft_genesis_check(g, &why), CROFT_OK);
    chain_init_ledger(c);
    c->network = croft_genesis_id(g, c->scratch);
    assert_int_equal(croft_ledger_genesis(c->l, g, &c->network, &why), CROFT_ERR_GENESIS);
    assert_non_null(strstr(why.text, named));
}

static void test_grant_over_cap(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    g->issuers[0]->cap = CHAIN_FUNDED * CHAIN_CREDIT - 1;
    expect_not_filled(&c, g, "grants[14].amount: over the issuer's cap");
    chain_stop(&c);
}

static void test_too_many_accounts(void **unused)
{
    (void)unused;
    enum { GRANTS = 1100 };
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    g->n_grants = 0;
    g->grants = croft_new(&c.keep, Croft__V1__GenesisGrant *, GRANTS);
    for (u32 i = 0; i < GRANTS; i++) {
        u8 address[32] = {0xbb};
        croft_put_u32(address + 28, i);
        chain_grant(&c, g, 5, CROFT_ASSET_CREDIT, 1);
        g->grants[i]->to_address = chain_bytes(&c.keep, address, sizeof address);
    }
    expect_not_filled(&c, g, "records_max_log2");
    chain_stop(&c);
}

/* ---- what a valid one makes ---- */

static void test_state_of_genesis(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_BASE_FEE_MIN, 777);
    chain_grant(&c, g, 4, CROFT_ASSET_CREDIT, 5);
    chain_start(&c, g);
    for (size_t i = 0; i < croft_param_count(); i++) {
        const struct croft_param_info *p = croft_param_at(i);
        assert_int_equal(chain_param_of(&c, (enum croft_param)p->number),
                         p->number == CROFT_PARAM_BASE_FEE_MIN ? 777 : p->initial);
    }
    struct croft_chain_record r = croft_ledger_chain(c.l);
    assert_int_equal(r.outstanding[CROFT_ASSET_CREDIT].units, CHAIN_FUNDED * CHAIN_CREDIT + 5);
    assert_int_equal(r.outstanding[CROFT_ASSET_CROFT].units, CHAIN_FUNDED * CHAIN_CROFT);
    assert_int_equal(r.base_fee, 777);
    assert_int_equal(r.protocol, 1);
    assert_int_equal(r.token, 1);
    assert_int_equal(chain_balance(&c, 4, CROFT_ASSET_CREDIT), CHAIN_CREDIT + 5);
    assert_int_equal(chain_account(&c, 4).nonce_floor, CHAIN_START_S << 20);
    assert_int_equal(chain_account(&c, 4).key_count, 0);
    assert_int_equal(chain_account(&c, CHAIN_ISSUER).open_records, 2);
    assert_int_equal(chain_account(&c, 1).open_records, 1);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_VALIDATORS), CHAIN_OPERATORS);
    assert_int_equal(croft_ledger_height(c.l), 0);
    assert_int_equal(croft_ledger_time_s(c.l), CHAIN_START_S);
    assert_int_equal(croft_ledger_next_due_s(c.l), UINT64_MAX);
    chain_audit(&c);
    chain_stop(&c);
}

/* The same genesis gives the same roots; another, in any field, another network id. */
static void test_network_id(void **unused)
{
    (void)unused;
    struct chain one, two;
    chain_make(&one);
    chain_make(&two);
    struct croft_hash a = croft_ledger_app_hash(one.l), b = croft_ledger_app_hash(two.l);
    assert_memory_equal(a.b, b.b, sizeof a.b);
    assert_memory_equal(one.network.b, two.network.b, sizeof one.network.b);
    chain_stop(&two);
    for (size_t i = 0; i < CROFT_COUNT(refused); i++) {
        chain_open(&two);
        Croft__V1__Genesis *g = chain_genesis(&two);
        refused[i].make(&two, g);
        struct croft_hash id = croft_genesis_id(g, two.scratch);
        assert_memory_not_equal(one.network.b, id.b, sizeof id.b);
        chain_stop(&two);
    }
    chain_stop(&one);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_refusal),     cmocka_unit_test(test_order_of_refusals),
        cmocka_unit_test(test_grant_over_cap),   cmocka_unit_test(test_too_many_accounts),
        cmocka_unit_test(test_state_of_genesis), cmocka_unit_test(test_network_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
