/* Fuzz: whatever is taken as a transaction packs again into the very same bytes, has its id, and is in range
 * twice. */
#include "base/assert.h"
#include "crypto/hash.h"
#include "wire/tx.h"
#include "wire/voucher.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u8 memory[8 << 20];
static const struct croft_hash network = {{1, 2, 3}};

/* From what decode gave, not from what it was given. */
static struct croft_bytes pack_again(const struct croft_tx *tx, struct croft_arena *mem)
{
    Croft__V1__Signature part[CROFT_TX_SIGNATURES_MAX], *list[CROFT_TX_SIGNATURES_MAX];
    Croft__V1__Tx out = CROFT__V1__TX__INIT;
    struct croft_bytes body = croft_pack(&tx->body->base, mem);
    CROFT_ASSERT(body.at != NULL);
    struct croft_hash id = croft_tx_id(&network, body);
    CROFT_ASSERT(memcmp(id.b, tx->id.b, sizeof id.b) == 0);
    out.body = (ProtobufCBinaryData){body.len, (u8 *)(uintptr_t)body.at};
    out.n_signatures = tx->signature_count;
    out.signatures = list;
    for (u32 i = 0; i < tx->signature_count; i++) {
        croft__v1__signature__init(&part[i]);
        part[i].key = tx->signer[i];
        part[i].value = (ProtobufCBinaryData){64, (u8 *)(uintptr_t)tx->signature[i].b};
        list[i] = &part[i];
    }
    return croft_pack(&out.base, mem);
}

static void check_address(const struct croft_tx *tx)
{
    CROFT_ASSERT(!croft_address_is_system(&tx->account));
    CROFT_ASSERT(strcmp(croft_op_name(tx->body->op_case), "?") != 0);
    if (tx->body->key_set == NULL)
        return;
    struct croft_address a = croft_key_set_address(tx->body->key_set);
    CROFT_ASSERT(!croft_address_is_system(&a));
}

static u32 signed_inside(const Croft__V1__TxBody *body)
{
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_SETTLE:
        return (u32)body->settle->n_vouchers;
    case CROFT__V1__TX_BODY__OP_LEASE_STOP:
        return body->lease_stop->voucher != NULL;
    case CROFT__V1__TX_BODY__OP_SLASH:
        return 1;
    default:
        return 0;
    }
}

/* Nothing that somebody signed is left out of what gets verified. */
static void check_attested(const struct croft_tx *tx)
{
    CROFT_ASSERT(tx->attested_count == signed_inside(tx->body));
    for (u32 i = 0; tx->body->op_case == CROFT__V1__TX_BODY__OP_SETTLE && i < tx->attested_count; i++) {
        struct croft_hash hash = croft_voucher_hash(&network, tx->body->settle->vouchers[i]);
        CROFT_ASSERT(croft_hash_equal(&hash, &tx->attested[i].hash));
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct croft_arena mem = {.at = memory, .end = memory + sizeof memory};
    struct croft_tx tx;
    if (croft_tx_decode((struct croft_bytes){data, size}, &network, &mem, &tx) != CROFT_OK)
        return 0;
    CROFT_ASSERT(tx.signature_count >= 1 && tx.signature_count <= CROFT_TX_SIGNATURES_MAX);
    check_address(&tx);
    check_attested(&tx);
    struct croft_bytes again = pack_again(&tx, &mem);
    CROFT_ASSERT(again.len == size && memcmp(again.at, data, size) == 0);
    return 0;
}
