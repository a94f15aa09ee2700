/* Bytes -> CSV -> a row of whichever table it claims to be -> laid over the built-in data, or a refusal with
 * a line. */
#include "advise/builtin.h"

#include "base/assert.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t len);

static void check_cells(const struct croft_table *table)
{
    char text[CROFT_CSV_CELL_MAX + 1];
    for (size_t i = 0; i < table->count; i++)
        for (size_t k = 0; k < table->schema->columns; k++)
            croft_table_cell_text(&table->schema->column[k], croft_table_row(table, i), text, sizeof text);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t len)
{
    static struct croft_region region;
    static struct croft_advise_data builtin;
    static struct croft_arena rest;
    struct croft_why why = {""};
    if (region.base == NULL) {
        CROFT_ASSERT(croft_region_map(&region, 256 << 20));
        rest = croft_region_arena(&region);
        croft_err err =
            croft_advise_data_load(croft_advise_builtin, croft_advise_builtin_count, &rest, &builtin, &why);
        CROFT_ASSERT(err == CROFT_OK);
    }
    struct croft_arena mem = rest;
    struct croft_advise_data data = builtin;
    struct croft_bytes text = {bytes, len};
    enum croft_advise_table table;
    croft_err err = croft_advise_data_overlay(&data, text, &mem, &table, &why);
    if (err == CROFT_OK)
        check_cells(&data.table[table]);
    else
        CROFT_ASSERT(err == CROFT_ERR_NOMEM || strncmp(why.text, "line ", 5) == 0);

    struct croft_csv csv;
    struct croft_table log;
    mem = rest;
    if (croft_csv_parse(text, &mem, &csv, &why) == CROFT_OK &&
        croft_table_read(&croft_advise_earnings_schema, &csv, &mem, &log, &why) == CROFT_OK)
        check_cells(&log);
    return 0;
}
