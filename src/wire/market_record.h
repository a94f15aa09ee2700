/* wire/market_record.h - the records of the market's tables (protocol 2), as structs and as layouts.
 *
 * What each table holds and who pays its deposit: docs/spec/market.md, "Records".  As in wire/record.h,
 * layouts are stored and signed over: append-only, a change of one is a new format number under a new protocol.
 */
#ifndef CROFT_WIRE_MARKET_RECORD_H
#define CROFT_WIRE_MARKET_RECORD_H

#include "base/amt.h"
#include "base/types.h"
#include "wire/layout.h"

/* Most units a price may be.  The price of 64 leases for 2^25 s (over a year) stays in 64 bits: 2^(6+44+25) / 3600. */
#define CROFT_PRICE_MAX (UINT64_C(1) << 44)
/* Below this lies every price of CROFT, in units of credit. */
#define CROFT_ORACLE_PRICE_MAX (UINT64_C(1) << 50)

/* What is counted, and so what a price is for (market/settle.h). */
enum croft_price_kind { CROFT_PRICE_SECOND, CROFT_PRICE_TOKEN, CROFT_PRICE_BYTE, CROFT_PRICE_FRAME };
enum croft_device_kind { CROFT_DEVICE_GPU, CROFT_DEVICE_CPU, CROFT_DEVICE_DISK, CROFT_DEVICE_LINE };
enum croft_device_state { CROFT_DEVICE_UNLISTED = 1, CROFT_DEVICE_LISTED = 2, CROFT_DEVICE_LEASED = 3 };
enum croft_device_flag { CROFT_DEVICE_LEAVING = 1 };
enum croft_machine { CROFT_MACHINE_CONSUMER, CROFT_MACHINE_WORKSTATION, CROFT_MACHINE_DATA_CENTRE };
enum croft_service { CROFT_SERVICE_SPOT, CROFT_SERVICE_FIRM, CROFT_SERVICE_RESERVED, CROFT_SERVICE_COUNT };
enum croft_order_kind { CROFT_ORDER_SERVICE, CROFT_ORDER_GANG, CROFT_ORDER_BATCH };
enum croft_order_state {
    CROFT_ORDER_OPEN = 1, /* fewer live leases than wanted */
    CROFT_ORDER_FULL = 2,
    CROFT_ORDER_BIDDING = 3,
    CROFT_ORDER_REVEALING = 4,
    CROFT_ORDER_PICKING = 5,
    CROFT_ORDER_CLOSING = 6
};
enum croft_order_flag { CROFT_ORDER_DRY = 1, CROFT_ORDER_ONCE = 2, CROFT_ORDER_QUEUED = 4 };
enum croft_lease_state {
    CROFT_LEASE_TAKEN = 1,
    CROFT_LEASE_ACKED = 2,
    CROFT_LEASE_RUNNING = 3,
    CROFT_LEASE_ENDING = 4,
    CROFT_LEASE_COMMITTED = 5, /* from here on: ranges of a batch */
    CROFT_LEASE_DISPUTED = 6,
    CROFT_LEASE_CONTESTED = 7
};
enum croft_lease_mode { CROFT_LEASE_METERED, CROFT_LEASE_PREPAID, CROFT_LEASE_COUNTED };
enum croft_lease_flag {
    CROFT_LEASE_KEEP = 1,
    CROFT_LEASE_GATEWAY = 2,
    CROFT_LEASE_CALLED_BY_BUYER = 4,
    CROFT_LEASE_CALLED_BY_NODE = 8,
    CROFT_LEASE_STARTED = 16,
    CROFT_LEASE_BROKEN = 32 /* the provider broke its promise: counted as failed, not as done */
};
enum croft_lease_reason {
    CROFT_REASON_NONE, CROFT_REASON_FINISHED, CROFT_REASON_STOPPED, CROFT_REASON_UNACKED, CROFT_REASON_UNSTARTED,
    CROFT_REASON_NOTICE, CROFT_REASON_UNANSWERED, CROFT_REASON_DRY, CROFT_REASON_EXPIRED, CROFT_REASON_REPLACED,
    CROFT_REASON_TIMED_OUT, CROFT_REASON_GANG
};
enum croft_task_bits { CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE, CROFT_TASK_REJECTED, CROFT_TASK_ACCEPTED };
enum croft_bid_state { CROFT_BID_SEALED = 1, CROFT_BID_REVEALED = 2 };
enum croft_auction_rule { CROFT_AUCTION_LOWEST, CROFT_AUCTION_PICK };
enum croft_auction_flag { CROFT_AUCTION_DECIDED = 1, CROFT_AUCTION_ORPHAN = 2 };
enum {
    CROFT_LEASES_LIVE_MAX = 64, CROFT_LEASES_MADE_MAX = 255, CROFT_ALTERNATES_MAX = 8, CROFT_DEVICES_MAX = 64,
    CROFT_TASKS_MAX = 100000, CROFT_PAGE_TASKS = 4096, CROFT_PAGE_BYTES = 1024, CROFT_RANGE_TASKS_MAX = 4096,
    CROFT_ATTRIBUTES_BYTES_MAX = 1000, CROFT_VOUCHERS_MAX = 64, CROFT_TOKEN_HOURS = 24, CROFT_PRICE_KINDS = 4,
    CROFT_CLASS_OPEN_MIN = 256, /* class numbers from here on are anybody's; a vote gives those below */
    CROFT_TAKES_MAX = CROFT_LEASES_LIVE_MAX + CROFT_ALTERNATES_MAX
};

