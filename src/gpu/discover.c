#include "gpu/gpu.h"

croft_err croft_gpu_discover(struct croft_gpu_source *const *source, size_t sources,
                             struct croft_gpu_card *out, size_t max, size_t *out_count, struct croft_why *why)
{
    *out_count = 0;
    for (size_t i = 0; i < sources && *out_count == 0; i++) {
        croft_err err = source[i]->ops->read(source[i], out, max, out_count, why);
        if (err != CROFT_OK && err != CROFT_ERR_UNAVAILABLE)
            return err;
    }
    return CROFT_OK;
}
