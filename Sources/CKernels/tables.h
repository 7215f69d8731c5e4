// Who fills which part of the table, per instruction set. dispatch.c calls these; everybody else reads the table.
#ifndef APUS_TABLES_H
#define APUS_TABLES_H

#include "CKernels.h"

void apus_fill_float_rows_scalar(struct apus_kernels *table);
void apus_fill_products_scalar(struct apus_kernels *table);
#if defined(__x86_64__)
void apus_fill_float_rows_avx2(struct apus_kernels *table);
void apus_fill_products_avx2(struct apus_kernels *table);
void apus_fill_float_rows_avx512(struct apus_kernels *table);
void apus_fill_products_avx512(struct apus_kernels *table);
#endif

#endif
