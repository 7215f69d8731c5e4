// Products of float matrices for any processor, and for NEON: vectors of four, whose operations the compiler chooses.
#include "half.h"
#include "tables.h"

#define INLINE static inline __attribute__((always_inline))
typedef float F __attribute__((vector_size(16)));
typedef float U __attribute__((vector_size(16), aligned(4)));
#if defined(__aarch64__)
#include <arm_neon.h>
enum { LANES = 4, TILE_ROWS = 12, BLOCK_COLUMNS = 64 };
INLINE F f_fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
#else
enum { LANES = 4, TILE_ROWS = 6, BLOCK_COLUMNS = 64 };
INLINE F f_fma(F a, F b, F c) { // two roundings
    _Pragma("clang fp contract(off)") const F product = a * b;
    return product + c;
}
#endif

INLINE F f_zero(void) { return (F){0}; }
INLINE F f_load(const float *p) { return *(const U *)p; }
INLINE void f_store(float *p, F v) { *(U *)p = v; }
INLINE F f_broadcast(const float *p) { return (F){*p, *p, *p, *p}; }
INLINE F f_add(F a, F b) { return a + b; }
INLINE float widen(int32_t type, const uint8_t *p) {
    uint16_t bits;
    memcpy(&bits, p, 2);
    return type == APUS_F16 ? apus_half_to_float(bits) : apus_bfloat_to_float(bits);
}
INLINE F f_load_half(const uint8_t *p) {
    return (F){widen(APUS_F16, p), widen(APUS_F16, p + 2), widen(APUS_F16, p + 4), widen(APUS_F16, p + 6)};
}
INLINE F f_load_bfloat(const uint8_t *p) {
    return (F){widen(APUS_BF16, p), widen(APUS_BF16, p + 2), widen(APUS_BF16, p + 4), widen(APUS_BF16, p + 6)};
}

// 4 values of k from 4 rows, as 4 vectors of the rows.
INLINE void transpose(F a, F b, F c, F d, float *out, int64_t stride) {
    const F ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const F cd0 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    f_store(out, __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5));
    f_store(out + stride, __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7));
    f_store(out + 2 * stride, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
    f_store(out + 3 * stride, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
}
INLINE void transpose_floats(const uint8_t *const *rows, int64_t at, float *out, int64_t stride) {
    transpose(f_load((const float *)(rows[0] + at)), f_load((const float *)(rows[1] + at)),
              f_load((const float *)(rows[2] + at)), f_load((const float *)(rows[3] + at)), out, stride);
}
INLINE void transpose_halves(int32_t type, const uint8_t *const *rows, int64_t at, float *out, int64_t stride) {
    if (type == APUS_F16)
        transpose(f_load_half(rows[0] + at), f_load_half(rows[1] + at), f_load_half(rows[2] + at),
                  f_load_half(rows[3] + at), out, stride);
    else
        transpose(f_load_bfloat(rows[0] + at), f_load_bfloat(rows[1] + at), f_load_bfloat(rows[2] + at),
                  f_load_bfloat(rows[3] + at), out, stride);
}

#include "matrix.inc.h"

void apus_fill_matrix_base(struct apus_kernels *table) { matrix_fill(table); }
