// Products of matrices of BF16 values for AVX-512 with BF16: the tiles of the float products, whose words hold two values
// of k instead of one.
#include "tables.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), apply_to = function)

#include "matrix_avx512.inc.h"

// c + a's even values times b's even ones + the same of the odd ones, in float32.
INLINE F f_fma(F a, F b, F c) { return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b); }

#define PAIRS
#include "matrix.inc.h"

void apus_fill_matrix_avx512_bf16(struct apus_kernels *table) {
    table->matrix_pack_pairs = matrix_pack;
    table->matrix_product_pairs = matrix_product;
}
#pragma clang attribute pop
#endif
