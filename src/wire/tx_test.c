/* Goal: a transaction has one encoding, decoding gives what was built, and no change to the bytes goes
 * unseen. Method: random bodies of every operation; every byte flipped; random rewritings of the protobuf
 * bytes that mean the same to a lenient reader, at every depth. */
#include "wire/test_int.h"

#include "crypto/hash.h"

enum { RUNS = 6 };

static struct maker m;

static int open_maker(void **unused)
{
    (void)unused;
    maker_open(&m, croft_test_seed());
    return 0;
}

static struct croft_bytes any_signed(size_t which, struct croft_hash *out_id, u32 *out_lead, u32 *out_count)
{
    struct croft_bytes bytes;
    maker_reset(&m);
    *out_lead = (u32)croft_rng_below(&m.rng, CROFT_KEYS_MAX);
    *out_count = 1 + (u32)croft_rng_below(&m.rng, CROFT_KEYS_MAX);
    croft_err err = make_signed(&m, make_op(&m, which), *out_lead, *out_count, &bytes, out_id);
    assert_int_equal(err, CROFT_OK);
    return bytes;
}

/* ---- round trip ---- */

static void expect_signatures(const struct croft_tx *tx, u32 lead, u32 count)
{
    assert_int_equal(tx->signature_count, count);
    assert_int_equal(tx->signer[0], lead);
    for (u32 i = 0; i < count; i++) {
        struct croft_public_key key = croft_public_key_of(&m.key[tx->signer[i]]);
        assert_true(i < 2 || tx->signer[i] > tx->signer[i - 1]);
        assert_int_equal(croft_verify(&key, (struct croft_bytes){tx->id.b, 32}, &tx->signature[i]), CROFT_OK);
    }
}

static void round_trip(size_t which)
{
    struct croft_bytes bytes;
    struct croft_hash id;
    struct croft_tx tx;
    maker_reset(&m);
    Croft__V1__TxBody *body = make_op(&m, which);
    u32 lead = (u32)croft_rng_below(&m.rng, CROFT_KEYS_MAX),
        count = 1 + (u32)croft_rng_below(&m.rng, CROFT_KEYS_MAX);
    assert_int_equal(make_signed(&m, body, lead, count, &bytes, &id), CROFT_OK);
    assert_int_equal(croft_tx_decode(bytes, &m.network, &m.mem, &tx), CROFT_OK);
    body->lead_key = lead; /* as build wrote it */

    struct croft_bytes one = croft_pack(&body->base, &m.mem), two = croft_pack(&tx.body->base, &m.mem);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.at, two.at, one.len);
    assert_memory_equal(tx.account.b, body->account_address.data, 32);
    assert_int_equal(tx.body->op_case, maker_ops[which].op);
    assert_ptr_equal(tx.bytes.at, bytes.at);
    const struct croft_bytes part[] = {{m.network.b, 32}, one};
    struct croft_hash want = croft_blake2b("croft tx 1", part, 2);
    assert_memory_equal(tx.id.b, want.b, 32);
    assert_memory_equal(id.b, want.b, 32);
    expect_signatures(&tx, lead, count);
}

static void test_round_trip(void **unused)
{
    (void)unused;
    for (int run = 0; run < RUNS; run++)
        for (size_t i = 0; i < CROFT_COUNT(maker_ops); i++)
            round_trip(i);
}

