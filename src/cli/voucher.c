/* `croft voucher`: what was served, signed off the ledger; a file that "lease settle" takes. */
#include "cli/groups.h"

#include "cli/draft.h"
#include "cli/market.h"
#include "wire/tx.h"
#include "wire/voucher.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 8192 };

/* ---- files ---- */

static void close_file(FILE **f)
{
    if (*f != NULL && *f != stdin)
        fclose(*f);
}

croft_err croft_voucher_read(struct croft_cli *c, const char *file, Croft__V1__Voucher **out)
{
    char text[FILE_MAX];
    struct croft_why why = {""};
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    ProtobufCMessage *message = NULL;
    FILE *f CROFT_CLEANUP(close_file) = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
    if (f == NULL && errno == ENOENT)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "there is no file %s\na buyer makes one with \"croft voucher sign\"", file);
    if (f == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    size_t len = fread(text, 1, sizeof text, f);
    if (len == sizeof text)
        return croft_fail(&c->why, CROFT_ERR_JSON, "%s is longer than a voucher can be", file);
    croft_err err = croft_json_parse((struct croft_bytes){(const u8 *)text, len}, &json, &why);
    if (err == CROFT_OK)
        err = croft_json_to_message(json, &croft__v1__voucher__descriptor, &c->mem, &message, &why);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "%s is no voucher: %s", file, why.text);
    *out = (void *)message;
    if ((*out)->lease == NULL || (*out)->signature.len != 64)
        return croft_fail(&c->why, CROFT_ERR_JSON, "%s is no voucher: it names no lease, or is not signed",
                          file);
    return CROFT_OK;
}

static croft_err put_out(struct croft_cli *c, const Croft__V1__Voucher *v)
{
    const char *file = croft_cli_value(c, "out");
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&v->base);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL, *line = NULL;
    if (text == NULL || asprintf(&line, "%s\n", text) < 0) {
        free(text);
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the voucher");
    }
    free(text);
    croft_err err = CROFT_OK;
    if (file != NULL)
        err = croft_file_replace(c, file, line);
    else if (fputs(line, stdout) == EOF)
        err = croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
    free(line);
    return err;
}

/* ---- sign ---- */

struct signing {
    struct croft_market_name name;
    struct croft_lease_record lease;
    struct croft_order_record order;
    struct croft_hash network;
};

static croft_err read_records(struct croft_cli *c, struct signing *s)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const struct croft_record_key lease = croft_market_lease_key(&s->name),
                                  order = croft_market_order_key(&s->name);
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_cli_join(c, client.network_name, &client.network));
    s->network = client.network;
    croft_err err =
        croft_record_read(&client, CROFT_TABLE_LEASES, &lease, false, &c->mem, &s->lease, NULL, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err,
                          "there is no such lease: it has ended, or never was\nrun: croft lease ls");
    CROFT_TRY(err);
    return croft_record_read(&client, CROFT_TABLE_ORDERS, &order, false, &c->mem, &s->order, NULL, &c->why);
}

/* The key of this home folder that the order's vouchers are signed with. */
static croft_err find_key(struct croft_cli *c, const struct croft_order_record *order,
                          struct croft_key_info *out)
{
    char (*name)[CROFT_KEY_NAME_MAX];
    size_t count;
    CROFT_TRY(croft_key_names(c, &name, &count));
    for (size_t i = 0; i < count; i++) {
        CROFT_TRY(croft_key_info(c, name[i], out));
        if (memcmp(out->public_key.b, order->voucher_key, sizeof out->public_key.b) == 0)
            return CROFT_OK;
    }
    char key[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, order->voucher_key, key);
    return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                      "vouchers of this order are signed by %s, which is no key of this home folder\n"
                      "use --home of the wallet that has it",
                      key);
}

/* By the second: all time since the last voucher, up to now; a pause is told with --units. */
static croft_err choose_count(struct croft_cli *c, const struct signing *s, Croft__V1__Voucher *v)
{
    const char *until = croft_cli_value(c, "served-until"), *units = croft_cli_value(c, "units");
    const struct croft_lease_record *l = &s->lease;
    u64 now_s = croft_market_now_s(c), end_s = l->end_s != 0 && l->end_s < now_s ? l->end_s : now_s;
    v->served_until_s = end_s > l->served_until_s ? end_s : l->served_until_s;
    if (until != NULL)
        CROFT_TRY(croft_cli_u64(c, until, "--served-until", &v->served_until_s));
    if (v->served_until_s < l->served_until_s)
        return croft_cli_usage(c, "--served-until: %" PRIu64 " was signed already", l->served_until_s);
    if (units != NULL)
        return croft_cli_u64(c, units, "--units", &v->units);
    if (l->kind != CROFT_PRICE_SECOND)
        return croft_cli_usage(c, "say how much was served since the lease began: --units N");
    v->units = l->units + (v->served_until_s - l->served_until_s);
    return CROFT_OK;
}

static croft_err fill(struct croft_cli *c, const struct signing *s, Croft__V1__LeaseId *id,
                      Croft__V1__Voucher *v)
{
    const char *seq = croft_cli_value(c, "seq");
    CROFT_TRY(choose_count(c, s, v));
    u64 now_ms = c->world->ops->wall_ms(c->world);
    v->seq = now_ms > s->lease.seq ? now_ms : s->lease.seq + 1; /* the later one is the higher one */
    if (seq != NULL)
        CROFT_TRY(croft_cli_u64(c, seq, "--seq", &v->seq));
    if (v->seq <= s->lease.seq)
        return croft_cli_usage(c, "--seq must be above %" PRIu64 ", which is settled", s->lease.seq);
    v->lease = id;
    v->stamp = s->lease.stamp;
    return CROFT_OK;
}

