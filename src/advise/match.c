/* Which of a network's requirements the machine meets, and by how much. */
#include "advise/advise_int.h"

#include "base/assert.h"

#include <math.h>
#include <string.h>

static struct croft_requirement *add(struct croft_report_network *n, const char *what, const char *label)
{
    CROFT_ASSERT(n->requirements < CROFT_REQUIREMENTS_MAX);
    struct croft_requirement *r = &n->requirement[n->requirements++];
    *r = (struct croft_requirement){.what = what, .label = label, .question = -1, .short_by = (double)NAN};
    r->need = r->have = croft_quantity_unknown("");
    return r;
}

/* At least `least` of something that can be counted; nothing when the network does not say. */
static void at_least(struct croft_advising *a, struct croft_report_network *n, const char *what,
                     const char *label, double least, const struct croft_quantity *have, const char *option)
{
    if (!croft_known(least) || least <= 0)
        return;
    struct croft_requirement *r = add(n, what, label);
    const char *unit = have->unit;
    r->need = croft_quantity_plain(least, unit);
    croft_quantity_add_source(&r->need, n->source);
    r->have = *have;
    if (!croft_known(have->value)) {
        r->met = CROFT_MET_UNKNOWN;
        r->text = croft_text(a, "%g %s asked for; yours is not known", least, unit);
        r->question = croft_ask(a, label, false, option, "The machine's %s is not known.", label);
        croft_network_asks(n, r->question);
        return;
    }
    double more = have->value - least;
    r->met = more >= 0 ? CROFT_MET_YES : CROFT_MET_NO;
    r->short_by = more >= 0 ? 0 : -more;
    r->text = more >= 0
                  ? croft_text(a, "%g %s, %g more than the %g asked for", have->value, unit, more, least)
                  : croft_text(a, "%g %s, %g short of the %g asked for", have->value, unit, -more, least);
}

static void vendor_and_os(struct croft_advising *a, struct croft_report_network *n)
{
    const struct croft_report_hardware *h = &a->report->hardware;
    if (n->of->vendor[0] != '\0') {
        struct croft_requirement *r = add(n, "vendor", "maker");
        bool same = strcmp(n->of->vendor, h->card->vendor) == 0;
        r->met = same ? CROFT_MET_YES : CROFT_MET_NO;
        r->text = same ? croft_text(a, "%s cards only: yours is one", n->of->vendor)
                       : croft_text(a, "%s cards only: yours is from %s", n->of->vendor, h->card->vendor);
        croft_quantity_add_source(&r->need, n->source);
    }
    if (n->of->os[0] == '\0')
        return;
    struct croft_requirement *r = add(n, "os", "system");
    croft_quantity_add_source(&r->need, n->source);
    if (h->os == NULL) {
        r->met = CROFT_MET_UNKNOWN;
        r->text = croft_text(a, "needs %s", n->of->os);
        return;
    }
    bool same = strcmp(n->of->os, h->os) == 0;
    r->met = same ? CROFT_MET_YES : CROFT_MET_NO;
    r->text = same ? croft_text(a, "needs %s, and runs it", n->of->os)
                   : croft_text(a, "needs %s, the machine runs %s", n->of->os, h->os);
}

static double stake_multiplier(const struct croft_advising *a, const struct croft_report_network *n)
{
    CROFT_EACH_ROW(croft_advise_multiplier, m, a->data, CROFT_TABLE_MULTIPLIERS)
    if (strcmp(m->network, n->of->id) == 0 && strcmp(m->gpu_id, a->request->card_id) == 0 && m->value > 1)
        return m->value;
    return 1;
}

static const struct croft_advise_token *token_row(const struct croft_advising *a, const char *token,
                                                  const char *what)
{
    CROFT_EACH_ROW(croft_advise_token, t, a->data, CROFT_TABLE_TOKENS)
    if (strcmp(t->token, token) == 0 && strcmp(t->what, what) == 0)
        return t;
    return NULL;
}

