// The float-row functions for any processor: compiled for the base of the platform.
#define APUS_NAME(name) name##_scalar
#include "half.h"

static void float_to_half_scalar(const float *x, int64_t n, void *y) {
    uint16_t *out = y;
    for (int64_t i = 0; i < n; i++) out[i] = apus_float_to_half(x[i]);
}

#include "float_rows.inc.h"
