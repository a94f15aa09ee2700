/* JSON text -> message -> JSON -> the same message.  The first byte chooses the message's type. */
#include "json/json.h"

#include "base/arena.h"
#include "base/assert.h"
#include "crypto/sign.h"
#include "wire/tx.h"

#include "croft/v1/chain.pb-c.h"
#include "croft/v1/genesis.pb-c.h"
#include "croft/v1/tx.pb-c.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

static const ProtobufCMessageDescriptor *const types[] = {
    &croft__v1__tx__descriptor,       &croft__v1__tx_body__descriptor,  &croft__v1__key_set__descriptor,
    &croft__v1__propose__descriptor,  &croft__v1__genesis__descriptor,  &croft__v1__request__descriptor,
    &croft__v1__response__descriptor, &croft__v1__value_op__descriptor,
};

static void check_again(const ProtobufCMessage *message, struct croft_arena mem)
{
    struct croft_why why;
    ProtobufCMessage *again;
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(message);
    CROFT_ASSERT(json != NULL);
    croft_err err = croft_json_to_message(json, message->descriptor, &mem, &again, &why);
    CROFT_ASSERT(err == CROFT_OK);

    struct croft_bytes want = croft_pack(message, &mem), got = croft_pack(again, &mem);
    CROFT_ASSERT(want.len == got.len);
    CROFT_ASSERT(want.len == 0 || memcmp(want.at, got.at, want.len) == 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
    static struct croft_region region;
    if (region.base == NULL) {
        CROFT_ASSERT(croft_region_map(&region, 256 << 20));
        CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    }
    if (len < 1)
        return 0;

    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    ProtobufCMessage *message;
    if (croft_json_parse((struct croft_bytes){data + 1, len - 1}, &json, &why) == CROFT_OK &&
        croft_json_to_message(json, types[data[0] % CROFT_COUNT(types)], &mem, &message, &why) == CROFT_OK)
        check_again(message, mem);
    return 0;
}
