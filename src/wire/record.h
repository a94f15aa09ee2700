/* wire/record.h - the records of the ledger's tables, as structs and as layouts.
 *
 * Table numbers and layouts are stored and signed over (through roots): append-only.  A change of
 * a layout is a new format number, introduced under a new protocol number.
 */
#ifndef CROFT_WIRE_RECORD_H
#define CROFT_WIRE_RECORD_H

#include "base/amt.h"
#include "base/types.h"
#include "wire/layout.h"
#include "wire/market_record.h"

enum croft_asset { CROFT_ASSET_CREDIT, CROFT_ASSET_CROFT, CROFT_ASSET_COUNT };

enum croft_scope {
    CROFT_SCOPE_PAY,
    CROFT_SCOPE_TRADE,
    CROFT_SCOPE_NODE,
    CROFT_SCOPE_VOUCHER,
    CROFT_SCOPE_AUDIT,
    CROFT_SCOPE_VOTE,
    CROFT_SCOPE_ADMIN,
    CROFT_SCOPE_COUNT
};
enum { CROFT_SCOPES_ALL = (1 << CROFT_SCOPE_COUNT) - 1 };

/* Which table a record is in.  0 is the list of receipts, which is not a table of records. */
enum croft_table {
    CROFT_TABLE_RECEIPTS = 0,
    CROFT_TABLE_CHAIN = 1,       /* one record, key "c" */
    CROFT_TABLE_PARAMS = 2,      /* key: u16 parameter */
    CROFT_TABLE_ACCOUNTS = 3,    /* key: address */
    CROFT_TABLE_PENDINGS = 4,    /* key: payer address, u64 id */
    CROFT_TABLE_ISSUERS = 5,     /* key: issuer address, u8 asset */
    CROFT_TABLE_WITHDRAWALS = 6, /* key: account address, u64 id */
    CROFT_TABLE_VALIDATORS = 7,  /* key: public key */
    CROFT_TABLE_PROPOSALS = 8,   /* key: u64 id */
    CROFT_TABLE_VOTES = 9,       /* key: u64 proposal, operator address */
    CROFT_TABLE_RECOVERIES = 10, /* key: account address */
    /* From here on the market's (wire/market_record.h); the trees of 11 and 12 are in the root from genesis on. */
    CROFT_TABLE_LEASES = 11,     /* key: buyer address, u64 order id << 16 | number */
    CROFT_TABLE_PROVIDERS = 12,  /* key: owner address */
    CROFT_TABLE_NODES = 13,      /* key: node address */
    CROFT_TABLE_DEVICES = 14,    /* key: node address, u64 number */
    CROFT_TABLE_ORDERS = 15,     /* key: buyer address, u64 id << 16 */
    CROFT_TABLE_CLASSES = 16,    /* key: u16 number */
    CROFT_TABLE_QUEUE = 17,      /* key: as its order */
    CROFT_TABLE_BATCHES = 18,    /* key: as its order */
    CROFT_TABLE_PAGES = 19,      /* key: buyer address, u64 order id << 16 | page */
    CROFT_TABLE_AUCTIONS = 20,   /* key: as its order */
    CROFT_TABLE_BIDS = 21,       /* key: hash of order, node and device */
    CROFT_TABLE_CLAIMS = 22,     /* key: node address, u64 short hash of the auditor */
    CROFT_TABLE_TOKEN = 23,      /* one record, key "t" */
    CROFT_TABLE_REPORTS = 24,    /* key: operator address */
    CROFT_TABLE_EPOCHS = 25,     /* key: u32 epoch */
    CROFT_TABLE_COUNT
};
/* Integers inside keys are big-endian, so that keys sort as their numbers do. */
enum { CROFT_RECORD_KEY_MAX = 40, CROFT_RECORD_VALUE_MAX = 1280, CROFT_RECORD_STRUCT_MAX = 2048 };

/* A key of an account and what replay protection remembers of it. */
enum { CROFT_KEYS_MAX = 8, CROFT_REPLAY_WINDOW = 256 };

struct croft_key_record {
    u8 scheme;         /* 1 Ed25519; 0: this place is free and all else is zero */
    u8 weight;         /* 1 to 255 */
    u8 scopes;         /* bits by croft_scope */
    u32 spent_day;     /* day (block time / 86400) that spent[] counts */
    u8 public_key[32];
    struct croft_amt cap[CROFT_ASSET_COUNT];   /* per day; 0 is no cap */
    struct croft_amt spent[CROFT_ASSET_COUNT]; /* on spent_day */
    u64 expires_s;     /* void from here on; 0 never */
    u64 nonce_base;    /* nonces up to here are used or void */
    u8 nonce_map[32];  /* bit i: nonce_base + 1 + i is used */
};

struct croft_account_record {
    u8 format;
    u8 key_count;      /* places in key[], free ones included */
    u8 threshold[CROFT_SCOPE_COUNT];
    struct croft_amt balance[CROFT_ASSET_COUNT]; /* free to spend; what is held lies in system accounts */
    struct croft_amt deposit;                    /* paid for this record, given back when it goes */
    u64 open_records;  /* that are its own or pay it, and so keep it: docs/spec/ledger.md, close_account */
    u64 nonce_floor;   /* nonce_base of the next key: no nonce of a key that is gone was above it.
                        * Starts at block time << 20, so an account that closes and opens again cannot be replayed */
    struct croft_address guardian;               /* zero: none */
    u64 recover_delay_s;
    u64 quota_per_day; /* cost units in the quota lane */
    u64 quota_used;    /* on quota_day */
    u32 quota_day;
    struct croft_key_record key[CROFT_KEYS_MAX];
};

