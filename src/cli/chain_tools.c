#include "cli/chain_int.h"

#include "base/assert.h"
#include "cli/table.h"
#include "consensus/export.h"
#include "consensus/snapshot.h"
#include "consensus/verify.h"
#include "json/hex.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, SHOW_EVERY_MS = 100, FETCH_COUNT = 100, SNAPSHOT_TIMEOUT_MS = 3600 * 1000 };

void croft_chain_folder(const struct croft_cli *c, char out[CROFT_CHAIN_PATH_MAX])
{
    int n = snprintf(out, CROFT_CHAIN_PATH_MAX, "%s/chain", c->home);
    CROFT_ASSERT(n > 0 && n < CROFT_CHAIN_PATH_MAX);
}

croft_err croft_chain_connect(struct croft_cli *c, struct croft_client *out)
{
    char folder[CROFT_CHAIN_PATH_MAX];
    char *where = croft_new(&c->mem, char, CROFT_HOME_PATH_MAX);
    CROFT_ASSERT(where != NULL);
    croft_chain_folder(c, folder);
    CROFT_TRY(croft_home_path(folder, CROFT_HOME_SOCKET, where, &c->why));
    const struct croft_client_options o = {
        .world = c->world, .interrupted = c->interrupted, .where = where, .timeout_ms = SNAPSHOT_TIMEOUT_MS};
    return croft_client_open(&o, out, &c->why);
}

/* ---- progress ---- */

struct croft_progress croft_progress_of(struct croft_cli *c, const char *what)
{
    return (struct croft_progress){.c = c, .what = what};
}

