// Rows of stored weights for any processor, and the arithmetic that every instruction set repeats.
//
// For quantised types all tables give the same bits: sums inside a block are exact integers, and per row and column one
// float32 sum takes the blocks in ascending order, each by
//     sum = fma(integer, weight scale * activation scale, sum)
// and, for types with a minimum, a second fma: (minimum, scaled sum of the block's activations) for blocks of 32,
// (-integer, minimum scale * activation scale) for super-blocks of 256.
#include "activations.h"
#include "tables.h"

#include <math.h>

// One row's values of one chunk, as integers. A super-block has one scale d and minimum m, and integer scales and
// minima per 16 values.
struct unpacked {
    int8_t w[CHUNK];
    int16_t scale[16], minimum[16];
    float d[8], m[8];
};

static void unpack_nibbles(const uint8_t *qs, const int8_t *values, int8_t *w) {
    for (int j = 0; j < 16; j++) {
        w[j] = values[qs[j] & 15];
        w[j + 16] = values[qs[j] >> 4];
    }
}

static void unpack_q4(const uint8_t *qs, int offset, int8_t *w) {
    for (int j = 0; j < 16; j++) {
        w[j] = (int8_t)((qs[j] & 15) - offset);
        w[j + 16] = (int8_t)((qs[j] >> 4) - offset);
    }
}

static void unpack_q5(const uint8_t *qs, uint32_t fifth, int offset, int8_t *w) {
    for (int j = 0; j < 16; j++) {
        w[j] = (int8_t)((int)((qs[j] & 15) | (fifth >> j & 1) << 4) - offset);
        w[j + 16] = (int8_t)((int)(qs[j] >> 4 | (fifth >> (j + 16) & 1) << 4) - offset);
    }
}

static void unpack_32(int32_t type, const uint8_t *b, int blocks, struct unpacked *u) {
    const int64_t bytes = apus_block_bytes(type);
    for (int i = 0; i < blocks; i++, b += bytes) {
        int8_t *w = u->w + 32 * i;
        u->d[i] = type == APUS_MXFP4 ? apus_bits_to_float(mxfp4_scale_bits(b[0])) : load_half(b);
        u->m[i] = 0;
        switch (type) {
        case APUS_Q4_0: unpack_q4(b + 2, 8, w); break;
        case APUS_Q4_1:
            unpack_q4(b + 4, 0, w);
            u->m[i] = load_half(b + 2);
            break;
        case APUS_Q5_0: unpack_q5(b + 6, load_u32(b + 2), 16, w); break;
        case APUS_Q5_1:
            unpack_q5(b + 8, load_u32(b + 4), 0, w);
            u->m[i] = load_half(b + 2);
            break;
        case APUS_Q8_0: memcpy(w, b + 2, 32); break;
        case APUS_IQ4_NL: unpack_nibbles(b + 2, apus_iq4_values, w); break;
        default: unpack_nibbles(b + 1, apus_mxfp4_values, w); break;
        }
    }
}