/* A meter between an order and whoever is paid. */
struct croft_lease_record {
    u8 format;
    u8 state;    /* croft_lease_state */
    u8 mode;     /* croft_lease_mode: where the money it may still claim lies */
    u8 kind;     /* croft_price_kind */
    u8 service;  /* croft_service */
    u8 reason;   /* croft_lease_reason, while ENDING */
    u8 flags;    /* croft_lease_flag */
    u16 device;  /* number at the node */
    u16 replaces; /* lease of the same order that ends when this one starts; 0: none */
    struct croft_address node; /* its owner is paid; GATEWAY: the gateway's account, which is paid */
    u64 stamp;   /* height << 20 | transaction: vouchers name it */
    u64 price;   /* units per PER of kind */
    struct croft_amt paid;  /* of the escrow, fees included; = pay(price, kind, units) but for the voucher cap */
    struct croft_amt aside; /* of the order's balance, for this lease alone; TAKEN, ACKED: take fee = aside - hold - keep */
    struct croft_amt bond;  /* in STAKE: of a call or a dispute; both sides' when CONTESTED */
    struct croft_amt exposure; /* counted against the provider */
    u64 taken_s;
    u64 served_until_s; /* by the last voucher; taken_s before */
    u64 units;          /* by the last voucher */
    u64 units_max;      /* COUNTED; tasks of a range */
    u64 seq;            /* of the last voucher */
    u64 firm_until_s;   /* 0: spot */
    u64 end_s;          /* known end: of a notice, a prepaid term, or when it ended; 0: none */
    u64 call_by_s;      /* the called side answers before; 0: no call */
    u64 due_s;
    u32 first_task;
    u32 rejected;       /* tasks, while DISPUTED */
    struct croft_hash digest; /* key that the manifest is sealed to; once committed, root of the results */
};

struct croft_provider_record {
    u8 format;
    u32 nodes;
    u32 epoch;                   /* that fees_epoch counts */
    u32 leases_done, leases_failed; /* failed: not acknowledged, declined, unanswered or against a promise */
    struct croft_amt fees_total; /* market fees of its leases, ever: what standing rests on */
    struct croft_amt fees_epoch;
    struct croft_amt reward;     /* CROFT accrued and not claimed; not minted yet */
    struct croft_amt earned;     /* credits received, ever */
    struct croft_amt stake, locked, unlocking; /* credits; locked is part of stake */
    struct croft_amt exposure;   /* sum over its leases */
    struct croft_amt deposit;
    u64 since_s;
    u64 due_s;                   /* unlocking goes back */
};