void croft_progress_show(void *progress, u64 height, u64 last)
{
    struct croft_progress *p = progress;
    u64 now_ms = p->c->world->ops->steady_ns(p->c->world) / 1000000;
    char bar[BAR_WIDTH + 1] = "";
    if (p->first == 0)
        p->first = height;
    if (p->c->json || !isatty(STDERR_FILENO) || now_ms < p->shown_ms + SHOW_EVERY_MS)
        return;
    u64 all = last - p->first + 1, done = height - p->first + 1;
    u64 full = done * BAR_WIDTH / all;
    for (u64 i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    fprintf(stderr, "\r%s [%s] %3" PRIu64 "%%  block %" PRIu64 " of %" PRIu64 " ", p->what, bar,
            done * 100 / all, height, last);
    p->shown_ms = now_ms;
    p->shown = true;
}

void croft_progress_end(struct croft_progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    p->shown = false;
}

/* ---- verify ---- */

static croft_err report_verified(struct croft_cli *c, const struct croft_verify_result *r)
{
    char app[65], blocks[64], txs[24], state[64];
    croft_hex_encode((struct croft_bytes){r->app_hash.b, sizeof r->app_hash.b}, app);
    if (c->json)
        return croft_cli_print_json(c, json_pack("{s:b,s:o,s:o,s:o,s:o,s:s,s:b,s:s}", "ok", 1, "first",
                                                 croft_json_u64(r->first), "last", croft_json_u64(r->last),
                                                 "txs", croft_json_u64(r->txs), "state_height",
                                                 croft_json_u64(r->state_height), "app_hash", app,
                                                 "from_snapshot", r->from_snapshot, "said", r->said.text));
    if (r->first > r->last)
        snprintf(blocks, sizeof blocks, "none yet");
    else
        snprintf(blocks, sizeof blocks, "%" PRIu64 " to %" PRIu64, r->first, r->last);
    snprintf(txs, sizeof txs, "%" PRIu64, r->txs);
    snprintf(state, sizeof state, "as after block %" PRIu64, r->state_height);
    if (r->said.text[0] != '\0')
        printf("note: %s\n", r->said.text);
    printf("Everything is right: signatures, receipts, roots%s.\n",
           r->from_snapshot ? ", from the snapshot on" : "");
    const char *const pair[][2] = {
        {"blocks", blocks},
        {"transactions", txs},
        {"state on disk", state},
        {"app hash", app},
    };
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

croft_err croft_chain_verify(struct croft_cli *c)
{
    char folder[CROFT_CHAIN_PATH_MAX];
    struct croft_verify_result result;
    struct croft_progress progress = croft_progress_of(c, "verifying");
    croft_chain_folder(c, folder);
    const struct croft_verify_options o = {.path = folder,
                                           .world = c->world,
                                           .interrupted = c->interrupted,
                                           .progress = croft_progress_show,
                                           .arg = &progress};
    croft_err err = croft_verify_run(&o, &result, &c->why);
    croft_progress_end(&progress);
    CROFT_TRY(err);
    return report_verified(c, &result);
}

/* ---- snapshot ---- */

static croft_err report_snapshot(struct croft_cli *c, const char *path, u64 height, u64 bytes,
                                 struct croft_bytes hash)
{
    char hex[65] = "?";
    if (hash.len == 32)
        croft_hex_encode(hash, hex);
    if (c->json)
        return croft_cli_print_json(c, json_pack("{s:s,s:o,s:o,s:s}", "file", path, "height",
                                                 croft_json_u64(height), "bytes", croft_json_u64(bytes),
                                                 "hash", hex));
    printf("%s has the state after block %" PRIu64 ": %" PRIu64 " bytes, hash %s\n", path, height, bytes,
           hex);
    return CROFT_OK;
}

static croft_err snapshot_running(struct croft_cli *c, const char *path)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__TakeSnapshot call;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    croft__v1__take_snapshot__init(&call);
    call.path = (char *)(uintptr_t)path;
    request.call_case = CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT;
    request.take_snapshot = &call;
    CROFT_TRY(croft_chain_connect(c, &client));
    CROFT_TRY(croft_client_call(&client, &request, &c->mem, &response, &c->why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_SNAPSHOT)
        return croft_fail(&c->why, CROFT_ERR_FRAME, "the chain answered with something else");
    const Croft__V1__SnapshotResult *r = response->snapshot;
    return report_snapshot(c, path, r->height, r->bytes, (struct croft_bytes){r->hash.data, r->hash.len});
}

/* The running chain writes the file, so it must have the whole path. */
static croft_err whole_path(struct croft_cli *c, const char *name, char out[PATH_MAX])
{
    char here[PATH_MAX] = "";
    if (name[0] != '/' && getcwd(here, sizeof here) == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot tell the current folder: %s", strerror(errno));
    int n = snprintf(out, PATH_MAX, "%s%s%s", here, name[0] == '/' ? "" : "/", name);
    return n > 0 && n < PATH_MAX ? CROFT_OK : croft_cli_usage(c, "the path of the snapshot is too long");
}

croft_err croft_chain_snapshot(struct croft_cli *c)
{
    char folder[CROFT_CHAIN_PATH_MAX], path[PATH_MAX];
    struct croft_snapshot_info info;
    struct croft_home home CROFT_CLEANUP(croft_home_close) = {0};
    const struct croft_home_options o = {.path = folder, .world = c->world};
    croft_chain_folder(c, folder);
    CROFT_TRY(whole_path(c, c->arg[0], path));
    croft_err err = croft_home_open(&o, &home, &c->why);
    if (err == CROFT_ERR_LOCKED)
        return snapshot_running(c, path);
    CROFT_TRY(err);
    CROFT_TRY(croft_snapshot_of_home(&home, path, &info, &c->why));
    return report_snapshot(c, path, info.height, info.bytes,
                           (struct croft_bytes){info.hash.b, sizeof info.hash.b});
}

/* ---- export ---- */

struct exporting {
    struct croft_cli *c;
    FILE *to;
    u64 from, last;
    struct croft_region answer, scratch;
};

static croft_err fetch(struct exporting *e, struct croft_client *client, const Croft__V1__Blocks **out)
{
    struct croft_arena mem = croft_region_arena(&e->answer);
    Croft__V1__FetchBlocks call = CROFT__V1__FETCH_BLOCKS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    call.from_height = e->from;
    call.count = FETCH_COUNT;
    request.call_case = CROFT__V1__REQUEST__CALL_FETCH_BLOCKS;
    request.fetch_blocks = &call;
    CROFT_TRY(croft_client_call(client, &request, &mem, &response, &e->c->why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_BLOCKS)
        return croft_fail(&e->c->why, CROFT_ERR_FRAME, "the chain answered with something else");
    *out = response->blocks;
    return CROFT_OK;
}

static croft_err export_fetched(struct exporting *e, const Croft__V1__Blocks *blocks)
{
    for (size_t i = 0; i < blocks->n_blocks && (e->last == 0 || e->from <= e->last); i++, e->from++) {
        const struct croft_bytes block = {blocks->blocks[i].data, blocks->blocks[i].len};
        CROFT_TRY(croft_export_block(block, croft_region_arena(&e->scratch), e->to, &e->c->why));
    }
    return CROFT_OK;
}

static croft_err export_running(struct exporting *e)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    CROFT_TRY(croft_chain_connect(e->c, &client));
    while (e->last == 0 || e->from <= e->last) {
        const Croft__V1__Blocks *blocks = NULL;
        CROFT_TRY(fetch(e, &client, &blocks));
        if (blocks == NULL || blocks->n_blocks == 0)
            break;
        CROFT_TRY(export_fetched(e, blocks));
    }
    return CROFT_OK;
}

static croft_err export_folder(struct exporting *e)
{
    char folder[CROFT_CHAIN_PATH_MAX];
    struct croft_progress progress = croft_progress_of(e->c, "exporting");
    croft_chain_folder(e->c, folder);
    const struct croft_export_options o = {.path = folder,
                                           .world = e->c->world,
                                           .interrupted = e->c->interrupted,
                                           .from = e->from,
                                           .to = e->last,
                                           .progress = isatty(fileno(e->to)) ? NULL : croft_progress_show,
                                           .arg = &progress};
    croft_err err = croft_export_folder(&o, e->to, &e->c->why);
    croft_progress_end(&progress);
    return err;
}

static croft_err export_to(struct exporting *e)
{
    bool mapped =
        croft_region_map(&e->answer, (size_t)256 << 20) && croft_region_map(&e->scratch, (size_t)64 << 20);
    if (!mapped)
        return croft_fail(&e->c->why, CROFT_ERR_NOMEM, "no memory left for the export");
    croft_err err = export_folder(e);
    if (err == CROFT_ERR_LOCKED)
        err = export_running(e);
    if (err == CROFT_OK && fflush(e->to) != 0)
        err = croft_fail(&e->c->why, CROFT_ERR_IO, "cannot write the export: %s", strerror(errno));
    return err;
}

static croft_err height_option(struct croft_cli *c, const char *name, u64 *out)
{
    const char *text = croft_cli_value(c, name);
    if (text == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_cli_u64(c, text, name, out));
    return *out != 0 ? CROFT_OK : croft_cli_usage(c, "--%s must be a height: 1 or more", name);
}

croft_err croft_chain_export(struct croft_cli *c)
{
    struct exporting e = {.c = c, .to = stdout, .from = 1};
    const char *file = croft_cli_value(c, "out");
    CROFT_TRY(height_option(c, "from", &e.from));
    CROFT_TRY(height_option(c, "to", &e.last));
    if (file != NULL)
        e.to = fopen(file, "wxe");
    if (e.to == NULL)
        return croft_fail(&c->why, errno == EEXIST ? CROFT_ERR_EXISTS : CROFT_ERR_IO, "cannot write %s: %s",
                          file, strerror(errno));
    croft_err err = export_to(&e);
    if (file != NULL && fclose(e.to) != 0 && err == CROFT_OK)
        err = croft_fail(&c->why, CROFT_ERR_IO, "cannot write %s: %s", file, strerror(errno));
    croft_region_unmap(&e.answer);
    croft_region_unmap(&e.scratch);
    return err;
}
