/* cli/market.h - what the verbs of the market share: names of orders, leases and devices, prices, records
 * shown and listed, operations sent.
 *
 *   order  BUYER:ID           lease  BUYER:ID:NUMBER           device  NODE:NUMBER
 * BUYER and NODE may be left out where the account that acts is meant.
 */
#ifndef CROFT_CLI_MARKET_H
#define CROFT_CLI_MARKET_H

#include "chain/records.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/table.h"
#include "crypto/bech32m.h"

enum { CROFT_WHICH_MAX = CROFT_BECH32M_TEXT_MAX + 80, CROFT_CELL_MAX = 256, CROFT_PRICE_TEXT_MAX = 40 };

/* ---- names (market_name.c) ---- */

/* An order (number 0), a lease, or a device (id 0). */
struct croft_market_name {
    struct croft_address owner;
    u64 id;
    u32 number;
};
CROFT_MUST_USE croft_err croft_market_order(struct croft_cli *c, const char *text,
                                            struct croft_market_name *out);
CROFT_MUST_USE croft_err croft_market_lease(struct croft_cli *c, const char *text,
                                            struct croft_market_name *out);
CROFT_MUST_USE croft_err croft_market_device(struct croft_cli *c, const char *text,
                                             struct croft_market_name *out);

/* The keys of their records. */
struct croft_record_key croft_market_order_key(const struct croft_market_name *n);
struct croft_record_key croft_market_lease_key(const struct croft_market_name *n);
struct croft_record_key croft_market_device_key(const struct croft_market_name *n);

/* The message that names a lease; its address points into *n. */
Croft__V1__LeaseId croft_market_lease_id(const struct croft_market_name *n);

/* A record's name, as these functions read it. */
void croft_market_which(u32 table, struct croft_bytes key, const void *record, char out[CROFT_WHICH_MAX]);

/* The name of the record that a due event of the market is about; false, out "", for other kinds and for bids, whose
 * keys are hashes. */
CROFT_MUST_USE bool croft_market_due_which(u32 kind, struct croft_bytes key, char out[CROFT_WHICH_MAX]);

/* "0.35/h", "0.2/Mtok", "0.05/GB", "0.001/frame"; a number alone is of kind *io_kind.  CROFT_ERR_USAGE. */
CROFT_MUST_USE croft_err croft_market_price(struct croft_cli *c, const char *text, const char *what,
                                            enum croft_price_kind *io_kind, u64 *out);
void croft_market_price_text(u64 price, enum croft_price_kind kind, char out[CROFT_PRICE_TEXT_MAX]);

/* Hexadecimal of exactly len bytes, in c->mem. */
CROFT_MUST_USE croft_err croft_market_hex(struct croft_cli *c, const char *text, const char *what, size_t len,
                                          ProtobufCBinaryData *out);

/* Options: *out is left as it is when the option was not given. */
CROFT_MUST_USE croft_err croft_market_seconds(struct croft_cli *c, const char *option, u64 most, u32 *out);
CROFT_MUST_USE croft_err croft_market_number(struct croft_cli *c, const char *option, u64 most, u32 *out);
CROFT_MUST_USE croft_err croft_market_money(struct croft_cli *c, const char *option, u64 *out);

/* The next part of "a,b,c" as text of its own in c->mem; NULL at the end, or when memory is used up. */
char *croft_market_part(struct croft_cli *c, const char **at, char mark);

/* ---- words (market_words.c) ---- */

/* What a small number or a set of bits in a record is called; false: it has no names. */
CROFT_MUST_USE bool croft_market_word(const char *layout, const char *field, u64 value,
                                      char out[CROFT_CELL_MAX]);

/* The number that one of the names stands for, or the sum of several with '+' between.  CROFT_ERR_USAGE names
 * what there is. */
CROFT_MUST_USE croft_err croft_market_word_read(struct croft_cli *c, const char *layout, const char *field,
                                                const char *text, u32 *out);

/* "kind=gpu,vendor=nvidia,model=rtx4090,vram_mib=24576", over what *out has already. */
CROFT_MUST_USE croft_err croft_market_capability(struct croft_cli *c, const char *text,
                                                 Croft__V1__Capability *out);

/* ---- records (market_record.c) ---- */

/* A field of a record for a person; "" where it is zero. */
void croft_market_cell(const struct croft_layout *l, const char *field, const void *record,
                       char out[CROFT_CELL_MAX]);

/* The JSON form: the layout's, with `which` and, for what has names, FIELD_text.  NULL when memory is used
 * up. */
json_t *croft_market_json(u32 table, struct croft_bytes key, const void *record);

/* Reads a record.  CROFT_ERR_NOT_FOUND: `what` and what to run are told. */
CROFT_MUST_USE croft_err croft_market_read(struct croft_cli *c, u32 table, const struct croft_record_key *key,
                                           const char *what, void *out);

/* Reads a record and prints it, with --prove where the verb has that. */
CROFT_MUST_USE croft_err croft_market_show(struct croft_cli *c, u32 table, const struct croft_record_key *key,
                                           const char *what);

/* Prints a record that was read. */
CROFT_MUST_USE croft_err croft_market_print(struct croft_cli *c, u32 table, struct croft_bytes key,
                                            const void *record);

/* A list: a row for each record of the table, under prefix if that is not empty, that keep lets through. */
struct croft_market_column {
    const char *heading;
    const char *field; /* NULL: which */
};
struct croft_market_list {
    u32 table;
    struct croft_record_key prefix;
    const struct croft_market_column *column; /* up to 12 */
    size_t column_count;
    bool (*keep)(const void *context, struct croft_bytes key, const void *record); /* NULL: all */
    const void *context;
    const char *none; /* what is said when there is none */
};
CROFT_MUST_USE croft_err croft_market_list(struct croft_cli *c, const struct croft_market_list *list);

/* ---- sending ---- */

/* Signs and sends the operation (a pointer to its message) and prints what was done; more is given up here.
 */
CROFT_MUST_USE croft_err croft_market_send(struct croft_cli *c, Croft__V1__TxBody__OpCase which, void *op,
                                           const char *what, json_t *more);

/* The same with a key that is chosen already. */
CROFT_MUST_USE croft_err croft_market_send_as(struct croft_cli *c, const struct croft_key_info *key,
                                              Croft__V1__TxBody__OpCase which, void *op, const char *what,
                                              json_t *more);

/* The block time of now, as far as this machine's clock can tell. */
u64 croft_market_now_s(struct croft_cli *c);

/* ---- vouchers, offers ---- */

/* A voucher's file as a message in c->mem.  voucher.c */
CROFT_MUST_USE croft_err croft_voucher_read(struct croft_cli *c, const char *file, Croft__V1__Voucher **out);

/* Takes for an order, in c->mem: --take NODE:DEVICE[:PRICE],..., or with --auto the cheapest free offers that
 * fit it and
 * --require, at most `most` of them.  order_pick.c */
CROFT_MUST_USE croft_err croft_order_pick(struct croft_cli *c, const struct croft_order_record *order,
                                          size_t most, Croft__V1__Take ***out, size_t *out_count);

/* RFC 6962 root over the lines of a file, each as it is or, with hex, as a hash of 32 bytes.  task.c */
CROFT_MUST_USE croft_err croft_task_root(struct croft_cli *c, const char *file, bool hex,
                                         struct croft_hash *out, u32 *out_count);

#endif
