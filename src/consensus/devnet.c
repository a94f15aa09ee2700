#include "consensus/devnet.h"

#include "base/amt.h"
#include "base/assert.h"
#include "ledger/ledger.h"

#define ISSUER_CAP     (UINT64_C(1000000000) * CROFT_UNITS_PER_CREDIT)
#define ISSUER_CREDITS (UINT64_C(1000) * CROFT_UNITS_PER_CREDIT)

static ProtobufCBinaryData view(const u8 *at)
{
    return (ProtobufCBinaryData){32, (u8 *)(uintptr_t)at};
}

static bool fill_lists(const struct croft_devnet *d, Croft__V1__Genesis *g, struct croft_arena *mem)
{
    Croft__V1__GenesisValidator *v = croft_new(mem, Croft__V1__GenesisValidator, 1);
    Croft__V1__GenesisIssuer *issuer = croft_new(mem, Croft__V1__GenesisIssuer, 1);
    Croft__V1__GenesisGrant *grant = croft_new(mem, Croft__V1__GenesisGrant, 1);
    g->validators = croft_new(mem, Croft__V1__GenesisValidator *, 1);
    g->issuers = croft_new(mem, Croft__V1__GenesisIssuer *, 1);
    g->grants = croft_new(mem, Croft__V1__GenesisGrant *, 1);
    if (v == NULL || issuer == NULL || grant == NULL || g->validators == NULL || g->issuers == NULL ||
        g->grants == NULL)
        return false;
    croft__v1__genesis_validator__init(v);
    croft__v1__genesis_issuer__init(issuer);
    croft__v1__genesis_grant__init(grant);
    v->public_key = view(d->sequencer.b);
    v->operator_address = view(d->issuer_address.b);
    v->power = 1;
    issuer->issuer_address = view(d->issuer_address.b);
    issuer->cap = ISSUER_CAP;
    g->validators[0] = v;
    g->issuers[0] = issuer;
    grant->issuer_address = grant->to_address = view(d->issuer_address.b);
    grant->amount = ISSUER_CREDITS;
    g->grants[0] = grant;
    g->n_validators = g->n_issuers = g->n_grants = 1;
    return true;
}

Croft__V1__Genesis *croft_devnet_genesis(const struct croft_devnet *d, struct croft_arena *mem)
{
    Croft__V1__Genesis *g = croft_new(mem, Croft__V1__Genesis, 1);
    if (g == NULL)
        return NULL;
    croft__v1__genesis__init(g);
    g->format = 1;
    g->name = (char *)(uintptr_t)d->name;
    g->time_s = d->time_s;
    g->protocol = CROFT_PROTOCOL_MAX;
    g->token = (char *)(uintptr_t)(d->token ? "croft" : "none");
    return fill_lists(d, g, mem) ? g : NULL;
}

struct croft_hash croft_devnet_id(const Croft__V1__Genesis *g)
{
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    bool mapped = croft_region_map(&memory, croft__v1__genesis__get_packed_size(g) + 64);
    CROFT_ASSERT(mapped);
    return croft_genesis_id(g, croft_region_arena(&memory));
}
