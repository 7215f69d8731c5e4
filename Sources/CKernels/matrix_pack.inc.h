// Brings float matrices into panels. Included by matrix.inc.h.

INLINE size_t matrix_bytes(const struct apus_matrix *m) { return m->type == APUS_F32 ? 4 : 2; }
INLINE const uint8_t *matrix_line(const struct apus_matrix *m, int64_t line) {
    return (const uint8_t *)m->data + (size_t)line * m->line_bytes;
}

// Rounds packed values to BF16, ties to even; a NaN stays one.
static void matrix_round(float *panels, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, panels + i, 4);
        const uint32_t nearest = bits + 0x7FFF + (bits >> 16 & 1);
        bits = ((bits & 0x7FFFFFFF) > 0x7F800000 ? bits | 0x400000 : nearest) & 0xFFFF0000;
        memcpy(panels + i, &bits, 4);
    }
}

// `count` (at most LANES) lines whose values of k lie side by side, as [depth][LANES], `stride` floats from k to k.
// ahead: 0, or bytes to what will be read next.
static void matrix_transpose(const struct apus_matrix *m, int64_t line, int count, int64_t from, int64_t depth,
                             size_t ahead, float *out, int64_t stride) {
    const int64_t size = (int64_t)matrix_bytes(m);
    const uint8_t *rows[LANES]; // rows past the end repeat the last one; what becomes of them is not stored
    for (int i = 0; i < LANES; i++)
        rows[i] = matrix_line(m, line + (i < count ? i : count - 1)) + (size_t)(from * size);
    const int64_t whole = depth / LANES * LANES;
    for (int64_t k = 0; k < whole; k += LANES) {
        if (ahead && k * size % 64 == 0) { // the same place of the next panel
            for (int i = 0; i < LANES; i++) __builtin_prefetch(rows[i] + k * size + ahead, 0, 2);
        }
        if (m->type == APUS_F32) transpose_floats(rows, k * 4, out + k * stride, stride);
        else transpose_halves(m->type, rows, k * 2, out + k * stride, stride);
    }
    if (whole == depth) return;
    uint8_t padded[LANES][4 * LANES];
    const uint8_t *rest[LANES];
    float square[LANES * LANES] __attribute__((aligned(64)));
    memset(padded, 0, sizeof padded);
    for (int i = 0; i < LANES; i++) {
        memcpy(padded[i], rows[i] + whole * size, (size_t)((depth - whole) * size));
        rest[i] = padded[i];
    }
    if (m->type == APUS_F32) transpose_floats(rest, 0, square, LANES);
    else transpose_halves(m->type, rest, 0, square, LANES);
    for (int64_t k = whole; k < depth; k++) f_store(out + k * stride, f_load(square + (k - whole) * LANES));
}

// n values as float32 in whole vectors, of which `readable` values may be read.
INLINE void matrix_widen(int32_t type, const uint8_t *source, int64_t n, int64_t readable, float *out) {
    int64_t i = 0;
    const int64_t whole = (n + LANES - 1) / LANES * LANES;
    if (readable >= whole) n = whole;
    if (type == APUS_F32) {
        for (; i + LANES <= n; i += LANES) f_store(out + i, f_load((const float *)source + i));
    } else if (type == APUS_F16) {
        for (; i + LANES <= n; i += LANES) f_store(out + i, f_load_half(source + 2 * i));
    } else {
        for (; i + LANES <= n; i += LANES) f_store(out + i, f_load_bfloat(source + 2 * i));
    }
    if (i == n) return;
    float last[LANES] = {0};
    apus_dequantize(type, source + i * (type == APUS_F32 ? 4 : 2), last, n - i);
    f_store(out + i, f_load(last));
}

enum {
    PACK_STEP = 8, // rows of memory read side by side where they hold one k each: few enough to stay in the first cache
    TILE_ROUND = (TILE_ROWS + LANES - 1) / LANES * LANES,
};

// Columns line ..< line + columns of the right factor, values from ..< from + depth of k, as panels of `depth` values.
static void matrix_pack_right(const struct apus_matrix *m, int64_t line, int64_t columns, int64_t from, int64_t depth,
                              size_t ahead, float *out) {
    const int64_t step = m->lines_along_depth ? depth : PACK_STEP;
    for (int64_t k = 0; k < depth; k += step) {
        const int64_t n = depth - k < step ? depth - k : step;
        for (int64_t c = 0; c < columns; c += PANEL) {
            const int64_t width = columns - c < PANEL ? columns - c : PANEL;
            const int64_t stride = (width + LANES - 1) / LANES * LANES;
            float *to = out + c * depth + k * stride;
            if (m->lines_along_depth) {
                for (int64_t i = 0; i < width; i += LANES)
                    matrix_transpose(m, line + c + i, (int)(width - i < LANES ? width - i : LANES), from + k, n, ahead,
                                     to + i, stride);
            } else {
                const size_t at = (size_t)(line + c) * matrix_bytes(m);
                for (int64_t i = 0; i < n; i++)
                    matrix_widen(m->type, matrix_line(m, from + k + i) + at, width, m->lines - line - c,
                                 to + i * stride);
            }
        }
    }
    if (m->rounded) matrix_round(out, (columns + LANES - 1) / LANES * LANES * depth);
}

