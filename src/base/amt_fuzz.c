/* Fuzz: a text that is an amount is that amount again after it was written, and no text is read past its end.
 */
#include "base/amt.h"
#include "base/assert.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    char text[128] = {0}, own[CROFT_AMT_TEXT_MAX];
    struct croft_amt amount = {7}, again = {9};
    memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
    if (!croft_amt_parse(text, &amount)) {
        CROFT_ASSERT(croft_amt_units(amount) == 7);
        return 0;
    }
    croft_amt_format(amount, own);
    CROFT_ASSERT(strlen(own) < sizeof own);
    bool same = croft_amt_parse(own, &again);
    CROFT_ASSERT(same && croft_amt_cmp(amount, again) == 0);
    return 0;
}
