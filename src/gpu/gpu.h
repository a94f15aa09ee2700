/* gpu/gpu.h - which cards a machine has.
 *
 * Where they are read from is passed in: NVIDIA's management library, or what the kernel shows under /sys;
 * tests pass in folders and libraries of their own.
 */
#ifndef CROFT_GPU_GPU_H
#define CROFT_GPU_GPU_H

#include "base/err.h"
#include "base/types.h"

enum { CROFT_GPU_MAX = 64, CROFT_GPU_NAME_MAX = 96 };

enum croft_gpu_ecc { CROFT_GPU_ECC_UNKNOWN, CROFT_GPU_ECC_NO, CROFT_GPU_ECC_YES };

struct croft_gpu_card {
    char name[CROFT_GPU_NAME_MAX]; /* "NVIDIA GeForce RTX 4090"; from /sys only as good as the list of PCI ids
                                    */
    char vendor[16];               /* NVIDIA, AMD, Intel */
    char bus[24];                  /* 0000:01:00.0 */
    u64 vram_bytes;                /* 0: unknown */
    u32 power_now_mw, power_limit_mw; /* 0: unknown */
    enum croft_gpu_ecc ecc;
};

struct croft_gpu_source;

struct croft_gpu_source_ops {
    /* Up to max cards; *out_count may be 0.
     *   CROFT_ERR_UNAVAILABLE  there is no such library, driver or folder; *why says which */
    croft_err (*read)(struct croft_gpu_source *s, struct croft_gpu_card *out, size_t max, size_t *out_count,
                      struct croft_why *why);
};

struct croft_gpu_source {
    const struct croft_gpu_source_ops *ops;
};

/* NVML, loaded by this file name when it is read ("libnvidia-ml.so.1"); NULL: the program itself has its functions, as a
 * test does. */
struct croft_gpu_nvml {
    struct croft_gpu_source source;
    const char *library;
};
void croft_gpu_nvml_init(struct croft_gpu_nvml *nvml, const char *library);

/* Display controllers under SYSFS/bus/pci/devices, named after the list of PCI ids when there is one. */
struct croft_gpu_sysfs {
    struct croft_gpu_source source;
    const char *sysfs;   /* "/sys" */
    const char *pci_ids; /* "/usr/share/misc/pci.ids" */
};
void croft_gpu_sysfs_init(struct croft_gpu_sysfs *sysfs, const char *root, const char *pci_ids);

/* Cards of the first source that has any; *out_count 0 when none has. */
CROFT_MUST_USE croft_err croft_gpu_discover(struct croft_gpu_source *const *source, size_t sources,
                                            struct croft_gpu_card *out, size_t max, size_t *out_count,
                                            struct croft_why *why);

#endif
