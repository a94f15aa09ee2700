#include "chain/wallet_unsent.h"

#include "base/assert.h"
#include "crypto/bech32m.h"
#include "json/hex.h"
#include "json/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT = 1, WEIGHT_MAX = 255, HASH_TEXT = 64 };

/* ---- the transaction ---- */

static ProtobufCBinaryData view(struct croft_bytes bytes)
{
    /* protobuf-c has no const in its structs; packing only reads. */
    return (ProtobufCBinaryData){bytes.len, (u8 *)(uintptr_t)bytes.at};
}

static struct croft_bytes pack_tx(struct croft_bytes body, Croft__V1__Signature *const *signature,
                                  size_t count, struct croft_arena *mem)
{
    Croft__V1__Tx tx = CROFT__V1__TX__INIT;
    tx.body = view(body);
    tx.n_signatures = count;
    tx.signatures = (Croft__V1__Signature **)(uintptr_t)signature;
    return croft_pack(&tx.base, mem);
}

croft_err croft_unsent_seal(struct croft_unsent *u, const Croft__V1__TxBody *body, struct croft_arena *mem,
                            struct croft_why *why)
{
    /* Ranges are checked by decoding a transaction; this signature only has the right form for one. */
    static const u8 blank[sizeof(struct croft_signature)];
    Croft__V1__Signature form = CROFT__V1__SIGNATURE__INIT, *const list[] = {&form};
    form.key = body->lead_key;
    form.value = view((struct croft_bytes){blank, sizeof blank});
    struct croft_tx decoded;
    struct croft_bytes packed = croft_pack(&body->base, mem);
    struct croft_bytes tx = packed.at != NULL ? pack_tx(packed, list, 1, mem) : packed;
    if (tx.at == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the transaction");
    croft_err err = croft_tx_decode(tx, &u->network, mem, &decoded);
    if (err != CROFT_OK)
        return croft_fail(why, err, "%s\nnothing was sent", croft_err_text(err));
    u->packed = packed;
    u->body = decoded.body;
    u->id = decoded.id;
    return CROFT_OK;
}

static struct croft_unsent_key *key_at(struct croft_unsent *u, u32 place)
{
    for (u32 i = 0; i < u->key_count; i++)
        if (u->key[i].place == place)
            return &u->key[i];
    return NULL;
}

const struct croft_unsent_key *croft_unsent_key_at(const struct croft_unsent *u, u32 place)
{
    for (u32 i = 0; i < u->key_count; i++)
        if (u->key[i].place == place)
            return &u->key[i];
    return NULL;
}

u32 croft_unsent_weight(const struct croft_unsent *u)
{
    u32 weight = 0;
    for (u32 i = 0; i < u->key_count; i++)
        weight += u->key[i].signed_by ? u->key[i].weight : 0;
    return weight;
}

u32 croft_unsent_signatures(const struct croft_unsent *u)
{
    u32 count = 0;
    for (u32 i = 0; i < u->key_count; i++)
        count += u->key[i].signed_by;
    return count;
}

static struct croft_bytes id_bytes(const struct croft_unsent *u)
{
    return (struct croft_bytes){u->id.b, sizeof u->id.b};
}

croft_err croft_unsent_sign(struct croft_unsent *u, const struct croft_secret_key *key, struct croft_why *why)
{
    const struct croft_public_key own = croft_public_key_of(key);
    for (u32 i = 0; i < u->key_count; i++) {
        struct croft_unsent_key *k = &u->key[i];
        if (memcmp(k->public_key.b, own.b, sizeof own.b) != 0)
            continue;
        if (k->signed_by)
            return croft_fail(why, CROFT_ERR_EXISTS, "this key has signed it already");
        k->signature = croft_sign(key, id_bytes(u));
        k->signed_by = true;
        return CROFT_OK;
    }
    return croft_fail(why, CROFT_ERR_TX_KEY,
                      "this key may not sign it: it is none of the account's keys with the scope \"%s\"\n"
                      "\"croft tx show FILE\" lists them; choose another with --key",
                      croft_scope_name(u->scope));
}

croft_err croft_unsent_merge(struct croft_unsent *u, const struct croft_unsent *other, struct croft_why *why)
{
    if (memcmp(u->id.b, other->id.b, sizeof u->id.b) != 0)
        return croft_fail(why, CROFT_ERR_DECODE, "it holds another transaction: the ids differ");
    for (u32 i = 0; i < other->key_count; i++) {
        struct croft_unsent_key *k = key_at(u, other->key[i].place);
        if (k != NULL && other->key[i].signed_by)
            *k = other->key[i];
    }
    return CROFT_OK;
}

/* Those who signed, the lead key first: the one order the chain takes. */
static u32 in_order(const struct croft_unsent *u, const struct croft_unsent_key *out[CROFT_KEYS_MAX])
{
    u32 count = 0;
    const struct croft_unsent_key *lead = croft_unsent_key_at(u, u->body->lead_key);
    if (lead != NULL && lead->signed_by)
        out[count++] = lead;
    for (u32 i = 0; i < u->key_count; i++)
        if (u->key[i].signed_by && &u->key[i] != lead)
            out[count++] = &u->key[i];
    return count;
}

static croft_err too_few(const struct croft_unsent *u, struct croft_why *why)
{
    const struct croft_unsent_key *lead = croft_unsent_key_at(u, u->body->lead_key);
    char text[CROFT_BECH32M_TEXT_MAX] = "?";
    if (lead != NULL && !lead->signed_by) {
        croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, lead->public_key.b, text);
        return croft_fail(
            why, CROFT_ERR_TX_SCOPE,
            "the key at place %u leads it and has not signed: %s\nrun there: croft tx sign FILE",
            u->body->lead_key, text);
    }
    return croft_fail(why, CROFT_ERR_TX_SCOPE,
                      "its signatures weigh %u, and \"%s\" needs %u\n"
                      "have another key sign it: croft tx sign FILE --key NAME",
                      croft_unsent_weight(u), croft_scope_name(u->scope), u->threshold);
}

