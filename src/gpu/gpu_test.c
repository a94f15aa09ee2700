#include "gpu/gpu.h"

#include "base/testing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char folder[] = "/tmp/croft-gpu-XXXXXX";

static void make(const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void device(const char *bus, const char *class_code, const char *vendor, const char *id,
                   const char *vram)
{
    static const char *const file[] = {"class", "vendor", "device", "mem_info_vram_total"};
    const char *const text[] = {class_code, vendor, id, vram};
    for (size_t i = 0; i < CROFT_COUNT(file); i++) {
        char name[200];
        snprintf(name, sizeof name, "sys/bus/pci/devices/%s/%s", bus, file[i]);
        if (text[i] != NULL)
            make(name, text[i]);
    }
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    device("0000:03:00.0", "0x030000\n", "0x1002\n", "0x744c\n", "25753026560\n");
    device("0000:01:00.0", "0x030000\n", "0x10de\n", "0x2684\n", NULL);
    device("0000:02:00.0", "0x020000\n", "0x8086\n", "0x1533\n", NULL); /* a network card */
    device("0000:04:00.0", "0x030200\n", "0x10de\n", "0xffff\n", NULL); /* too new for the list */
    device("0000:05:00.0", "0x030000\n", "0x1234\n", "0x1111\n", NULL); /* a virtual machine's */
    make(
        "pci.ids",
        "# a list\n1002  Advanced Micro Devices\n\t744c  Navi 31 [Radeon RX 7900 XTX]\n\t\t1002 0e3b  board\n"
        "10de  NVIDIA Corporation\n\t2684  AD102 [GeForce RTX 4090]\n");
    return 0;
}

static int tear_down(void **state)
{
    char command[80];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static struct croft_gpu_sysfs fixture(char root[64], char ids[64])
{
    struct croft_gpu_sysfs s;
    snprintf(root, 64, "%s/sys", folder);
    snprintf(ids, 64, "%s/pci.ids", folder);
    croft_gpu_sysfs_init(&s, root, ids);
    return s;
}

static void test_sysfs(void **state)
{
    (void)state;
    char root[64], ids[64];
    struct croft_gpu_card card[8];
    struct croft_why why;
    size_t count;
    struct croft_gpu_sysfs s = fixture(root, ids);
    assert_int_equal(s.source.ops->read(&s.source, card, 8, &count, &why), CROFT_OK);
    assert_int_equal(count, 3);
    assert_string_equal(card[0].name, "GeForce RTX 4090");
    assert_string_equal(card[0].vendor, "NVIDIA");
    assert_string_equal(card[1].name, "Radeon RX 7900 XTX");
    assert_true(card[1].vram_bytes == UINT64_C(25753026560));
    assert_string_equal(card[2].name, "NVIDIA PCI 10de:ffff");
    assert_int_equal(s.source.ops->read(&s.source, card, 1, &count, &why), CROFT_OK);
    assert_int_equal(count, 1);
    s.pci_ids = "/nowhere";
    assert_int_equal(s.source.ops->read(&s.source, card, 8, &count, &why), CROFT_OK);
    assert_string_equal(card[0].name, "NVIDIA PCI 10de:2684");
    s.sysfs = "/nowhere";
    assert_int_equal(s.source.ops->read(&s.source, card, 8, &count, &why), CROFT_ERR_UNAVAILABLE);
}

/* No library is no cards; one that is no NVML is none either; the next source is asked. */
static void test_discover(void **state)
{
    (void)state;
    char root[64], ids[64];
    struct croft_gpu_card card[8];
    struct croft_why why;
    struct croft_gpu_nvml none, wrong;
    size_t count;
    croft_gpu_nvml_init(&none, "libcroft-no-such-library.so");
    croft_gpu_nvml_init(&wrong, "libm.so.6");
    assert_int_equal(none.source.ops->read(&none.source, card, 8, &count, &why), CROFT_ERR_UNAVAILABLE);
    assert_int_equal(wrong.source.ops->read(&wrong.source, card, 8, &count, &why), CROFT_ERR_UNAVAILABLE);
    struct croft_gpu_sysfs s = fixture(root, ids);
    struct croft_gpu_source *const source[] = {&none.source, &wrong.source, &s.source};
    assert_int_equal(croft_gpu_discover(source, 2, card, 8, &count, &why), CROFT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(croft_gpu_discover(source, 3, card, 8, &count, &why), CROFT_OK);
    assert_int_equal(count, 3);
}

/* ---- a driver of our own, found in this program: a desktop card that keeps its ECC to itself, and one in a
 * rack ---- */

struct nvml_memory {
    unsigned long long total, free, used;
};
struct nvml_pci {
    char bus_id_legacy[16];
    unsigned int domain, bus, device, pci_device_id, pci_subsystem_id;
    char bus_id[32];
};

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlDeviceGetCount_v2(unsigned int *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, const int **device);
int nvmlDeviceGetName(const int *device, char *name, unsigned int length);
int nvmlDeviceGetMemoryInfo(const int *device, struct nvml_memory *memory);
int nvmlDeviceGetPciInfo_v3(const int *device, struct nvml_pci *pci);
int nvmlDeviceGetPowerUsage(const int *device, unsigned int *milliwatts);
int nvmlDeviceGetEnforcedPowerLimit(const int *device, unsigned int *milliwatts);
int nvmlDeviceGetEccMode(const int *device, int *current, int *pending);

enum { NVML_OK = 0, NVML_NOT_SUPPORTED = 3, NVML_LOST = 15 };

static const int numbers[] = {0, 1, 2};
static int opened, init_answer;

int nvmlInit_v2(void)
{
    opened += init_answer == NVML_OK;
    return init_answer;
}

int nvmlShutdown(void)
{
    opened--;
    return NVML_OK;
}

int nvmlDeviceGetCount_v2(unsigned int *count)
{
    *count = CROFT_COUNT(numbers);
    return NVML_OK;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, const int **device)
{
    *device = &numbers[index];
    return index == 1 ? NVML_LOST : NVML_OK; /* fell off the bus */
}

int nvmlDeviceGetName(const int *device, char *name, unsigned int length)
{
    snprintf(name, length, "%s", *device == 0 ? "NVIDIA GeForce RTX 4090" : "NVIDIA H200");
    return NVML_OK;
}

int nvmlDeviceGetMemoryInfo(const int *device, struct nvml_memory *memory)
{
    *memory = (struct nvml_memory){.total = *device == 0 ? 25757220864 : 150754820096};
    return NVML_OK;
}

int nvmlDeviceGetPciInfo_v3(const int *device, struct nvml_pci *pci)
{
    *pci = (struct nvml_pci){.bus = 1};
    snprintf(pci->bus_id, sizeof pci->bus_id, "00000000:%02X:00.0", *device + 1);
    return NVML_OK;
}

int nvmlDeviceGetPowerUsage(const int *device, unsigned int *milliwatts)
{
    *milliwatts = 21500;
    return *device == 0 ? NVML_OK : NVML_NOT_SUPPORTED;
}

int nvmlDeviceGetEnforcedPowerLimit(const int *device, unsigned int *milliwatts)
{
    *milliwatts = *device == 0 ? 450000 : 700000;
    return NVML_OK;
}

int nvmlDeviceGetEccMode(const int *device, int *current, int *pending)
{
    *current = *pending = 1;
    return *device == 0 ? NVML_NOT_SUPPORTED : NVML_OK;
}

static void test_nvml(void **state)
{
    (void)state;
    struct croft_gpu_card card[8];
    struct croft_why why;
    struct croft_gpu_nvml nvml;
    size_t count;
    croft_gpu_nvml_init(&nvml, NULL);
    assert_int_equal(nvml.source.ops->read(&nvml.source, card, 8, &count, &why), CROFT_OK);
    assert_int_equal(count, 2);
    assert_string_equal(card[0].name, "NVIDIA GeForce RTX 4090");
    assert_string_equal(card[0].bus, "00000000:01:00.0");
    assert_true(card[0].vram_bytes == 25757220864 && card[0].power_limit_mw == 450000 &&
                card[0].power_now_mw == 21500);
    assert_int_equal(card[0].ecc, CROFT_GPU_ECC_UNKNOWN);
    assert_string_equal(card[1].name, "NVIDIA H200");
    assert_true(card[1].power_now_mw == 0 && card[1].ecc == CROFT_GPU_ECC_YES);
    assert_int_equal(nvml.source.ops->read(&nvml.source, card, 1, &count, &why), CROFT_OK);
    assert_int_equal(count, 1);
    init_answer = NVML_LOST;
    assert_int_equal(nvml.source.ops->read(&nvml.source, card, 8, &count, &why), CROFT_ERR_UNAVAILABLE);
    init_answer = NVML_OK;
    assert_int_equal(opened, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sysfs), cmocka_unit_test(test_discover),
                                       cmocka_unit_test(test_nvml)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
