// Rows of stored weights for NEON with dot product (sdot, from ARMv8.2 on).
#if defined(__aarch64__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define MATRICES 0
#include "neon.inc.h"

void apus_fill_products_neon(struct apus_kernels *table) { fill(table); }
#pragma clang attribute pop
#endif
