/* advise/select.h - exact order statistics of many numbers, without sorting them. */
#ifndef CROFT_ADVISE_SELECT_H
#define CROFT_ADVISE_SELECT_H

#include "base/types.h"

enum { CROFT_SELECT_MAX = 8 };

/* out[i] = the value at rank floor(p[i] (count - 1) + 0.5) in order of size; 0 <= p <= 1, at most
 * CROFT_SELECT_MAX of them, count > 0, all values finite (asserted).  scratch holds count floats.  Three
 * passes over the values. */
void croft_select(const float *value, u32 count, const double *p, u32 wanted, float *out, float *scratch);

/* Mean of the smallest share of the values: at least one of them. */
double croft_mean_of_smallest(const float *value, u32 count, double share, float *scratch);

double croft_mean(const float *value, u32 count);

#endif
