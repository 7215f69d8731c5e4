// Products of float matrices for AVX-512: tiles of 14 rows by two vectors.
#include "tables.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)

#include "matrix_avx512.inc.h"

INLINE F f_fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }

// 16 values of k from 16 rows, as 16 vectors of the rows.
INLINE void transpose_floats(const uint8_t *const *rows, int64_t at, float *out, int64_t stride) {
    __m512 a[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) a[i] = _mm512_loadu_ps((const float *)(rows[i] + at));
    transpose_words(a);
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) f_store(out + i * stride, a[i]);
}

// The same for 16-bit values, which are widened last.
INLINE void transpose_halves(int32_t type, const uint8_t *const *rows, int64_t at, float *out, int64_t stride) {
    __m512i a[8], b[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++)
        a[i] = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(rows[i] + at))),
                                  _mm256_loadu_si256((const __m256i *)(rows[i + 8] + at)), 1);
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 2) {
        b[i] = _mm512_unpacklo_epi16(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi16(a[i], a[i + 1]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 4) {
        a[i] = _mm512_unpacklo_epi32(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi32(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi32(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi32(b[i + 1], b[i + 3]);
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) { // lanes: k of rows 0 ..< 8, k + 8 of them, the same of rows 8 ..< 16
        __m512i even = _mm512_unpacklo_epi64(a[j], a[j + 4]), odd = _mm512_unpackhi_epi64(a[j], a[j + 4]);
        even = _mm512_shuffle_i64x2(even, even, 0xD8);
        odd = _mm512_shuffle_i64x2(odd, odd, 0xD8);
        f_store(out + 2 * j * stride, widen(type, _mm512_castsi512_si256(even)));
        f_store(out + (2 * j + 8) * stride, widen(type, _mm512_extracti64x4_epi64(even, 1)));
        f_store(out + (2 * j + 1) * stride, widen(type, _mm512_castsi512_si256(odd)));
        f_store(out + (2 * j + 9) * stride, widen(type, _mm512_extracti64x4_epi64(odd, 1)));
    }
}

#include "matrix.inc.h"

void apus_fill_matrix_avx512(struct apus_kernels *table) {
    matrix_fill(table);
    if (apus_processor()->avx512_bf16) apus_fill_matrix_avx512_bf16(table);
}
#pragma clang attribute pop
#endif
