/* sim/market/market_int.h - the simulator's market: who takes part, what really happens, and what each may gain.
 *
 *   cast.c     kinds of actors                   network.c  the network and the accounts of a seed
 *   chain.c    reading public records            send.c     making and sending a transaction
 *   track.c    orders and leases, as they are    book.c     money of each actor, and its bound
 *   provider.c work.c bid.c                      what providers do
 *   buyer.c open.c                               what buyers do
 *   gateway.c office.c stranger.c                gateways; validators, auditors, arbiters; anything odd
 *   scenario.c what a block must leave true, and how a run ends
 *
 * Actors read the state of the sequencer, as an agent reads the chain, and send signed transactions.  What is really
 * served is kept here, apart from the chain: `truth` of a lease grows by the second of block time while its node works
 * for it, and an honest buyer signs no more than that.
 */
#ifndef CROFT_SIM_MARKET_INT_H
#define CROFT_SIM_MARKET_INT_H

#include "sim/sim_int.h"
#include "wire/voucher.h"

enum {
    CROFT_MSIM_ACTORS = 64,
    CROFT_MSIM_ACCOUNTS = 160,
    CROFT_MSIM_ORDERS = 8192,
    CROFT_MSIM_LEASES = 32768,
    CROFT_MSIM_BIDS = 4096,
    CROFT_MSIM_NODES = 2,  /* of a provider */
    CROFT_MSIM_DEVICES = 2, /* of a node */
    CROFT_MSIM_NONE = 0xffff,
    CROFT_MSIM_FIRST_WALLET = CROFT_SIM_OPERATORS + CROFT_SIM_ISSUERS,
};

/* Differences of sums of money; never stored. */
typedef __int128 i128;

/* What is wrong with somebody; none of it: honest. */
enum croft_msim_fault {
    CROFT_FAULT_NEVER_ACKS = 1 << 0,
    CROFT_FAULT_NEVER_RUNS = 1 << 1,
    CROFT_FAULT_VANISHES = 1 << 2,
    CROFT_FAULT_CLAIMS_MORE = 1 << 3,
    CROFT_FAULT_ONE_CARD = 1 << 4, /* one card under two nodes */
    CROFT_FAULT_UNDERCUTS = 1 << 5,
    CROFT_FAULT_TWO_FACED = 1 << 6, /* signs one result and commits another */
    CROFT_FAULT_JUMPS = 1 << 7,     /* leaves a firm lease */
    CROFT_FAULT_NEVER_VOUCHES = 1 << 8,
    CROFT_FAULT_STOPS_VOUCHING = 1 << 9,
    CROFT_FAULT_REJECTS = 1 << 10,
    CROFT_FAULT_DISPUTES = 1 << 11,
    CROFT_FAULT_HOLDS_GANGS = 1 << 12,
    CROFT_FAULT_TOPS_UP_LATE = 1 << 13,
    CROFT_FAULT_LEAVES_RESERVED = 1 << 14,
    CROFT_FAULT_OVERTAKES = 1 << 15, /* more leases than the escrow can pay */
    CROFT_FAULT_SIGNS_FOR_NOTHING = 1 << 16,
    CROFT_FAULT_DELAYS = 1 << 17,
    CROFT_FAULT_DROPS = 1 << 18,
    CROFT_FAULT_WASHES = 1 << 19, /* rents from itself */
    CROFT_FAULT_PEEKS = 1 << 20,  /* reads the mempool */
    CROFT_FAULT_LIES = 1 << 21,
    CROFT_FAULT_NEVER_REVEALS = 1 << 22,
};

enum croft_msim_role {
    CROFT_ROLE_VALIDATOR,
    CROFT_ROLE_PROVIDER,
    CROFT_ROLE_BUYER,
    CROFT_ROLE_GATEWAY,
    CROFT_ROLE_AUDITOR,
    CROFT_ROLE_STRANGER
};

struct croft_msim_actor;

