/* base/sort.h - sorting without memory of its own: the C library's qsort takes some from the heap for large arrays. */
#ifndef CROFT_BASE_SORT_H
#define CROFT_BASE_SORT_H

#include "base/types.h"

/* Ascending.  scratch has room for count numbers, and holds nothing of use afterwards. */
void croft_sort_u32(u32 *at, u32 *scratch, size_t count);

#endif
