/* The page of the report: the template that the build compiled in, with the JSON put where its mark stands.
 */
#include "cli/advise_int.h"

#include "advise/builtin.h"
#include "base/assert.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 1024 };

/* In a script element "</script>" and "<!--" would end or change it, so no < is left in the JSON. */
static bool write_json(FILE *f, const char *json)
{
    while (*json != '\0') {
        size_t len = strcspn(json, "<");
        if (fwrite(json, 1, len, f) != len)
            return false;
        json += len;
        if (*json == '<' && fputs("\\u003c", f) == EOF)
            return false;
        json += *json == '<';
    }
    return true;
}

static bool write_page(FILE *f, const char *json)
{
    static const char mark[] = CROFT_ADVISE_PAGE_MARK, empty[] = "{}";
    struct croft_bytes page = croft_advise_page;
    const u8 *at = memmem(page.at, page.len, mark, sizeof mark - 1);
    CROFT_ASSERT(at != NULL);
    size_t head = (size_t)(at - page.at) + sizeof mark - 1, tail = head + sizeof empty - 1;
    CROFT_ASSERT(memcmp(page.at + head, empty, sizeof empty - 1) == 0);
    return fwrite(page.at, 1, head, f) == head && write_json(f, json) &&
           fwrite(page.at + tail, 1, page.len - tail, f) == page.len - tail;
}

croft_err croft_advise_write_page(struct croft_cli *c, const char *path, const char *json)
{
    char draft[PATH_MAX_BYTES];
    int n = snprintf(draft, sizeof draft, "%s.%ld.tmp", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof draft)
        return croft_cli_usage(c, "--html: the path is too long");
    FILE *f = fopen(draft, "wxe");
    if (f == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot write %.300s: %s", draft, strerror(errno));
    bool written = write_page(f, json) && fflush(f) == 0 && fsync(fileno(f)) == 0;
    int error = errno;
    bool done = fclose(f) == 0 && written && rename(draft, path) == 0;
    if (done)
        return CROFT_OK;
    error = written ? errno : error;
    unlink(draft);
    return croft_fail(&c->why, CROFT_ERR_IO, "cannot write %.300s: %s", path, strerror(error));
}