croft_err croft_unsent_pack(const struct croft_unsent *u, struct croft_arena *mem, struct croft_bytes *out,
                            struct croft_why *why)
{
    const struct croft_unsent_key *signer[CROFT_KEYS_MAX];
    Croft__V1__Signature part[CROFT_KEYS_MAX], *list[CROFT_KEYS_MAX];
    u32 count = in_order(u, signer);
    if (count == 0 || signer[0]->place != u->body->lead_key || croft_unsent_weight(u) < u->threshold)
        return too_few(u, why);
    for (u32 i = 0; i < count; i++) {
        croft__v1__signature__init(&part[i]);
        part[i].key = signer[i]->place;
        part[i].value = view((struct croft_bytes){signer[i]->signature.b, sizeof signer[i]->signature.b});
        list[i] = &part[i];
    }
    struct croft_bytes made = pack_tx(u->packed, list, count, mem);
    if (made.at == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the transaction");
    if (made.len > CROFT_TX_BYTES_LIMIT)
        return croft_fail(why, CROFT_ERR_TX_SIZE, "%s", croft_err_text(CROFT_ERR_TX_SIZE));
    *out = made;
    return CROFT_OK;
}

/* ---- to JSON ---- */

static json_t *keys_json(const struct croft_unsent *u)
{
    json_t *all = json_array();
    for (u32 i = 0; all != NULL && i < u->key_count; i++) {
        const struct croft_unsent_key *k = &u->key[i];
        json_t *one = json_pack("{s:i,s:i,s:o}", "place", (int)k->place, "weight", (int)k->weight,
                                "public_key", croft_json_public_key(k->public_key.b));
        if (json_array_append_new(all, one) != 0)
            croft_json_drop(&all);
    }
    return all;
}

static json_t *signatures_json(const struct croft_unsent *u)
{
    const struct croft_unsent_key *signer[CROFT_KEYS_MAX];
    u32 count = in_order(u, signer);
    json_t *all = json_array();
    for (u32 i = 0; all != NULL && i < count; i++) {
        const struct croft_bytes value = {signer[i]->signature.b, sizeof signer[i]->signature.b};
        json_t *one = json_pack("{s:i,s:o}", "key", (int)signer[i]->place, "value", croft_json_hex(value));
        if (json_array_append_new(all, one) != 0)
            croft_json_drop(&all);
    }
    return all;
}

json_t *croft_unsent_json(const struct croft_unsent *u)
{
    const struct croft_bytes network = {u->network.b, sizeof u->network.b};
    return json_pack("{s:i,s:s,s:o,s:o,s:s,s:i,s:o,s:o,s:o}", "croft_tx", (int)FORMAT, "network",
                     u->network_name, "network_id", croft_json_hex(network), "id",
                     croft_json_hex(id_bytes(u)), "scope", croft_scope_name(u->scope), "threshold",
                     (int)u->threshold, "keys", keys_json(u), "body", croft_json_of_message(&u->body->base),
                     "signatures", signatures_json(u));
}

/* ---- from JSON ---- */

CROFT_PRINTF(2, 3)
static croft_err refuse(struct croft_why *why, const char *fmt, ...)
{
    char what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return croft_fail(why, CROFT_ERR_JSON, "not a transaction's file: %s", what);
}

/* The members of the file, borrowed from its JSON value. */
struct members {
    int format, threshold;
    const char *network, *network_id, *id, *scope;
    json_t *keys, *body, *signatures;
};

static croft_err take_members(json_t *json, struct members *out, struct croft_why *why)
{
    json_error_t error;
    if (json_is_object(json) && json_integer_value(json_object_get(json, "croft_tx")) > FORMAT)
        return croft_fail(why, CROFT_ERR_FORMAT, "%s", croft_err_text(CROFT_ERR_FORMAT));
    if (json_unpack_ex(json, &error, JSON_STRICT, "{s:i,s:s,s:s,s:s,s:s,s:i,s:o,s:o,s:o}", "croft_tx",
                       &out->format, "network", &out->network, "network_id", &out->network_id, "id", &out->id,
                       "scope", &out->scope, "threshold", &out->threshold, "keys", &out->keys, "body",
                       &out->body, "signatures", &out->signatures) != 0)
        return refuse(why, "%s", error.text);
    return out->format == FORMAT ? CROFT_OK : refuse(why, "croft_tx is not %d", (int)FORMAT);
}

static croft_err take_hash(const char *name, const char *text, struct croft_hash *out, struct croft_why *why)
{
    if (strlen(text) == HASH_TEXT && croft_hex_decode(text, out->b, sizeof out->b))
        return CROFT_OK;
    return refuse(why, "%s is not 64 hexadecimal digits", name);
}

static croft_err take_head(const struct members *m, struct croft_unsent *u, struct croft_why *why)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = strlen(m->network);
    if (len < 1 || len >= sizeof u->network_name || strspn(m->network, allowed) != len)
        return refuse(why, "network is no network's name");
    memcpy(u->network_name, m->network, len + 1);
    CROFT_TRY(take_hash("network_id", m->network_id, &u->network, why));
    if (!croft_scope_parse((struct croft_bytes){(const u8 *)m->scope, strlen(m->scope)}, &u->scope))
        return refuse(why, "scope is none");
    if (m->threshold < 1 || m->threshold > WEIGHT_MAX)
        return refuse(why, "threshold is not 1 to %d", (int)WEIGHT_MAX);
    u->threshold = (u32)m->threshold;
    return CROFT_OK;
}