static void test_every_operation_is_here(void **unused)
{
    (void)unused;
    const ProtobufCMessageDescriptor *type = &croft__v1__tx_body__descriptor;
    size_t ops = 0;
    for (unsigned i = 0; i < type->n_fields; i++)
        ops += (type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    assert_int_equal(ops, CROFT_COUNT(maker_ops));
    for (size_t i = 0; i < ops; i++)
        assert_string_not_equal(croft_op_name(maker_ops[i].op), "?");
    assert_string_equal(croft_op_name(CROFT__V1__TX_BODY__OP_TRANSFER), "transfer");
    assert_string_equal(croft_op_name(1), "?"); /* a field, but no operation */
    assert_string_equal(croft_op_name(99), "?");
}

static void test_other_network(void **unused)
{
    (void)unused;
    u32 lead, count;
    struct croft_hash id, other = m.network;
    struct croft_tx tx;
    struct croft_bytes bytes = any_signed(0, &id, &lead, &count);
    other.b[31] ^= 1;
    assert_int_equal(croft_tx_decode(bytes, &other, &m.mem, &tx), CROFT_OK);
    struct croft_public_key key = croft_public_key_of(&m.key[lead]);
    assert_int_equal(croft_verify(&key, (struct croft_bytes){tx.id.b, 32}, &tx.signature[0]),
                     CROFT_ERR_TX_SIGNATURE);
}

/* ---- damage ---- */

static bool all_signatures_hold(const struct croft_tx *tx)
{
    for (u32 i = 0; i < tx->signature_count; i++) {
        struct croft_public_key key = croft_public_key_of(&m.key[tx->signer[i]]);
        if (croft_verify(&key, (struct croft_bytes){tx->id.b, 32}, &tx->signature[i]) != CROFT_OK)
            return false;
    }
    return true;
}

/* Refused, or another transaction that nobody signed, or the same with a signature that is wrong. */
static void expect_seen(struct croft_bytes bytes, const struct croft_hash *id)
{
    struct croft_tx tx;
    struct croft_arena scratch = m.mem;
    if (croft_tx_decode(bytes, &m.network, &scratch, &tx) != CROFT_OK)
        return;
    bool same = croft_hash_equal(&tx.id, id);
    assert_false(all_signatures_hold(&tx));
    assert_true(!same || tx.signature_count > 0);
}

static void test_every_flipped_byte(void **unused)
{
    (void)unused;
    for (size_t which = 0; which < CROFT_COUNT(maker_ops); which++) {
        u32 lead, count;
        struct croft_hash id;
        struct croft_bytes bytes;
        do
            bytes = any_signed(which, &id, &lead, &count);
        while (bytes.len > 1500);
        u8 *at = (u8 *)(uintptr_t)bytes.at;
        for (size_t i = 0; i < bytes.len; i++) {
            u8 by = (u8)(1 + croft_rng_below(&m.rng, 255));
            at[i] ^= by;
            expect_seen(bytes, &id);
            at[i] ^= by;
        }
    }
}

static void test_every_truncation(void **unused)
{
    (void)unused;
    for (size_t which = 0; which < CROFT_COUNT(maker_ops); which++) {
        u32 lead, count;
        struct croft_hash id;
        struct croft_tx tx;
        struct croft_bytes bytes = any_signed(which, &id, &lead, &count);
        for (size_t len = 0; len < bytes.len; len += len < 300 ? 1 : 11) {
            struct croft_arena scratch = m.mem;
            croft_err err = croft_tx_decode((struct croft_bytes){bytes.at, len}, &m.network, &scratch, &tx);
            if (err == CROFT_OK) /* cut between two signatures: fewer signed it, which the ledger weighs */
                assert_true(tx.signature_count < count);
        }
    }
}

static void test_too_long(void **unused)
{
    (void)unused;
    static u8 lots[CROFT_TX_BYTES_LIMIT + 1];
    struct croft_tx tx;
    maker_reset(&m);
    assert_int_equal(croft_tx_decode((struct croft_bytes){lots, sizeof lots}, &m.network, &m.mem, &tx),
                     CROFT_ERR_TX_SIZE);
    assert_int_equal(croft_tx_decode((struct croft_bytes){lots, sizeof lots - 1}, &m.network, &m.mem, &tx),
                     CROFT_ERR_TX_DECODE);
    assert_int_equal(croft_tx_decode((struct croft_bytes){lots, 0}, &m.network, &m.mem, &tx),
                     CROFT_ERR_TX_DECODE);
}

/* Memory that runs out anywhere makes no transaction and reads nothing it should not. */
static void test_little_memory(void **unused)
{
    (void)unused;
    u32 lead, count;
    struct croft_hash id;
    struct croft_tx tx;
    struct croft_bytes bytes = any_signed(0, &id, &lead, &count);
    bool made = false;
    for (size_t room = 0; !made && room < 1 << 20; room += room < 4096 ? 16 : 4096) {
        struct croft_arena little = {.at = m.mem.at, .end = m.mem.at + room};
        croft_err err = croft_tx_decode(bytes, &m.network, &little, &tx);
        assert_true(err == CROFT_OK || err == CROFT_ERR_NOMEM);
        made = err == CROFT_OK;
    }
    assert_true(made);
}

/* ---- other encodings of the same ---- */

enum { FIELDS_MAX = 1100, TAG_UNKNOWN = 99 };

struct part {
    u32 number, wire_type;
    struct croft_bytes tag, length, value; /* length is empty but for wire type 2 */
};

struct parts {
    struct part part[FIELDS_MAX];
    size_t count;
};

static u64 read_varint(const u8 **at)
{
    u64 v = 0;
    for (int shift = 0;; shift += 7) {
        u8 b = *(*at)++;
        v |= (u64)(b & 127) << shift;
        if (b < 128)
            return v;
    }
}

static void take_apart(struct croft_bytes from, struct parts *out)
{
    const u8 *at = from.at, *end = from.at + from.len;
    out->count = 0;
    while (at < end) {
        assert_true(out->count < FIELDS_MAX);
        struct part *p = &out->part[out->count++];
        const u8 *start = at;
        u64 tag = read_varint(&at);
        *p = (struct part){
            .number = (u32)(tag >> 3), .wire_type = tag & 7, .tag = {start, (size_t)(at - start)}};
        start = at;
        u64 v = read_varint(&at);
        if (p->wire_type == 0) {
            p->value = (struct croft_bytes){start, (size_t)(at - start)};
        } else {
            assert_int_equal(p->wire_type, 2);
            p->length = (struct croft_bytes){start, (size_t)(at - start)};
            p->value = (struct croft_bytes){at, (size_t)v};
            at += v;
        }
    }
}

static u8 *room_for(size_t len)
{
    u8 *at = croft_new(&m.mem, u8, len + 1);
    CROFT_ASSERT(at != NULL);
    return at;
}

static struct croft_bytes varint_of(u64 v)
{
    u8 *at = room_for(10), *p = at;
    for (; v >= 128; v >>= 7)
        *p++ = (u8)(v | 128);
    *p++ = (u8)v;
    return (struct croft_bytes){at, (size_t)(p - at)};
}

/* The same number with a byte more than it needs. */
static struct croft_bytes longer(struct croft_bytes varint)
{
    u8 *at = room_for(varint.len + 1);
    memcpy(at, varint.at, varint.len);
    at[varint.len - 1] |= 128;
    return (struct croft_bytes){at, varint.len + 1};
}

static struct croft_bytes put_together(const struct parts *p)
{
    size_t len = 0;
    for (size_t i = 0; i < p->count; i++)
        len += p->part[i].tag.len + p->part[i].length.len + p->part[i].value.len;
    u8 *at = room_for(len), *to = at;
    for (size_t i = 0; i < p->count; i++) {
        const struct croft_bytes piece[] = {p->part[i].tag, p->part[i].length, p->part[i].value};
        for (size_t k = 0; k < CROFT_COUNT(piece); k++)
            if (piece[k].len != 0)
                to = (u8 *)memcpy(to, piece[k].at, piece[k].len) + piece[k].len;
    }
    return (struct croft_bytes){at, len};
}

static void insert(struct parts *p, size_t at, struct part part)
{
    CROFT_ASSERT(p->count < FIELDS_MAX && at <= p->count);
    memmove(&p->part[at + 1], &p->part[at], (p->count - at) * sizeof part);
    p->part[at] = part;
    p->count++;
}

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type, u32 number)
{
    return protobuf_c_message_descriptor_get_field(type, number);
}