struct croft_pending_record {
    u8 format;
    u8 asset;
    struct croft_amt amount; /* held in CROFT_SYSTEM_ESCROW */
    struct croft_amt deposit;
    u64 expires_s;
    struct croft_address payee;
    struct croft_address arbiter; /* zero: the payer posts */
};

struct croft_issuer_record {
    u8 format;
    struct croft_amt cap;
    struct croft_amt outstanding; /* issued and not yet destroyed; <= cap unless the cap was lowered */
    struct croft_amt issued_total;
    struct croft_amt held; /* promised to withdrawals under way: neither they nor a redeem may take more than is left */
};

struct croft_withdrawal_record {
    u8 format;
    u8 asset;
    u8 reference_len;
    struct croft_amt amount; /* held in CROFT_SYSTEM_PAYOUTS */
    struct croft_amt deposit;
    u64 returns_s;           /* block time at which it goes back unless marked paid */
    struct croft_address issuer;
    u8 reference[64];        /* zero after reference_len */
};

struct croft_validator_record {
    u8 format;
    u64 power; /* not zero */
    struct croft_address operator_address;
};

enum croft_change_kind {
    CROFT_CHANGE_PARAM = 1,
    CROFT_CHANGE_PROTOCOL = 2,
    CROFT_CHANGE_VALIDATOR = 3,
    CROFT_CHANGE_ISSUER = 4,
    CROFT_CHANGE_QUOTA = 5,
    CROFT_CHANGE_CLASS = 6 /* number: the class; subject: its operator */
};

/* Of one operator at a time: the table takes as many of each of 64. */
enum { CROFT_PROPOSALS_OPEN_MAX = 4 };

/* The change is kept flat: which fields count depends on kind, the others are zero. */
struct croft_proposal_record {
    u8 format;
    u8 kind;           /* croft_change_kind */
    u8 asset;          /* ISSUER */
    u32 number;        /* PARAM: which; PROTOCOL: the number */
    u64 value;         /* PARAM value, PROTOCOL height, VALIDATOR power, ISSUER cap, QUOTA cost per day */
    u64 expires_s;
    struct croft_amt deposit;
    struct croft_address proposer;
    struct croft_address subject; /* VALIDATOR operator, ISSUER, QUOTA account */
    u8 public_key[32];            /* VALIDATOR */
    u8 release[32];               /* PROTOCOL: text, zero-padded */
};

struct croft_vote_record {
    u8 format;
    u8 yes;
};

struct croft_recovery_record {
    u8 format;
    u8 key_count;
    u8 threshold[CROFT_SCOPE_COUNT];
    u64 due_s;         /* block time at which the keys below replace the account's */
    struct croft_amt deposit;
    struct croft_address guardian;
    struct croft_key_record key[CROFT_KEYS_MAX];
};

struct croft_param_record {
    u8 format;
    u64 value;
};

/* The state that belongs to no one: one record. */
struct croft_chain_record {
    u8 format;
    u32 protocol;          /* rules of the next block, unless next_height is reached */
    u32 next_protocol;     /* 0: none scheduled */
    u64 next_height;
    u8 next_release[32];
    u8 token;              /* 1: the network has CROFT; 0: credits only */
    struct croft_amt outstanding[CROFT_ASSET_COUNT]; /* sum over issuers = sum over all accounts */
    u64 base_fee;          /* units of credit per cost unit */
    u64 txs_total;         /* in blocks, failed ones included */
    u64 receipt_blocks;    /* leaves of the receipts tree: blocks with at least one transaction */
};

/* What a transaction got: the bytes a light client proves, and ABCI's ExecTxResult.data. */
struct croft_receipt {
    u8 format;
    u8 op;   /* field number of the operation in TxBody */
    u16 code; /* croft_err; 0 or 300-399 */
    u64 fee;  /* units taken */
    u64 value; /* what the operation moved or held in total, in units of its asset; 0 where none */
};

extern const struct croft_layout croft_account_layout, croft_pending_layout, croft_issuer_layout,
    croft_withdrawal_layout, croft_validator_layout, croft_proposal_layout, croft_vote_layout, croft_recovery_layout,
    croft_param_layout, croft_chain_layout, croft_receipt_layout, croft_key_layout;

/* Layout of a table's records, its name, and the length of its keys; NULL and 0 for a number that has none. */
const struct croft_layout *croft_table_layout(u32 table);
const char *croft_table_name(u32 table);
size_t croft_table_key_len(u32 table);

/* System accounts: fixed addresses (31 zero bytes, then a number) that no key set hashes to. */
enum croft_system_account {
    CROFT_SYSTEM_FEES = 1,     /* fees taken */
    CROFT_SYSTEM_DEPOSITS = 2, /* deposits of live records */
    CROFT_SYSTEM_ESCROW = 3,   /* pending transfers */
    CROFT_SYSTEM_PAYOUTS = 4,  /* withdrawals under way */
    CROFT_SYSTEM_STAKE = 5,    /* all that can be lost: stake and bonds */
    CROFT_SYSTEM_LEASES = 6,   /* escrows of orders */
    CROFT_SYSTEM_TOKEN = 7,    /* protocol 2: burnt CROFT; as an issuer: rewards, and credits for converted CROFT */
    CROFT_SYSTEM_COUNT = 8
};
u32 croft_system_since(u32 which); /* the protocol that brought it */
struct croft_address croft_system_address(enum croft_system_account which);
bool croft_address_is_system(const struct croft_address *a); /* also true for all zeros */

#endif
