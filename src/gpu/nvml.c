/* NVIDIA's management library, loaded at run time: a machine without it has no such cards.
 * Types and numbers as in nvml.h, which NVIDIA keeps stable for the _v2 names used here. */
#include "gpu/gpu.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { NVML_SUCCESS = 0, NVML_FEATURE_ENABLED = 1, BUS_ID_LEGACY_LEN = 16, BUS_ID_LEN = 32 };

typedef struct nvml_device *nvml_device;

struct nvml_memory {
    unsigned long long total, free, used;
};

struct nvml_pci {
    char bus_id_legacy[BUS_ID_LEGACY_LEN];
    unsigned int domain, bus, device, pci_device_id, pci_subsystem_id;
    char bus_id[BUS_ID_LEN];
};

struct nvml_calls {
    void *library;
    int (*init)(void);
    int (*shutdown)(void);
    int (*count)(unsigned int *count);
    int (*handle)(unsigned int index, nvml_device *device);
    int (*name)(nvml_device device, char *name, unsigned int length);
    int (*memory)(nvml_device device, struct nvml_memory *memory);
    int (*pci)(nvml_device device, struct nvml_pci *pci);
    int (*power)(nvml_device device, unsigned int *milliwatts);
    int (*limit)(nvml_device device, unsigned int *milliwatts);
    int (*ecc)(nvml_device device, int *current, int *pending);
};

static void unload(struct nvml_calls *c)
{
    if (c->library != NULL)
        dlclose(c->library);
}

/* A function of the library, by way of memcpy: C has no cast from object to function pointer. */
static bool find(const struct nvml_calls *c, const char *name, void *out)
{
    void *at = dlsym(c->library, name);
    memcpy(out, &at, sizeof at);
    return at != NULL;
}

static bool load(struct nvml_calls *c, const char *library)
{
    c->library = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return c->library != NULL && find(c, "nvmlInit_v2", &c->init) && find(c, "nvmlShutdown", &c->shutdown) &&
           find(c, "nvmlDeviceGetCount_v2", &c->count) &&
           find(c, "nvmlDeviceGetHandleByIndex_v2", &c->handle) && find(c, "nvmlDeviceGetName", &c->name) &&
           find(c, "nvmlDeviceGetMemoryInfo", &c->memory) && find(c, "nvmlDeviceGetPciInfo_v3", &c->pci) &&
           find(c, "nvmlDeviceGetPowerUsage", &c->power) &&
           find(c, "nvmlDeviceGetEnforcedPowerLimit", &c->limit) && find(c, "nvmlDeviceGetEccMode", &c->ecc);
}

/* What a card does not tell (a laptop its power, a GeForce its ECC) stays unknown. */
static void read_card(const struct nvml_calls *c, nvml_device device, struct croft_gpu_card *out)
{
    struct nvml_memory memory;
    struct nvml_pci pci;
    int current, pending;
    *out = (struct croft_gpu_card){.vendor = "NVIDIA"};
    if (c->name(device, out->name, sizeof out->name) != NVML_SUCCESS)
        snprintf(out->name, sizeof out->name, "NVIDIA card without a name");
    out->name[sizeof out->name - 1] = '\0';
    if (c->memory(device, &memory) == NVML_SUCCESS)
        out->vram_bytes = memory.total;
    if (c->pci(device, &pci) == NVML_SUCCESS)
        snprintf(out->bus, sizeof out->bus, "%.23s", pci.bus_id);
    if (c->power(device, &out->power_now_mw) != NVML_SUCCESS)
        out->power_now_mw = 0;
    if (c->limit(device, &out->power_limit_mw) != NVML_SUCCESS)
        out->power_limit_mw = 0;
    if (c->ecc(device, &current, &pending) == NVML_SUCCESS)
        out->ecc = current == NVML_FEATURE_ENABLED ? CROFT_GPU_ECC_YES : CROFT_GPU_ECC_NO;
}

static croft_err read_nvml(struct croft_gpu_source *s, struct croft_gpu_card *out, size_t max,
                           size_t *out_count, struct croft_why *why)
{
    struct nvml_calls c CROFT_CLEANUP(unload) = {0};
    const char *library = ((struct croft_gpu_nvml *)s)->library;
    unsigned int count = 0;
    *out_count = 0;
    if (!load(&c, library))
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "there is no NVIDIA driver (%s)",
                          library != NULL ? library : "this program");
    if (c.init() != NVML_SUCCESS)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "the NVIDIA driver does not answer");
    if (c.count(&count) != NVML_SUCCESS)
        count = 0;
    for (unsigned int i = 0; i < count && *out_count < max; i++) {
        nvml_device device;
        if (c.handle(i, &device) == NVML_SUCCESS)
            read_card(&c, device, &out[(*out_count)++]);
    }
    c.shutdown();
    return CROFT_OK;
}

void croft_gpu_nvml_init(struct croft_gpu_nvml *nvml, const char *library)
{
    static const struct croft_gpu_source_ops ops = {.read = read_nvml};
    *nvml = (struct croft_gpu_nvml){.source.ops = &ops, .library = library};
}
