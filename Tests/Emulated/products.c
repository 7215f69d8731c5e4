// Products with stored weights.
#include "check.h"

#include "activations.h"

static uint16_t random_scale(int kind) {
    static const uint16_t extremes[] = {0, 0x8000, 1, 0x03FF, 0x0400, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00};
    if (kind == 1) return extremes[random_below(sizeof extremes / sizeof *extremes)];
    return apus_float_to_half(random_float() * 0.05f);
}

// One block. pattern: codes drawn at random, or all of one byte. kind 1: extreme scales.
static void make_block(const struct type *type, int pattern, int kind, uint8_t *block) {
    static const uint8_t bytes[] = {0x00, 0xFF, 0x0F, 0xF0, 0x80, 0x7F, 0x55};
    const int64_t size = apus_block_bytes(type->number);
    for (int64_t i = 0; i < size; i++)
        block[i] = pattern < 0 ? (uint8_t)random_bits() : bytes[pattern % (int)sizeof bytes];
    for (int i = 0; i < 2; i++) {
        if (type->halves[i] < 0) continue;
        const uint16_t half = random_scale(kind);
        memcpy(block + type->halves[i], &half, 2);
    }
    if (type->number == APUS_MXFP4)
        block[0] = kind == 1 ? (uint8_t[]){0, 1, 2, 254, 255}[random_below(5)] : (uint8_t)(118 + random_below(12));
    if (type->number == APUS_F32 || type->number == APUS_BF16) {
        const uint32_t word = bits(random_float());
        memcpy(block, (const uint8_t *)&word + (type->number == APUS_F32 ? 0 : 2), (size_t)size);
    }
}

static float random_activation(int kind) {
    switch (kind) {
    case 1: return random_float() * 1e4f;
    case 2: return random_below(2) ? 1 : -1; // all at their largest, where 16-bit sums would overflow first
    case 3: return 1;
    case 4: return -1;
    case 5: return 0;
    case 6: return random_float() * 1e-38f;
    case 7: return random_below(40) ? random_float() : random_below(2) ? NAN : INFINITY;
    case 8: return random_below(8) ? (float)(random_below(509) - 254) * 0.5f : 127; // halfway between two codes
    default: return random_float();
    }
}

static void check_activation_rows(const struct apus_kernels *table, const struct apus_kernels *scalar,
                                  const struct type *type) {
    const int64_t unit = apus_block_size(type->number) == 256 ? 256 : 1;
    for (int kind = 0; kind < 9; kind++) {
        const int64_t k = unit * (1 + random_below(unit == 1 ? 130 : 3));
        const size_t bytes = scalar->activation_row_bytes(type->number, k);
        float *x = fenced((size_t)k * sizeof(float));
        for (int64_t i = 0; i < k; i++) x[i] = random_activation(kind);
        uint8_t *expected = fenced(bytes), *made = fenced(bytes);
        scalar->make_activation_row(type->number, x, k, expected);
        table->make_activation_row(type->number, x, k, made);
        check(table->activation_row_bytes(type->number, k) == bytes && memcmp(expected, made, bytes) == 0,
              "%s %s: activations of kind %d, %d values", table->name, type->name, kind, (int)k);
        release();
    }
}

// What activation i of a row stands for.
static double activation(int32_t form, const uint8_t *row, int64_t i) {
    if (form == FORM_32) {
        const struct activations_32 *a = (const struct activations_32 *)row + i / 32;
        return (double)a->d * a->q[i % 32];
    }
    if (form == FORM_256) {
        const struct activations_256 *a = (const struct activations_256 *)row + i / CHUNK;
        return (double)a->d * a->q[i % CHUNK];
    }
    return ((const float *)row)[i];
}

struct shape {
    int64_t rows, columns, k;
};

// Whether packed rows, packed in two parts and multiplied from a panel in the middle on, give the bits of `expected`.
static bool same_when_packed(const struct apus_kernels *table, int32_t type, struct shape s, const uint8_t *weights,
                             size_t row_bytes, const uint8_t *x, size_t x_bytes, const float *expected,
                             int64_t stride) {
    const size_t bytes = table->packed_bytes ? table->packed_bytes(type, s.rows, s.k) : 0;
    if (bytes == 0) return true;
    uint8_t *packed = fenced((bytes + 63) / 64 * 64); // a multiple of 64, for its alignment
    int64_t middle = random_below((int)s.rows) / table->panel_rows * table->panel_rows;
    table->pack(type, weights, row_bytes, middle, s.rows - middle, s.k, packed);
    if (middle > 0) table->pack(type, weights, row_bytes, 0, middle, s.k, packed);
    middle = random_below((int)s.rows) / table->panel_rows * table->panel_rows;
    float *out = fenced((size_t)(s.rows * s.columns) * sizeof(float));
    table->product_packed(type, packed, middle, s.rows - middle, s.k, x, x_bytes, s.columns, out + middle, s.rows);
    if (middle > 0) table->product_packed(type, packed, 0, middle, s.k, x, x_bytes, s.columns, out, s.rows);
    bool equal = true;
    for (int64_t c = 0; c < s.columns; c++) {
        for (int64_t r = 0; r < s.rows; r++) equal &= same(out[c * s.rows + r], expected[c * stride + r]);
    }
    return equal;
}

