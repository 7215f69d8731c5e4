// Vectors of 16 floats for the products of matrices that AVX-512 has: of floats, and of pairs of BF16 values.

#define INLINE static inline __attribute__((always_inline))
typedef __m512 F;
enum { LANES = 16, TILE_ROWS = 14, BLOCK_COLUMNS = 128 };

INLINE F f_zero(void) { return _mm512_setzero_ps(); }
INLINE F f_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void f_store(float *p, F v) { _mm512_storeu_ps(p, v); }
INLINE F f_broadcast(const float *p) { return _mm512_set1_ps(*p); }
INLINE F f_add(F a, F b) { return _mm512_add_ps(a, b); }
INLINE F widen(int32_t type, __m256i v) {
    if (type == APUS_F16) return _mm512_cvtph_ps(v);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(v), 16));
}
INLINE F f_load_half(const uint8_t *p) { return widen(APUS_F16, _mm256_loadu_si256((const __m256i *)p)); }
INLINE F f_load_bfloat(const uint8_t *p) { return widen(APUS_BF16, _mm256_loadu_si256((const __m256i *)p)); }

// 16 vectors of words by the other direction.
INLINE void transpose_words(__m512 a[16]) {
    __m512 b[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 4) { // lane l of a[i + j] holds k 4l + j of rows i ..< i + 4
        const __m512d x0 = _mm512_castps_pd(b[i]), x1 = _mm512_castps_pd(b[i + 1]);
        const __m512d y0 = _mm512_castps_pd(b[i + 2]), y1 = _mm512_castps_pd(b[i + 3]);
        a[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(x0, y0));
        a[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(x0, y0));
        a[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(x1, y1));
        a[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(x1, y1));
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
        const __m512 low = _mm512_shuffle_f32x4(a[j], a[j + 4], 0x88);
        const __m512 high = _mm512_shuffle_f32x4(a[j], a[j + 4], 0xDD);
        const __m512 low2 = _mm512_shuffle_f32x4(a[j + 8], a[j + 12], 0x88);
        const __m512 high2 = _mm512_shuffle_f32x4(a[j + 8], a[j + 12], 0xDD);
        a[j] = _mm512_shuffle_f32x4(low, low2, 0x88);
        a[j + 4] = _mm512_shuffle_f32x4(high, high2, 0x88);
        a[j + 8] = _mm512_shuffle_f32x4(low, low2, 0xDD);
        a[j + 12] = _mm512_shuffle_f32x4(high, high2, 0xDD);
    }
}
