/* base/err.h - the one result type.
 *
 * Numbers are stored in receipts and sent over the wire: the table is append-only, a number is never
 * reused and its meaning never changes.  Ranges keep the components apart:
 *   0-99 general   100-199 encodings and keys   200-299 refused (not in a block)
 *   300-399 failed (in a block, fee taken)      400-499 store    500-599 chain and API
 */
#ifndef CROFT_BASE_ERR_H
#define CROFT_BASE_ERR_H

#include "base/types.h"

#define CROFT_ERR_TABLE(X)                                                                                   \
    X(CROFT_OK, 0, "ok")                                                                                     \
    X(CROFT_ERR_NOMEM, 1, "a memory limit set at start is reached")                                          \
    X(CROFT_ERR_IO, 2, "input or output failed")                                                             \
    X(CROFT_ERR_OVERFLOW, 3, "number out of range")                                                          \
    X(CROFT_ERR_USAGE, 4, "the call's arguments are wrong")                                                  \
    X(CROFT_ERR_NOT_FOUND, 5, "not found")                                                                   \
    X(CROFT_ERR_EXISTS, 6, "already exists")                                                                 \
    X(CROFT_ERR_TIMEOUT, 7, "no answer in time")                                                             \
    X(CROFT_ERR_INTERRUPTED, 8, "interrupted")                                                               \
    X(CROFT_ERR_UNAVAILABLE, 9, "cannot be reached now")                                                     \
    X(CROFT_ERR_DECODE, 100, "the bytes are not the one valid encoding of this message")                     \
    X(CROFT_ERR_BECH32, 101, "not a croft1... address: a wrong character, length or checksum")               \
    X(CROFT_ERR_KEY_FILE, 102, "not a croft key file")                                                       \
    X(CROFT_ERR_KEY_MODE, 103, "the key file can be read by others; run: chmod 600 FILE")                    \
    X(CROFT_ERR_PASSPHRASE, 104, "wrong passphrase")                                                         \
    X(CROFT_ERR_JSON, 105, "not the JSON form of this message")                                              \
    X(CROFT_ERR_SELFTEST, 106, "a library gives other answers than the network's rules demand")              \
    X(CROFT_ERR_FORMAT, 107, "a newer format than this release knows; install a newer release")              \
    X(CROFT_ERR_PROOF, 108, "the proof does not lead to the trusted root")                                   \
    X(CROFT_ERR_TX_SIZE, 200, "refused: the transaction is larger than the network allows")                  \
    X(CROFT_ERR_TX_DECODE, 201, "refused: not the one valid encoding of a transaction")                      \
    X(CROFT_ERR_TX_RANGE, 202, "refused: a field of the operation is out of its range")                      \
    X(CROFT_ERR_TX_EXPIRED, 203, "refused: valid_until has passed; sign it again")                           \
    X(CROFT_ERR_TX_TOO_LONG, 204, "refused: valid_until is further ahead than the network allows")           \
    X(CROFT_ERR_TX_ACCOUNT, 205, "refused: no such account, or its key set was not shown yet")               \
    X(CROFT_ERR_TX_KEY_SET, 206, "refused: the key set shown does not hash to this account's address")       \
    X(CROFT_ERR_TX_KEY, 207, "refused: a signing key is unknown, expired or revoked")                        \
    X(CROFT_ERR_TX_REPLAY, 208, "refused: this nonce was used already or lies outside the key's window")     \
    X(CROFT_ERR_TX_SCOPE, 209, "refused: the signing keys lack the scope or weight for this operation")      \
    X(CROFT_ERR_TX_FEE, 210, "refused: fee_max is below the fee of this block")                              \
    X(CROFT_ERR_TX_FUNDS, 211, "refused: the account cannot pay the fee")                                    \
    X(CROFT_ERR_TX_LANE, 212, "refused: the quota lane does not take this operation or the quota is used up") \
    X(CROFT_ERR_TX_SIGNATURE, 213, "refused: a signature is wrong, or for another network")                  \
    X(CROFT_ERR_TX_BLOCK_FULL, 214, "refused: the block is full; it waits for the next one")                 \
    X(CROFT_ERR_TX_POOL_FULL, 215, "refused: too many transactions of this account or in all are waiting")   \
    X(CROFT_ERR_TX_CAP, 216, "refused: the signing key's daily spending cap does not cover the fee")         \
    X(CROFT_ERR_TX_RESERVED, 217, "refused: a system account cannot be named here")                          \
    X(CROFT_ERR_TX_SELF, 218, "refused: payer and payee or arbiter are the same account")                    \
    X(CROFT_ERR_TX_PROTOCOL, 219, "refused: this network's protocol does not know the operation yet")         \
    X(CROFT_ERR_OP_FUNDS, 300, "failed: not enough money in the account")                                    \
    X(CROFT_ERR_OP_CAP, 301, "failed: over the signing key's daily spending cap")                            \
    X(CROFT_ERR_OP_EXISTS, 302, "failed: this id is in use already")                                         \
    X(CROFT_ERR_OP_NOT_FOUND, 303, "failed: there is no such record")                                        \
    X(CROFT_ERR_OP_NOT_YOURS, 304, "failed: the account has no right to do this")                            \
    X(CROFT_ERR_OP_AMOUNT, 305, "failed: more than is held")                                                 \
    X(CROFT_ERR_OP_TIME, 306, "failed: the time lies outside the allowed range")                             \
    X(CROFT_ERR_OP_ISSUER, 307, "failed: not an issuer of this asset")                                       \
    X(CROFT_ERR_OP_ISSUER_CAP, 308, "failed: over the issuer's cap")                                         \
    X(CROFT_ERR_OP_KEYS, 309, "failed: the key set would be invalid: no free place, twice the same key, "    \
                              "or a threshold that nobody reaches")                                          \
    X(CROFT_ERR_OP_CLOSED, 310, "failed: the account is closed")                                             \
    X(CROFT_ERR_OP_NOT_EMPTY, 311, "failed: the account still has open records")                             \
    X(CROFT_ERR_OP_VALIDATOR, 312, "failed: only the operator of a validator may do this")                   \
    X(CROFT_ERR_OP_PARAM, 313, "failed: no such parameter, or the value is outside its range")               \
    X(CROFT_ERR_OP_OVERFLOW, 314, "failed: a balance would not fit")                                         \
    X(CROFT_ERR_OP_FULL, 315, "failed: a table of this network is full")                                     \
    X(CROFT_ERR_OP_VOTED, 316, "failed: this validator voted on it already")                                 \
    X(CROFT_ERR_OP_DEPOSIT, 317, "failed: not enough credits for the deposit of a new record")               \
    X(CROFT_ERR_OP_CORNER, 318, "failed: with this value no vote would fit into a block any more")           \
    X(CROFT_ERR_OP_PARTIAL, 319, "failed: without an arbiter the payer posts the whole amount, or waits")    \
    X(CROFT_ERR_OP_KEYS_CHANGED, 320, "failed: the address belongs to its first keys, and money sent to it " \
                                      "later would be theirs; empty the account and keep it")                \
    X(CROFT_ERR_OP_OUTSTANDING, 321, "failed: more than this issuer has outstanding and not yet promised to "  \
                                     "withdrawals; ask another issuer")                                       \
    X(CROFT_ERR_OP_LIMIT, 322, "failed: this account has as many of these open as it may")                   \
    X(CROFT_ERR_OP_STATE, 330, "failed: its state does not allow this; look at it again")                    \
    X(CROFT_ERR_OP_OFFERS, 331, "failed: too few of the offers named are free and fit; ask for others")      \
    X(CROFT_ERR_OP_PRICE, 332, "failed: the price is missing, out of range or above what was agreed to")     \
    X(CROFT_ERR_OP_TERMS, 333, "failed: the offer's terms and what is asked for do not go together")         \
    X(CROFT_ERR_OP_STAKE, 334, "failed: not enough free stake")                                              \
    X(CROFT_ERR_OP_EXPOSURE, 335, "failed: more at risk than the provider's stake and standing allow")       \
    X(CROFT_ERR_OP_NODE, 336, "failed: not an admitted node, or it is draining")                             \
    X(CROFT_ERR_OP_TURN, 337, "failed: another order of this queue comes first")                             \
    X(CROFT_ERR_OP_VOUCHER, 338, "failed: the voucher is by another key or for another lease")               \
    X(CROFT_ERR_OP_VOUCHER_OLD, 339, "failed: a later voucher of this lease was settled already")            \
    X(CROFT_ERR_OP_TASKS, 340, "failed: a task named is not in the state that this needs")                   \
    X(CROFT_ERR_OP_PROOF, 341, "failed: the evidence does not prove it")                                     \
    X(CROFT_ERR_OP_BID, 342, "failed: the bid is not the one that was committed to")                         \
    X(CROFT_ERR_OP_TOKEN, 343, "failed: this network has no token")                                          \
    X(CROFT_ERR_OP_ORACLE, 344, "failed: no price: too few reports, too old or too far apart")               \
    X(CROFT_ERR_OP_DAY_CAP, 345, "failed: what may be converted today or in all is used up")                 \
    X(CROFT_ERR_OP_POOL, 346, "failed: the fee pool does not hold that much")                                \
    X(CROFT_ERR_LOG_TORN, 400, "the block log ends in an unfinished block")                                  \
    X(CROFT_ERR_LOG_ROT, 401, "a block that was acknowledged is damaged")                                    \
    X(CROFT_ERR_DISK_FULL, 402, "the disk is full")                                                          \
    X(CROFT_ERR_LOCKED, 403, "another croft process uses this folder")                                       \
    X(CROFT_ERR_STATE, 404, "the stored state is damaged")                                                   \
    X(CROFT_ERR_SNAPSHOT, 405, "not a valid snapshot")                                                       \
    X(CROFT_ERR_NETWORK, 500, "belongs to another network")                                                  \
    X(CROFT_ERR_PROTOCOL, 501, "the network has moved to a protocol that this release does not know")        \
    X(CROFT_ERR_GENESIS, 502, "the genesis is not valid")                                                    \
    X(CROFT_ERR_BLOCK, 503, "the block does not follow the rules")                                           \
    X(CROFT_ERR_ROOT, 504, "the recomputed root differs from the block's")                                   \
    X(CROFT_ERR_HALTED, 505, "the chain has stopped taking transactions")                                    \
    X(CROFT_ERR_FOLLOWER, 506, "the follower has not stored the block")                                      \
    X(CROFT_ERR_FRAME, 507, "a frame is larger than allowed or not a valid message")                         \
    X(CROFT_ERR_FOLLOWS, 508, "this machine only follows; send to the chain it follows")                     \
    X(CROFT_ERR_SEQUENCER, 509, "the sequencer's key is no validator's any more")                            \
    X(CROFT_ERR_CLOCK, 510, "a clock is wrong: the chain makes no blocks with it")

typedef enum {
#define X(name, number, text) name = (number),
    CROFT_ERR_TABLE(X)
#undef X
} croft_err;

const char *croft_err_name(croft_err err);
const char *croft_err_text(croft_err err);

/* The error with this number, for numbers read from outside; CROFT_ERR_DECODE if there is none. */
croft_err croft_err_of(u32 number);

/* An error for a person: what happened, with the facts, and what to do next.
 * Filled by effectful code beside the croft_err it returns; text is always terminated. */
struct croft_why {
    char text[512];
};

/* Writes the message (cut at the size of text) and returns err, so that a refusal is one line. */
CROFT_PRINTF(3, 4) croft_err croft_fail(struct croft_why *why, croft_err err, const char *fmt, ...);

/* Hands a failure up unchanged.  Safe at any point of a function whose resources are held by
 * CROFT_CLEANUP variables. */
#define CROFT_TRY(expr)                                                                                      \
    do {                                                                                                     \
        croft_err croft_try_ = (expr);                                                                       \
        if (croft_try_ != CROFT_OK)                                                                          \
            return croft_try_;                                                                               \
    } while (0)

#endif
