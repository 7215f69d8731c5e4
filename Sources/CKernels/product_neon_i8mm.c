// Rows of stored weights for NEON with dot product and products of 8-bit matrices (smmla), where columns come in pairs.
#if defined(__aarch64__)
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#define MATRICES 1
#include "neon.inc.h"

void apus_fill_products_neon_i8mm(struct apus_kernels *table) { fill(table); }
#pragma clang attribute pop
#endif
