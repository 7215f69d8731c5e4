// Rows of stored weights for NEON with dot product (sdot, from ARMv8.2 on).
#if defined(__aarch64__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define MATRICES 0
#include "neon.inc.h"

// Float types: lane i sums the products at k = i mod 4, one fma after the other; the lanes are added in pairs at the
// end. A tile is FLOAT_ROWS rows by up to FLOAT_COLUMNS columns, each with its own four sums.
typedef float32x4_t F;
enum { LANES = 4, FLOAT_ROWS = 4, FLOAT_COLUMNS = 5 };

INLINE F f_load(const float *p) { return vld1q_f32(p); }
INLINE void f_store(float *p, F v) { vst1q_f32(p, v); }
INLINE F f_fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
INLINE F f_load_half(const uint8_t *p) { return from_halves(vreinterpret_u16_u8(vld1_u8(p))); }
INLINE F f_load_bfloat(const uint8_t *p) {
    return vreinterpretq_f32_u32(vshll_n_u16(vreinterpret_u16_u8(vld1_u8(p)), 16));
}
INLINE float f_sum(F v) { return vaddvq_f32(v); }

#include "float_product.inc.h"

// Activation rows; the bits are those of product_scalar.c.

INLINE uint32x4_t magnitudes(const float *x) {
    return vandq_u32(vreinterpretq_u32_f32(vld1q_f32(x)), vdupq_n_u32(0x7FFFFFFF));
}

static uint32_t largest_magnitude(const float *x, int n) {
    uint32x4_t largest = magnitudes(x);
    for (int i = 4; i < n; i += 4) largest = vmaxq_u32(largest, magnitudes(x + i));
    return vmaxvq_u32(largest);
}

// 16 values times factor, rounded to nearest even; returns what they add up to.
INLINE int32_t quantise_16(const float *x, float factor, int8_t *q) {
    int32x4_t v[4];
    for (int i = 0; i < 4; i++) v[i] = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + 4 * i), factor));
    const int16x8_t low = vcombine_s16(vmovn_s32(v[0]), vmovn_s32(v[1]));
    const int16x8_t high = vcombine_s16(vmovn_s32(v[2]), vmovn_s32(v[3]));
    vst1q_s8(q, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
    return vaddlvq_s16(vaddq_s16(low, high));
}

static void make_row_32(const float *x, int64_t k, struct activations_32 *a) {
    for (int64_t start = 0; start < k; start += 32, a++) {
        const float *block = x + start;
        float padded[32];
        if (k - start < 32) {
            memset(padded, 0, sizeof padded);
            memcpy(padded, block, (size_t)(k - start) * sizeof(float));
            block = padded;
        }
        const float factor = activation_factor(largest_magnitude(block, 32), &a->d);
        int32_t sum = 0;
        if (factor == 0) memset(a->q, 0, sizeof a->q);
        else sum = quantise_16(block, factor, a->q) + quantise_16(block + 16, factor, a->q + 16);
        set_sums(a, sum);
    }
}

static void make_row_256(const float *x, int64_t k, struct activations_256 *a) {
    for (int64_t start = 0; start < k; start += CHUNK, a++, x += CHUNK) {
        const float factor = activation_factor(largest_magnitude(x, CHUNK), &a->d);
        memset(a->unused, 0, sizeof a->unused);
        if (factor == 0) {
            memset(a->q, 0, sizeof a->q);
            memset(a->sum16, 0, sizeof a->sum16);
            memset(a->sum32, 0, sizeof a->sum32);
            continue;
        }
        for (int j = 0; j < 16; j++) a->sum16[j] = (int16_t)quantise_16(x + 16 * j, factor, a->q + 16 * j);
        for (int j = 0; j < 8; j++) a->sum32[j] = (int16_t)(a->sum16[2 * j] + a->sum16[2 * j + 1]);
    }
}

static void make_activation_row(int32_t type, const float *x, int64_t k, void *y) {
    switch (apus_activation_form(type)) {
    case FORM_32: make_row_32(x, k, y); break;
    case FORM_256: make_row_256(x, k, y); break;
    default:
        memcpy(y, x, (size_t)k * sizeof(float));
        memset((float *)y + k, 0, (size_t)((k + 15) / 16 * 16 - k) * sizeof(float));
        break;
    }
}

#include "fill_products.inc.h"

void apus_fill_products_neon(struct apus_kernels *table) {
    fill_products(table);
    apus_fill_matrix_base(table);
}
#pragma clang attribute pop
#endif
