/* Cards as the kernel shows them, with or without a driver: PCI class 03 (display), names from the list of
 * PCI ids. */
#include "gpu/gpu.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_BYTES = 512, LINE_MAX_BYTES = 256 };

static void close_dir(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

/* A number in a file of one line, decimal or 0x...; 0 when it cannot be read. */
static u64 read_number(const char *folder, const char *name)
{
    char path[PATH_MAX_BYTES], line[LINE_MAX_BYTES];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file CROFT_CLEANUP(close_file) = n > 0 && (size_t)n < sizeof path ? fopen(path, "re") : NULL;
    return file != NULL && fgets(line, sizeof line, file) != NULL ? strtoull(line, NULL, 0) : 0;
}

static const char *vendor_name(u64 vendor)
{
    return vendor == 0x10de ? "NVIDIA" : vendor == 0x1002 ? "AMD" : vendor == 0x8086 ? "Intel" : NULL;
}

/* "AD102 [GeForce RTX 4090]" is known to people by what is in the brackets. */
static void keep_brackets(char *name)
{
    char *open = strchr(name, '['), *close = open != NULL ? strchr(open, ']') : NULL;
    if (close == NULL)
        return;
    *close = '\0';
    memmove(name, open + 1, strlen(open + 1) + 1);
}

/* Lines of the list: "10de  NVIDIA Corporation", then "<tab>2684  AD102 [GeForce RTX 4090]". */
static bool find_name(const char *pci_ids, u64 vendor, u64 device, char *out, size_t size)
{
    char line[LINE_MAX_BYTES], want_vendor[8], want_device[8];
    bool here = false;
    FILE *file CROFT_CLEANUP(close_file) = fopen(pci_ids, "re");
    snprintf(want_vendor, sizeof want_vendor, "%04x", (unsigned)(vendor & 0xffff));
    snprintf(want_device, sizeof want_device, "%04x", (unsigned)(device & 0xffff));
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\t' && line[0] != '#' && line[0] != '\0')
            here = strncmp(line, want_vendor, 4) == 0;
        if (here && line[0] == '\t' && strncmp(line + 1, want_device, 4) == 0) {
            keep_brackets(line);
            const char *name = line[0] == '\t' ? line + 5 + strspn(line + 5, " ") : line;
            snprintf(out, size, "%.*s", (int)size - 1, name);
            return true;
        }
    }
    return false;
}

static bool is_display(const char *folder)
{
    return read_number(folder, "class") >> 16 == 0x03;
}

static void read_card(const struct croft_gpu_sysfs *s, const char *folder, const char *bus,
                      struct croft_gpu_card *out)
{
    u64 vendor = read_number(folder, "vendor"), device = read_number(folder, "device");
    *out = (struct croft_gpu_card){.vram_bytes = read_number(folder, "mem_info_vram_total")};
    snprintf(out->vendor, sizeof out->vendor, "%s", vendor_name(vendor));
    snprintf(out->bus, sizeof out->bus, "%.23s", bus);
    if (!find_name(s->pci_ids, vendor, device, out->name, sizeof out->name))
        snprintf(out->name, sizeof out->name, "%s PCI %04x:%04x", out->vendor, (unsigned)(vendor & 0xffff),
                 (unsigned)(device & 0xffff));
}

/* A folder is read in no order. */
static int by_bus(const void *a, const void *b)
{
    return strcmp(((const struct croft_gpu_card *)a)->bus, ((const struct croft_gpu_card *)b)->bus);
}

static croft_err read_sysfs(struct croft_gpu_source *source, struct croft_gpu_card *out, size_t max,
                            size_t *out_count, struct croft_why *why)
{
    const struct croft_gpu_sysfs *s = (const struct croft_gpu_sysfs *)source;
    char root[PATH_MAX_BYTES], folder[PATH_MAX_BYTES];
    *out_count = 0;
    snprintf(root, sizeof root, "%s/bus/pci/devices", s->sysfs);
    DIR *dir CROFT_CLEANUP(close_dir) = opendir(root);
    if (dir == NULL)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "cannot read %.200s: %s", root, strerror(errno));
    for (struct dirent *entry; *out_count < max && (entry = readdir(dir)) != NULL;) {
        int n = snprintf(folder, sizeof folder, "%s/%s", root, entry->d_name);
        bool fits = n > 0 && (size_t)n < sizeof folder;
        if (fits && entry->d_name[0] != '.' && is_display(folder) &&
            vendor_name(read_number(folder, "vendor")) != NULL)
            read_card(s, folder, entry->d_name, &out[(*out_count)++]);
    }
    qsort(out, *out_count, sizeof *out, by_bus);
    return CROFT_OK;
}

void croft_gpu_sysfs_init(struct croft_gpu_sysfs *sysfs, const char *root, const char *pci_ids)
{
    static const struct croft_gpu_source_ops ops = {.read = read_sysfs};
    *sysfs = (struct croft_gpu_sysfs){.source.ops = &ops, .sysfs = root, .pci_ids = pci_ids};
}
