// Tiles of a product of float matrices. Included by matrix.inc.h.

// Where the sums of a tile come from and go to.
struct tile {
    float *out;
    int64_t out_stride;
    int last;                      // columns of the last vector that are stored
    bool add;                      // to what out holds
    // For rows packed in panels only:
    const float *so_far;           // sums of the values of k before these, in place of zeros
    float *onward;                 // where sums go that other values of k follow, in place of out
};

enum { // how far ahead values are brought into the first cache
    AHEAD_PANEL = 8,   // steps of k of the right factor
    AHEAD_ACROSS = 10, // and of the left one; more would push each other out where rows of memory are powers of two apart
    AHEAD_ALONG = 32,  // floats of a row of the left one
};

static __attribute__((noinline)) void matrix_store_part(float *at, F sum, const struct tile *t) {
    float part[LANES];
    f_store(part, sum);
#pragma clang loop vectorize(disable) unroll(disable)
    for (int i = 0; i < t->last; i++) at[i] = t->add ? at[i] + part[i] : part[i];
}

// Rows of the tile times vectors of the panel, whose values of k are right_step floats apart. Those of the left factor
// lie side by side for each row, and left_step is from row to row (along); or the rows of a k do, and it is from k to k.
INLINE void matrix_tile(int rows, int vectors, bool along, const float *left, int64_t left_step, const float *right,
                        int64_t right_step, int64_t depth, const struct tile *t) {
    float *out = t->out;
    F sum[TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sum[r][v] = !along && t->so_far ? f_load(t->so_far + (2 * r + v) * LANES) : f_zero();
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) __builtin_prefetch(out + r * t->out_stride + v * LANES, 1, 3);
    }
    const float *third[(TILE_ROWS + 2) / 3], *soon = left; // an address has room for one or two steps beside the start
    if (along) {
#pragma clang loop unroll(full)
        for (int i = 0; i < (rows + 2) / 3; i++) third[i] = left + 3 * i * left_step;
    }
    for (int64_t k = 0; k < depth; k++, right += right_step) {
        F b[2];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) __builtin_prefetch(right + v * LANES + AHEAD_PANEL * right_step, 0, 3);
        if (along) { // a cache line holds 16 values of a row: one row a step
            if (k % 16 == 0) soon = left + k + AHEAD_ALONG;
            __builtin_prefetch(soon, 0, 3);
            soon += left_step;
        } else {
            __builtin_prefetch(left + AHEAD_ACROSS * left_step, 0, 3);
            __builtin_prefetch(left + AHEAD_ACROSS * left_step + rows - 1, 0, 3);
        }
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) b[v] = f_load(right + v * LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const F a = f_broadcast(along ? third[r / 3] + r % 3 * left_step + k : left + r);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sum[r][v] = f_fma(a, b[v], sum[r][v]);
        }
        if (!along) left += left_step;
    }
    if (!along && t->onward) {
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
                matrix_store_part(at, sum[r][v], t);
            }
        }
    }
}

#define TILE(n)                                                                                                        \
    case n:                                                                                                            \
        if (n <= TILE_ROWS)                                                                                            \
            matrix_tile(n <= TILE_ROWS ? n : 1, vectors, along, left, left_step, right, right_step, depth, t);         \
        break;
#define TILES(name, vectors_, along_)                                                                                  \
    static void name(int64_t rows, const float *left, int64_t left_step, const float *right, int64_t right_step,       \
                     int64_t depth, const struct tile *t) {                                                            \
        enum { vectors = vectors_, along = along_ };                                                                   \
        switch (rows) {                                                                                                \
            TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)         \
            TILE(13) TILE(14)                                                                                          \
        default: break;                                                                                                \
        }                                                                                                              \
    }
TILES(matrix_tiles_1, 1, false)
TILES(matrix_tiles_2, 2, false)
TILES(matrix_tiles_1_along, 1, true)
TILES(matrix_tiles_2_along, 2, true)
#undef TILE
#undef TILES

// Some lines of a factor as tiles read them, beginning with a value of k. In panels: per_line is the panels' depth,
// per_k is 0 (it is the panel's width), and `from` values of k come before. Where the factor lies: floats from line to
// line and from k to k, one of which is 1.
struct lines {
    const float *first;
    int64_t per_line, per_k, from;
};

// Every tile of some rows and columns, over n values of k. A tile's rows stay in the first cache while it goes over
// columns that stay in the second. Sums that come from or go to memory lie tile by tile.
static void matrix_step(struct lines left, int64_t rows, struct lines right, int64_t columns, int64_t n, struct tile t) {
    float *const out = t.out;
    for (int64_t first = 0; first < columns; first += NEAR_COLUMNS) {
        const int64_t end = least(columns, first + NEAR_COLUMNS);
        for (int64_t r = 0; r < rows; r += TILE_ROWS) {
            const int64_t height = least(TILE_ROWS, rows - r);
            const bool along = left.per_k == 1;
            const int64_t left_step = along ? left.per_line : left.per_k ? left.per_k : height;
            const float *a = left.first + r * left.per_line + left.from * (along ? 1 : left_step);
            for (int64_t c = first; c < end; c += PANEL) {
                const int64_t width = least(PANEL, end - c), vectors = (width + LANES - 1) / LANES;
                const int64_t right_step = right.per_k ? right.per_k : vectors * LANES;
                const float *b = right.first + c * right.per_line + right.from * right_step;
                t.out = out + r * t.out_stride + c;
                t.last = (int)(width - (vectors - 1) * LANES);
                if (along && vectors == 2) matrix_tiles_2_along(height, a, left_step, b, right_step, n, &t);
                else if (along) matrix_tiles_1_along(height, a, left_step, b, right_step, n, &t);
                else if (vectors == 2) matrix_tiles_2(height, a, left_step, b, right_step, n, &t);
                else matrix_tiles_1(height, a, left_step, b, right_step, n, &t);
                if (t.so_far) t.so_far += TILE_ROWS * PANEL;
                if (t.onward) t.onward += TILE_ROWS * PANEL;
            }
        }
    }
}
