#include "wire/tx.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "wire/tx_int.h"
#include "wire/voucher.h"

#include <string.h>

/* The decoder says only that it failed: whether memory was the reason is kept here. */
struct arena_use {
    struct croft_arena *mem;
    bool used_up;
};

static void *arena_alloc(void *mem, size_t size)
{
    return croft_arena_take_raw(mem, 1, size, 16);
}

static void *watched_alloc(void *use, size_t size)
{
    struct arena_use *u = use;
    void *p = arena_alloc(u->mem, size);
    u->used_up |= p == NULL;
    return p;
}

static void arena_free(void *mem, void *p)
{
    (void)mem;
    (void)p; /* goes with the arena */
}

ProtobufCAllocator croft_arena_allocator(struct croft_arena *mem)
{
    return (ProtobufCAllocator){.alloc = arena_alloc, .free = arena_free, .allocator_data = mem};
}

struct croft_bytes croft_pack(const ProtobufCMessage *message, struct croft_arena *mem)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    u8 *out = croft_arena_take_raw(mem, len, 1, 1);
    if (out == NULL)
        return (struct croft_bytes){0};
    size_t wrote = protobuf_c_message_pack(message, out);
    CROFT_ASSERT(wrote == len);
    return (struct croft_bytes){.at = out, .len = len};
}

/* CROFT_ERR_NOMEM, or CROFT_ERR_DECODE when the bytes are not the one encoding of the message. */
static croft_err unpack(const ProtobufCMessageDescriptor *type, struct croft_bytes from, struct croft_arena *mem,
                        ProtobufCMessage **out)
{
    struct arena_use use = {.mem = mem};
    ProtobufCAllocator allocator = {.alloc = watched_alloc, .free = arena_free, .allocator_data = &use};
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, from.len, from.at);
    if (message == NULL || protobuf_c_message_get_packed_size(message) != from.len)
        return use.used_up ? CROFT_ERR_NOMEM : CROFT_ERR_DECODE;

    /* Unknown fields are kept by the library and would pack again: they show as a different order or
     * as fields that only this check sees, so they are refused by name. */
    struct croft_arena scratch = *mem;
    u8 *again = croft_arena_take_raw(&scratch, from.len, 1, 1);
    if (again == NULL)
        return CROFT_ERR_NOMEM;
    size_t len = protobuf_c_message_pack(message, again);
    CROFT_ASSERT(len == from.len);
    bool same = from.len == 0 || memcmp(again, from.at, from.len) == 0;
    *out = message;
    return same && message->n_unknown_fields == 0 ? CROFT_OK : CROFT_ERR_DECODE;
}

ProtobufCMessage *croft_unpack_strict(const ProtobufCMessageDescriptor *type, struct croft_bytes from,
                                      struct croft_arena *mem)
{
    ProtobufCMessage *message = NULL;
    return unpack(type, from, mem, &message) == CROFT_OK ? message : NULL;
}

struct croft_hash croft_tx_id(const struct croft_hash *network, struct croft_bytes body)
{
    const struct croft_bytes part[] = {{network->b, sizeof network->b}, body};
    return croft_blake2b("croft tx 1", part, CROFT_COUNT(part));
}

static croft_err take_signatures(const Croft__V1__Tx *tx, struct croft_tx *out)
{
    if (tx->n_signatures < 1 || tx->n_signatures > CROFT_TX_SIGNATURES_MAX)
        return CROFT_ERR_TX_RANGE;
    for (size_t i = 0; i < tx->n_signatures; i++) {
        const Croft__V1__Signature *s = tx->signatures[i];
        bool seen = i > 0 && s->key == tx->signatures[0]->key;
        /* The lead key may have any place; the others increase, so there is one order for one set. */
        if (s->key >= CROFT_KEYS_MAX || s->value.len != sizeof out->signature[i].b || seen ||
            (i > 1 && s->key <= tx->signatures[i - 1]->key))
            return CROFT_ERR_TX_RANGE;
        out->signer[i] = (u8)s->key;
        memcpy(out->signature[i].b, s->value.data, s->value.len);
    }
    out->signature_count = (u32)tx->n_signatures;
    /* Named in what is signed: else whoever holds a second signature could spend the same body in that key's window. */
    return out->signer[0] == out->body->lead_key ? CROFT_OK : CROFT_ERR_TX_RANGE;
}

/* Unknown fields inside sub-messages also survive packing: the nested messages are few and shallow, so
 * each is looked at. */
