// The float-row functions for NEON: the base of aarch64, with its conversions of halves.
#if defined(__aarch64__)
#include "half.h"
#include <arm_neon.h>

#define APUS_NAME(name) name##_neon

static void float_to_half_neon(const float *x, int64_t n, void *y) {
    uint16_t *out = y;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) vst1_u16(out + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(x + i))));
    for (; i < n; i++) out[i] = apus_float_to_half(x[i]);
}

#include "float_rows.inc.h"
#endif
