// Who fills which part of the table, per instruction set. dispatch.c calls these; everybody else reads the table.
#ifndef APUS_TABLES_H
#define APUS_TABLES_H

#include "CKernels.h"

// What the processor can do, as far as the tables ask.
struct apus_processor {
    bool avx2;        // with FMA and F16C
    bool avx_vnni;    // vpdpbusd on 32-byte vectors
    bool avx512;      // F, BW, DQ, VL and VNNI
    bool avx512_bf16;
    bool dotprod;     // ARM: sdot
    bool i8mm;        // ARM: smmla
};
const struct apus_processor *apus_processor(void);

void apus_fill_float_rows_scalar(struct apus_kernels *table);
void apus_fill_products_scalar(struct apus_kernels *table);
void apus_fill_matrix_base(struct apus_kernels *table);
#if defined(__x86_64__)
void apus_fill_float_rows_avx2(struct apus_kernels *table);
void apus_fill_products_avx2(struct apus_kernels *table);
void apus_fill_matrix_avx2(struct apus_kernels *table);
void apus_fill_products_avxvnni(struct apus_kernels *table);
void apus_fill_float_rows_avx512(struct apus_kernels *table);
void apus_fill_products_avx512(struct apus_kernels *table);
void apus_fill_matrix_avx512(struct apus_kernels *table);
void apus_fill_matrix_avx512_bf16(struct apus_kernels *table);
#elif defined(__aarch64__)
void apus_fill_float_rows_neon(struct apus_kernels *table);
void apus_fill_products_neon(struct apus_kernels *table);
void apus_fill_products_neon_i8mm(struct apus_kernels *table);
#endif

// Parts of the products that one implementation serves in every table.
void apus_dequantize(int32_t type, const void *source, float *destination, int64_t n);
size_t apus_activation_row_bytes(int32_t type, int64_t k);
int32_t apus_activation_form(int32_t type);

#endif
