#include "wire/param.h"

#include "base/assert.h"

#include <string.h>
#include <strings.h>

static const struct croft_param_info param[] = {
#define X(name, number, since, def, low, high, unit, text) {(number), (since), #name, (def), (low), (high), (unit), (text)},
    CROFT_PARAM_TABLE(X)
#undef X
};

size_t croft_param_count(void)
{
    return CROFT_COUNT(param);
}

const struct croft_param_info *croft_param_at(size_t i)
{
    CROFT_ASSERT(i < CROFT_COUNT(param));
    CROFT_ASSERT(param[i].number == i + 1);
    return &param[i];
}

const struct croft_param_info *croft_param_by_number(u32 number)
{
    return number >= 1 && number <= CROFT_COUNT(param) ? croft_param_at(number - 1) : NULL;
}

const struct croft_param_info *croft_param_by_name(const char *name)
{
    for (size_t i = 0; i < CROFT_COUNT(param); i++)
        if (strcasecmp(param[i].name, name) == 0)
            return &param[i];
    return NULL;
}