static croft_err run_sign(struct croft_cli *c)
{
    struct signing s;
    struct croft_key_info key;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    struct croft_voucher_signature signature;
    Croft__V1__Voucher v = CROFT__V1__VOUCHER__INIT;
    CROFT_TRY(croft_market_lease(c, c->arg[0], &s.name));
    CROFT_TRY(read_records(c, &s));
    Croft__V1__LeaseId id = croft_market_lease_id(&s.name);
    CROFT_TRY(fill(c, &s, &id, &v));
    CROFT_TRY(find_key(c, &s.order, &key));
    CROFT_TRY(croft_key_open(c, &key, &secret));
    croft_voucher_sign(&v, &s.network, &secret, &signature);
    CROFT_TRY(put_out(c, &v));
    if (croft_cli_has(c, "out") && !c->json)
        printf("%s vouches for %" PRIu64 " units\n  next, as the node: croft lease settle %s\n",
               croft_cli_value(c, "out"), v.units, croft_cli_value(c, "out"));
    return CROFT_OK;
}

/* ---- show ---- */

static croft_err print_voucher(struct croft_cli *c, const Croft__V1__Voucher *v, const char *worth)
{
    char which[CROFT_WHICH_MAX], units[24], seq[24], until[CROFT_CELL_MAX];
    struct croft_market_name name = {.id = v->lease->order, .number = v->lease->lease};
    const struct croft_lease_record time = {.served_until_s = v->served_until_s};
    if (v->lease->buyer_address.len == 32)
        memcpy(name.owner.b, v->lease->buyer_address.data, 32);
    const struct croft_record_key key = croft_market_lease_key(&name);
    croft_market_which(CROFT_TABLE_LEASES, (struct croft_bytes){key.b, key.len}, NULL, which);
    croft_market_cell(&croft_lease_layout, "served_until_s", &time, until);
    snprintf(units, sizeof units, "%" PRIu64, v->units);
    snprintf(seq, sizeof seq, "%" PRIu64, v->seq);
    const char *const pair[][2] = {{"lease", which},
                                   {"served until (UTC)", until},
                                   {"units", units},
                                   {"seq", seq},
                                   {"signature", worth}};
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

/* Signed for this network, by the key that it shows. */
static croft_err check_signature(const Croft__V1__Voucher *v, const struct croft_hash *network)
{
    struct croft_public_key key;
    struct croft_signature signature;
    if (v->public_key.len != 32 || v->lease->buyer_address.len != 32)
        return CROFT_ERR_OP_VOUCHER;
    memcpy(key.b, v->public_key.data, sizeof key.b);
    memcpy(signature.b, v->signature.data, sizeof signature.b);
    const struct croft_hash hash = croft_voucher_hash(network, v);
    return croft_verify(&key, (struct croft_bytes){hash.b, sizeof hash.b}, &signature);
}

static croft_err run_show(struct croft_cli *c)
{
    Croft__V1__Voucher *v;
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    CROFT_TRY(croft_voucher_read(c, c->arg[0], &v));
    CROFT_TRY(croft_connect(c, &client));
    if (check_signature(v, &client.network) != CROFT_OK)
        return croft_fail(&c->why, CROFT_ERR_OP_VOUCHER,
                          "%s: the signature does not hold on network \"%s\"\ndo not serve on it", c->arg[0],
                          client.network_name);
    if (c->json)
        return croft_cli_print_json(c, croft_json_of_message(&v->base));
    return print_voucher(c, v, "holds on this network");
}

static const struct croft_option sign_option[] = {
    {"units", "N", "served since the lease began: seconds, tokens, bytes, frames (else all time up to now)",
     CROFT_OFFER_NOTHING},
    {"served-until", "SECOND", "up to when, in seconds since 1970 (else now)", CROFT_OFFER_NOTHING},
    {"seq", "N", "its number; the later one counts (else the time in ms)", CROFT_OFFER_NOTHING},
    {"out", "FILE", "write it there, in place of an older one (else standard output)", CROFT_OFFER_FILE},
};

static const struct croft_verb verb[] = {
    {
        .name = "voucher sign",
        .usage = "LEASE [--units N] [--out FILE]",
        .summary = "as the buyer: vouch for what was served; the node is paid for it with \"lease settle\"",
        .about = "A voucher is cumulative: a later one replaces those before.  It is signed with the order's "
                 "voucher key.",
        .examples =
            "croft voucher sign 2781:1 --out v7.json\ncroft voucher sign croft1...:2781:1 --units 120000",
        .option = sign_option,
        .option_count = CROFT_COUNT(sign_option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_min = 1,
        .args_max = 1,
        .run = run_sign,
    },
    {
        .name = "voucher show",
        .usage = "FILE",
        .summary = "show a voucher and check its signature",
        .about = "Whether the ledger takes it depends on the lease too: \"croft lease show\".",
        .examples = "croft voucher show v7.json\ncroft voucher show v7.json --json",
        .with = CROFT_WITH_CHAIN,
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_FILE,
        .run = run_show,
    },
};

const struct croft_verb_group croft_voucher_verbs = {verb, CROFT_COUNT(verb)};
