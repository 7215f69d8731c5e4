// The product of float types. Included by the file of an instruction set, which defines F (a vector of LANES floats),
// the size of a tile (FLOAT_ROWS x FLOAT_COLUMNS sums fit its registers) and the operations used here.
//
// Per row and column, lane i sums the products at k = i mod LANES in ascending order; the lanes are added at the end.
// Cutting k into steps only moves the lanes to memory and back.

enum { STEP = 1024, FLOAT_COLUMNS_AT_ONCE = 8 * FLOAT_COLUMNS };

INLINE F load_weights(int32_t type, const uint8_t *row, int64_t i) {
    switch (type) {
    case APUS_F16: return f_load_half(row + 2 * i);
    case APUS_BF16: return f_load_bfloat(row + 2 * i);
    default: return f_load((const float *)(row + 4 * i));
    }
}

// Adds the products of `whole` vectors, and of one more of `count` values where `rest` is given ([FLOAT_ROWS][LANES],
// padded with zeros). What follows a row of x in memory is not touched: zero times NaN would not be zero.
// lanes: [columns][FLOAT_ROWS][LANES]. ahead: bytes from these rows to those of the next tile.
INLINE void float_tile(int32_t type, int columns, const uint8_t *const *rows, size_t ahead, const uint8_t *x,
                       size_t x_row_bytes, int64_t whole, const float *rest, int64_t count, float *lanes) {
    const float *a[FLOAT_COLUMNS];
    F sum[FLOAT_COLUMNS][FLOAT_ROWS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const float *)(x + (size_t)c * x_row_bytes);
#pragma clang loop unroll(full)
        for (int r = 0; r < FLOAT_ROWS; r++) sum[c][r] = f_load(lanes + (c * FLOAT_ROWS + r) * LANES);
    }
    for (int64_t i = 0; i < whole * LANES; i += LANES) {
        F v[FLOAT_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) v[c] = f_load(a[c] + i);
#pragma clang loop unroll(full)
        for (int r = 0; r < FLOAT_ROWS; r++) {
            if (columns == 1) // the same place of the next tile's rows
                __builtin_prefetch(rows[r] + (type == APUS_F32 ? 4 : 2) * i + ahead, 0, 2);
            const F w = load_weights(type, rows[r], i);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) sum[c][r] = f_fma(w, v[c], sum[c][r]);
        }
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        float tail[LANES] __attribute__((aligned(64))) = {0};
        if (rest) memcpy(tail, a[c] + whole * LANES, (size_t)count * sizeof(float));
#pragma clang loop unroll(full)
        for (int r = 0; r < FLOAT_ROWS; r++) {
            F s = sum[c][r];
            if (rest) s = f_fma(f_load(rest + r * LANES), f_load(tail), s);
            f_store(lanes + (c * FLOAT_ROWS + r) * LANES, s);
        }
    }
}

#define FLOAT_TILES(name, type)                                                                                        \
    static void name(int columns, const uint8_t *const *rows, size_t ahead, const uint8_t *x, size_t x_row_bytes,      \
                     int64_t whole, const float *rest, int64_t count, float *lanes) {                                  \
        switch (columns) {                                                                                             \
        case 1:                                                                                                        \
            float_tile(type, 1, rows, ahead, x, x_row_bytes, whole, rest, count, lanes);                               \
            break;                                                                                                     \
        case 2:                                                                                                        \
            float_tile(type, 2, rows, ahead, x, x_row_bytes, whole, rest, count, lanes);                               \
            break;                                                                                                     \
        case 3:                                                                                                        \
            float_tile(type, 3, rows, ahead, x, x_row_bytes, whole, rest, count, lanes);                               \
            break;                                                                                                     \
        case 4:                                                                                                        \
            float_tile(type, FLOAT_COLUMNS < 4 ? 1 : 4, rows, ahead, x, x_row_bytes, whole, rest, count, lanes);       \
            break;                                                                                                     \
        case 5:                                                                                                        \
            float_tile(type, FLOAT_COLUMNS < 5 ? 1 : 5, rows, ahead, x, x_row_bytes, whole, rest, count, lanes);       \
            break;                                                                                                     \
        case 6:                                                                                                        \
            float_tile(type, FLOAT_COLUMNS < 6 ? 1 : 6, rows, ahead, x, x_row_bytes, whole, rest, count, lanes);       \
            break;                                                                                                     \
        default: break;                                                                                                \
        }                                                                                                              \
    }