struct croft_msim_kind {
    const char *name;
    u32 count;
    enum croft_msim_role role;
    u32 faults; /* croft_msim_fault */
    void (*act)(struct croft_sim *s, struct croft_msim_actor *a);
};
extern const struct croft_msim_kind croft_msim_kinds[];
extern const size_t croft_msim_kind_count;
extern const struct croft_sim_source croft_msim_cast[];
extern const size_t croft_msim_cast_count;

/* ---- who ---- */

struct croft_msim_account {
    struct croft_address address;
    struct croft_secret_key key;
    Croft__V1__KeySet *set;
    u32 actor;
};

/* What a lease can have meant for both sides, by what was signed for it. */
struct croft_msim_worth {
    i128 most;   /* ever paid for it */
    i128 earned; /* of that, at most, to its payee */
    i128 least;  /* certainly paid for it */
    i128 back;   /* at most paid by its provider to its buyer, for a promise */
    i128 lost;   /* the part of most that bought nothing: unsigned seconds, take fee, penalty */
    i128 over;   /* the part of most that was signed and never served */
    i128 fines;  /* surely paid by a buyer that left a reserved lease, beside least */
};

/* An actor's own book: plain sums, signed.  Of leases that are gone; those on are added when it is looked at. */
struct croft_msim_book {
    i128 start[CROFT_ASSET_COUNT]; /* all that is its, held or free */
    i128 fees;                     /* of transactions */
    i128 got;                      /* at most, beside leases: for CROFT, of bonds that others put up, of slashes */
    i128 risked;                   /* bonds of its own that it may have lost */
    i128 burnt;                    /* bonds that it surely lost: for rejections without an arbiter */
    i128 had, gave;                /* what it really had of providers, and gave to buyers, at the leases' prices */
    u64 unacked;                   /* its leases that were not acknowledged, by what was due */
    struct croft_msim_worth sold, bought; /* as payee and as buyer */
    struct croft_msim_worth lent, within; /* of sold: not as a gateway; to itself */
    i128 earned, earned_before;    /* by its provider's record: pay and market fees; of records that are gone */
};

struct croft_msim_actor {
    u32 number;
    const struct croft_msim_kind *kind;
    u32 account, node[CROFT_MSIM_NODES]; /* account numbers; CROFT_MSIM_NONE */
    u64 next_id;                           /* of an order or proposal */
    u64 seen_s;                            /* when it acted last */
    u32 turn;                              /* how often it acted */
    bool converts;                         /* paid with CROFT: its credits alone do not say what it gained */
    struct croft_msim_book book;
};

/* ---- what is on ---- */

/* An order that somebody opened. */
struct croft_msim_order {
    bool live, known; /* known: it was on the chain */
    u8 key[40];
    u64 id;
    u32 buyer;   /* actor */
    u32 signer;  /* account whose key signs its vouchers */
    u32 gateway; /* actor; CROFT_MSIM_NONE */
    u32 unsigned_s, kind, service, tasks, gib;
    u64 cap; /* of vouchers; 0: none */
    u64 tried_s;
    u32 acks;        /* of this block, of leases not yet seen acknowledged */
    u64 seen_max;    /* greatest price that it named offers with */
    u64 workload;    /* its tasks' seed */
    struct croft_order_record last;
};

/* A lease that was seen on the chain. */
struct croft_msim_lease {
    bool live;
    u8 key[40];
    u64 seen_at; /* height of the last block it was in */
    struct croft_msim_order *order;
    u32 payee; /* actor: the provider, or the gateway */
    u32 node;  /* account */
    struct croft_lease_record last;
    bool acked;
    bool started;   /* on the chain, or in the hands of its node: somebody signed for it */
    bool disturbed; /* time jumped while it was on: what should have been done in time was not */
    bool vanished;  /* its node is gone for good */
    u64 truth;      /* units really served */
    u64 signed_units, signed_until_s, signed_seq; /* greatest that anybody signed */
    u64 sent_seq;                                  /* that its node gave to the chain */
    u64 ready_s;                                   /* when a voucher reaches the node */
    u64 taken_s;
    u64 most;       /* price that its buyer agreed to */
    u64 keep_price; /* of its disk, afterwards; units per hour */
    u64 fine;       /* paid by the buyer for leaving before the promised time */
    struct croft_public_key voucher_key;
    struct croft_signature voucher_signature;
    u64 voucher_units, voucher_until_s, voucher_seq; /* the newest that its node has */
    bool two_faced; /* of a range: other results are committed than were signed */
    u32 range;      /* its tasks */
};

