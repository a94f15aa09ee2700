/* Any text as the file of an unsent transaction: refused with a reason, or a transaction whose file form
 * reads back the same. */
#include "chain/wallet_unsent.h"

#include "base/assert.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
    static struct croft_region region;
    if (region.base == NULL) {
        CROFT_ASSERT(croft_region_map(&region, 64 << 20));
        CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    }
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_unsent u, again;
    struct croft_why why = {""};
    struct croft_bytes tx;
    if (croft_unsent_read((struct croft_bytes){data, len}, &mem, &u, &why) != CROFT_OK) {
        CROFT_ASSERT(why.text[0] != '\0');
        return 0;
    }
    json_t *json = croft_unsent_json(&u);
    char *text = json_dumps(json, 0);
    CROFT_ASSERT(text != NULL);
    CROFT_ASSERT(croft_unsent_read((struct croft_bytes){(const u8 *)text, strlen(text)}, &mem, &again,
                                   &why) == CROFT_OK);
    CROFT_ASSERT(memcmp(&u.id, &again.id, sizeof u.id) == 0);
    CROFT_ASSERT(croft_unsent_weight(&u) == croft_unsent_weight(&again));
    free(text);
    json_decref(json);
    if (croft_unsent_pack(&u, &mem, &tx, &why) == CROFT_OK)
        CROFT_ASSERT(croft_unsent_weight(&u) >= u.threshold);
    return 0;
}
