// Rows of stored weights for AVX-512 with VNNI: panels of 16 rows, vpdpbusd, unsigned weights.
#include "activations.h"
#include "tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

typedef __m512i V;
enum { ROWS = 16, PANELS = 2, SIGNED_BYTES = 0 };
#define INLINE static inline __attribute__((always_inline))

// 16 bytes of rows 0, 4, 8 and 12 of those given.
INLINE V v_load_rows(const uint8_t *const *rows, int64_t at) {
    V v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(rows[0] + at)));
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[4] + at)), 1);
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[8] + at)), 2);
    return _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[12] + at)), 3);
}
INLINE V v_load(const void *p) { return _mm512_loadu_si512(p); }
INLINE void v_store(void *p, V v) { _mm512_store_si512(p, v); }
INLINE V v_and(V a, V b) { return _mm512_and_si512(a, b); }
INLINE V v_or(V a, V b) { return _mm512_or_si512(a, b); }
INLINE V v_xor(V a, V b) { return _mm512_xor_si512(a, b); }
INLINE V v_sub32(V a, V b) { return _mm512_sub_epi32(a, b); }
INLINE V v_sub16(V a, V b) { return _mm512_sub_epi16(a, b); }
INLINE V v_srl16(V v, int n) { return _mm512_srli_epi16(v, (unsigned)n); }
INLINE V v_sll16(V v, int n) { return _mm512_slli_epi16(v, (unsigned)n); }
INLINE V v_srl32(V v, int n) { return _mm512_srli_epi32(v, (unsigned)n); }
INLINE V v_sll32(V v, int n) { return _mm512_slli_epi32(v, (unsigned)n); }
INLINE V v_sra32(V v, int n) { return _mm512_srai_epi32(v, (unsigned)n); }
INLINE V v_set8(char b) { return _mm512_set1_epi8(b); }
INLINE V v_set32(int w) { return _mm512_set1_epi32(w); }
INLINE V v_unpacklo32(V a, V b) { return _mm512_unpacklo_epi32(a, b); }
INLINE V v_unpackhi32(V a, V b) { return _mm512_unpackhi_epi32(a, b); }
INLINE V v_unpacklo64(V a, V b) { return _mm512_unpacklo_epi64(a, b); }
INLINE V v_unpackhi64(V a, V b) { return _mm512_unpackhi_epi64(a, b); }
INLINE V v_table(const int8_t *table) { return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table)); }
INLINE V v_shuffle8(V table, V index) { return _mm512_shuffle_epi8(table, index); }
INLINE void v_store_halves(const uint16_t *halves, float *out) {
    _mm512_store_ps(out, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)halves)));
}
INLINE void v_store_low_halves(V v, float *out) { _mm512_store_ps(out, _mm512_cvtph_ps(_mm512_cvtepi32_epi16(v))); }
INLINE V v_scale(V scale) { return scale; }
// Bits 4g ..< 4g + 4 of every lane, as bit 4 of its four bytes.
INLINE V v_spread_bits(V bits, int g) {
#define FOUR(high) high, (high) | 0x10, (high) | 0x1000, (high) | 0x1010
    static const int32_t spread[16] = {FOUR(0), FOUR(0x100000), FOUR(0x10000000), FOUR(0x10100000)};
#undef FOUR
    return _mm512_permutexvar_epi32(_mm512_srli_epi32(bits, (unsigned)(4 * g)), _mm512_loadu_si512(spread));
}

#define FUSED_COLUMN 1
#include "panel.inc.h"

enum { TILE_COLUMNS = 6 };
typedef __m512 F;

INLINE V four_bytes(const void *p) { return _mm512_set1_epi32((int)load_u32(p)); }
INLINE V v_add32(V a, V b) { return _mm512_add_epi32(a, b); }
INLINE V v_mul32(V a, V b) { return _mm512_mullo_epi32(a, b); }
INLINE V v_dot_bytes(V sum, V a, V b) { return _mm512_dpbusd_epi32(sum, a, b); }
INLINE V v_dot_words(V sum, V a, V b) { return _mm512_dpwssd_epi32(sum, a, b); }
INLINE F f_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void f_store(float *p, F v) { _mm512_storeu_ps(p, v); }
INLINE F f_set(float x) { return _mm512_set1_ps(x); }
INLINE F f_mul(F a, F b) { return _mm512_mul_ps(a, b); }
INLINE F f_fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
INLINE F f_fnma(F a, F b, F c) { return _mm512_fnmadd_ps(a, b, c); }
INLINE F f_from32(V v) { return _mm512_cvtepi32_ps(v); }

#include "vnni.inc.h"
#include "fused.inc.h"

// Float types: lane i sums the products at k = i mod 16, one fma after the other; the lanes are added in halves at the
// end. A tile is FLOAT_ROWS rows by up to FLOAT_COLUMNS columns, each with its own sixteen sums.
enum { LANES = 16, FLOAT_ROWS = 4, FLOAT_COLUMNS = 6 };

INLINE F f_load_half(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE F f_load_bfloat(const uint8_t *p) {
    const V wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}
INLINE float f_sum(F v) {
    const __m256 a = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}

#include "float_product.inc.h"
#include "activation_rows.inc.h"
#include "fill_products.inc.h"

void apus_fill_products_avx512(struct apus_kernels *table) {
    fill_products(table);
    apus_fill_matrix_avx512(table);
}
#pragma clang attribute pop
#endif