static void unpack_256(int32_t type, const uint8_t *b, struct unpacked *u) {
    int8_t *w = u->w;
    switch (type) {
    case APUS_Q2_K:
        u->d[0] = load_half(b + Q2_K_D);
        u->m[0] = load_half(b + Q2_K_D + 2);
        for (int j = 0; j < 16; j++) {
            u->scale[j] = b[j] & 15;
            u->minimum[j] = b[j] >> 4;
        }
        for (int i = 0; i < 256; i++) w[i] = b[Q2_K_QS + i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3;
        break;
    case APUS_Q3_K:
        u->d[0] = load_half(b + Q3_K_D);
        for (int j = 0; j < 16; j++) u->scale[j] = (int16_t)q3_k_scale(b + Q3_K_SCALES, j);
        for (int i = 0; i < 256; i++) {
            const int low = b[Q3_K_QS + i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3;
            w[i] = (int8_t)((low | (b[i % 32] >> (i / 32) & 1) << 2) - 4);
        }
        break;
    case APUS_Q4_K:
    case APUS_Q5_K: {
        u->d[0] = load_half(b);
        u->m[0] = load_half(b + 2);
        const uint8_t *qs = b + (type == APUS_Q4_K ? Q4_K_QS : Q5_K_QS);
        for (int j = 0; j < 8; j++) {
            int scale, minimum;
            k4_scale_minimum(b + 4, j, &scale, &minimum);
            u->scale[2 * j] = u->scale[2 * j + 1] = (int16_t)scale;
            u->minimum[2 * j] = u->minimum[2 * j + 1] = (int16_t)minimum;
            for (int l = 0; l < 32; l++) {
                const int high = type == APUS_Q4_K ? 0 : b[Q5_K_QH + l] >> j & 1;
                w[32 * j + l] = (int8_t)((qs[j / 2 * 32 + l] >> (j % 2 * 4) & 15) | high << 4);
            }
        }
        break;
    }
    case APUS_Q6_K:
        u->d[0] = load_half(b + Q6_K_D);
        for (int j = 0; j < 16; j++) u->scale[j] = (int8_t)b[Q6_K_SCALES + j];
        for (int i = 0; i < 256; i++) {
            const int half = i / 128, plane = i / 32 % 4, l = i % 32;
            const int low = b[half * 64 + plane % 2 * 32 + l] >> (plane / 2 * 4) & 15;
            w[i] = (int8_t)((low | (b[Q6_K_QH + half * 32 + l] >> (plane * 2) & 3) << 4) - 32);
        }
        break;
    default: // IQ4_XS
        u->d[0] = load_half(b);
        for (int j = 0; j < 8; j++) {
            u->scale[2 * j] = u->scale[2 * j + 1] = (int16_t)iq4_xs_scale(b, j);
            unpack_nibbles(b + IQ4_XS_QS + 16 * j, apus_iq4_values, w + 32 * j);
        }
        break;
    }
}

static int32_t dot(const int8_t *a, const int8_t *b, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static float add_32(const struct unpacked *u, bool has_minimum, const struct activations_32 *x, int blocks, float sum) {
    for (int i = 0; i < blocks; i++) {
        sum = fmaf((float)dot(u->w + 32 * i, x[i].q, 32), u->d[i] * x[i].d, sum);
        if (has_minimum) sum = fmaf(u->m[i], x[i].scaled_sum, sum);
    }
    return sum;
}

static float add_256(const struct unpacked *u, bool has_minimum, const struct activations_256 *x, float sum) {
    int32_t product = 0, minimum = 0;
    for (int j = 0; j < 16; j++) product += u->scale[j] * dot(u->w + 16 * j, x->q + 16 * j, 16);
    sum = fmaf((float)product, u->d[0] * x->d, sum);
    if (has_minimum) {
        for (int j = 0; j < 16; j++) minimum += u->minimum[j] * x->sum16[j];
        sum = fmaf(-(float)minimum, u->m[0] * x->d, sum);
    }
    return sum;
}

static void product_quantised(int32_t type, const uint8_t *weights, size_t row_bytes, int64_t rows, int64_t k,
                              const uint8_t *x, size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    const bool is_32 = apus_block_size(type) == 32;
    const bool has_minimum = type == APUS_Q4_1 || type == APUS_Q5_1 || type == APUS_Q2_K || type == APUS_Q4_K ||
                             type == APUS_Q5_K;
    const int64_t chunk_bytes = apus_block_bytes(type) * (is_32 ? 8 : 1);
    const size_t x_bytes = is_32 ? 8 * sizeof(struct activations_32) : sizeof(struct activations_256);
    struct unpacked u;
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t c = 0; c < columns; c++) out[c * out_stride + r] = 0;
        for (int64_t start = 0; start < k; start += CHUNK) {
            const uint8_t *b = weights + (size_t)r * row_bytes + start / CHUNK * chunk_bytes;
            const int blocks = k - start < CHUNK ? (int)((k - start) / 32) : 8;
            if (is_32) unpack_32(type, b, blocks, &u);
            else unpack_256(type, b, &u);
            for (int64_t c = 0; c < columns; c++) {
                const uint8_t *xc = x + (size_t)c * x_row_bytes + (size_t)(start / CHUNK) * x_bytes;
                float *sum = out + c * out_stride + r;
                *sum = is_32 ? add_32(&u, has_minimum, (const struct activations_32 *)xc, blocks, *sum)
                             : add_256(&u, has_minimum, (const struct activations_256 *)xc, *sum);
            }
        }
    }
}

// Float types: lane i sums the products at k = i mod 8; the lanes are added in pairs at the end.
static void product_float(int32_t type, const uint8_t *weights, size_t row_bytes, int64_t rows, int64_t k,
                          const uint8_t *x, size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    enum { LANES = 8 };
    const int64_t bytes = apus_block_bytes(type);
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t c = 0; c < columns; c++) {
            const float *xc = (const float *)(x + (size_t)c * x_row_bytes);
            float lane[LANES] = {0};
            for (int64_t i = 0; i < k; i += LANES) {
                const int n = k - i < LANES ? (int)(k - i) : LANES;
                float w[LANES];
                apus_dequantize(type, weights + (size_t)r * row_bytes + (size_t)(i * bytes), w, n);
                for (int j = 0; j < n; j++) lane[j] += w[j] * xc[i + j];
            }
            out[c * out_stride + r] =
                ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
        }
    }
}