static void stake(struct croft_advising *a, struct croft_report_network *n)
{
    const struct croft_advise_network *of = n->of;
    bool per_card = strncmp(of->stake_rule, "per card", 8) == 0;
    double amount = of->stake_amount * (per_card ? a->request->count * stake_multiplier(a, n) : 1);
    n->stake = croft_quantity_plain(amount, of->stake_token[0] != '\0' ? of->stake_token : "USD");
    n->stake_usd = croft_quantity_unknown("USD");
    croft_quantity_add_source(&n->stake, n->source);
    if (of->stake_amount == 0) {
        n->stake_usd.value = 0;
        return;
    }
    if (!croft_known(of->stake_amount) && of->stake_rule[0] == '\0')
        return; /* nothing is said about a stake */
    const struct croft_advise_token *price = token_row(a, of->stake_token, "price");
    if (price != NULL) {
        n->stake_usd =
            croft_quantity_row(a, CROFT_TABLE_TOKENS, &price->row, croft_text(a, "%s, price", price->token),
                               "USD", price->value, price->low, price->high);
        n->stake_usd.value *= amount;
        n->stake_usd.error *= amount;
    }
    struct croft_requirement *r = add(n, "stake", "stake");
    r->met = CROFT_MET_YOURS;
    r->need = n->stake;
    r->text = croft_known(amount) ? croft_text(a, "%g %s%s%s", amount, of->stake_token,
                                               of->stake_rule[0] ? ": " : "", of->stake_rule)
                                  : croft_text(a, "in %s: %s", of->stake_token, of->stake_rule);
}

static void papers_and_others(struct croft_advising *a, struct croft_report_network *n)
{
    if (strcmp(n->of->kyc, "yes") == 0) {
        struct croft_requirement *r = add(n, "kyc", "papers");
        r->met = CROFT_MET_YOURS;
        r->text = "asks for your papers (KYC)";
        croft_quantity_add_source(&r->need, n->source);
    }
    for (const char *at = n->of->other_needs; *at != '\0' && n->requirements < CROFT_REQUIREMENTS_MAX;) {
        size_t len = strcspn(at, ";");
        struct croft_requirement *r = add(n, "other", "also");
        r->met = CROFT_MET_YOURS;
        r->text = croft_text(a, "%.*s", (int)len, at);
        croft_quantity_add_source(&r->need, n->source);
        at += len;
        at += strspn(at, "; ");
    }
}

static void risks(struct croft_advising *a, struct croft_report_network *n)
{
    for (const char *at = n->of->risks; *at != '\0' && n->risks < CROFT_RISKS_MAX;) {
        size_t len = strcspn(at, ";");
        n->risk[n->risks++] = croft_text(a, "%.*s", (int)len, at);
        at += len;
        at += strspn(at, "; ");
    }
}

static struct croft_quantity of_network(const struct croft_report_network *n, double value, const char *unit)
{
    struct croft_quantity q = croft_quantity_plain(value, unit);
    if (croft_known(value))
        croft_quantity_add_source(&q, n->source);
    return q;
}

/* A requirement that is not met decides; one that is not known leaves it open; what is the owner's to decide
 * does not. */
static enum croft_met taken(const struct croft_report_network *n)
{
    enum croft_met met = CROFT_MET_YES;
    for (size_t i = 0; i < n->requirements; i++) {
        if (n->requirement[i].met == CROFT_MET_NO)
            return CROFT_MET_NO;
        if (n->requirement[i].met == CROFT_MET_UNKNOWN)
            met = CROFT_MET_UNKNOWN;
    }
    return met;
}

static double larger(double a, double b)
{
    return !croft_known(a) || (croft_known(b) && b > a) ? b : a;
}

void croft_advise_match(struct croft_advising *a, struct croft_report_network *n)
{
    const struct croft_report_hardware *h = &a->report->hardware;
    const struct croft_advise_network *of = n->of;
    double count = h->count;
    n->source = croft_source_of_row(a, CROFT_TABLE_NETWORKS, &of->row, of->id);
    if (strcmp(of->kind, "bandwidth") != 0)
        at_least(a, n, "vram_gb", "VRAM", of->min_vram_gb, &h->vram_gb, "--gpu NAME");
    at_least(a, n, "ram_gb", "RAM", larger(of->min_ram_gb, of->min_ram_gb_per_gpu * count), &h->ram_gb,
             "--ram GB");
    at_least(a, n, "disk_gb", "disk", larger(of->min_disk_gb, of->min_disk_gb_per_gpu * count), &h->disk_gb,
             "--disk GB");
    at_least(a, n, "mbps_down", "line down", of->min_mbps_down, &h->mbps_down, "--mbps DOWN/UP");
    at_least(a, n, "mbps_up", "line up", of->min_mbps_up, &h->mbps_up, "--mbps DOWN/UP");
    at_least(a, n, "availability", "time online", of->min_availability, &h->availability,
             "--availability SHARE");
    vendor_and_os(a, n);
    stake(a, n);
    papers_and_others(a, n);
    risks(a, n);
    n->takes = taken(n);
    n->payout_min = of_network(n, of->payout_min_usd, "USD");
    n->days_to_min = croft_quantity_unknown("d");
    n->lockup_days = of_network(n, of->lockup_days, "d");
    n->settle_days = of_network(n, of->settle_days, "d");
    n->host_fee = of_network(n, of->host_fee, "");
    n->buyer_fee = of_network(n, of->buyer_fee, "");
}
