// What the kernel tests in C share: random numbers, comparison, memory that ends at a page which must not be touched.
//
// These tests need no Swift, so that they can be compiled for another processor and run under an emulator. Each table is
// held to the scalar one; the scalar one is held to sums of dequantised values in double precision.
#ifndef APUS_CHECK_H
#define APUS_CHECK_H

#include "CKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct type {
    const char *name;
    int32_t number;
    int halves[2]; // where the half-precision scales of a block lie; -1 for none
};
extern const struct type types[];
extern const int type_count;

// Counts a check and reports it where it failed, at most some times.
void check(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));

uint64_t random_bits(void);
int random_below(int bound);
float random_float(void); // between -1 and 1

// bytes of memory, freed by the next release(), behind which nothing may be read or written.
void *fenced(size_t bytes);
void release(void);

uint32_t bits(float x);
// Whether two values have the same bits, or are both NaN.
bool same(float a, float b);

void check_products(const struct apus_kernels *table, const struct apus_kernels *scalar);
void check_float_rows(const struct apus_kernels *table, const struct apus_kernels *scalar);
void check_matrices(const struct apus_kernels *table);
void check_attention(const struct apus_kernels *table, const struct apus_kernels *scalar);
void check_training(const struct apus_kernels *table, const struct apus_kernels *scalar);

#endif