/* Each rewriting returns false when it does not apply to this message. */

static bool swap_two(struct parts *p, const ProtobufCMessageDescriptor *type)
{
    (void)type;
    for (size_t tries = 0; tries < 10 && p->count > 1; tries++) {
        size_t i = croft_rng_below(&m.rng, p->count - 1);
        if (p->part[i].number == p->part[i + 1].number)
            continue;
        struct part swap = p->part[i];
        p->part[i] = p->part[i + 1];
        p->part[i + 1] = swap;
        return true;
    }
    return false;
}

static bool write_default(struct parts *p, const ProtobufCMessageDescriptor *type)
{
    static const u8 zero = 0;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &type->fields[i];
        size_t at = 0;
        while (at < p->count && p->part[at].number < f->id)
            at++;
        if (f->type == PROTOBUF_C_TYPE_MESSAGE || f->label == PROTOBUF_C_LABEL_REPEATED ||
            (at < p->count && p->part[at].number == f->id))
            continue;
        bool bytes = f->type == PROTOBUF_C_TYPE_BYTES || f->type == PROTOBUF_C_TYPE_STRING;
        insert(p, at,
               (struct part){
                   .number = f->id, .tag = varint_of(f->id << 3 | (bytes ? 2 : 0)), .value = {&zero, 1}});
        return true;
    }
    return false;
}

