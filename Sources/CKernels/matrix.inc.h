// Products of float matrices. Included by the file of an instruction set, which defines F (a vector of LANES floats),
// TILE_ROWS (so many rows of sums by two vectors fit its registers), BLOCK_COLUMNS and the operations used here.
//
// Both factors are brought into panels: the left one into panels of up to TILE_ROWS rows, [depth][rows of the panel],
// the right one into panels of two vectors of columns, [depth][columns of the panel]; the last panel is as narrow as
// whole rows or vectors allow. A tile of sums reads a panel of each from end to end, one broadcast per row and step of
// k, and no sum crosses lanes.
//
// An element is summed over ascending k, one fma after the other, in steps of APUS_MATRIX_STEP; the sums of the steps
// are added in order. So its bits depend on its row and column alone, and are the same in every table with fma.

enum {
    PANEL = 2 * LANES,
    FEW_ROWS = 4 * TILE_ROWS,
    NEAR_ROWS = 24 * TILE_ROWS, // of the left factor; they stay in the second cache together with a block of columns
};

// Where the sums of a tile come from and go to.
struct tile {
    float *out;
    int64_t out_stride;
    int last;                      // columns of the last vector that are stored
    bool add;                      // to what out holds
    const float *so_far;           // sums of the values of k before these, in place of zeros
    float *onward;                 // where sums go that other values of k follow, in place of out
};

// Rows of the tile times vectors of the panel.
INLINE void matrix_tile(int rows, int vectors, const float *left, const float *right, int64_t depth,
                        const struct tile *t) {
    float *out = t->out;
    F sum[TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sum[r][v] = t->so_far ? f_load(t->so_far + (2 * r + v) * LANES) : f_zero();
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) __builtin_prefetch(out + r * t->out_stride + v * LANES, 1, 3);
    }
    for (int64_t k = 0; k < depth; k++, left += rows, right += vectors * LANES) {
        F b[2];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) __builtin_prefetch(right + v * LANES + 8 * PANEL, 0, 3);
        __builtin_prefetch(left + 16 * rows, 0, 3);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) b[v] = f_load(right + v * LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const F a = f_broadcast(left + r);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sum[r][v] = f_fma(a, b[v], sum[r][v]);
        }
    }
    if (t->onward) {
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) f_store(t->onward + (2 * r + v) * LANES, sum[r][v]);
        }
        return;
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++, out += t->out_stride) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            float *at = out + v * LANES;
            if (v + 1 < vectors || t->last == LANES) {
                f_store(at, t->add ? f_add(f_load(at), sum[r][v]) : sum[r][v]);
            } else {
                float part[LANES];
                f_store(part, sum[r][v]);
                for (int i = 0; i < t->last; i++) at[i] = t->add ? at[i] + part[i] : part[i];
            }
        }
    }
}

#define TILE(n)                                                                                                        \
    case n:                                                                                                            \
        if (n <= TILE_ROWS) matrix_tile(n <= TILE_ROWS ? n : 1, vectors, left, right, depth, t);                       \
        break;
#define TILES(name, vectors_)                                                                                          \
    static void name(int64_t rows, const float *left, const float *right, int64_t depth, const struct tile *t) {       \
        enum { vectors = vectors_ };                                                                                   \
        switch (rows) {                                                                                                \
            TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)         \
            TILE(13) TILE(14)                                                                                          \
        default: break;                                                                                                \
        }                                                                                                              \
    }
TILES(matrix_tiles_1, 1)
TILES(matrix_tiles_2, 2)
#undef TILE
#undef TILES

// The panels of a factor, of `depth` values of k each, seen from value `from` on.
struct panels {
    const float *first;
    int64_t depth, from;
};

// Every tile of some panels, over n values of k. Sums that come from or go to memory lie tile by tile.
static void matrix_step(struct panels left, int64_t rows, struct panels right, int64_t columns, int64_t n,
                        struct tile t) {
    float *const out = t.out;
    for (int64_t c = 0; c < columns; c += PANEL) {
        const int64_t width = columns - c < PANEL ? columns - c : PANEL;
        const int64_t vectors = (width + LANES - 1) / LANES;
        const float *b = right.first + c * right.depth + right.from * vectors * LANES;
        t.last = (int)(width - (vectors - 1) * LANES);
        for (int64_t r = 0; r < rows; r += TILE_ROWS) {
            const int64_t height = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
            const float *a = left.first + r * left.depth + left.from * height;
            t.out = out + r * t.out_stride + c;
            if (vectors == 1) matrix_tiles_1(height, a, b, n, &t);
            else matrix_tiles_2(height, a, b, n, &t);
            if (t.so_far) t.so_far += TILE_ROWS * PANEL;
            if (t.onward) t.onward += TILE_ROWS * PANEL;
        }
    }
}

