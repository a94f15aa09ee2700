/* consensus/devnet.h - the genesis of a network for one machine: one validator, one test issuer. */
#ifndef CROFT_CONSENSUS_DEVNET_H
#define CROFT_CONSENSUS_DEVNET_H

#include "base/arena.h"
#include "base/types.h"
#include "crypto/sign.h"

#include "croft/v1/genesis.pb-c.h"

struct croft_devnet {
    const char *name; /* 1 to 32 of a-z 0-9 - */
    u64 time_s;
    struct croft_public_key sequencer;
    struct croft_address issuer_address; /* it operates the validator too */
    bool token;                          /* the network has CROFT beside credits */
};

/* The issuer may issue a thousand million credits and has a thousand of them for its fees.  In mem, and with
 * views into *d; NULL when mem is used up. */
Croft__V1__Genesis *croft_devnet_genesis(const struct croft_devnet *d, struct croft_arena *mem);

/* The id of the network that a genesis begins. */
struct croft_hash croft_devnet_id(const Croft__V1__Genesis *g);

#endif