static bool add_unknown(struct parts *p, const ProtobufCMessageDescriptor *type)
{
    (void)type;
    bool bytes = croft_rng_chance(&m.rng, 2);
    size_t at = croft_rng_chance(&m.rng, 2) ? p->count : 0;
    insert(p, at,
           (struct part){.number = TAG_UNKNOWN,
                         .tag = varint_of(TAG_UNKNOWN << 3 | (bytes ? 2 : 0)),
                         .value = varint_of(0)});
    return true;
}

static bool lengthen(struct parts *p, const ProtobufCMessageDescriptor *type)
{
    (void)type;
    if (p->count == 0)
        return false;
    struct part *part = &p->part[croft_rng_below(&m.rng, p->count)];
    switch (croft_rng_below(&m.rng, 2)) {
    case 0:
        part->tag = longer(part->tag);
        return true;
    default:
        if (part->wire_type == 2)
            part->length = longer(part->length);
        else
            part->value = longer(part->value);
        return part->value.len <= 10;
    }
}

/* A number that a 32-bit field or a bool cuts to the one that was there. */
static bool widen(struct parts *p, const ProtobufCMessageDescriptor *type)
{
    for (size_t i = 0; i < p->count; i++) {
        struct part *part = &p->part[i];
        const ProtobufCFieldDescriptor *f = field_of(type, part->number);
        const u8 *at = part->value.at;
        if (part->wire_type != 0 || (f->type != PROTOBUF_C_TYPE_UINT32 && f->type != PROTOBUF_C_TYPE_BOOL))
            continue;
        u64 v = read_varint(&at);
        part->value = varint_of(f->type == PROTOBUF_C_TYPE_BOOL ? v + 1 : v + (UINT64_C(1) << 32));
        return true;
    }
    return false;
}

/* Twice the same field, of which a reader takes the last. */
static bool repeat(struct parts *p, const ProtobufCMessageDescriptor *type)
{
    for (size_t tries = 0; tries < 10 && p->count > 0; tries++) {
        size_t i = croft_rng_below(&m.rng, p->count);
        if (field_of(type, p->part[i].number)->label == PROTOBUF_C_LABEL_REPEATED)
            continue;
        insert(p, i, p->part[i]);
        return true;
    }
    return false;
}

typedef bool (*rewriting)(struct parts *p, const ProtobufCMessageDescriptor *type);
static const rewriting rewritings[] = {swap_two, write_default, add_unknown, lengthen, widen, repeat};

static const ProtobufCMessageDescriptor *inside(const ProtobufCMessageDescriptor *type, u32 number)
{
    const ProtobufCFieldDescriptor *f = field_of(type, number);
    if (type == &croft__v1__tx__descriptor && number == 1)
        return &croft__v1__tx_body__descriptor; /* bytes that are a message */
    return f->type == PROTOBUF_C_TYPE_MESSAGE ? f->descriptor : NULL;
}

/* Rewrites here or, more likely, in one of the messages inside. */
static bool rewrite(struct croft_bytes from, const ProtobufCMessageDescriptor *type, rewriting how,
                    struct croft_bytes *out)
{
    struct parts *p = croft_new(&m.mem, struct parts, 1);
    CROFT_ASSERT(p != NULL);
    take_apart(from, p);
    for (size_t tries = 0; tries < 3 && p->count > 0; tries++) {
        struct part *part = &p->part[croft_rng_below(&m.rng, p->count)];
        const ProtobufCMessageDescriptor *inner = inside(type, part->number);
        if (inner == NULL || !rewrite(part->value, inner, how, &part->value))
            continue;
        part->length = varint_of(part->value.len);
        *out = put_together(p);
        return true;
    }
    if (!how(p, type))
        return false;
    *out = put_together(p);
    return true;
}

