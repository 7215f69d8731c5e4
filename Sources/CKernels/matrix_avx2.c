// Products of float matrices for AVX2 with FMA: tiles of 6 rows by two vectors.
#include "tables.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define INLINE static inline __attribute__((always_inline))
typedef __m256 F;
enum { LANES = 8, TILE_ROWS = 6, BLOCK_COLUMNS = 64 };

INLINE F f_zero(void) { return _mm256_setzero_ps(); }
INLINE F f_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void f_store(float *p, F v) { _mm256_storeu_ps(p, v); }
INLINE F f_broadcast(const float *p) { return _mm256_broadcast_ss(p); }
INLINE F f_add(F a, F b) { return _mm256_add_ps(a, b); }
INLINE F f_fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
INLINE F widen(int32_t type, __m128i v) {
    if (type == APUS_F16) return _mm256_cvtph_ps(v);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(v), 16));
}
INLINE F f_load_half(const uint8_t *p) { return widen(APUS_F16, _mm_loadu_si128((const __m128i *)p)); }
INLINE F f_load_bfloat(const uint8_t *p) { return widen(APUS_BF16, _mm_loadu_si128((const __m128i *)p)); }

// Rows i and i + 4, four values of each.
INLINE F load_pair(const uint8_t *const *rows, int i, int64_t at) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps((const float *)(rows[i] + at))),
                                _mm_loadu_ps((const float *)(rows[i + 4] + at)), 1);
}

// 8 values of k from 8 rows, as 8 vectors of the rows.
INLINE void transpose_floats(const uint8_t *const *rows, int64_t at, float *out, int64_t stride) {
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; half++, at += 16, out += 4 * stride) {
        const F a = load_pair(rows, 0, at), b = load_pair(rows, 1, at);
        const F c = load_pair(rows, 2, at), d = load_pair(rows, 3, at);
        const __m256d ab0 = _mm256_castps_pd(_mm256_unpacklo_ps(a, b));
        const __m256d ab2 = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
        const __m256d cd0 = _mm256_castps_pd(_mm256_unpacklo_ps(c, d));
        const __m256d cd2 = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
        f_store(out, _mm256_castpd_ps(_mm256_unpacklo_pd(ab0, cd0)));
        f_store(out + stride, _mm256_castpd_ps(_mm256_unpackhi_pd(ab0, cd0)));
        f_store(out + 2 * stride, _mm256_castpd_ps(_mm256_unpacklo_pd(ab2, cd2)));
        f_store(out + 3 * stride, _mm256_castpd_ps(_mm256_unpackhi_pd(ab2, cd2)));
    }
}

// The same for 16-bit values, which are widened last.
INLINE void transpose_halves(int32_t type, const uint8_t *const *rows, int64_t at, float *out, int64_t stride) {
    __m256i a[4], b[4];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) a[i] = _mm256_castps_si256(load_pair(rows, i, at));
    b[0] = _mm256_unpacklo_epi16(a[0], a[1]);
    b[1] = _mm256_unpackhi_epi16(a[0], a[1]);
    b[2] = _mm256_unpacklo_epi16(a[2], a[3]);
    b[3] = _mm256_unpackhi_epi16(a[2], a[3]);
    a[0] = _mm256_unpacklo_epi32(b[0], b[2]);
    a[1] = _mm256_unpackhi_epi32(b[0], b[2]);
    a[2] = _mm256_unpacklo_epi32(b[1], b[3]);
    a[3] = _mm256_unpackhi_epi32(b[1], b[3]);
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) { // k and k + 1 of rows 0 ..< 4, then of rows 4 ..< 8
        const __m256i v = _mm256_permute4x64_epi64(a[i], 0xD8);
        f_store(out + 2 * i * stride, widen(type, _mm256_castsi256_si128(v)));
        f_store(out + (2 * i + 1) * stride, widen(type, _mm256_extracti128_si256(v, 1)));
    }
}

#include "matrix.inc.h"

void apus_fill_matrix_avx2(struct apus_kernels *table) { matrix_fill(table); }
#pragma clang attribute pop
#endif