static void product(int32_t type, const void *weights, size_t row_bytes, int64_t rows, int64_t k, const void *x,
                    size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    if (apus_activation_form(type) == FORM_FLOAT)
        product_float(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
    else product_quantised(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
}

// Quantises n values (the rest of `whole` are zeros) and returns the scale.
static float quantise(const float *x, int64_t n, int64_t whole, int8_t *q) {
    uint32_t largest = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t magnitude = apus_float_to_bits(x[i]) & 0x7FFFFFFF;
        largest = magnitude > largest ? magnitude : largest;
    }
    float scale;
    const float factor = activation_factor(largest, &scale);
    memset(q, 0, (size_t)whole);
    if (factor == 0) return scale;
    for (int64_t i = 0; i < n; i++) q[i] = (int8_t)lrintf(x[i] * factor);
    return scale;
}

static void make_activation_row(int32_t type, const float *x, int64_t k, void *y) {
    const int32_t form = apus_activation_form(type);
    if (form == FORM_FLOAT) {
        memcpy(y, x, (size_t)k * sizeof(float));
        memset((float *)y + k, 0, (size_t)((k + 15) / 16 * 16 - k) * sizeof(float));
        return;
    }
    const int64_t block = form == FORM_32 ? 32 : CHUNK;
    for (int64_t start = 0; start < k; start += block) {
        const int64_t n = k - start < block ? k - start : block;
        if (form == FORM_32) {
            struct activations_32 *a = (struct activations_32 *)y + start / 32;
            a->d = quantise(x + start, n, 32, a->q);
            int32_t sum = 0;
            for (int i = 0; i < 32; i++) sum += a->q[i];
            set_sums(a, sum);
        } else {
            struct activations_256 *a = (struct activations_256 *)y + start / CHUNK;
            a->d = quantise(x + start, n, CHUNK, a->q);
            for (int j = 0; j < 16; j++) {
                a->sum16[j] = 0;
                for (int i = 0; i < 16; i++) a->sum16[j] += a->q[16 * j + i];
            }
            for (int j = 0; j < 8; j++) a->sum32[j] = a->sum16[2 * j] + a->sum16[2 * j + 1];
            memset(a->unused, 0, sizeof a->unused);
        }
    }
}

void apus_fill_products_scalar(struct apus_kernels *table) {
    table->dequantize = apus_dequantize;
    table->activation_row_bytes = apus_activation_row_bytes;
    table->activation_form = apus_activation_form;
    table->make_activation_row = make_activation_row;
    table->product = product;
    apus_fill_matrix_base(table);
}
