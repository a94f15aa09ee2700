#include "consensus/server_int.h"

#include "base/assert.h"
#include "consensus/snapshot.h"

#include <stdlib.h>

/* A snapshot on its way: captured in the sequencer, written in the checkpoint thread, answered in the loop.
 */
struct taking {
    struct croft_mail mail;
    struct croft_engine_task task;
    struct croft_server *server;
    struct croft_job *job;
    struct croft_snapshot_head head;
    struct croft_snapshot_info info;
    croft_err err;
    struct croft_why why;
};

static struct taking *taking_of(struct croft_engine_task *t)
{
    return (struct taking *)(void *)((u8 *)t - offsetof(struct taking, task));
}

static void capture(struct croft_engine_task *t, struct croft_solo *solo)
{
    struct taking *k = taking_of(t);
    char base[CROFT_HOME_PATH_MAX];
    k->err = croft_home_path(k->server->home->path, CROFT_HOME_SNAPSHOT, base, &k->why);
    if (k->err == CROFT_OK)
        k->err = croft_snapshot_capture(solo, base, &k->head, &k->why);
}

static void write_snapshot(struct croft_engine_task *t, croft_err err)
{
    struct taking *k = taking_of(t);
    const struct croft_home *h = k->server->home;
    if (err != CROFT_OK && k->err == CROFT_OK)
        k->err = croft_fail(&k->why, err, "the state could not be written first: %s", croft_err_text(err));
    if (k->err == CROFT_OK)
        k->err = croft_snapshot_write(k->job->request->take_snapshot->path, h->genesis, &k->head,
                                      h->checkpoint, &k->info, &k->why);
    croft_server_post(k->server, &k->mail);
}

static void answer_snapshot(struct croft_server *s, struct croft_mail *m)
{
    struct taking *k = (struct taking *)m;
    Croft__V1__SnapshotResult result = CROFT__V1__SNAPSHOT_RESULT__INIT;
    Croft__V1__Response r;
    croft__v1__response__init(&r);
    (void)s;
    if (k->err != CROFT_OK) {
        croft_job_refuse(k->job, k->err, k->why.text);
        free(k);
        return;
    }
    result.height = k->info.height;
    result.bytes = k->info.bytes;
    result.hash = (ProtobufCBinaryData){sizeof k->info.hash.b, k->info.hash.b};
    r.id = k->job->request->id;
    r.result_case = CROFT__V1__RESPONSE__RESULT_SNAPSHOT;
    r.snapshot = &result;
    croft_conn_answer(k->job->conn, &r);
    croft_job_end(k->job);
    free(k);
}

void croft_snapshot_start(struct croft_job *j)
{
    struct croft_server *s = j->conn->server;
    struct taking *k = calloc(1, sizeof *k);
    if (k == NULL) {
        croft_job_refuse(j, CROFT_ERR_NOMEM, "no memory for a snapshot");
        return;
    }
    *k = (struct taking){.mail.take = answer_snapshot,
                         .task = {.begin = capture, .run = write_snapshot},
                         .server = s,
                         .job = j};
    croft_err err = croft_engine_checkpoint(s->engine, &k->task);
    if (err == CROFT_OK)
        return;
    free(k);
    croft_job_refuse(j, err, croft_err_text(err));
}
