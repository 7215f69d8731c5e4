// Products of float matrices. Included by the file of an instruction set, which defines F (a vector of LANES floats),
// TILE_ROWS (so many rows of sums by two vectors fit its registers), BLOCK_COLUMNS and the operations used here.
//
// A tile of sums reads rows of the left factor and two vectors of columns of the right one from end to end, one
// broadcast per row and step of k, and no sum crosses lanes. A factor that lies well for that (apus_matrix_lies_well) is
// read where it lies. Others are brought into panels: the left one into panels of up to TILE_ROWS rows, [depth][rows of
// the panel], the right one into panels of two vectors of columns, [depth][columns of the panel]; the last panel is as
// narrow as whole rows or vectors allow.
//
// An element is summed over ascending k, one fma after the other, in steps of APUS_MATRIX_STEP; the sums of the steps
// are added in order. So its bits depend on its row and column alone, and are the same in every table with fma.
//
// Where PAIRS is defined, a word of a panel is two values of k as BF16, and f_fma multiplies and adds both; no factor is
// read where it lies.

enum {
    PANEL = 2 * LANES,
    FEW_ROWS = 4 * TILE_ROWS,
    NEAR_ROWS = 24 * TILE_ROWS, // of the left factor; they stay in the second cache together with a block of columns
    NEAR_COLUMNS = 8 * PANEL,   // the same of the right one
};

INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

#ifdef PAIRS
enum { IN_PANELS_ONLY = true };
INLINE int64_t words(int64_t values) { return (values + 1) / 2; }
#else
enum { IN_PANELS_ONLY = false };
INLINE int64_t words(int64_t values) { return values; }
#endif

#include "matrix_tile.inc.h"

#ifdef PAIRS
#include "matrix_pack_pairs.inc.h"
#else
#include "matrix_pack.inc.h"
#endif

static void matrix_pack(const struct apus_matrix *m, bool left, int64_t line, int64_t count, float *panels) {
    if (left) matrix_pack_left(m, line, count, 0, m->depth, panels);
    else matrix_pack_right(m, line, count, 0, m->depth, 0, panels);
}

// Panels of `depth` values, from value `from` on.
INLINE struct lines matrix_panels(const float *first, int64_t depth, int64_t from) {
    return (struct lines){first, words(depth), 0, words(from)};
}

// Lines from `line` on, values from `k` on, of a factor that lies well.
INLINE struct lines matrix_in_place(const struct apus_matrix *m, int64_t line, int64_t k) {
    const int64_t stride = (int64_t)(m->line_bytes / sizeof(float));
    const float *data = (const float *)m->data;
    if (m->lines_along_depth) return (struct lines){data + line * stride + k, stride, 1, 0};
    return (struct lines){data + k * stride + line, 1, stride, 0};
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
            matrix_step(matrix_panels(p->left_panels, depth, k), p->rows, matrix_panels(panel, n, 0), columns,
                        words(n),
                        (struct tile){p->out + c, p->out_stride, 0, p->add || k >= APUS_MATRIX_STEP,
                                      begins ? NULL : sums, ends ? NULL : sums});
        }
    }
}

// Factors that neither come in panels nor lie well are brought into panels step by step, in memory that stays near.
static void matrix_product(const struct apus_matrix_product *p) {
    const int64_t depth = p->left.depth;
    if (depth == 0 && !p->add) {
        for (int64_t r = 0; r < p->rows; r++) memset(p->out + r * p->out_stride, 0, (size_t)p->columns * sizeof(float));
    }
    const bool pack_left = !p->left_panels && (IN_PANELS_ONLY || !apus_matrix_lies_well(&p->left, true));
    const bool pack_right = !p->right_panels && (IN_PANELS_ONLY || !apus_matrix_lies_well(&p->right, false));
    if (p->left_panels && pack_right && p->right.lines_along_depth && p->rows <= FEW_ROWS) {
        matrix_product_of_few_rows(p);
        return;
    }
    const int64_t rows_at_once = pack_left ? NEAR_ROWS : p->rows;
    const int64_t columns_at_once = pack_right ? BLOCK_COLUMNS : p->columns;
    float *const left_space = p->workspace;
    const int64_t left_lines = pack_left ? least(NEAR_ROWS, (p->rows + 31) / 32 * 32) : 0;
    float *const right_space = left_space + left_lines * APUS_MATRIX_STEP;
    for (int64_t r = 0; r < p->rows; r += rows_at_once) {
        const int64_t rows = least(rows_at_once, p->rows - r), row = p->first_row + r;
        for (int64_t c = 0; c < p->columns; c += columns_at_once) {
            const int64_t columns = least(columns_at_once, p->columns - c), column = p->first_column + c;
            for (int64_t k = 0; k < depth; k += APUS_MATRIX_STEP) {
                const int64_t n = least(APUS_MATRIX_STEP, depth - k);
                struct lines left, right;
                if (p->left_panels) {
                    left = matrix_panels(p->left_panels + r * words(depth), depth, k);
                } else if (pack_left) {
                    matrix_pack_left(&p->left, row, rows, k, n, left_space);
                    left = matrix_panels(left_space, n, 0);
                } else {
                    left = matrix_in_place(&p->left, row, k);
                }
                if (p->right_panels) {
                    right = matrix_panels(p->right_panels + c * words(depth), depth, k);
                } else if (pack_right) {
                    matrix_pack_right(&p->right, column, columns, k, n, 0, right_space);
                    right = matrix_panels(right_space, n, 0);
                } else {
                    right = matrix_in_place(&p->right, column, k);
                }
                for (int64_t i = 0; i < rows; i += NEAR_ROWS) {
                    struct lines part = left;
                    part.first += i * left.per_line;
                    matrix_step(part, least(NEAR_ROWS, rows - i), right, columns, words(n),
                                (struct tile){p->out + (r + i) * p->out_stride + c, p->out_stride, 0,
                                              p->add || k > 0, NULL, NULL});
                }
            }
        }
    }
}

#ifndef PAIRS
INLINE void matrix_fill(struct apus_kernels *table) {
    table->matrix_rows = TILE_ROWS;
    table->matrix_columns = PANEL;
    table->matrix_block_rows = NEAR_ROWS;
    table->matrix_block_columns = BLOCK_COLUMNS;
    table->matrix_pack = matrix_pack;
    table->matrix_product = matrix_product;
}
#endif
