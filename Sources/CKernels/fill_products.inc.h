// The products' part of a table of kernels: what every instruction set with panels puts there. Included last, after
// panel_product.inc.h, float_product.inc.h and make_activation_row.

static void product(int32_t type, const void *weights, size_t row_bytes, int64_t rows, int64_t k, const void *x,
                    size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    if (apus_activation_form(type) == FORM_FLOAT)
        product_float(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
    else product_quantised(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
}

static void fill_products(struct apus_kernels *table) {
    table->dequantize = apus_dequantize;
    table->activation_row_bytes = apus_activation_row_bytes;
    table->activation_form = apus_activation_form;
    table->make_activation_row = make_activation_row;
    table->product = product;
    fill_packed(table);
}
