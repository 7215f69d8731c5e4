// Rows of stored weights for AVX-VNNI, vpdpbusd on vectors of 32 bytes: the panels of AVX2 with unsigned weights. What
// has no 8-bit integers in it is AVX2's.
#include "activations.h"
#include "tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avxvnni,avx2,fma,f16c"))), apply_to = function)

enum { ROWS = 8, PANELS = 1, SIGNED_BYTES = 0 };
#include "vector_256.inc.h"
INLINE V v_scale(V scale) { return scale; }

#define FUSED_COLUMN 1
#include "panel.inc.h"

enum { TILE_COLUMNS = 8 };
typedef __m256 F;

INLINE V four_bytes(const void *p) { return _mm256_set1_epi32((int)load_u32(p)); }
INLINE V v_add32(V a, V b) { return _mm256_add_epi32(a, b); }
INLINE V v_mul32(V a, V b) { return _mm256_mullo_epi32(a, b); }
INLINE V v_dot_bytes(V sum, V a, V b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }
INLINE V v_dot_words(V sum, V a, V b) { return _mm256_dpwssd_avx_epi32(sum, a, b); }
INLINE F f_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void f_store(float *p, F v) { _mm256_storeu_ps(p, v); }
INLINE F f_set(float x) { return _mm256_set1_ps(x); }
INLINE F f_mul(F a, F b) { return _mm256_mul_ps(a, b); }
INLINE F f_fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
INLINE F f_fnma(F a, F b, F c) { return _mm256_fnmadd_ps(a, b, c); }
INLINE F f_from32(V v) { return _mm256_cvtepi32_ps(v); }

#include "vnni.inc.h"
#include "fused.inc.h"

static struct apus_kernels avx2;

static void product(int32_t type, const void *weights, size_t row_bytes, int64_t rows, int64_t k, const void *x,
                    size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    if (apus_activation_form(type) == FORM_FLOAT)
        avx2.product(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
    else product_quantised(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
}

void apus_fill_products_avxvnni(struct apus_kernels *table) {
    apus_fill_products_avx2(&avx2);
    apus_fill_products_avx2(table);
    table->product = product;
    fill_packed(table);
}
#pragma clang attribute pop
#endif
