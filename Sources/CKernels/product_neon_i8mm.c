// Rows of stored weights for NEON with dot product and products of 8-bit matrices (smmla), where columns come in pairs.
// What has no 8-bit integers in it is NEON's.
#if defined(__aarch64__)
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#define MATRICES 1
#include "neon.inc.h"

static struct apus_kernels neon;

static void product(int32_t type, const void *weights, size_t row_bytes, int64_t rows, int64_t k, const void *x,
                    size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    if (apus_activation_form(type) == FORM_FLOAT)
        neon.product(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
    else product_quantised(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
}

void apus_fill_products_neon_i8mm(struct apus_kernels *table) {
    apus_fill_products_neon(&neon);
    apus_fill_products_neon(table);
    table->product = product;
    fill_packed(table);
}
#pragma clang attribute pop
#endif