static croft_err take_key(const json_t *json, struct croft_unsent *u, struct croft_why *why)
{
    int place, weight;
    const char *text;
    struct croft_unsent_key key = {.signed_by = false};
    if (json_unpack_ex((json_t *)(uintptr_t)json, NULL, JSON_STRICT, "{s:i,s:i,s:s}", "place", &place,
                       "weight", &weight, "public_key", &text) != 0)
        return refuse(why, "keys: each has place, weight and public_key");
    int lowest = u->key_count > 0 ? u->key[u->key_count - 1].place + 1 : 0;
    if (place < lowest || place >= CROFT_KEYS_MAX || weight < 1 || weight > WEIGHT_MAX)
        return refuse(why, "keys: places increase from 0 to 7, weights are 1 to %d", (int)WEIGHT_MAX);
    if (croft_bech32m_decode(CROFT_HRP_PUBLIC_KEY, text, key.public_key.b) != CROFT_OK)
        return refuse(why, "keys: not a croftpub1... key");
    key.place = (u8)place;
    key.weight = (u8)weight;
    CROFT_ASSERT(u->key_count < CROFT_KEYS_MAX);
    u->key[u->key_count++] = key;
    return CROFT_OK;
}

static croft_err take_keys(const json_t *keys, struct croft_unsent *u, struct croft_why *why)
{
    size_t i;
    const json_t *one;
    if (json_array_size(keys) == 0)
        return refuse(why, "keys must be a list with at least one");
    json_array_foreach((json_t *)(uintptr_t)keys, i, one) CROFT_TRY(take_key(one, u, why));
    return CROFT_OK;
}

