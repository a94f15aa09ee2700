#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

Croft__V1__TxBody *croft_msim_body(struct croft_sim *s, u32 op)
{
    Croft__V1__TxBody *body = croft_sim_new(s, Croft__V1__TxBody, 1);
    croft__v1__tx_body__init(body);
    body->op_case = (Croft__V1__TxBody__OpCase)op;
    return body;
}

/* ---- parts ---- */

ProtobufCBinaryData croft_msim_address(struct croft_sim *s, u32 account)
{
    return (ProtobufCBinaryData){32, s->market->account[account].address.b};
}

ProtobufCBinaryData croft_msim_random(struct croft_sim *s, size_t len)
{
    u8 *at = croft_sim_new(s, u8, len + 1);
    croft_rng_fill(&s->rng, at, len);
    return (ProtobufCBinaryData){len, at};
}

static u64 number_in(const u8 key[40])
{
    u64 number = 0;
    for (u32 i = 32; i < 40; i++)
        number = number << 8 | key[i];
    return number;
}

u64 croft_msim_order_id(const u8 key[40])
{
    return number_in(key) >> 16;
}

u32 croft_msim_lease_number(const u8 key[40])
{
    return number_in(key) & 0xffff;
}

ProtobufCBinaryData croft_msim_buyer(struct croft_sim *s, const u8 key[40])
{
    return croft_sim_copy(s, key, 32);
}

Croft__V1__LeaseId *croft_msim_lease_id(struct croft_sim *s, const u8 key[40])
{
    Croft__V1__LeaseId *id = croft_sim_new(s, Croft__V1__LeaseId, 1);
    croft__v1__lease_id__init(id);
    id->buyer_address = croft_msim_buyer(s, key);
    id->order = croft_msim_order_id(key);
    id->lease = croft_msim_lease_number(key);
    return id;
}

/* ---- vouchers ---- */

static Croft__V1__Voucher *voucher_of(struct croft_sim *s, const struct croft_msim_lease *l)
{
    Croft__V1__Voucher *v = croft_sim_new(s, Croft__V1__Voucher, 1);
    croft__v1__voucher__init(v);
    v->lease = croft_msim_lease_id(s, l->key);
    v->stamp = l->last.stamp;
    return v;
}

Croft__V1__Voucher *croft_msim_voucher(struct croft_sim *s, const struct croft_msim_lease *l)
{
    Croft__V1__Voucher *v = voucher_of(s, l);
    v->served_until_s = l->voucher_until_s;
    v->units = l->voucher_units;
    v->seq = l->voucher_seq;
    v->public_key = croft_sim_copy(s, l->voucher_key.b, sizeof l->voucher_key.b);
    v->signature = croft_sim_copy(s, l->voucher_signature.b, sizeof l->voucher_signature.b);
    return v;
}

Croft__V1__Voucher *croft_msim_forge(struct croft_sim *s, const struct croft_msim_lease *l, u64 until_s, u64 units,
                                       u64 seq, u32 signer)
{
    struct croft_voucher_signature *signature = croft_sim_new(s, struct croft_voucher_signature, 1);
    Croft__V1__Voucher *v = voucher_of(s, l);
    v->served_until_s = until_s;
    v->units = units;
    v->seq = seq;
    croft_voucher_sign(v, &s->network, &s->market->account[signer].key, signature);
    return v;
}

/* ---- sending ---- */

static bool is_flying(const struct croft_sim *s, const u8 address[32], u64 nonce)
{
    for (const struct croft_sim_flight *f = s->flight; f != NULL; f = f->behind)
        for (u32 i = 0; i < f->batch.count; i++)
            if (!f->answered[i] && f->tx[i]->body->nonce == nonce &&
                memcmp(f->tx[i]->body->account_address.data, address, 32) == 0)
                return true;
    return false;
}

/* The first one that is free. */
static u64 choose_nonce(const struct croft_sim *s, const u8 address[32], const struct croft_account_record *r)
{
    const struct croft_key_record *k = &r->key[0];
    u64 base = r->key_count != 0 ? k->nonce_base : r->nonce_floor;
    for (u32 i = 0; i < CROFT_REPLAY_WINDOW; i++) {
        bool used = r->key_count != 0 && (k->nonce_map[i / 8] >> (i % 8) & 1) != 0;
        if (!used && !is_flying(s, address, base + 1 + i))
            return base + 1 + i;
    }
    return base + 1;
}

static struct croft_sim_tx *sign(struct croft_sim *s, const struct croft_msim_account *account,
                                 Croft__V1__TxBody *body)
{
    static const u8 first = 0;
    const struct croft_secret_key *secret = &account->key;
    struct croft_sim_tx *t = croft_sim_new(s, struct croft_sim_tx, 1);
    croft_err err = croft_tx_build(body, &s->network, &secret, &first, 1, &s->mem, &t->bytes, &t->id);
    CROFT_ASSERT(err == CROFT_OK);
    t->body = body;
    t->op = (u32)body->op_case;
    t->signature_count = 1;
    t->signed_by[0] = croft_public_key_of(secret);
    croft_sim_tx_keep(s, t);
    return t;
}

static void send(struct croft_sim *s, u32 number, Croft__V1__TxBody *body, bool bad)
{
    enum { FEE_MAX = 1000000000, FOR_S = 500 };
    const struct croft_msim_account *account = &s->market->account[number];
    struct croft_account_record r = {0};
    if (s->stopped || !croft_msim_account_read(s, number, &r))
        return;
    body->format = 1;
    body->account_address = croft_msim_address(s, number);
    body->valid_until_s = croft_sim_now_s(s) + FOR_S;
    body->fee_max = FEE_MAX;
    body->key_set = r.key_count == 0 ? account->set : NULL;
    body->nonce = choose_nonce(s, account->address.b, &r);
    struct croft_sim_tx *t = sign(s, account, body);
    t->foreign = bad;
    croft_sim_submit(s, &t, 1);
}

void croft_msim_send(struct croft_sim *s, u32 account, Croft__V1__TxBody *body)
{
    send(s, account, body, false);
}

void croft_msim_send_bad(struct croft_sim *s, u32 account, Croft__V1__TxBody *body)
{
    send(s, account, body, true);
}