static void test_one_encoding(void **unused)
{
    (void)unused;
    u32 rewritten[CROFT_COUNT(rewritings)] = {0};
    for (int run = 0; run < 300; run++) {
        u32 lead, count;
        struct croft_hash id;
        struct croft_tx tx;
        struct croft_bytes bytes = any_signed((size_t)run % CROFT_COUNT(maker_ops), &id, &lead, &count),
                           other;
        size_t how = croft_rng_below(&m.rng, CROFT_COUNT(rewritings));
        if (!rewrite(bytes, &croft__v1__tx__descriptor, rewritings[how], &other))
            continue;
        rewritten[how]++;
        assert_true(other.len != bytes.len || memcmp(other.at, bytes.at, bytes.len) != 0);
        assert_int_equal(croft_tx_decode(other, &m.network, &m.mem, &tx), CROFT_ERR_TX_DECODE);
    }
    for (size_t i = 0; i < CROFT_COUNT(rewritings); i++)
        assert_true(rewritten[i] > 0);
}

/* ---- signatures ---- */

static croft_err with_places(u32 lead, const u32 *place, size_t count, size_t len)
{
    static u8 value[65];
    struct croft_tx out;
    Croft__V1__Tx tx = CROFT__V1__TX__INIT;
    Croft__V1__Signature part[CROFT_KEYS_MAX + 1], *list[CROFT_KEYS_MAX + 1];
    maker_reset(&m);
    Croft__V1__TxBody *made = make_op(&m, 15);
    made->lead_key = lead;
    struct croft_bytes body = croft_pack(&made->base, &m.mem);
    tx.body = (ProtobufCBinaryData){body.len, (u8 *)(uintptr_t)body.at};
    tx.n_signatures = count;
    tx.signatures = list;
    for (size_t i = 0; i < count; i++) {
        croft__v1__signature__init(&part[i]);
        part[i].key = place[i];
        part[i].value = (ProtobufCBinaryData){len, value};
        list[i] = &part[i];
    }
    return croft_tx_decode(croft_pack(&tx.base, &m.mem), &m.network, &m.mem, &out);
}

static void test_signature_places(void **unused)
{
    (void)unused;
    static const struct {
        u32 place[9];
        size_t count;
        croft_err want;
    } set[] = {
        {{0}, 0, CROFT_ERR_TX_RANGE},
        {{0}, 1, CROFT_OK},
        {{7}, 1, CROFT_OK},
        {{8}, 1, CROFT_ERR_TX_RANGE},
        {{UINT32_MAX}, 1, CROFT_ERR_TX_RANGE},
        {{0, 0}, 2, CROFT_ERR_TX_RANGE},
        {{5, 0}, 2, CROFT_OK},
        {{5, 0, 7}, 3, CROFT_OK},
        {{5, 0, 5}, 3, CROFT_ERR_TX_RANGE},
        {{5, 2, 1}, 3, CROFT_ERR_TX_RANGE},
        {{5, 2, 2}, 3, CROFT_ERR_TX_RANGE},
        {{7, 0, 1, 2, 3, 4, 5, 6}, 8, CROFT_OK},
        {{0, 1, 2, 3, 4, 5, 6, 7, 7}, 9, CROFT_ERR_TX_RANGE},
    };
    for (size_t i = 0; i < CROFT_COUNT(set); i++)
        assert_int_equal(with_places(set[i].place[0], set[i].place, set[i].count, 64), set[i].want);
    assert_int_equal(with_places(0, set[1].place, 1, 63), CROFT_ERR_TX_RANGE);
    assert_int_equal(with_places(0, set[1].place, 1, 65), CROFT_ERR_TX_RANGE);
    assert_int_equal(with_places(0, set[1].place, 1, 0), CROFT_ERR_TX_RANGE);
}

/* The lead key is named in what is signed: with another first signature it is not this transaction. */
static void test_lead_key(void **unused)
{
    (void)unused;
    static const u32 order[][3] = {{0, 3, 5}, {3, 0, 5}, {5, 0, 3}};
    for (u32 lead = 0; lead < CROFT_KEYS_MAX + 2; lead++)
        for (size_t i = 0; i < CROFT_COUNT(order); i++)
            for (size_t count = 1; count <= 3; count++)
                assert_int_equal(with_places(lead, order[i], count, 64),
                                 order[i][0] == lead ? CROFT_OK : CROFT_ERR_TX_RANGE);
}