/* A sealed bid and what opens it. */
struct croft_msim_bid {
    u8 order[40];
    u32 node;
    u8 device, salt[32];
    u64 price;
    bool revealed;
};

struct croft_msim {
    struct croft_msim_account account[CROFT_MSIM_ACCOUNTS];
    u32 account_count;
    u16 by_address[1 << 12]; /* 1 + number of an account */
    struct croft_msim_actor actor[CROFT_MSIM_ACTORS];
    u32 actor_count;
    struct croft_msim_order *order;
    u32 order_count;
    u32 live_order[CROFT_MSIM_ORDERS], live_order_count;
    struct croft_msim_lease *lease;
    u32 lease_count;
    u32 live_lease[1024], live_lease_count;
    struct croft_msim_bid *bid;
    u32 bid_count;
    u64 before_s; /* time of the block before */
    bool token, calm, slow, draining, counted;
    u64 rate; /* what one CROFT is really worth */
    u32 liar_power, power;
    i128 wealth[CROFT_MSIM_ACTORS][CROFT_ASSET_COUNT]; /* after the last block */
};

/* ---- chain.c ---- */

const struct croft_ledger *croft_msim_ledger(const struct croft_sim *s);
const struct croft_state *croft_msim_state(const struct croft_sim *s);
u64 croft_msim_now_s(const struct croft_sim *s); /* block time of the last block */
u64 croft_msim_param(const struct croft_sim *s, enum croft_param which);

/* A record by key, or in a slot; false when there is none. */
bool croft_msim_read(const struct croft_sim *s, u32 table, const u8 *key, void *out);
bool croft_msim_at(const struct croft_sim *s, u32 table, u32 slot, u8 key[CROFT_RECORD_KEY_MAX], void *out);
u32 croft_msim_high(const struct croft_sim *s, u32 table);

bool croft_msim_account_read(const struct croft_sim *s, u32 account, struct croft_account_record *out);
bool croft_msim_device(const struct croft_sim *s, u32 node, u32 device, struct croft_device_record *out);

/* Numbers of accounts and actors by address; CROFT_MSIM_NONE. */
u32 croft_msim_account_of(const struct croft_sim *s, const u8 address[32]);
u32 croft_msim_actor_of(const struct croft_sim *s, const u8 address[32]);
bool croft_msim_is_open(const struct croft_sim *s); /* protocol 2 is in force */

/* floor(price x units / per), at most 2^64 - 1. */
u64 croft_msim_pay(u64 price, u32 kind, u64 units);

/* A random listed device; false when none of a few tries hits one. */
struct croft_msim_offer {
    u32 node, device;
    struct croft_device_record r;
};
bool croft_msim_some_offer(struct croft_sim *s, struct croft_msim_offer *out);

/* ---- send.c ---- */

Croft__V1__TxBody *croft_msim_body(struct croft_sim *s, u32 op);
#define CROFT_MSIM_OP(s, body, member, type, init)               \
    __extension__({                                                \
        (body)->member = croft_sim_new((s), type, 1);              \
        init((body)->member);                                      \
        (body)->member;                                            \
    })

/* Signs and gives it to the sequencer, alone. */
void croft_msim_send(struct croft_sim *s, u32 account, Croft__V1__TxBody *body);
/* The same of one that holds a wrong signature. */
void croft_msim_send_bad(struct croft_sim *s, u32 account, Croft__V1__TxBody *body);

