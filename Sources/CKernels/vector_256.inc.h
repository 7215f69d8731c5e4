// Vectors of 32 bytes, eight rows, for AVX2 and what builds on it. The including file sets the target attribute, defines
// ROWS as 8, PANELS and SIGNED_BYTES before and v_scale after.

typedef __m256i V;
#define INLINE static inline __attribute__((always_inline))

// 16 bytes of rows 0 and 4 of those given.
INLINE V v_load_rows(const uint8_t *const *rows, int64_t at) {
    const V v = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(rows[0] + at)));
    return _mm256_inserti128_si256(v, _mm_loadu_si128((const __m128i *)(rows[4] + at)), 1);
}
INLINE V v_load(const void *p) { return _mm256_loadu_si256((const V *)p); }
INLINE void v_store(void *p, V v) { _mm256_store_si256((V *)p, v); }
INLINE V v_and(V a, V b) { return _mm256_and_si256(a, b); }
INLINE V v_or(V a, V b) { return _mm256_or_si256(a, b); }
INLINE V v_xor(V a, V b) { return _mm256_xor_si256(a, b); }
INLINE V v_sub32(V a, V b) { return _mm256_sub_epi32(a, b); }
INLINE V v_sub16(V a, V b) { return _mm256_sub_epi16(a, b); }
INLINE V v_srl16(V v, int n) { return _mm256_srli_epi16(v, n); }
INLINE V v_sll16(V v, int n) { return _mm256_slli_epi16(v, n); }
INLINE V v_srl32(V v, int n) { return _mm256_srli_epi32(v, n); }
INLINE V v_sll32(V v, int n) { return _mm256_slli_epi32(v, n); }
INLINE V v_sra32(V v, int n) { return _mm256_srai_epi32(v, n); }
INLINE V v_set8(char b) { return _mm256_set1_epi8(b); }
INLINE V v_set32(int w) { return _mm256_set1_epi32(w); }
INLINE V v_unpacklo32(V a, V b) { return _mm256_unpacklo_epi32(a, b); }
INLINE V v_unpackhi32(V a, V b) { return _mm256_unpackhi_epi32(a, b); }
INLINE V v_unpacklo64(V a, V b) { return _mm256_unpacklo_epi64(a, b); }
INLINE V v_unpackhi64(V a, V b) { return _mm256_unpackhi_epi64(a, b); }
INLINE V v_table(const int8_t *table) { return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table)); }
INLINE V v_shuffle8(V table, V index) { return _mm256_shuffle_epi8(table, index); }
INLINE void v_store_halves(const uint16_t *halves, float *out) {
    _mm256_store_ps(out, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)halves)));
}
INLINE void v_store_low_halves(V v, float *out) {
    v = _mm256_and_si256(v, _mm256_set1_epi32(0xFFFF));
    v = _mm256_packus_epi32(v, v);
    const __m128i halves = _mm_unpacklo_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm256_store_ps(out, _mm256_cvtph_ps(halves));
}
// Bits 4g ..< 4g + 4 of every lane, as bit 4 of its four bytes.
INLINE V v_spread_bits(V bits, int g) {
    const int b = g / 2;
    const V bytes = _mm256_shuffle_epi8(
        bits, _mm256_setr_epi8(b, b, b, b, b + 4, b + 4, b + 4, b + 4, b + 8, b + 8, b + 8, b + 8, b + 12, b + 12,
                               b + 12, b + 12, b, b, b, b, b + 4, b + 4, b + 4, b + 4, b + 8, b + 8, b + 8, b + 8,
                               b + 12, b + 12, b + 12, b + 12));
    const V mask = _mm256_set1_epi32(g % 2 ? (int)0x80402010 : 0x08040201);
    return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(bytes, mask), mask), _mm256_set1_epi8(16));
}
