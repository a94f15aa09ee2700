/* advise/builtin.h - what the build compiled in: data/economics/NAME.csv and the page of the report
 * (tools/embed.py). */
#ifndef CROFT_ADVISE_BUILTIN_H
#define CROFT_ADVISE_BUILTIN_H

#include "advise/data.h"

extern const struct croft_advise_file croft_advise_builtin[];
extern const size_t croft_advise_builtin_count;

/* web/advise/dist/report.html: CROFT_ADVISE_PAGE_MARK stands where the report goes, before the </script>
 * behind it. */
#define CROFT_ADVISE_PAGE_MARK "<script type=\"application/json\" id=\"croft-advise-report\">"
extern const struct croft_bytes croft_advise_page;

#endif