static bool has_unknown(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (message->n_unknown_fields != 0)
        return true;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &type->fields[i];
        const u8 *at = (const u8 *)message + f->offset;
        if (f->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        if (f->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t count = *(const size_t *)(const void *)((const u8 *)message + f->quantifier_offset);
            ProtobufCMessage *const *item = *(ProtobufCMessage *const *const *)(const void *)at;
            for (size_t k = 0; k < count; k++)
                if (has_unknown(item[k]))
                    return true;
            continue;
        }
        if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            *(const u32 *)(const void *)((const u8 *)message + f->quantifier_offset) != f->id)
            continue;
        const ProtobufCMessage *inner = *(ProtobufCMessage *const *)(const void *)at;
        if (inner != NULL && has_unknown(inner))
            return true;
    }
    return false;
}

static croft_err unpack_part(const ProtobufCMessageDescriptor *type, struct croft_bytes from, struct croft_arena *mem,
                             ProtobufCMessage **out)
{
    croft_err err = unpack(type, from, mem, out);
    if (err == CROFT_ERR_NOMEM)
        return err;
    return err != CROFT_OK || has_unknown(*out) ? CROFT_ERR_TX_DECODE : CROFT_OK;
}

static struct croft_attested attested_of(const struct croft_hash *hash, ProtobufCBinaryData key,
                                         ProtobufCBinaryData signature)
{
    struct croft_attested a = {.hash = *hash};
    CROFT_ASSERT(key.len == sizeof a.key.b && signature.len == sizeof a.signature.b); /* croft_tx_check_body */
    memcpy(a.key.b, key.data, sizeof a.key.b);
    memcpy(a.signature.b, signature.data, sizeof a.signature.b);
    return a;
}

static struct croft_attested attested_voucher(const struct croft_hash *network, const Croft__V1__Voucher *v)
{
    struct croft_hash hash = croft_voucher_hash(network, v);
    return attested_of(&hash, v->public_key, v->signature);
}

/* What others signed, so that it can be verified where the transaction's own signatures are: away from the ledger. */
static croft_err take_attested(const struct croft_hash *network, struct croft_arena *mem, struct croft_tx *out)
{
    const Croft__V1__TxBody *body = out->body;
    bool settles = body->op_case == CROFT__V1__TX_BODY__OP_SETTLE;
    bool slashes = body->op_case == CROFT__V1__TX_BODY__OP_SLASH;
    bool stops = body->op_case == CROFT__V1__TX_BODY__OP_LEASE_STOP && body->lease_stop->voucher != NULL;
    if (!settles && !slashes && !stops)
        return CROFT_OK;
    u32 count = settles ? (u32)body->settle->n_vouchers : 1;
    CROFT_ASSERT(count >= 1 && count <= CROFT_VOUCHERS_MAX);
    CROFT_ASSERT(settles + slashes + stops == 1);
    struct croft_attested *list = croft_new(mem, struct croft_attested, count);
    if (list == NULL)
        return CROFT_ERR_NOMEM;
    for (u32 i = 0; settles && i < count; i++)
        list[i] = attested_voucher(network, body->settle->vouchers[i]);
    if (stops)
        list[0] = attested_voucher(network, body->lease_stop->voucher);
    if (slashes) {
        struct croft_hash hash = croft_result_hash(network, body->slash);
        list[0] = attested_of(&hash, body->slash->node_key, body->slash->node_signature);
    }
    out->attested = list;
    out->attested_count = count;
    return CROFT_OK;
}

croft_err croft_tx_decode(struct croft_bytes bytes, const struct croft_hash *network, struct croft_arena *mem,
                          struct croft_tx *out)
{
    if (bytes.len > CROFT_TX_BYTES_LIMIT)
        return CROFT_ERR_TX_SIZE;
    ProtobufCMessage *outer = NULL, *inner = NULL;
    CROFT_TRY(unpack_part(&croft__v1__tx__descriptor, bytes, mem, &outer));
    const Croft__V1__Tx *tx = (const void *)outer;
    struct croft_bytes body_bytes = {tx->body.data, tx->body.len};
    CROFT_TRY(unpack_part(&croft__v1__tx_body__descriptor, body_bytes, mem, &inner));
    const Croft__V1__TxBody *body = (const void *)inner;

    struct croft_tx made = {.bytes = bytes, .body = body, .id = croft_tx_id(network, body_bytes)};
    CROFT_TRY(croft_tx_check_body(body));
    CROFT_TRY(take_signatures(tx, &made));
    memcpy(made.account.b, body->account_address.data, sizeof made.account.b);
    CROFT_TRY(take_attested(network, mem, &made));
    *out = made;
    return CROFT_OK;
}

