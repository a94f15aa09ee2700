#include "cli/draft.h"

#include "base/assert.h"
#include "cli/connect.h"
#include "json/hex.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool croft_draft_wanted(const struct croft_cli *c)
{
    return croft_cli_knows(c, "unsigned") && (croft_cli_has(c, "out") || croft_cli_has(c, "unsigned"));
}

/* ---- writing ---- */

static char *text_of(const struct croft_unsent *u, size_t form)
{
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_unsent_json(u);
    return json != NULL ? json_dumps(json, form) : NULL;
}

static croft_err no_memory(struct croft_cli *c)
{
    return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the transaction's file");
}

croft_err croft_file_replace(struct croft_cli *c, const char *file, const char *text)
{
    char fresh[CROFT_PATH_TEXT_MAX];
    int n = snprintf(fresh, sizeof fresh, "%s.new", file);
    if (n < 0 || (size_t)n >= sizeof fresh)
        return croft_cli_usage(c, "the path of the file is too long");
    unlink(fresh); /* of a run that was ended */
    CROFT_TRY(croft_keyfile_store(c, fresh, text));
    if (rename(fresh, file) == 0)
        return CROFT_OK;
    croft_err err = croft_fail(&c->why, CROFT_ERR_IO, "cannot write %s: %s", file, strerror(errno));
    unlink(fresh);
    return err;
}

croft_err croft_draft_write(struct croft_cli *c, const char *file, bool replace, const struct croft_unsent *u)
{
    char *text = text_of(u, JSON_INDENT(2)), *whole = NULL;
    if (text == NULL || asprintf(&whole, "%s\n", text) < 0) {
        free(text);
        return no_memory(c);
    }
    free(text);
    croft_err err = replace ? croft_file_replace(c, file, whole) : croft_keyfile_store(c, file, whole);
    free(whole);
    return err;
}

static croft_err write_stdout(struct croft_cli *c, const struct croft_unsent *u)
{
    char *text = text_of(u, c->json ? JSON_COMPACT : JSON_INDENT(2));
    if (text == NULL)
        return no_memory(c);
    bool wrote = puts(text) != EOF;
    free(text);
    return wrote ? CROFT_OK : croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
}

croft_err croft_draft_make(struct croft_cli *c, const struct croft_wallet *wallet,
                           const struct croft_public_key *lead, const struct croft_secret_key *secret,
                           Croft__V1__TxBody *body)
{
    const char *out = croft_cli_value(c, "out");
    struct croft_unsent *u = croft_new(&c->mem, struct croft_unsent, 1);
    if (u == NULL)
        return no_memory(c);
    CROFT_TRY(croft_wallet_draft(wallet, lead, body, &c->mem, u, &c->why));
    if (secret != NULL)
        CROFT_TRY(croft_unsent_sign(u, secret, &c->why));
    CROFT_TRY(out != NULL ? croft_draft_write(c, out, false, u) : write_stdout(c, u));
    c->draft = u;
    return CROFT_OK;
}

/* ---- telling ---- */

void croft_draft_progress(const struct croft_unsent *u, const char *file, char out[CROFT_DRAFT_TEXT_MAX])
{
    u32 weight = croft_unsent_weight(u), count = croft_unsent_signatures(u);
    const struct croft_unsent_key *lead = croft_unsent_key_at(u, u->body->lead_key);
    bool enough = weight >= u->threshold && lead != NULL && lead->signed_by;
    snprintf(out, CROFT_DRAFT_TEXT_MAX, "signed by %u key%s: weight %u of %u for %s\n  next: croft tx %s %s",
             count, count == 1 ? "" : "s", weight, u->threshold, croft_scope_name(u->scope),
             enough ? "send" : "sign", file);
}

json_t *croft_draft_json(const struct croft_unsent *u, const char *file)
{
    const struct croft_bytes id = {u->id.b, sizeof u->id.b};
    const struct croft_unsent_key *lead = croft_unsent_key_at(u, u->body->lead_key);
    u32 weight = croft_unsent_weight(u);
    return json_pack("{s:o,s:s,s:b,s:i,s:i,s:s,s:i,s:b}", "id", croft_json_hex(id), "file", file, "sent", 0,
                     "signatures", (int)croft_unsent_signatures(u), "weight", (int)weight, "scope",
                     croft_scope_name(u->scope), "threshold", (int)u->threshold, "complete",
                     (int)(weight >= u->threshold && lead != NULL && lead->signed_by));
}

croft_err croft_draft_print(struct croft_cli *c, json_t *more)
{
    char progress[CROFT_DRAFT_TEXT_MAX];
    const char *out = croft_cli_value(c, "out");
    CROFT_ASSERT(c->draft != NULL);
    if (out == NULL) { /* standard output has the file itself */
        json_decref(more);
        return CROFT_OK;
    }
    croft_draft_progress(c->draft, out, progress);
    if (!c->json) {
        json_decref(more);
        printf("written to %s, not sent; %s\n", out, progress);
        return CROFT_OK;
    }
    json_t *json = croft_draft_json(c->draft, out);
    if (json != NULL && more != NULL && json_object_update(json, more) != 0)
        croft_json_drop(&json);
    json_decref(more);
    return croft_cli_print_json(c, json);
}

/* ---- reading ---- */

static void close_file(FILE **f)
{
    if (*f != NULL && *f != stdin)
        fclose(*f);
}

static croft_err read_text(struct croft_cli *c, const char *file, struct croft_bytes *out)
{
    u8 *text = croft_arena_take_raw(&c->mem, CROFT_UNSENT_BYTES_MAX, 1, 1);
    FILE *f CROFT_CLEANUP(close_file) = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
    if (text == NULL)
        return no_memory(c);
    if (f == NULL && errno == ENOENT)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "there is no file %s\na verb that sends writes one with --out FILE", file);
    if (f == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    size_t len = fread(text, 1, CROFT_UNSENT_BYTES_MAX, f);
    if (ferror(f))
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    if (len == CROFT_UNSENT_BYTES_MAX)
        return croft_fail(&c->why, CROFT_ERR_TX_SIZE, "%s is longer than a transaction can be", file);
    *out = (struct croft_bytes){text, len};
    return CROFT_OK;
}

croft_err croft_draft_read(struct croft_cli *c, const char *file, struct croft_unsent *out)
{
    struct croft_bytes text;
    struct croft_why why;
    CROFT_TRY(read_text(c, file, &text));
    croft_err err = croft_unsent_read(text, &c->mem, out, &why);
    return err == CROFT_OK ? CROFT_OK : croft_fail(&c->why, err, "%s: %s", file, why.text);
}