static croft_err take_body(const struct members *m, struct croft_arena *mem, struct croft_unsent *u,
                           struct croft_why *why)
{
    struct croft_hash id;
    struct croft_why inner;
    ProtobufCMessage *message = NULL;
    croft_err err = croft_json_to_message(m->body, &croft__v1__tx_body__descriptor, mem, &message, &inner);
    if (err != CROFT_OK)
        return croft_fail(why, err, "not a transaction's file: body: %s", inner.text);
    CROFT_ASSERT(message != NULL);
    const Croft__V1__TxBody *body = (const void *)message;
    CROFT_TRY(croft_unsent_seal(u, body, mem, why));
    CROFT_TRY(take_hash("id", m->id, &id, why));
    if (memcmp(id.b, u->id.b, sizeof id.b) != 0)
        return croft_fail(why, CROFT_ERR_DECODE,
                          "the file was changed after it was made: its id is not that of its body\n"
                          "have the transaction made anew");
    if (u->scope != croft_wallet_scope((u32)u->body->op_case))
        return refuse(why, "scope is not the one that %s needs", croft_op_name((u32)u->body->op_case));
    return croft_unsent_key_at(u, u->body->lead_key) != NULL ? CROFT_OK
                                                             : refuse(why, "the lead key is not in keys");
}

static croft_err take_signature(const json_t *json, struct croft_unsent *u, struct croft_why *why)
{
    int place;
    const char *text;
    struct croft_signature value;
    if (json_unpack_ex((json_t *)(uintptr_t)json, NULL, JSON_STRICT, "{s:i,s:s}", "key", &place, "value",
                       &text) != 0)
        return refuse(why, "signatures: each has key and value");
    struct croft_unsent_key *key = place >= 0 ? key_at(u, (u32)place) : NULL;
    if (key == NULL || key->signed_by)
        return refuse(why, "signatures: %d is no place in keys, or signed twice", place);
    if (strlen(text) != 2 * sizeof value.b || !croft_hex_decode(text, value.b, sizeof value.b))
        return refuse(why, "signatures: value is not 128 hexadecimal digits");
    if (croft_verify(&key->public_key, id_bytes(u), &value) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_TX_SIGNATURE,
                          "the signature of the key at place %d is wrong: the file was changed or damaged\n"
                          "have that key sign it again, from the file as it was made",
                          place);
    key->signature = value;
    key->signed_by = true;
    return CROFT_OK;
}

static croft_err take_signatures(const json_t *signatures, struct croft_unsent *u, struct croft_why *why)
{
    size_t i;
    const json_t *one;
    if (!json_is_array(signatures))
        return refuse(why, "signatures must be a list");
    json_array_foreach((json_t *)(uintptr_t)signatures, i, one) CROFT_TRY(take_signature(one, u, why));
    return CROFT_OK;
}

croft_err croft_unsent_read(struct croft_bytes text, struct croft_arena *mem, struct croft_unsent *out,
                            struct croft_why *why)
{
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    struct croft_unsent made = {.key_count = 0};
    struct croft_why inner;
    struct members m;
    croft_err err = croft_json_parse(text, &json, &inner);
    if (err != CROFT_OK)
        return croft_fail(why, err, "not a transaction's file: %s", inner.text);
    CROFT_TRY(take_members(json, &m, why));
    CROFT_TRY(take_head(&m, &made, why));
    CROFT_TRY(take_keys(m.keys, &made, why));
    CROFT_TRY(take_body(&m, mem, &made, why));
    CROFT_TRY(take_signatures(m.signatures, &made, why));
    *out = made;
    return CROFT_OK;
}