// n rows of TILE_ROUND floats, of which height count, one after the other: whole vectors, each covering what the one
// before wrote too much, and the last ones value by value.
INLINE void matrix_close_up(const float *wide, int64_t height, int64_t n, float *out) {
    int64_t i = 0;
    for (; i * height + TILE_ROUND <= n * height; i++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < TILE_ROUND; v += LANES) f_store(out + i * height + v, f_load(wide + i * TILE_ROUND + v));
    }
    for (; i < n; i++) memcpy(out + i * height, wide + i * TILE_ROUND, (size_t)height * sizeof(float));
}

// A whole tile's rows of n values of k, each of which lies in a row of memory with TILE_ROUND values to read.
INLINE void matrix_copy_tile(int32_t type, const uint8_t *source, size_t line_bytes, int64_t n, float *out) {
    F v[TILE_ROUND / LANES];
    for (int64_t i = 0; i < n; i++, source += line_bytes, out += TILE_ROWS) {
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_ROUND / LANES; j++) {
            v[j] = type == APUS_F32   ? f_load((const float *)source + j * LANES)
                   : type == APUS_F16 ? f_load_half(source + 2 * j * LANES)
                                      : f_load_bfloat(source + 2 * j * LANES);
            if (i + 1 < n) f_store(out + j * LANES, v[j]); // what this writes too much, the next one covers
        }
    }
    float last[TILE_ROUND];
#pragma clang loop unroll(full)
    for (int j = 0; j < TILE_ROUND / LANES; j++) f_store(last + j * LANES, v[j]);
    memcpy(out - TILE_ROWS, last, TILE_ROWS * sizeof(float));
}

// Rows line ..< line + rows of the left factor, the same values of k, as panels of `depth` values.
static void matrix_pack_left_as_it_is(const struct apus_matrix *m, int64_t line, int64_t rows, int64_t from, int64_t depth,
                             float *out) {
    enum { WIDE_STEP = 64 };
    float wide[WIDE_STEP * TILE_ROUND] __attribute__((aligned(64)));
    if (m->lines_along_depth) {
        for (int64_t r = 0; r < rows; r += TILE_ROWS) {
            const int64_t height = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
            float *to = out + r * depth;
            if (height == 1) { // the panel is the row itself
                apus_dequantize(m->type, matrix_line(m, line + r) + (size_t)from * matrix_bytes(m), to, depth);
                continue;
            }
            for (int64_t k = 0; k < depth; k += WIDE_STEP) {
                const int64_t n = depth - k < WIDE_STEP ? depth - k : WIDE_STEP;
                for (int64_t i = 0; i < height; i += LANES)
                    matrix_transpose(m, line + r + i, (int)(height - i < LANES ? height - i : LANES), from + k, n, 0,
                                     wide + i, TILE_ROUND);
                matrix_close_up(wide, height, n, to + k * height);
            }
        }
        return;
    }
    for (int64_t k = 0; k < depth; k += PACK_STEP) {
        const int64_t n = depth - k < PACK_STEP ? depth - k : PACK_STEP;
        for (int64_t r = 0; r < rows; r += TILE_ROWS) {
            const int64_t height = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
            const uint8_t *source = matrix_line(m, from + k) + (size_t)(line + r) * matrix_bytes(m);
            if (height == TILE_ROWS && m->lines - line - r >= TILE_ROUND) {
                float *to = out + r * depth + k * TILE_ROWS;
                switch (m->type) {
                case APUS_F32: matrix_copy_tile(APUS_F32, source, m->line_bytes, n, to); break;
                case APUS_F16: matrix_copy_tile(APUS_F16, source, m->line_bytes, n, to); break;
                default: matrix_copy_tile(APUS_BF16, source, m->line_bytes, n, to); break;
                }
                continue;
            }
            for (int64_t i = 0; i < n; i++)
                matrix_widen(m->type, source + (size_t)i * m->line_bytes, height, m->lines - line - r,
                             wide + i * TILE_ROUND);
            matrix_close_up(wide, height, n, out + r * depth + k * height);
        }
    }
}

static void matrix_pack_left(const struct apus_matrix *m, int64_t line, int64_t rows, int64_t from, int64_t depth,
                             float *out) {
    matrix_pack_left_as_it_is(m, line, rows, from, depth, out);
    if (m->rounded) matrix_round(out, rows * depth);
}
