/* What this machine has: its cards, memory, disk and system. */
#include "cli/advise_int.h"

#include "gpu/gpu.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *const what_to_type =
    "describe one: croft advise --gpu rtx4090; all: croft advise data cards";

static croft_err find_cards(struct croft_cli *c, struct croft_gpu_card out[CROFT_GPU_MAX], size_t *out_count)
{
    struct croft_gpu_nvml nvml;
    struct croft_gpu_sysfs sysfs;
    croft_gpu_nvml_init(&nvml, "libnvidia-ml.so.1");
    croft_gpu_sysfs_init(&sysfs, "/sys", "/usr/share/misc/pci.ids");
    struct croft_gpu_source *const source[] = {&nvml.source, &sysfs.source};
    return croft_gpu_discover(source, CROFT_COUNT(source), out, CROFT_GPU_MAX, out_count, &c->why);
}

static double gigabytes(u64 bytes)
{
    return bytes > 0 ? (double)bytes / (1 << 30) : (double)NAN;
}

/* The kind of card there are most of; *out_count how many of it. */
static croft_err choose(struct croft_cli *c, const struct croft_advise_data *data,
                        const struct croft_gpu_card *card, size_t cards, const struct croft_advise_card **out,
                        u32 *out_count)
{
    struct croft_why why = {""};
    *out_count = 0;
    for (size_t i = 0; i < cards; i++) {
        const struct croft_advise_card *known, *other;
        if (croft_advise_find_card(data, card[i].name, gigabytes(card[i].vram_bytes), &known, &why) !=
            CROFT_OK)
            continue;
        u32 same = 0;
        for (size_t k = 0; k < cards; k++)
            same += croft_advise_find_card(data, card[k].name, gigabytes(card[k].vram_bytes), &other, &why) ==
                        CROFT_OK &&
                    other == known;
        if (same > *out_count) {
            *out_count = same;
            *out = known;
        }
    }
    if (*out_count == 0)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND, "this machine's %s is not in the data\n%s",
                          card[0].name, what_to_type);
    return CROFT_OK;
}

static double memory_gb(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (double)pages * (double)page / (1 << 30) : (double)NAN;
}

static double free_disk_gb(void)
{
    struct statvfs fs;
    return statvfs("/", &fs) == 0 ? (double)fs.f_bavail * (double)fs.f_frsize / (1 << 30) : (double)NAN;
}

static void fill(double *at, double value)
{
    if (!croft_known(*at) && croft_known(value))
        *at = floor(value * 10) / 10;
}

croft_err croft_advise_read_machine(struct croft_cli *c, const struct croft_advise_data *data,
                                    struct croft_advise_request *q)
{
    struct croft_gpu_card card[CROFT_GPU_MAX];
    const struct croft_advise_card *kind = NULL;
    size_t cards;
    u32 same;
    CROFT_TRY(find_cards(c, card, &cards));
    if (cards == 0)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "this machine has no graphics card that can be seen\n%s", what_to_type);
    CROFT_TRY(choose(c, data, card, cards, &kind, &same));
    q->card_id = kind->id;
    q->read_from_machine = true;
    if (q->os == NULL)
        q->os = "linux";
    if (!croft_cli_has(c, "count"))
        q->count = same;
    fill(&q->ram_gb, memory_gb());
    fill(&q->disk_gb, free_disk_gb());
    if (!c->json && same < cards)
        fprintf(stderr, "This machine has other cards too; the report is about %u x %s.\n", same, kind->name);
    return CROFT_OK;
}
