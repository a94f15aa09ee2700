/* ledger/state.h - the tables: records in memory, found by key, numbered by slot, undone by journal.
 *
 * A record lives in a slot of its table from creation to removal; a new one takes the lowest free slot,
 * so slots, like values, are the same on every node.  Values are the bytes of wire/record.h.
 * Every write goes to a journal that can take it back: to a mark (a failed operation), or
 * to the start of the block (a candidate that was not decided).  At the end of a block the journal says which
 * slots changed; ledger/roots.h makes the roots from that.
 *
 * Pure: all memory is taken from one arena at init, whose size follows from the limits; the tables' maxima
 * are the network's, so FULL is the same answer everywhere.
 */
#ifndef CROFT_LEDGER_STATE_H
#define CROFT_LEDGER_STATE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "wire/record.h"

enum { CROFT_SLOT_NONE = 0xffffffffu };

struct croft_state;

struct croft_state_limits {
    u32 records_max_log2; /* genesis: 10 to 24 */
    size_t journal_bytes; /* most that one block may change; 1 GiB of address space in production */
    u8 hash_seed[16];     /* secret of this process: users choose keys and must not choose collisions */
};

/* Address space needed; pages are touched as records come. */
size_t croft_state_size(const struct croft_state_limits *limits);

/* CROFT_ERR_NOMEM when mem has less than croft_state_size.  mem must be fresh zero pages. */
CROFT_MUST_USE croft_err croft_state_init(struct croft_arena *mem, const struct croft_state_limits *limits,
                                          struct croft_state **out);

/* Places that only what a later protocol brings by itself takes, in the tables of accounts and issuers. */
enum { CROFT_RECORDS_KEPT = 8 };

/* Most records a table can hold under these limits, kept ones included. */
u32 croft_state_records_max(const struct croft_state *s, u32 table);

/* The slot of a key (of the table's key length), or CROFT_SLOT_NONE. */
u32 croft_state_find(const struct croft_state *s, u32 table, const u8 *key);

/* Hints that these keys will be looked up soon: brings what that reads into the cache.  A look-up among a million
 * records misses the cache at the index, the record and the slot; here all keys miss each of them at the same time.
 * out_slot: where each is, CROFT_SLOT_NONE for none; likely, not certain. */
enum { CROFT_STATE_BRING_MAX = 32 };
void croft_state_bring(const struct croft_state *s, u32 table, const u8 *const *key, u32 count, u32 *out_slot);
/* The same for the records of slots, all below high (asserted). */
void croft_state_bring_slots(const struct croft_state *s, u32 table, const u32 *slot, u32 count);

/* Slots of a table run over 0..high-1; those without a record have key.at == NULL. */
u32 croft_state_high(const struct croft_state *s, u32 table);
u32 croft_state_high_before(const struct croft_state *s, u32 table); /* when the block began */
u32 croft_state_count(const struct croft_state *s, u32 table);

/* Views that are valid until the next write.  The slot must be below high (asserted). */
struct croft_bytes croft_state_key(const struct croft_state *s, u32 table, u32 slot);
struct croft_bytes croft_state_value(const struct croft_state *s, u32 table, u32 slot);

/* Creates a record; the key must be new (asserted).  CROFT_ERR_OP_FULL. */
CROFT_MUST_USE croft_err croft_state_insert(struct croft_state *s, u32 table, const u8 *key, struct croft_bytes value,
                                            u32 *out_slot);
/* Replaces the value of a live slot (asserted). */
void croft_state_update(struct croft_state *s, u32 table, u32 slot, struct croft_bytes value);
/* Overwrites some bytes inside the value of a live slot, which keeps its length.  Its due time is not among them. */
void croft_state_patch(struct croft_state *s, u32 table, u32 slot, u32 offset, struct croft_bytes bytes);
void croft_state_remove(struct croft_state *s, u32 table, u32 slot);

/* Undo. */
typedef size_t croft_mark;
croft_mark croft_state_mark(const struct croft_state *s);
void croft_state_rollback(struct croft_state *s, croft_mark to);
/* True when less than a quarter of the journal is left: the block should end. */
bool croft_state_journal_tight(const struct croft_state *s);

/* The record whose time comes first: by (due time, table, slot).  False when none has one. */
struct croft_due_slot {
    u64 due_s;
    u32 table, slot;
};
CROFT_MUST_USE bool croft_state_first_due(const struct croft_state *s, struct croft_due_slot *out);

/* Slots written since the block began, each once, in order of first writing, with what was there before
 * (key.at NULL: nothing).  Writes that were rolled back are not listed. */
struct croft_touched {
    u32 table, slot;
    struct croft_bytes old_key, old_value;
};
size_t croft_state_touched_count(const struct croft_state *s);
struct croft_touched croft_state_touched(const struct croft_state *s, size_t i);

/* Ends the block: what was written stays, the journal is empty, the touched slots join the unsaved ones. */
void croft_state_accept(struct croft_state *s);
/* Takes the whole block back. */
void croft_state_undo(struct croft_state *s);

/* Slots changed since the last checkpoint was taken, each once. */
size_t croft_state_unsaved_count(const struct croft_state *s);
void croft_state_unsaved(const struct croft_state *s, size_t i, u32 *out_table, u32 *out_slot);
void croft_state_saved(struct croft_state *s); /* empties the list */
void croft_state_unsave(struct croft_state *s, u32 table, u32 slot); /* puts a slot on it, if it is not */

/* Loading into an empty state: records in any order, then the high mark of every table..
 *   CROFT_ERR_STATE  slot or table out of range, slot or key twice, or a value the table cannot hold */
CROFT_MUST_USE croft_err croft_state_load(struct croft_state *s, u32 table, u32 slot, struct croft_bytes key,
                                          struct croft_bytes value);
CROFT_MUST_USE croft_err croft_state_load_high(struct croft_state *s, u32 table, u32 high);

#endif