INLINE size_t matrix_bytes(const struct apus_matrix *m) { return m->type == APUS_F32 ? 4 : 2; }
INLINE const uint8_t *matrix_line(const struct apus_matrix *m, int64_t line) {
    return (const uint8_t *)m->data + (size_t)line * m->line_bytes;
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
static void matrix_pack_left(const struct apus_matrix *m, int64_t line, int64_t rows, int64_t from, int64_t depth,
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

static void matrix_pack(const struct apus_matrix *m, bool left, int64_t line, int64_t count, float *panels) {
    if (left) matrix_pack_left(m, line, count, 0, m->depth, panels);
    else matrix_pack_right(m, line, count, 0, m->depth, 0, panels);
}

// Few rows: columns are read at the rate of memory, so they are multiplied as they come, a short stretch of k at a time
// that stays in the innermost cache.
static void matrix_product_of_few_rows(const struct apus_matrix_product *p) {
    enum { STRETCH = 256 };
    float panel[STRETCH * PANEL] __attribute__((aligned(64)));
    float sums[FEW_ROWS * PANEL] __attribute__((aligned(64)));
    const int64_t depth = p->left.depth;
    for (int64_t c = 0; c < p->columns; c += PANEL) {
        const int64_t columns = p->columns - c < PANEL ? p->columns - c : PANEL;
        const size_t ahead = c + 2 * PANEL <= p->columns ? PANEL * p->right.line_bytes : 0;
        for (int64_t k = 0; k < depth; k += STRETCH) {
            const int64_t n = depth - k < STRETCH ? depth - k : STRETCH;
            const bool begins = k % APUS_MATRIX_STEP == 0;
            const bool ends = k + n == depth || (k + n) % APUS_MATRIX_STEP == 0;
            matrix_pack_right(&p->right, p->first_column + c, columns, k, n, ahead, panel);
            matrix_step((struct panels){p->left_panels, depth, k}, p->rows, (struct panels){panel, n, 0}, columns, n,
                        (struct tile){p->out + c, p->out_stride, 0, p->add || k >= APUS_MATRIX_STEP,
                                      begins ? NULL : sums, ends ? NULL : sums});
        }
    }
}

// One factor comes in panels; the other one is brought into panels step by step, in memory that stays near.
static void matrix_product(const struct apus_matrix_product *p) {
    const bool pack_right = !p->right_panels;
    const int64_t depth = p->left.depth;
    if (depth == 0 && !p->add) {
        for (int64_t r = 0; r < p->rows; r++) memset(p->out + r * p->out_stride, 0, (size_t)p->columns * sizeof(float));
    }
    if (pack_right && p->right.lines_along_depth && p->rows <= FEW_ROWS) {
        matrix_product_of_few_rows(p);
        return;
    }
    const int64_t rows_at_once = pack_right ? p->rows : NEAR_ROWS;
    const int64_t columns_at_once = pack_right ? BLOCK_COLUMNS : p->columns;
    for (int64_t r = 0; r < p->rows; r += rows_at_once) {
        const int64_t rows = p->rows - r < rows_at_once ? p->rows - r : rows_at_once;
        for (int64_t c = 0; c < p->columns; c += columns_at_once) {
            const int64_t columns = p->columns - c < columns_at_once ? p->columns - c : columns_at_once;
            for (int64_t k = 0; k < depth; k += APUS_MATRIX_STEP) {
                const int64_t n = depth - k < APUS_MATRIX_STEP ? depth - k : APUS_MATRIX_STEP;
                struct panels left = {p->left_panels, depth, k}, right = {p->right_panels, depth, k};
                if (pack_right) {
                    matrix_pack_right(&p->right, p->first_column + c, columns, k, n, 0, p->workspace);
                    right = (struct panels){p->workspace, n, 0};
                } else {
                    matrix_pack_left(&p->left, p->first_row + r, rows, k, n, p->workspace);
                    left = (struct panels){p->workspace, n, 0};
                }
                for (int64_t i = 0; i < rows; i += NEAR_ROWS) {
                    const struct panels part = {left.first + i * left.depth, left.depth, left.from};
                    matrix_step(part, rows - i < NEAR_ROWS ? rows - i : NEAR_ROWS, right, columns, n,
                                (struct tile){p->out + (r + i) * p->out_stride + c, p->out_stride, 0,
                                              p->add || k > 0, NULL, NULL});
                }
            }
        }
    }
}

INLINE void matrix_fill(struct apus_kernels *table) {
    table->matrix_rows = TILE_ROWS;
    table->matrix_columns = PANEL;
    table->matrix_block_rows = NEAR_ROWS;
    table->matrix_block_columns = BLOCK_COLUMNS;
    table->matrix_pack = matrix_pack;
    table->matrix_product = matrix_product;
}
