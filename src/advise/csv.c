#include "advise/csv.h"

#include "base/assert.h"

#include <csv.h>
#include <string.h>

struct reader {
    struct croft_arena *mem;
    struct croft_why *why;
    croft_err err;
    u32 line, row_line;
    const char *cell[CROFT_CSV_COLUMNS_MAX];
    u32 cells;
    struct croft_csv_row *row;
    size_t rows, rows_max;
};

/* libcsv asks when a cell outgrows the room it was given at the start: there is no more. */
static void *no_more_room(void *old, size_t size)
{
    (void)old;
    (void)size;
    return NULL;
}

static void fail(struct reader *r, const char *what)
{
    if (r->err == CROFT_OK)
        r->err = croft_fail(r->why, CROFT_ERR_DECODE, "line %u: %s", r->line, what);
}

static void out_of_memory(struct reader *r)
{
    if (r->err == CROFT_OK)
        r->err = croft_fail(r->why, CROFT_ERR_NOMEM, "no memory left for the table");
}

/* Bytes of the sequence that a lead byte begins; 0 for what is none. */
static size_t utf8_length(u8 lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

/* The second byte is what tells overlong forms, surrogates and what lies beyond U+10FFFF. */
static bool utf8_second(u8 lead, u8 second)
{
    u8 least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    u8 most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

static bool is_text(const u8 *at, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = utf8_length(at[i]);
        if (n == 0 || n > len - i || at[i] < ' ' || at[i] == 0x7f ||
            (n > 1 && !utf8_second(at[i], at[i + 1])))
            return false;
        for (size_t k = 2; k < n; k++)
            if ((at[i + k] & 0xc0) != 0x80)
                return false;
        i += n;
    }
    return true;
}

static void on_cell(void *bytes, size_t len, void *arg)
{
    struct reader *r = arg;
    if (r->err != CROFT_OK)
        return;
    if (r->cells == CROFT_CSV_COLUMNS_MAX) {
        fail(r, "more columns than any table has");
        return;
    }
    if (len > CROFT_CSV_CELL_MAX || !is_text(bytes, len)) {
        fail(r, len > CROFT_CSV_CELL_MAX ? "a cell is longer than 1000 bytes"
                                         : "a cell holds a control character or is not UTF-8");
        return;
    }
    char *copy = croft_new(r->mem, char, len + 1);
    if (copy == NULL) {
        out_of_memory(r);
        return;
    }
    memcpy(copy, bytes, len);
    r->cell[r->cells++] = copy;
}

static void on_row(int end, void *arg)
{
    struct reader *r = arg;
    (void)end;
    if (r->err == CROFT_OK && r->rows == CROFT_CSV_ROWS_MAX)
        fail(r, "more than 20000 rows");
    if (r->err != CROFT_OK)
        return;
    const char **cell = croft_new(r->mem, const char *, r->cells);
    if (cell == NULL) {
        out_of_memory(r);
        return;
    }
    CROFT_ASSERT(r->rows < r->rows_max);
    memcpy(cell, r->cell, r->cells * sizeof *cell);
    r->row[r->rows++] = (struct croft_csv_row){.line = r->row_line, .count = r->cells, .cell = cell};
    r->cells = 0;
}

/* No more rows than this. */
static size_t count_lines(struct croft_bytes text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len && lines < CROFT_CSV_ROWS_MAX; i++)
        lines += text.at[i] == '\n' || text.at[i] == '\r';
    return lines;
}

/* Line by line, so that a row knows where it began. */
static void feed(struct reader *r, struct csv_parser *p, struct croft_bytes text)
{
    enum { ROW_NOT_BEGUN = 0 }; /* libcsv's own name for it */
    for (size_t at = 0; at < text.len && r->err == CROFT_OK;) {
        const u8 *end = memchr(text.at + at, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - text.at) + 1 - at : text.len - at;
        r->line++;
        if (p->pstate == ROW_NOT_BEGUN)
            r->row_line = r->line;
        if (csv_parse(p, text.at + at, len, on_cell, on_row, r) != len)
            fail(r,
                 csv_error(p) == CSV_ENOMEM ? "a cell is longer than 1000 bytes" : "a quote is out of place");
        at += len;
    }
}

static struct croft_bytes without_mark(struct croft_bytes text)
{
    bool marked = text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0;
    return marked ? (struct croft_bytes){text.at + 3, text.len - 3} : text;
}

croft_err croft_csv_parse(struct croft_bytes text, struct croft_arena *mem, struct croft_csv *out,
                          struct croft_why *why)
{
    enum { ROOM = CROFT_CSV_CELL_MAX + 200 }; /* a little more, so that on_cell says what is too long */
    if (text.len > CROFT_CSV_BYTES_MAX)
        return croft_fail(why, CROFT_ERR_DECODE, "line 1: the file is larger than 4 MiB");
    text = without_mark(text);
    struct reader r = {.mem = mem, .why = why, .rows_max = count_lines(text)};
    struct csv_parser p;
    r.row = croft_new(mem, struct croft_csv_row, r.rows_max);
    u8 *room = croft_new(mem, u8, ROOM);
    if (r.row == NULL || room == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the table");
    int rc = csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
    CROFT_ASSERT(rc == 0);
    csv_set_realloc_func(&p, no_more_room);
    csv_set_free_func(&p, NULL);
    p.entry_buf = room;
    p.entry_size = ROOM;
    feed(&r, &p, text);
    if (r.err == CROFT_OK && csv_fini(&p, on_cell, on_row, &r) != 0)
        fail(&r, "a quote is not closed");
    if (r.err != CROFT_OK)
        return r.err;
    *out = (struct croft_csv){.row = r.row, .count = r.rows};
    return CROFT_OK;
}
