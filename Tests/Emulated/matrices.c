// Products of float matrices.
#include "check.h"

#include "half.h"

// A factor with random values: of `type`, its lines along the depth or across it.
static struct apus_matrix random_matrix(int32_t type, bool lines_along_depth, int64_t lines, int64_t depth) {
    const size_t size = type == APUS_F32 ? 4 : 2, count = (size_t)(lines * depth);
    uint8_t *data = fenced(count * size);
    for (size_t i = 0; i < count; i++) {
        const float x = random_float();
        const uint16_t half = type == APUS_F16 ? apus_float_to_half(x) : apus_float_to_bfloat(x);
        memcpy(data + i * size, type == APUS_F32 ? (const void *)&x : &half, size);
    }
    return (struct apus_matrix){data,  type, (size_t)(lines_along_depth ? depth : lines) * size, lines_along_depth,
                                lines, depth};
}

static double element(const struct apus_matrix *m, int64_t line, int64_t k) {
    const int64_t row = m->lines_along_depth ? line : k, column = m->lines_along_depth ? k : line;
    const uint8_t *at = (const uint8_t *)m->data + (size_t)row * m->line_bytes;
    if (m->type == APUS_F32) return ((const float *)at)[column];
    const uint16_t half = ((const uint16_t *)at)[column];
    return m->type == APUS_F16 ? apus_half_to_float(half) : apus_bfloat_to_float(half);
}

static void check_one(const struct apus_kernels *table, int round, bool pack_left, bool pack_right) {
    static const int32_t kinds[] = {APUS_F32, APUS_F16, APUS_BF16};
    const int64_t rows = 1 + random_below(40), columns = 1 + random_below(40);
    const int64_t depth = round % 7 == 0 ? APUS_MATRIX_STEP + random_below(40) : 1 + random_below(70);
    struct apus_matrix_product p = {
        .left = random_matrix(kinds[round % 3], round % 2, rows, depth),
        .right = random_matrix(kinds[round / 3 % 3], round / 2 % 2, columns, depth),
        .rows = rows, .columns = columns, .out_stride = columns + random_below(3), .add = round % 5 == 0,
    };
    const int64_t lines = pack_left ? rows : (columns + 15) / 16 * 16;
    float *panels = fenced(((size_t)(lines * depth) * 4 + 63) / 64 * 64);
    if (pack_left || pack_right)
        table->matrix_pack(pack_left ? &p.left : &p.right, pack_left, 0, pack_left ? rows : columns, panels);
    if (pack_left) p.left_panels = panels;
    else if (pack_right) p.right_panels = panels;
    p.workspace = fenced((size_t)((rows + 31) / 32 + (columns + 31) / 32) * 32 * APUS_MATRIX_STEP * 4);
    p.out = fenced((size_t)(p.out_stride * (rows - 1) + columns) * 4);
    for (int64_t i = 0; i < p.out_stride * (rows - 1) + columns; i++) p.out[i] = 1;
    table->matrix_product(&p);
    bool right = true;
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t c = 0; c < p.out_stride && r * p.out_stride + c < p.out_stride * (rows - 1) + columns; c++) {
            double sum = p.add || c >= columns, size = 1;
            for (int64_t k = 0; k < depth && c < columns; k++) {
                const double term = element(&p.left, r, k) * element(&p.right, c, k);
                sum += term;
                size += fabs(term);
            }
            right &= fabs(p.out[r * p.out_stride + c] - sum) <= (c < columns ? 1e-6 * size : 0);
        }
    }
    check(right, "%s: product of matrices, case %d, %d rows, %d columns, %d values", table->name, round, (int)rows,
          (int)columns, (int)depth);
    release();
}

void check_matrices(const struct apus_kernels *table) {
    for (int round = 0; round < 120; round++) {
        check_one(table, round, false, true);
        check_one(table, round, true, false);
        check_one(table, round, false, false);
    }
}