static void check_product(const struct apus_kernels *table, const struct apus_kernels *scalar, const struct type *type,
                          struct shape s, int pattern, int scale_kind, int x_kind) {
    const int64_t block = apus_block_size(type->number), bytes = apus_block_bytes(type->number);
    const size_t row_bytes = (size_t)(s.k / block * bytes);
    const size_t x_bytes = scalar->activation_row_bytes(type->number, s.k);
    const int32_t form = scalar->activation_form(type->number);
    uint8_t *weights = fenced((size_t)s.rows * row_bytes), *x = fenced((size_t)s.columns * x_bytes);
    for (uint8_t *b = weights; b < weights + (size_t)s.rows * row_bytes; b += bytes)
        make_block(type, pattern, random_below(8) ? 0 : scale_kind, b);
    float *column = fenced((size_t)s.k * sizeof(float));
    for (int64_t c = 0; c < s.columns; c++) {
        for (int64_t i = 0; i < s.k; i++) column[i] = random_activation(c == 0 ? x_kind : 0);
        scalar->make_activation_row(type->number, column, s.k, x + (size_t)c * x_bytes);
    }

    const int64_t stride = s.rows + random_below(3);
    const size_t out_bytes = (size_t)(stride * (s.columns - 1) + s.rows) * sizeof(float);
    float *out = fenced(out_bytes), *expected = fenced(out_bytes), *values = fenced((size_t)s.k * sizeof(float));
    memset(out, 0xA5, out_bytes);
    table->product(type->number, weights, row_bytes, s.rows, s.k, x, x_bytes, s.columns, out, stride);
    scalar->product(type->number, weights, row_bytes, s.rows, s.k, x, x_bytes, s.columns, expected, stride);
    bool right = true, equal = true, untouched = true;
    for (int64_t r = 0; r < s.rows; r++) {
        scalar->dequantize(type->number, weights + (size_t)r * row_bytes, values, s.k);
        for (int64_t c = 0; c < s.columns; c++) {
            const float got = out[c * stride + r];
            float alone;
            table->product(type->number, weights + (size_t)r * row_bytes, row_bytes, 1, s.k, x + (size_t)c * x_bytes,
                           x_bytes, 1, &alone, 1);
            equal &= same(got, alone);
            if (form != FORM_FLOAT) {
                equal &= same(got, expected[c * stride + r]);
                if (table != scalar || scale_kind == 1 || x_kind == 7) continue;
            }
            double sum = 0, size = 0;
            for (int64_t i = 0; i < s.k; i++) {
                const double term = values[i] * activation(form, x + (size_t)c * x_bytes, i);
                sum += term;
                size += fabs(term);
            }
            if (size < 1e38) right &= fabs(got - sum) <= 2e-6 * size + (double)s.k * 0x1p-149;
            else right &= !isfinite(got) || size < 1e39;
        }
    }
    for (int64_t c = 0; c + 1 < s.columns; c++) {
        for (int64_t r = s.rows; r < stride; r++) untouched &= bits(out[c * stride + r]) == 0xA5A5A5A5;
    }
    const bool packed = same_when_packed(table, type->number, s, weights, row_bytes, x, x_bytes, out, stride);
    check(right && equal && untouched && packed,
          "%s %s: %d rows, %d columns, %d values, pattern %d, scales %d, activations %d:%s%s%s%s", table->name,
          type->name, (int)s.rows, (int)s.columns, (int)s.k, pattern, scale_kind, x_kind, right ? "" : " wrong",
          equal ? "" : " other bits", untouched ? "" : " wrote outside", packed ? "" : " other bits when packed");
    release();
}

void check_products(const struct apus_kernels *table, const struct apus_kernels *scalar) {
    for (int t = 0; t < type_count; t++) {
        const struct type *type = &types[t];
        const int64_t block = apus_block_size(type->number);
        check_activation_rows(table, scalar, type);
        // Every width, every height, and lengths in every rest of a vector or a chunk.
        for (int n = 1; n <= 40; n++) {
            const int64_t k = block == 1 ? n : block * (1 + n % (block == 32 ? 17 : 3));
            check_product(table, scalar, type, (struct shape){1 + random_below(20), n, k}, -1, 0, n % 8);
            check_product(table, scalar, type, (struct shape){n, 1 + random_below(9), k}, -1, n % 2, n % 7);
        }
        for (int pattern = 0; pattern < 7; pattern++) {
            for (int x_kind = 2; x_kind < 5; x_kind++)
                check_product(table, scalar, type, (struct shape){5, 3, block == 1 ? 100 : 2 * block}, pattern, 0,
                              x_kind);
        }
        check_product(table, scalar, type, (struct shape){3, 150, block == 1 ? 1100 : 512}, -1, 0, 0);
    }
}
