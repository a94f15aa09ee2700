#include "sim/many.h"

#include "base/assert.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process that runs one seed, and the two files it writes to. */
struct worker {
    pid_t pid; /* 0: none */
    u64 seed;
    FILE *result, *report;
};

struct fleet {
    const struct croft_sim_many_options *o;
    struct croft_sim_many_result *out;
    FILE *report;
    struct worker worker[CROFT_SIM_JOBS_MAX];
    u64 next; /* seed */
    bool more;
    u32 running;
};

/* ---- the child ---- */

static void on_signal(int number)
{
    croft_sim_report_abort();
    signal(number, SIG_DFL);
    raise(number);
}

void croft_sim_catch_signals(void)
{
    static const int caught[] = {SIGABRT, SIGALRM, SIGSEGV, SIGFPE, SIGBUS};
    for (size_t i = 0; i < CROFT_COUNT(caught); i++)
        signal(caught[i], on_signal);
}

static _Noreturn void run_child(const struct fleet *f, const struct worker *w)
{
    static struct croft_sim_result result;
    struct croft_why why;
    struct croft_sim_options o = {
        .scenario = f->o->scenario, .seed = w->seed, .steps = f->o->steps, .without = f->o->without, .report = w->report};
    croft_sim_catch_signals();
    alarm((unsigned)(CROFT_SIM_SEED_S * (1 + f->o->steps / 2000)));
    croft_err err = croft_sim_run(&o, &result, &why);
    bool written =
        err == CROFT_OK && fwrite(&result, sizeof result, 1, w->result) == 1 && fflush(w->result) == 0;
    _exit(written ? 0 : 1);
}

/* ---- the parent ---- */

static bool empty(FILE *file)
{
    rewind(file);
    return ftruncate(fileno(file), 0) == 0;
}

static croft_err start(struct fleet *f, struct worker *w, struct croft_why *why)
{
    if (w->result == NULL)
        w->result = tmpfile();
    if (w->report == NULL)
        w->report = tmpfile();
    if (w->result == NULL || w->report == NULL || !empty(w->result) || !empty(w->report))
        return croft_fail(why, CROFT_ERR_IO, "no temporary file can be had: %s", strerror(errno));
    w->seed = f->next;
    f->more = f->next != f->o->last;
    f->next++;
    fflush(NULL);
    w->pid = fork();
    if (w->pid == 0)
        run_child(f, w);
    if (w->pid < 0) {
        w->pid = 0;
        return croft_fail(why, CROFT_ERR_IO, "no further process can be had: %s", strerror(errno));
    }
    f->running++;
    return CROFT_OK;
}

static void copy_report(FILE *from, FILE *to)
{
    char line[1024];
    rewind(from);
    while (fgets(line, sizeof line, from) != NULL)
        fputs(line, to);
    fflush(to);
}

static void take_failure(struct fleet *f, struct worker *w, const char *reason)
{
    struct croft_sim_many_result *out = f->out;
    if (out->failed++ == 0)
        copy_report(w->report, f->report);
    if (out->failure_count == CROFT_SIM_FAILURES_MAX)
        return;
    struct croft_sim_failure *failure = &out->failure[out->failure_count++];
    failure->seed = w->seed;
    snprintf(failure->reason, sizeof failure->reason, "%s", reason);
}

static void take_clean(struct croft_sim_many_result *out, const struct croft_sim_result *r)
{
    out->clean++;
    out->blocks += r->blocks;
    out->txs += r->txs;
    out->restarts += r->restarts;
    out->checkpoints += r->checkpoints;
}

static void collect(struct fleet *f, struct worker *w, int status)
{
    static struct croft_sim_result result;
    char reason[CROFT_SIM_REASON_MAX];
    w->pid = 0;
    f->running--;
    rewind(w->result);
    bool whole = WIFEXITED(status) && fread(&result, sizeof result, 1, w->result) == 1;
    if (!whole && WIFSIGNALED(status))
        snprintf(reason, sizeof reason, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(reason, sizeof reason, "%s", whole ? result.reason : "the process ended without a result");
    if (whole)
        croft_coverage_merge(&f->out->coverage, &result.coverage);
    if (whole && result.clean)
        take_clean(f->out, &result);
    else
        take_failure(f, w, reason);
    if (f->o->progress != NULL)
        fprintf(f->o->progress, "\r%" PRIu64 " of %" PRIu64 " seeds, %" PRIu64 " failed ",
                f->out->clean + f->out->failed, f->o->last - f->o->first + 1, f->out->failed);
}

static void await_one(struct fleet *f)
{
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    for (u32 i = 0; i < f->o->jobs; i++)
        if (pid > 0 && f->worker[i].pid == pid)
            collect(f, &f->worker[i], status);
    if (pid < 0 && errno != EINTR)
        f->running = 0; /* no child is left */
}

static bool is_interrupted(const struct fleet *f)
{
    return f->o->interrupted != NULL && *f->o->interrupted;
}

static croft_err run_all(struct fleet *f, struct croft_why *why)
{
    croft_err err = CROFT_OK;
    while (f->running > 0 || (f->more && err == CROFT_OK && !is_interrupted(f))) {
        for (u32 i = 0; i < f->o->jobs && f->more && err == CROFT_OK && !is_interrupted(f); i++)
            if (f->worker[i].pid == 0)
                err = start(f, &f->worker[i], why);
        if (f->running > 0)
            await_one(f);
    }
    if (err == CROFT_OK && f->more)
        return croft_fail(why, CROFT_ERR_INTERRUPTED, "interrupted after %" PRIu64 " seeds",
                          f->out->clean + f->out->failed);
    return err;
}

croft_err croft_sim_many(const struct croft_sim_many_options *o, FILE *report,
                         struct croft_sim_many_result *out, struct croft_why *why)
{
    CROFT_ASSERT(o->first <= o->last && o->jobs >= 1 && o->jobs <= CROFT_SIM_JOBS_MAX);
    CROFT_TRY(croft_sim_check(o->scenario, o->without, why));
    struct fleet f = {.o = o, .out = out, .report = report, .next = o->first, .more = true};
    memset(out, 0, sizeof *out);
    croft_err err = run_all(&f, why);
    for (u32 i = 0; i < o->jobs; i++) {
        if (f.worker[i].result != NULL)
            fclose(f.worker[i].result);
        if (f.worker[i].report != NULL)
            fclose(f.worker[i].report);
    }
    if (o->progress != NULL)
        fprintf(o->progress, "\n");
    return err;
}
