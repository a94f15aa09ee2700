#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

void croft_msim_count(struct croft_sim *s)
{
    (void)s;
}
void croft_msim_check_books(struct croft_sim *s)
{
    (void)s;
}
void croft_msim_check_gone(struct croft_sim *s, struct croft_msim_lease *l)
{
    (void)s;
    (void)l;
}
void croft_msim_check_end(struct croft_sim *s)
{
    (void)s;
}
