// What the products of all instruction sets share: forms of activation rows, and stored values back to float32.
#include "activations.h"
#include "tables.h"

int32_t apus_activation_form(int32_t type) {
    switch (apus_block_size(type)) {
    case 32: return FORM_32;
    case 256: return FORM_256;
    default: return FORM_FLOAT;
    }
}

// An odd number of cache lines, so that columns of a usual width (a power of two) do not compete for the same sets.
static size_t odd_lines(size_t bytes) { return ((bytes + 63) / 64 | 1) * 64; }

size_t apus_activation_row_bytes(int32_t type, int64_t k) {
    switch (apus_activation_form(type)) {
    case FORM_32: return odd_lines((size_t)((k + 31) / 32) * sizeof(struct activations_32));
    case FORM_256: return odd_lines((size_t)((k + CHUNK - 1) / CHUNK) * sizeof(struct activations_256));
    default: return odd_lines((size_t)k * sizeof(float));
    }
}

// Products of a half-precision scale, an integer scale and a code fit float32's 24 bits, so that only the subtraction
// or addition of a minimum rounds, and no order of multiplication differs from another. A minimum of -0 leaves every
// value as it is, signed zeros included.

static void dequantize_nibbles(const uint8_t *qs, const int8_t *values, float d, float *y) {
    for (int j = 0; j < 16; j++) {
        y[j] = (float)values[qs[j] & 15] * d;
        y[j + 16] = (float)values[qs[j] >> 4] * d;
    }
}

static void dequantize_q4(const uint8_t *qs, float offset, float d, float m, float *y) {
    for (int j = 0; j < 16; j++) {
        y[j] = ((float)(qs[j] & 15) - offset) * d + m;
        y[j + 16] = ((float)(qs[j] >> 4) - offset) * d + m;
    }
}

static void dequantize_q5(const uint8_t *qs, uint32_t fifth, float offset, float d, float m, float *y) {
    for (int j = 0; j < 16; j++) {
        y[j] = ((float)((qs[j] & 15) | (fifth >> j & 1) << 4) - offset) * d + m;
        y[j + 16] = ((float)(qs[j] >> 4 | (fifth >> (j + 16) & 1) << 4) - offset) * d + m;
    }
}

static void dequantize_q2_k(const uint8_t *b, float *y) {
    const float d = load_half(b + Q2_K_D), dmin = load_half(b + Q2_K_D + 2);
    for (int i = 0; i < 256; i++) {
        const uint8_t scale = b[i / 16];
        const int q = b[Q2_K_QS + i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3;
        y[i] = d * (float)(scale & 15) * (float)q - dmin * (float)(scale >> 4);
    }
}

static void dequantize_q3_k(const uint8_t *b, float *y) {
    const float d = load_half(b + Q3_K_D);
    for (int i = 0; i < 256; i++) {
        const int low = b[Q3_K_QS + i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3;
        const int high = b[i % 32] >> (i / 32) & 1;
        y[i] = d * (float)q3_k_scale(b + Q3_K_SCALES, i / 16) * (float)((low | high << 2) - 4);
    }
}

static void dequantize_q45_k(const uint8_t *b, const uint8_t *qh, const uint8_t *qs, float *y) {
    const float d = load_half(b), dmin = load_half(b + 2);
    for (int j = 0; j < 8; j++) {
        int scale, minimum;
        k4_scale_minimum(b + 4, j, &scale, &minimum);
        const float ds = d * (float)scale, dm = dmin * (float)minimum;
        for (int l = 0; l < 32; l++) {
            int q = qs[j / 2 * 32 + l] >> (j % 2 * 4) & 15;
            if (qh) q |= (qh[l] >> j & 1) << 4;
            y[j * 32 + l] = ds * (float)q - dm;
        }
    }
}

static void dequantize_q6_k(const uint8_t *b, float *y) {
    const float d = load_half(b + Q6_K_D);
    for (int i = 0; i < 256; i++) {
        const int half = i / 128, plane = i / 32 % 4, l = i % 32;
        const int low = b[half * 64 + plane % 2 * 32 + l] >> (plane / 2 * 4) & 15;
        const int high = b[Q6_K_QH + half * 32 + l] >> (plane * 2) & 3;
        y[i] = d * (float)(int8_t)b[Q6_K_SCALES + i / 16] * (float)((low | high << 4) - 32);
    }
}

static void dequantize_block(int32_t type, const uint8_t *b, float *y) {
    switch (type) {
    case APUS_Q4_0: dequantize_q4(b + 2, 8, load_half(b), -0.0f, y); break;
    case APUS_Q4_1: dequantize_q4(b + 4, 0, load_half(b), load_half(b + 2), y); break;
    case APUS_Q5_0: dequantize_q5(b + 6, load_u32(b + 2), 16, load_half(b), -0.0f, y); break;
    case APUS_Q5_1: dequantize_q5(b + 8, load_u32(b + 4), 0, load_half(b), load_half(b + 2), y); break;
    case APUS_Q8_0: {
        const float d = load_half(b);
        for (int j = 0; j < 32; j++) y[j] = (float)(int8_t)b[2 + j] * d;
        break;
    }
    case APUS_IQ4_NL: dequantize_nibbles(b + 2, apus_iq4_values, load_half(b), y); break;
    case APUS_MXFP4: dequantize_nibbles(b + 1, apus_mxfp4_values, apus_bits_to_float(mxfp4_scale_bits(b[0])), y); break;
    case APUS_Q2_K: dequantize_q2_k(b, y); break;
    case APUS_Q3_K: dequantize_q3_k(b, y); break;
    case APUS_Q4_K: dequantize_q45_k(b, NULL, b + Q4_K_QS, y); break;
    case APUS_Q5_K: dequantize_q45_k(b, b + Q5_K_QH, b + Q5_K_QS, y); break;
    case APUS_Q6_K: dequantize_q6_k(b, y); break;
    case APUS_IQ4_XS: {
        const float d = load_half(b);
        for (int j = 0; j < 8; j++)
            dequantize_nibbles(b + IQ4_XS_QS + 16 * j, apus_iq4_values, d * (float)iq4_xs_scale(b, j), y + 32 * j);
        break;
    }
    default: break;
    }
}

void apus_dequantize(int32_t type, const void *source, float *destination, int64_t n) {
    const uint8_t *s = source;
    switch (type) {
    case APUS_F32: memcpy(destination, source, (size_t)n * sizeof(float)); return;
    case APUS_F16:
        for (int64_t i = 0; i < n; i++) destination[i] = load_half(s + 2 * i);
        return;
    case APUS_BF16:
        for (int64_t i = 0; i < n; i++) destination[i] = apus_bfloat_to_float(load_u16(s + 2 * i));
        return;
    default: break;
    }
    const int64_t size = apus_block_size(type), bytes = apus_block_bytes(type);
    if (size == 0) return;
    for (int64_t i = 0; i < n / size; i++) dequantize_block(type, s + i * bytes, destination + i * size);
}
