#include "bench/report.h"

#include "base/assert.h"
#include "base/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* "model name : X" of the first processor. */
static void cpu_model(char *out, size_t size)
{
    char line[256];
    snprintf(out, size, "unknown");
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        snprintf(out, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (f != NULL)
        fclose(f);
}

static json_t *machine(void)
{
    struct utsname os;
    char model[128];
    cpu_model(model, sizeof model);
    int rc = uname(&os);
    CROFT_ASSERT(rc == 0);
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return json_pack("{s:s, s:i, s:I, s:s}", "cpu", model, "cores", (int)sysconf(_SC_NPROCESSORS_ONLN),
                     "memory_mib", (json_int_t)(pages / 1024 * page / 1024), "kernel", os.release);
}

struct croft_report croft_report_new(const char *bench)
{
    struct croft_report r = {.figures = json_array()};
    r.root = json_pack("{s:s, s:o, s:O}", "bench", bench, "machine", machine(), "figures", r.figures);
    CROFT_ASSERT(r.root != NULL);
    return r;
}

void croft_report_drop(struct croft_report *r)
{
    json_decref(r->figures);
    json_decref(r->root);
    *r = (struct croft_report){0};
}

/* Six significant digits: what is beyond is noise. */
static double rounded(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", value);
    return strtod(text, NULL);
}

void croft_report_add(struct croft_report *r, const char *name, double value, const char *unit,
                      const char *reference)
{
    json_t *figure = json_pack("{s:s, s:f, s:s, s:s*}", "name", name, "value", rounded(value), "unit", unit,
                               "reference", reference);
    int rc = json_array_append_new(r->figures, figure);
    CROFT_ASSERT(rc == 0);
}

double croft_report_value(const struct croft_report *r, const char *name)
{
    size_t i;
    json_t *figure;
    json_array_foreach(r->figures, i,
                       figure) if (strcmp(json_string_value(json_object_get(figure, "name")), name) ==
                                   0) return json_number_value(json_object_get(figure, "value"));
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double croft_percentile(double *value, size_t count, double p)
{
    CROFT_ASSERT(count > 0 && p >= 0 && p <= 100);
    qsort(value, count, sizeof *value, by_value);
    return value[(size_t)floor(p / 100 * (double)(count - 1) + 0.5)];
}

double croft_median(double *value, size_t count)
{
    return croft_percentile(value, count, 50);
}

double croft_seconds(void)
{
    struct croft_world *w = croft_world_system();
    return (double)w->ops->steady_ns(w) * 1e-9;
}

double croft_core_seconds(void)
{
    struct timespec t;
    int rc = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    CROFT_ASSERT(rc == 0);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double croft_resident_bytes(void)
{
    double pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f != NULL) {
        int got = fscanf(f, "%*s %lf", &pages);
        CROFT_ASSERT(got == 1);
        fclose(f);
    }
    return pages * (double)sysconf(_SC_PAGESIZE);
}
