// Brings float matrices into panels whose words hold the values k and k + 1 as BF16, rounded to the nearest, ties to even.
// Included by matrix.inc.h in place of matrix_pack.inc.h, for AVX-512. An odd last k is followed by a zero.

INLINE const uint8_t *matrix_value(const struct apus_matrix *m, int64_t row, int64_t column) {
    return (const uint8_t *)m->data + (size_t)row * m->line_bytes + (size_t)column * (m->type == APUS_F32 ? 4 : 2);
}
INLINE uint32_t first_lanes(int64_t n) { return n >= 32 ? UINT32_MAX : ((uint32_t)1 << n) - 1; }

// Up to 16 values side by side as float32; zeros in place of the others.
INLINE F load_values(int32_t type, const uint8_t *p, __mmask16 there) {
    if (type == APUS_F32) return _mm512_maskz_loadu_ps(there, p);
    return widen(type, _mm256_maskz_loadu_epi16(there, p));
}

// Up to 32 values of k side by side as 16 words.
INLINE F load_words(int32_t type, const uint8_t *p, uint32_t there) {
    if (type == APUS_BF16) return (F)_mm512_maskz_loadu_epi16(there, p);
    const F low = load_values(type, p, (__mmask16)there);
    const F high = load_values(type, p + (type == APUS_F32 ? 64 : 32), (__mmask16)(there >> 16));
    return (F)_mm512_cvtne2ps_pbh(high, low);
}

// Words of up to 16 lines that lie side by side, from a row of memory with their values of k and one with those of k + 1.
INLINE F join_words(int32_t type, const uint8_t *even, const uint8_t *odd, __mmask16 there) {
    if (type == APUS_BF16) {
        const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(there, even));
        const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(odd ? there : 0, odd));
        return (F)_mm512_or_si512(low, _mm512_slli_epi32(high, 16));
    }
    const F high = load_values(type, odd, odd ? there : 0);
    const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(high, load_values(type, even, there));
    const __m512i in_turn = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8,
                                             23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return (F)_mm512_permutexvar_epi16(in_turn, both);
}

// Up to 16 lines whose values of k lie side by side; `stored` of a vector's lanes are written, `stride` words from k to k.
INLINE void matrix_pack_along(int32_t type, const struct apus_matrix *m, int64_t line, int64_t count, int64_t from,
                              int64_t depth, size_t ahead, __mmask16 stored, int64_t stride, float *out) {
    const uint8_t *rows[LANES]; // rows past the end repeat the last one
    for (int i = 0; i < LANES; i++) rows[i] = matrix_value(m, line + least(i, count - 1), from);
    const int64_t bytes = type == APUS_F32 ? 4 : 2;
    for (int64_t k = 0; k < depth; k += 2 * LANES, out += LANES * stride) {
        const uint32_t there = first_lanes(depth - k);
        const int64_t n = least(LANES, words(depth - k));
        F a[LANES];
#pragma clang loop unroll(full)
        for (int i = 0; i < LANES; i++) a[i] = load_words(type, rows[i] + k * bytes, there);
        if (ahead) { // the same place of the next panel
            for (int i = 0; i < LANES; i++) {
                __builtin_prefetch(rows[i] + k * bytes + ahead, 0, 2);
                if (type == APUS_F32) __builtin_prefetch(rows[i] + k * bytes + ahead + 64, 0, 2);
            }
        }
        transpose_words(a);
        if (n == LANES) {
#pragma clang loop unroll(full)
            for (int i = 0; i < LANES; i++) _mm512_mask_storeu_ps(out + i * stride, stored, a[i]);
        } else {
            for (int i = 0; i < n; i++) _mm512_mask_storeu_ps(out + i * stride, stored, a[i]);
        }
    }
}

// Lines line ..< line + count, values from ..< from + depth of k, as panels of `panel` lines and words(depth) words each;
// a word of a panel has as many lines as there are, or whole vectors of them.
INLINE void matrix_pack_panels(int32_t type, const struct apus_matrix *m, int64_t line, int64_t count, int64_t from,
                               int64_t depth, size_t ahead, int64_t panel, bool whole_vectors, float *out) {
    enum { PACK_STEP = 16 }; // rows of memory read side by side where they hold one k each
    const int64_t step = m->lines_along_depth ? depth : PACK_STEP;
    for (int64_t k = 0; k < depth; k += step) {
        const int64_t n = least(step, depth - k);
        for (int64_t p = 0; p < count; p += panel) {
            const int64_t width = least(panel, count - p);
            const int64_t stride = whole_vectors ? (width + LANES - 1) / LANES * LANES : width;
            float *to = out + p * words(depth) + k / 2 * stride;
            for (int64_t i = 0; i < width; i += LANES) {
                const int64_t lines = least(LANES, width - i);
                const __mmask16 there = (__mmask16)first_lanes(lines), stored = whole_vectors ? 0xFFFF : there;
                if (m->lines_along_depth) {
                    matrix_pack_along(type, m, line + p + i, lines, from + k, n, ahead, stored, stride, to + i);
                    continue;
                }
                const uint8_t *row = matrix_value(m, from + k, line + p + i);
                for (int64_t j = 0; j < n; j += 2, row += 2 * m->line_bytes)
                    _mm512_mask_storeu_ps(to + j / 2 * stride + i, stored,
                                          join_words(type, row, j + 1 < n ? row + m->line_bytes : NULL, there));
            }
        }
    }
}

#define PACK(name, panel, whole_vectors)                                                                               \
    static void name(const struct apus_matrix *m, int64_t line, int64_t count, int64_t from, int64_t depth,            \
                     size_t ahead, float *out) {                                                                       \
        switch (m->type) {                                                                                             \
        case APUS_F32:                                                                                                 \
            matrix_pack_panels(APUS_F32, m, line, count, from, depth, ahead, panel, whole_vectors, out);               \
            break;                                                                                                     \
        case APUS_F16:                                                                                                 \
            matrix_pack_panels(APUS_F16, m, line, count, from, depth, ahead, panel, whole_vectors, out);               \
            break;                                                                                                     \
        default:                                                                                                       \
            matrix_pack_panels(APUS_BF16, m, line, count, from, depth, ahead, panel, whole_vectors, out);              \
            break;                                                                                                     \
        }                                                                                                              \
    }
PACK(matrix_pack_lines_left, TILE_ROWS, false)
PACK(matrix_pack_right, PANEL, true)
#undef PACK

INLINE void matrix_pack_left(const struct apus_matrix *m, int64_t line, int64_t count, int64_t from, int64_t depth,
                             float *out) {
    matrix_pack_lines_left(m, line, count, from, depth, 0, out);
}