/* Followed by attributes_len bytes of attributes, `key=value\n` sorted by key. */
struct croft_node_record {
    u8 format;
    u8 machine;   /* croft_machine, as the node says */
    u8 drain;
    u8 country[2]; /* zero: not said */
    struct croft_address owner;
    u8 seal_key[32];
    u8 peer_key[32]; /* zero: none */
    u64 devices;     /* bit i: there is a device i */
    u64 since_s;
    struct croft_amt deposit;
    u32 bids;        /* open */
    u32 leases;      /* records of leases that name it: whom they pay must be found */
    u64 quota, quota_before; /* cost units per day of its account: as admitting it made it, and as it was */
    u16 attributes_len;
    u8 attributes[CROFT_ATTRIBUTES_BYTES_MAX];
};

struct croft_device_record {
    u8 format;
    u8 state;      /* croft_device_state */
    u8 kind;       /* croft_device_kind */
    u8 flags;      /* croft_device_flag */
    u8 services;   /* bits by croft_service */
    u8 egress;     /* bits: 1 pull 2 web 4 direct */
    u8 vendor, interface, gpu_count, hardware; /* hardware: bits 1 ECC, 2 redundant power, 4 all day */
    u8 isolation;
    u16 class;     /* 0: none */
    u8 model[24];  /* text, zero-padded */
    u16 cores;
    u32 vram_mib, ram_mib, disk_gib, down_mbit, up_mbit, tops, gbs;    /* declared */
    u32 proved_vram_mib, proved_tops, proved_gbs, uptime_ppm;          /* 0: not proved */
    u64 proved_s;
    u64 price[CROFT_PRICE_KINDS]; /* 0: not offered */
    u64 disk_price; /* units per GiB and hour */
    u32 notice_s;
    u64 lease;      /* stamp of the lease it is in; 0: none */
    struct croft_amt bond; /* in STAKE */
    struct croft_amt lock; /* of the provider's stake */
    struct croft_amt deposit;
    u64 due_s;      /* end of the offer; 0: not listed */
    u64 won_s;      /* last auction won */
    u32 failed;
};

/* An order and its escrow.  Followed by the alternates. */
struct croft_order_record {
    u8 format;
    u8 state;      /* croft_order_state */
    u8 kind;       /* croft_order_kind */
    u8 price_kind;
    u8 service;
    u8 egress;
    u8 flags;      /* croft_order_flag */
    u16 class, count;
    u16 made;   /* leases, ever: the next one's number less 1 */
    u16 live;   /* of them, not ENDING; keep and gateway leases do not count */
    u16 leases; /* records of leases, all of them */
    u64 price_max;
    struct croft_amt balance;   /* in LEASES */
    struct croft_amt aside;     /* of balance: sum over leases */
    u64 rate;                   /* of METERED live leases: sum of prices, units per hour */
    u64 accrued;                /* sum price * (accrued_s - from) / 3600 ... */
    u16 accrued_part;           /* ... and its remainder, in 1/3600 unit */
    u64 accrued_s;
    struct croft_amt paid_live; /* of METERED live leases: sum of paid */
    struct croft_amt spend_only, croft_held; /* converted and not spent; CROFT in LEASES behind it */
    struct croft_amt deposit;
    u64 units_max;              /* of each counted lease */
    u64 opened_s, expires_s, due_s;
    u16 start_s, unsigned_s, hold_s;
    u32 keep_s, disk_gib, firm_s;
    struct croft_hash workload;
    u8 voucher_key[32];
    struct croft_amt voucher_cap, voucher_paid;
    struct croft_address arbiter; /* zero: none */
    u8 live_map[32];              /* bit n: lease n is not ENDING, keep and gateway leases too; not ranges of batches */
    u8 alternate_count;
    struct croft_alternate {
        struct croft_address node;
        u8 device;
        u64 price;                /* as the buyer saw it */
    } alternate[CROFT_ALTERNATES_MAX];
};

