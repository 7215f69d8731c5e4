// The forms in which products read activations.
//
// Form 0, for float weights: float32, the row padded with zeros to a multiple of 16.
// Form 1, for weights in blocks of 32: 8-bit values with a float32 scale per 32.
// Form 2, for weights in super-blocks of 256: 8-bit values with a float32 scale per 256.
// A scale is the largest magnitude / 127; values are rounded to nearest, ties to even, and never reach -128, which the
// 16-bit sums of the AVX2 kernels rely on. A block that holds a NaN or an infinity has a NaN as its scale and so makes
// every product that reads it NaN.
#ifndef APUS_ACTIVATIONS_H
#define APUS_ACTIVATIONS_H

#include "blocks.h"

enum { FORM_FLOAT = 0, FORM_32 = 1, FORM_256 = 2 };
enum { CHUNK = 256 }; // values that a product takes in one go, for both 8-bit forms

// A row of k values in form 1 is ceil(k / 32) of these.
struct activations_32 {
    int8_t q[32];
    float d;             // scale
    float scaled_sum;    // d * the sum of q, for the minima of the weights
    int32_t minus_8_sum; // the sum of q times what is added to weights to make them unsigned
    int32_t minus_12_sum;
    int32_t minus_16_sum;
    int32_t minus_128_sum;
    int32_t zero; // for weights that need no correction
    int32_t unused;
};

// A row of k values in form 2 is k / 256 of these.
struct activations_256 {
    int8_t q[CHUNK];
    float d;
    int16_t sum16[16]; // sums of q over every 16 values
    int16_t sum32[8];  // and over every 32
    int32_t unused[3];
};

_Static_assert(sizeof(struct activations_32) == 64, "the layout of form 1");
_Static_assert(sizeof(struct activations_256) == 320, "the layout of form 2");

static inline void set_sums(struct activations_32 *a, int32_t sum) {
    a->scaled_sum = a->d * (float)sum;
    a->minus_8_sum = -8 * sum;
    a->minus_12_sum = -12 * sum;
    a->minus_16_sum = -16 * sum;
    a->minus_128_sum = -128 * sum;
    a->zero = a->unused = 0;
}

// Below this, 127 / magnitude could overflow; such a block counts as zero.
#define APUS_SMALLEST_MAGNITUDE 1e-35f

// Bits of the largest magnitude of a block to the factor that brings it to 127 (0 when there is nothing to bring) and
// to the scale that is stored. Magnitudes compare as their bits do, NaN and infinity above all others.
static inline float activation_factor(uint32_t magnitude_bits, float *scale) {
    if (magnitude_bits >= 0x7F800000) {
        *scale = apus_bits_to_float(0x7FC00000);
        return 0;
    }
    const float magnitude = apus_bits_to_float(magnitude_bits);
    if (magnitude < APUS_SMALLEST_MAGNITUDE) {
        *scale = 0;
        return 0;
    }
    *scale = magnitude / 127;
    return 127 / magnitude;
}

#endif
