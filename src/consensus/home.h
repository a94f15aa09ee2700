/* consensus/home.h - the folder of one chain on one machine.
 *
 *   genesis.json     how the network began (json/json.h); there when everything else is, written last
 *   sequencer.key    signs blocks (crypto/keyfile.h); only where blocks are made
 *   follower.key     proves to a chain what is stored here; only where a chain is followed
 *   base.snapshot    the snapshot this folder was restored from; none when the log begins at block 1
 *   log/             blocks (store/blocklog.h) and where transactions are (store/tx_index.h)
 *   state.mdb        the state at some height, so that a start replays little (store/lmdb_checkpoint.h)
 *   api.sock         the chain API, while a chain runs
 *
 * create --> a folder with a network and no blocks        open --> locked, replayed, ready to run close
 */
#ifndef CROFT_CONSENSUS_HOME_H
#define CROFT_CONSENSUS_HOME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/world.h"
#include "consensus/solo/solo.h"
#include "crypto/sign.h"

#include "croft/v1/genesis.pb-c.h"

enum { CROFT_HOME_PATH_MAX = 512, CROFT_HOME_GENESIS_BYTES_MAX = 256 << 20 };

#define CROFT_HOME_GENESIS  "genesis.json"
#define CROFT_HOME_KEY      "sequencer.key"
#define CROFT_HOME_FOLLOWER "follower.key"
#define CROFT_HOME_SNAPSHOT "base.snapshot"
#define CROFT_HOME_STATE    "state.mdb"
#define CROFT_HOME_SOCKET   "api.sock"

/* Most that state.mdb may grow to: address space, not disk. */
#define CROFT_HOME_STATE_BYTES_MAX (UINT64_C(1) << 38)

struct croft_home_options {
    const char *path;
    struct croft_world *world;
    bool makes_blocks;      /* with sequencer.key; else the chain is only followed or read */
    const char *passphrase; /* of sequencer.key; NULL: it has none */
    bool accept_clock;      /* as in croft_solo_options */
    bool audit;             /* every block is checked the slow way, for tests */
};

struct croft_home {
    char path[CROFT_HOME_PATH_MAX];
    struct croft_region genesis_memory, memory;
    const Croft__V1__Genesis *genesis;
    struct croft_hash network;
    struct croft_secret_key key; /* zero unless it makes blocks */
    struct croft_disk *disk;
    struct croft_checkpoint *checkpoint;
    struct croft_solo *solo;
    struct croft_solo_opened opened; /* what the start found */
};

/* Makes the folder, its parent must be there, and writes the genesis, and the key if it is not NULL, in the
 * clear.  Durable on return.
 *   CROFT_ERR_EXISTS     the folder holds a chain already
 *   CROFT_ERR_GENESIS    not a valid one
 *   CROFT_ERR_LOCKED, CROFT_ERR_IO, CROFT_ERR_DISK_FULL, CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_home_create(const char *path, const Croft__V1__Genesis *genesis,
                                           const struct croft_secret_key *key, struct croft_why *why);

/* CROFT_ERR_EXISTS when the folder holds a chain. */
CROFT_MUST_USE croft_err croft_home_refuse_existing(const char *path, struct croft_why *why);

/* Locks the folder and brings the chain to the last block of its log.
 *   CROFT_ERR_NOT_FOUND  no chain there, or no sequencer.key although blocks are to be made
 *   CROFT_ERR_LOCKED     another process uses it
 *   CROFT_ERR_KEY_MODE, CROFT_ERR_KEY_FILE, CROFT_ERR_PASSPHRASE
 *   CROFT_ERR_JSON, CROFT_ERR_GENESIS
 * and those of croft_solo_open; why says what to do. */
CROFT_MUST_USE croft_err croft_home_open(const struct croft_home_options *options, struct croft_home *out,
                                         struct croft_why *why);

/* The key of this machine as a follower, made (in the clear, mode 0600) when there is none.  The home is open.
 *   CROFT_ERR_KEY_MODE, CROFT_ERR_KEY_FILE, CROFT_ERR_PASSPHRASE, CROFT_ERR_IO, CROFT_ERR_DISK_FULL */
CROFT_MUST_USE croft_err croft_home_follower_key(const struct croft_home *h, struct croft_world *world,
                                                 struct croft_secret_key *out, struct croft_why *why);

/* For CROFT_CLEANUP; a zeroed home is fine too. */
void croft_home_close(struct croft_home *h);

/* Reads a genesis from a JSON file of any place; it lives in *out_memory.  Errors as above. */
CROFT_MUST_USE croft_err croft_genesis_read(const char *file, struct croft_region *out_memory,
                                            const Croft__V1__Genesis **out, struct croft_why *why);

/* "PATH/NAME" in out; CROFT_ERR_USAGE when it is too long. */
CROFT_MUST_USE croft_err croft_home_path(const char *path, const char *name, char out[CROFT_HOME_PATH_MAX],
                                         struct croft_why *why);

/* What croft_solo_open needs for a chain of this genesis, but for disk, checkpoint and key. */
struct croft_solo_options croft_home_solo_options(const Croft__V1__Genesis *genesis,
                                                  struct croft_world *world);

/* Writes a file of the folder that is whole or not there after a crash; sync_names is left to the caller. */
CROFT_MUST_USE croft_err croft_home_write(struct croft_disk *disk, const char *name, struct croft_bytes data,
                                          struct croft_why *why);

#endif