ProtobufCBinaryData croft_msim_address(struct croft_sim *s, u32 account);
ProtobufCBinaryData croft_msim_random(struct croft_sim *s, size_t len);
Croft__V1__LeaseId *croft_msim_lease_id(struct croft_sim *s, const u8 key[40]);
u64 croft_msim_order_id(const u8 key[40]);
u32 croft_msim_lease_number(const u8 key[40]);
ProtobufCBinaryData croft_msim_buyer(struct croft_sim *s, const u8 key[40]);

/* The newest voucher that the node has. */
Croft__V1__Voucher *croft_msim_voucher(struct croft_sim *s, const struct croft_msim_lease *l);
/* Any voucher, by any key. */
Croft__V1__Voucher *croft_msim_forge(struct croft_sim *s, const struct croft_msim_lease *l, u64 until_s, u64 units,
                                       u64 seq, u32 signer);

/* ---- track.c ---- */

void croft_msim_track(struct croft_sim *s, u64 now_s);
struct croft_msim_order *croft_msim_order_of(struct croft_sim *s, const u8 key[40]); /* live; NULL */
struct croft_msim_lease *croft_msim_live(struct croft_sim *s, u32 i);                /* NULL: no more */
bool croft_msim_is_dry(const struct croft_msim_lease *l);
/* Whoever holds the voucher key signs what was served, or as much as it likes; it reaches the node at ready_s. */
void croft_msim_sign(struct croft_sim *s, struct croft_msim_lease *l, u64 units, u64 ready_s);

/* ---- what actors do ---- */

/* Takes back what it lends, one step at a time, and leaves. */
void croft_msim_provider_leaves(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_provider_acts(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_buyer_acts(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_gateway_acts(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_validator_acts(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_auditor_acts(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_stranger_acts(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_wash_acts(struct croft_sim *s, struct croft_msim_actor *a);

/* A range of a batch, on the node's side and on the buyer's. */
void croft_msim_work(struct croft_sim *s, struct croft_msim_lease *l);
void croft_msim_review(struct croft_sim *s, struct croft_msim_actor *a, struct croft_msim_lease *l);
void croft_msim_judge(struct croft_sim *s, u32 account, struct croft_msim_lease *l);
void croft_msim_take_tasks(struct croft_sim *s, struct croft_msim_actor *a, u32 node, u32 device);
void croft_msim_bid(struct croft_sim *s, struct croft_msim_actor *a, u32 node, u32 device);
void croft_msim_reveal(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_open(struct croft_sim *s, struct croft_msim_actor *a);
void croft_msim_settle(struct croft_sim *s, u32 account, struct croft_msim_lease *l);
bool croft_msim_is(const struct croft_msim_actor *a, u32 fault);

/* ---- network.c, book.c ---- */

void croft_msim_make_network(struct croft_sim *s);
void croft_msim_count(struct croft_sim *s);       /* wealth of each actor, from the state */
void croft_msim_check_books(struct croft_sim *s); /* after a block */
/* A bond that is new in this record: what one side risks and the other may get. */
void croft_msim_note_bond(struct croft_sim *s, const struct croft_msim_lease *l, const struct croft_lease_record *now);
/* A buyer that left a reserved lease too soon, and what that cost it. */
void croft_msim_note_leaving(const struct croft_sim *s, struct croft_msim_lease *l,
                             const struct croft_lease_record *now);
/* Leases that came, were acknowledged and went within one block: what they cost their buyer. */
void croft_msim_note_unseen(struct croft_sim *s, struct croft_msim_order *o);
void croft_msim_note_tx(struct croft_sim *s, const struct croft_sim_tx *t, const struct croft_receipt *receipt);
void croft_msim_book_gone(struct croft_sim *s, const struct croft_msim_lease *l);
void croft_msim_check_end(struct croft_sim *s);

#endif
