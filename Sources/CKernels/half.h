// IEEE half precision and bfloat16, converted by integer arithmetic: exact, on any processor.
#ifndef APUS_HALF_H
#define APUS_HALF_H

#include <stdint.h>
#include <string.h>

static inline float apus_bits_to_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

static inline uint32_t apus_float_to_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

static inline float apus_half_to_float(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t exponent = (half >> 10) & 31, fraction = half & 0x3FF;
    if (exponent == 31) // infinity; NaN, made quiet
        return apus_bits_to_float(sign | 0x7F800000u | fraction << 13 | (fraction ? 0x400000u : 0));
    if (exponent == 0) { // zero and denormals: fraction * 2^-24, exact
        float x = (float)fraction * 5.9604644775390625e-8f;
        return sign ? -x : x;
    }
    return apus_bits_to_float(sign | (exponent + 112) << 23 | fraction << 13);
}

// Rounds to nearest, ties to even.
static inline uint16_t apus_float_to_half(float x) {
    const uint32_t bits = apus_float_to_bits(x);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    const uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) return sign | 0x7E00 | (uint16_t)(magnitude >> 13 & 0x1FF);
    if (magnitude >= 0x477FF000) return sign | 0x7C00; // rounds past 65504
    if (magnitude < 0x38800000) {                      // denormal half: let float addition round at 2^-24
        const float shifted = apus_bits_to_float(magnitude) + 0.5f;
        return sign | (uint16_t)(apus_float_to_bits(shifted) - 0x3F000000u);
    }
    const uint32_t rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
    return sign | (uint16_t)((rounded - 0x38000000u) >> 13);
}

static inline float apus_bfloat_to_float(uint16_t bfloat) { return apus_bits_to_float((uint32_t)bfloat << 16); }

static inline uint16_t apus_float_to_bfloat(float x) {
    const uint32_t bits = apus_float_to_bits(x);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) return (uint16_t)(bits >> 16) | 0x40; // NaN, made quiet
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

#endif
