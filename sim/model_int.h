/* sim/model_int.h - shared by the model's files.
 *
 *   model.c        life of a block, finding and making records     model_form.c   what decoding says
 *   model_check.c  refusals                                        model_money.c  operations with money
 *   model_keys.c   operations on keys and accounts                 model_govern.c proposals and votes
 */
#ifndef CROFT_SIM_MODEL_INT_H
#define CROFT_SIM_MODEL_INT_H

#include "sim/model.h"

/* One operation under way; fee and nonce are paid. */
struct croft_model_run {
    struct croft_model *m;
    const struct croft_sim_tx *t;
    struct croft_model_account *payer; /* its place in the table */
    u64 value;                         /* for the receipt */
};

/* What the refusals find out on the way. */
struct croft_model_entry {
    u32 place;
    struct croft_model_account payer; /* with the key set it shows */
    u64 cost, fee;
};
croft_err croft_model_refuse(const struct croft_model *m, const u64 *param, u64 base_fee,
                             const struct croft_sim_tx *t, u64 now_s, struct croft_model_entry *out);

/* Whether all signing keys may move so much more today, and noting that they did. */
bool croft_model_may_spend(const struct croft_model_account *a, const struct croft_sim_tx *t, u32 asset,
                           u64 amount, u64 now_s);
void croft_model_note_spent(struct croft_model_account *a, const struct croft_sim_tx *t, u32 asset,
                            u64 amount, u64 now_s);

/* Takes money off a copy of the payer: OP_FUNDS, OP_CAP; as a deposit: OP_DEPOSIT, OP_CAP. */
croft_err croft_model_spend(const struct croft_model_run *r, struct croft_model_account *a, u32 asset,
                            u64 amount);
croft_err croft_model_spend_deposit(const struct croft_model_run *r, struct croft_model_account *a);

void croft_model_give(struct croft_model_account *a, u32 asset, u64 amount);
void croft_model_take(struct croft_model_account *a, u32 asset, u64 amount);
struct croft_model_account *croft_model_system(struct croft_model *m, enum croft_system_account which);
struct croft_model_account *croft_model_find_account(struct croft_model *m, const struct croft_address *a);

/* The lowest free place of a table, taken; the record there is zero but for live.  There must be one
 * (asserted). */
u32 croft_model_new(struct croft_model *m, enum croft_table table);
bool croft_model_is_full(const struct croft_model *m, enum croft_table table);
void croft_model_drop(struct croft_model *m, enum croft_table table, u32 place);

struct croft_model_account *croft_model_new_account(struct croft_model *m, const struct croft_address *a,
                                                    u64 deposit, u64 now_s);

void croft_model_install_keys(const Croft__V1__KeySet *set, u64 nonce_floor, u8 *out_count, u8 *out_threshold,
                              struct croft_key_record *out_key);

/* Ends of records, also by time. */
void croft_model_end_pending(struct croft_model *m, u32 place, u64 to_payee);
void croft_model_end_withdrawal(struct croft_model *m, u32 place, bool burnt);
void croft_model_end_recovery(struct croft_model *m, u32 place, bool replace);
void croft_model_end_proposal(struct croft_model *m, u32 place);

croft_err croft_model_money(struct croft_model_run *r);
croft_err croft_model_keys(struct croft_model_run *r);
croft_err croft_model_govern(struct croft_model_run *r);

/* Small things. */
struct croft_address croft_model_address(ProtobufCBinaryData b); /* empty: zero */
bool croft_model_same(const struct croft_address *a, const struct croft_address *b);
u32 croft_model_day(u64 time_s);

#endif
