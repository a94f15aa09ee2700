#include "cli/table.h"

#include <libsmartcols.h>
#include <stdlib.h>

struct croft_listing {
    struct libscols_table *table;
    size_t columns;
    bool failed;
};

void croft_listing_drop(struct croft_listing **l)
{
    if (*l == NULL)
        return;
    scols_unref_table((*l)->table);
    free(*l);
    *l = NULL;
}

static bool add_column(struct croft_listing *l, const struct croft_column *column, bool color)
{
    struct libscols_column *made =
        scols_table_new_column(l->table, column->name, 0, column->right ? SCOLS_FL_RIGHT : 0);
    if (made == NULL)
        return false;
    return !color || scols_cell_set_color(scols_column_get_header(made), "bold") == 0;
}

struct croft_listing *croft_listing_new(const struct croft_cli *c, const struct croft_column *column,
                                        size_t count)
{
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->table = scols_new_table();
    if (l->table == NULL)
        return NULL;
    l->columns = count;
    /* Addresses must stay whole to be copied, so nothing is cut to the terminal's width. */
    scols_table_set_termforce(l->table, SCOLS_TERMFORCE_NEVER);
    scols_table_enable_colors(l->table, c->color);
    for (size_t i = 0; i < count; i++)
        l->failed = !add_column(l, &column[i], c->color) || l->failed;

    struct croft_listing *made = l;
    l = NULL;
    return made;
}

void croft_listing_row(struct croft_listing *l, const char *const *cell)
{
    struct libscols_line *line = scols_table_new_line(l->table, NULL);
    l->failed = l->failed || line == NULL;
    for (size_t i = 0; !l->failed && i < l->columns; i++)
        l->failed = scols_line_set_data(line, i, cell[i]) != 0;
}

croft_err croft_listing_print(struct croft_cli *c, struct croft_listing *l)
{
    if (l->failed)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    if (scols_table_is_empty(l->table))
        return CROFT_OK;
    if (scols_print_table(l->table) != 0)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
    return CROFT_OK;
}

croft_err croft_listing_print_pairs(struct croft_cli *c, const char *const (*pair)[2], size_t count)
{
    static const struct croft_column column[] = {{"NAME", false}, {"VALUE", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    if (l == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    scols_table_enable_noheadings(l->table, 1);
    for (size_t i = 0; i < count; i++)
        if (pair[i][1] != NULL)
            croft_listing_row(l, pair[i]);
    return croft_listing_print(c, l);
}