struct croft_class_record {
    u8 format;
    u8 policy; /* 0 free, 1 oldest first */
    u8 kind, vendor, interface, gpu_count, hardware, isolation, machine; /* least that is wanted; 0 any */
    u8 name[24], model[24];
    u16 cores;
    u32 vram_mib, ram_mib, disk_gib, down_mbit, up_mbit, tops, gbs;
    u64 price;
    u16 start_s;
    struct croft_address operator_address;
    struct croft_amt deposit;
    u32 devices, waiting;     /* devices that name it; orders in the queue */
    u32 wait_s;               /* of orders taken: 7/8 old, 1/8 new */
    u64 taken_total, orders_total;
    u8 head[40], tail[40];    /* order keys; zero: none */
};

struct croft_queue_record {
    u8 format;
    u16 class;
    u64 since_s;
    u8 prev[40], next[40];
};

struct croft_batch_record {
    u8 format;
    u32 task_count, open, done;
    u32 timeout_s, window_s;
    struct croft_hash task_root;
    struct croft_amt deposit; /* its own and its pages' */
};

struct croft_page_record {
    u8 format;
    u8 bits[CROFT_PAGE_BYTES]; /* task 4096 * page + i: bits 2 (i % 4) and up of byte i / 4 */
};

/* Stays while there are bids: an ORPHAN, whose order is gone, waits for the last one. */
struct croft_auction_record {
    u8 format;
    u8 rule;              /* croft_auction_rule */
    u8 flags;             /* croft_auction_flag; DECIDED: what is sealed now was not revealed in time */
    u8 best_device;
    u32 bids, revealed;   /* that there are; revealed ones of them */
    u64 bid_until_s, reveal_until_s;
    struct croft_amt bid_deposit;
    u64 best_price, best_won_s; /* price 0: none */
    struct croft_address best_node;
    struct croft_amt deposit;
};

struct croft_bid_record {
    u8 format;
    u8 state;
    u8 device;
    u8 order[40]; /* key of the order */
    struct croft_address node;
    struct croft_hash commitment;
    u64 price;
    struct croft_amt deposit; /* in STAKE */
    u64 due_s;
};

struct croft_claim_record {
    u8 format;
    u8 machine;
    u8 country[2];
    struct croft_address auditor;
    u64 claims;
    struct croft_amt deposit;
    u64 due_s;
};

struct croft_token_record {
    u8 format;
    u8 valid;         /* median is one */
    u32 epoch;
    struct croft_amt epoch_fees;
    struct croft_amt emission; /* CROFT that this epoch may mint */
    u64 median, median_s; /* units of credit for one CROFT */
    u32 day;
    struct croft_amt converted;   /* credits, on day */
    struct croft_amt unspent;     /* of all converted credits: the sum of orders' spend_only */
    struct croft_amt minted, burnt; /* ever */
    u64 due_s;        /* end of the epoch */
    u64 low24, high24; /* over hour[], kept so that reading is O(1) */
    u8 hour_count;
    struct croft_token_hour {
        u32 hour;     /* block time / 3600 */
        u64 low, high;
    } hour[CROFT_TOKEN_HOURS];
};

struct croft_report_record {
    u8 format;
    u64 price, at_s;
};

struct croft_epoch_record {
    u8 format;
    struct croft_amt fees;
    struct croft_amt emission;
    u64 price;
    u64 index; /* CROFT units per unit of fee, times 2^32 */
};

extern const struct croft_layout croft_lease_layout, croft_provider_layout, croft_node_layout, croft_device_layout, croft_order_layout, croft_class_layout, croft_queue_layout, croft_batch_layout, croft_page_layout, croft_auction_layout, croft_bid_layout, croft_claim_layout, croft_token_layout, croft_report_layout, croft_epoch_layout;

#endif
