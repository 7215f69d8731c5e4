// The float-row functions for AVX2.
#if defined(__x86_64__)
#include "half.h"
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define APUS_NAME(name) name##_avx2

static void float_to_half_avx2(const float *x, int64_t n, void *y) {
    uint16_t *out = y;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT));
    for (; i < n; i++) out[i] = apus_float_to_half(x[i]);
}

#define APUS_LANES 8
#define APUS_SUMS 12
#define APUS_FUSED
#define APUS_HALVES
#include "float_rows.inc.h"
#pragma clang attribute pop
#endif