FLOAT_TILES(tile_f32, APUS_F32)
FLOAT_TILES(tile_f16, APUS_F16)
FLOAT_TILES(tile_bf16, APUS_BF16)

static void run_tile(int32_t type, int columns, const uint8_t *const *rows, size_t ahead, const uint8_t *x,
                     size_t x_row_bytes, int64_t whole, const float *rest, int64_t count, float *lanes) {
    switch (type) {
    case APUS_F16: tile_f16(columns, rows, ahead, x, x_row_bytes, whole, rest, count, lanes); break;
    case APUS_BF16: tile_bf16(columns, rows, ahead, x, x_row_bytes, whole, rest, count, lanes); break;
    default: tile_f32(columns, rows, ahead, x, x_row_bytes, whole, rest, count, lanes); break;
    }
}

static void product_float(int32_t type, const uint8_t *weights, size_t row_bytes, int64_t rows, int64_t k,
                          const uint8_t *x, size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    const int64_t bytes = apus_block_bytes(type);
    const int64_t rest_at = k / LANES * LANES, rest_count = k - rest_at;
    float lanes[FLOAT_COLUMNS_AT_ONCE * FLOAT_ROWS * LANES] __attribute__((aligned(64)));
    float widened[FLOAT_ROWS][STEP] __attribute__((aligned(64)));
    float rest[FLOAT_ROWS * LANES] __attribute__((aligned(64)));
    for (int64_t c = 0; c < columns; c += FLOAT_COLUMNS_AT_ONCE) {
        const int64_t width = columns - c < FLOAT_COLUMNS_AT_ONCE ? columns - c : FLOAT_COLUMNS_AT_ONCE;
        const bool one_tile = width <= FLOAT_COLUMNS;
        const uint8_t *xc = x + (size_t)c * x_row_bytes;
        for (int64_t r = 0; r < rows; r += FLOAT_ROWS) {
            const int height = rows - r < FLOAT_ROWS ? (int)(rows - r) : FLOAT_ROWS;
            const uint8_t *row[FLOAT_ROWS]; // rows past the end repeat the last one and are not stored
            for (int i = 0; i < FLOAT_ROWS; i++)
                row[i] = weights + (size_t)(r + (i < height ? i : height - 1)) * row_bytes;
            const size_t ahead = r + 2 * FLOAT_ROWS <= rows ? FLOAT_ROWS * row_bytes : 0;
            if (rest_count > 0) {
                memset(rest, 0, sizeof rest);
                for (int i = 0; i < FLOAT_ROWS; i++)
                    apus_dequantize(type, row[i] + (size_t)(rest_at * bytes), rest + i * LANES, rest_count);
            }
            memset(lanes, 0, (size_t)width * FLOAT_ROWS * LANES * sizeof(float));
            const int64_t step = one_tile ? k : STEP;
            for (int64_t at = 0; at < k; at += step) {
                const bool last = k - at <= step;
                const int64_t whole = (last ? k - at : step) / LANES;
                const uint8_t *part[FLOAT_ROWS];
                for (int i = 0; i < FLOAT_ROWS; i++) part[i] = row[i] + (size_t)(at * bytes);
                int32_t tile_type = type;
                if (!one_tile && type != APUS_F32) { // once for many columns
                    for (int i = 0; i < FLOAT_ROWS; i++) {
                        for (int64_t v = 0; v < whole; v++)
                            f_store(&widened[i][v * LANES], load_weights(type, part[i], v * LANES));
                        part[i] = (const uint8_t *)widened[i];
                    }
                    tile_type = APUS_F32;
                }
                for (int64_t t = 0; t < width; t += FLOAT_COLUMNS) {
                    const int tile = width - t < FLOAT_COLUMNS ? (int)(width - t) : FLOAT_COLUMNS;
                    run_tile(tile_type, tile, part, ahead, xc + (size_t)t * x_row_bytes + (size_t)at * sizeof(float),
                             x_row_bytes, whole, last && rest_count > 0 ? rest : NULL, rest_count,
                             lanes + t * FLOAT_ROWS * LANES);
                }
            }
            for (int64_t t = 0; t < width; t++) {
                for (int i = 0; i < height; i++)
                    out[(c + t) * out_stride + r + i] = f_sum(f_load(lanes + (t * FLOAT_ROWS + i) * LANES));
            }
        }
    }
}