croft_err croft_tx_build(const Croft__V1__TxBody *body, const struct croft_hash *network,
                         const struct croft_secret_key *const *keys, const u8 *signer, u32 count,
                         struct croft_arena *mem, struct croft_bytes *out, struct croft_hash *out_id)
{
    CROFT_ASSERT(count >= 1 && count <= CROFT_TX_SIGNATURES_MAX);
    Croft__V1__TxBody led = *body;
    led.lead_key = signer[0];
    struct croft_bytes packed = croft_pack(&led.base, mem);
    if (packed.at == NULL)
        return CROFT_ERR_NOMEM;
    struct croft_hash id = croft_tx_id(network, packed);

    Croft__V1__Signature part[CROFT_TX_SIGNATURES_MAX], *list[CROFT_TX_SIGNATURES_MAX];
    struct croft_signature value[CROFT_TX_SIGNATURES_MAX];
    for (u32 i = 0; i < count; i++) {
        CROFT_ASSERT(signer[i] < CROFT_KEYS_MAX);
        CROFT_ASSERT(i < 2 || signer[i] > signer[i - 1]);
        value[i] = croft_sign(keys[i], (struct croft_bytes){id.b, sizeof id.b});
        croft__v1__signature__init(&part[i]);
        part[i].key = signer[i];
        part[i].value = (ProtobufCBinaryData){sizeof value[i].b, value[i].b};
        list[i] = &part[i];
    }
    Croft__V1__Tx tx = CROFT__V1__TX__INIT;
    tx.body = (ProtobufCBinaryData){packed.len, (u8 *)(uintptr_t)packed.at};
    tx.n_signatures = count;
    tx.signatures = list;
    struct croft_bytes made = croft_pack(&tx.base, mem);
    if (made.at == NULL)
        return CROFT_ERR_NOMEM;
    if (made.len > CROFT_TX_BYTES_LIMIT)
        return CROFT_ERR_TX_SIZE;
    *out = made;
    *out_id = id;
    return CROFT_OK;
}

const char *croft_op_name(u32 op)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field(&croft__v1__tx_body__descriptor, op);
    return f != NULL && (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 ? f->name : "?";
}

struct croft_address croft_key_set_address(const Croft__V1__KeySet *set)
{
    enum { KEY_BYTES = 3 + 32 + 3 * 8 };
    u8 out[CROFT_SCOPE_COUNT + CROFT_KEYS_MAX * KEY_BYTES];
    CROFT_ASSERT(set->thresholds.len == CROFT_SCOPE_COUNT);
    CROFT_ASSERT(set->n_keys <= CROFT_KEYS_MAX);

    struct croft_writer w = croft_writer_of(out, sizeof out);
    croft_write_bytes(&w, set->thresholds.data, set->thresholds.len);
    for (size_t i = 0; i < set->n_keys; i++) {
        const Croft__V1__Key *key = set->keys[i];
        CROFT_ASSERT(key->public_key.len == 32);
        croft_write_u8(&w, (u8)key->scheme);
        croft_write_u8(&w, (u8)key->weight);
        croft_write_u8(&w, (u8)key->scopes);
        croft_write_bytes(&w, key->public_key.data, 32);
        croft_write_u64(&w, key->cap_credit);
        croft_write_u64(&w, key->cap_token);
        croft_write_u64(&w, key->expires_s);
    }
    CROFT_ASSERT(!w.bad);
    const struct croft_bytes part = {out, (size_t)(w.at - out)};
    struct croft_hash h = croft_blake2b("croft address 1", &part, 1);
    struct croft_address a;
    memcpy(a.b, h.b, sizeof a.b);
    return a;
}

Croft__V1__KeySet *croft_key_set_single(const struct croft_public_key *key, struct croft_arena *mem)
{
    Croft__V1__KeySet *set = croft_new(mem, Croft__V1__KeySet, 1);
    Croft__V1__Key *only = croft_new(mem, Croft__V1__Key, 1);
    Croft__V1__Key **list = croft_new(mem, Croft__V1__Key *, 1);
    u8 *bytes = croft_new(mem, u8, 32 + CROFT_SCOPE_COUNT);
    if (set == NULL || only == NULL || list == NULL || bytes == NULL)
        return NULL;

    memcpy(bytes, key->b, 32);
    memset(bytes + 32, 1, CROFT_SCOPE_COUNT);
    croft__v1__key__init(only);
    only->scheme = 1;
    only->weight = 1;
    only->scopes = CROFT_SCOPES_ALL;
    only->public_key = (ProtobufCBinaryData){32, bytes};
    croft__v1__key_set__init(set);
    list[0] = only;
    set->n_keys = 1;
    set->keys = list;
    set->thresholds = (ProtobufCBinaryData){CROFT_SCOPE_COUNT, bytes + 32};
    return set;
}