/* ---- building ---- */

static void test_build_refusals(void **unused)
{
    (void)unused;
    struct croft_bytes out;
    struct croft_hash id;
    maker_reset(&m);
    Croft__V1__TxBody *body = make_of(&m, CROFT__V1__TX_BODY__OP_TRANSFER);
    const struct croft_secret_key *key = &m.key[0];
    const u8 place = 0;
    body->transfer->reference = make_bytes(&m, CROFT_TX_BYTES_LIMIT);
    assert_int_equal(croft_tx_build(body, &m.network, &key, &place, 1, &m.mem, &out, &id), CROFT_ERR_TX_SIZE);
    for (size_t room = 0; room < 3 * (size_t)CROFT_TX_BYTES_LIMIT; room += CROFT_TX_BYTES_LIMIT / 2) {
        struct croft_arena little = {.at = m.mem.at, .end = m.mem.at + room};
        croft_err err = croft_tx_build(body, &m.network, &key, &place, 1, &little, &out, &id);
        assert_int_equal(err, room > 2 * (size_t)CROFT_TX_BYTES_LIMIT ? CROFT_ERR_TX_SIZE : CROFT_ERR_NOMEM);
    }
}

/* ---- key sets ---- */

/* The address depends on every field of every key and on the thresholds. */
static void test_key_set_address(void **unused)
{
    (void)unused;
    maker_reset(&m);
    Croft__V1__KeySet *set = make_key_set(&m);
    struct croft_address first = croft_key_set_address(set), again = croft_key_set_address(set);
    assert_memory_equal(first.b, again.b, 32);
#define DIFFERS(change, back)                          \
    do {                                               \
        change;                                        \
        again = croft_key_set_address(set);            \
        assert_memory_not_equal(first.b, again.b, 32); \
        back;                                          \
    } while (0)
    for (size_t i = 0; i < set->n_keys; i++) {
        Croft__V1__Key *k = set->keys[i];
        DIFFERS(k->weight ^= 1, k->weight ^= 1);
        DIFFERS(k->scopes ^= 1, k->scopes ^= 1);
        DIFFERS(k->cap_credit ^= 1, k->cap_credit ^= 1);
        DIFFERS(k->cap_token ^= 1, k->cap_token ^= 1);
        DIFFERS(k->expires_s ^= 1, k->expires_s ^= 1);
        DIFFERS(k->public_key.data[31] ^= 1, k->public_key.data[31] ^= 1);
    }
    for (u32 s = 0; s < CROFT_SCOPE_COUNT; s++)
        DIFFERS(set->thresholds.data[s] ^= 2, set->thresholds.data[s] ^= 2);
    if (set->n_keys > 1)
        DIFFERS(set->n_keys--, set->n_keys++);
#undef DIFFERS
    again = croft_key_set_address(set);
    assert_memory_equal(first.b, again.b, 32);
}

static void test_single_key_set(void **unused)
{
    (void)unused;
    maker_reset(&m);
    struct croft_public_key key = croft_public_key_of(&m.key[0]);
    Croft__V1__KeySet *set = croft_key_set_single(&key, &m.mem);
    assert_non_null(set);
    assert_int_equal(croft_key_set_check(set), CROFT_OK);
    assert_int_equal(set->n_keys, 1);
    assert_int_equal(set->keys[0]->scopes, CROFT_SCOPES_ALL);
    assert_memory_equal(set->keys[0]->public_key.data, key.b, 32);
    struct croft_arena none = {.at = m.mem.at, .end = m.mem.at + 32};
    assert_null(croft_key_set_single(&key, &none));
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_every_operation_is_here),
        cmocka_unit_test(test_other_network),    cmocka_unit_test(test_every_flipped_byte),
        cmocka_unit_test(test_every_truncation), cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_little_memory),    cmocka_unit_test(test_one_encoding),
        cmocka_unit_test(test_signature_places), cmocka_unit_test(test_lead_key),
        cmocka_unit_test(test_build_refusals),   cmocka_unit_test(test_key_set_address),
        cmocka_unit_test(test_single_key_set),
    };
    return cmocka_run_group_tests(tests, open_maker, NULL);
}
