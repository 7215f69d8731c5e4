// The stored formats: where things lie in a block, and the small conversions that all of them need.
// Source of the layouts: the GGUF format as written by ggml (ggml-common.h, ggml-quants.c).
#ifndef APUS_BLOCKS_H
#define APUS_BLOCKS_H

#include "CKernels.h"
#include "half.h"

// Blocks of 32 values. "Nibbles" of 16 bytes: value j is the low half of byte j, value j + 16 its high half.
enum {
    Q4_0_BYTES = 18,   // d: half, 16 nibble bytes                        (q - 8) d
    Q4_1_BYTES = 20,   // d, m: half, 16 nibble bytes                     q d + m
    Q5_0_BYTES = 22,   // d: half, fifth bits: u32, 16 nibble bytes       (q - 16) d
    Q5_1_BYTES = 24,   // d, m: half, fifth bits: u32, 16 nibble bytes    q d + m
    Q8_0_BYTES = 34,   // d: half, 32 signed bytes                        q d
    IQ4_NL_BYTES = 18, // d: half, 16 nibble bytes                        table[q] d
    MXFP4_BYTES = 17,  // exponent: u8, 16 nibble bytes                   table[q] 2^(e - 128)
};

// Super-blocks of 256 values with a small integer scale (and minimum) per 16 or 32 of them.
enum {
    Q2_K_BYTES = 84,    // scales[16] (low half scale, high half minimum, per 16), qs[64], d, dmin: half
    Q2_K_QS = 16,       // 32 bytes per 128 values, four planes of two bits
    Q2_K_D = 80,
    Q3_K_BYTES = 110,   // third bits[32], qs[64] as Q2_K, scales[12], d: half      d (s - 32) (q - 4)
    Q3_K_QS = 32,
    Q3_K_SCALES = 96,
    Q3_K_D = 108,
    Q4_K_BYTES = 144,   // d, dmin: half, scales[12], qs[128]                       d s q - dmin m
    Q4_K_QS = 16,       // 32 bytes per 64 values: low halves, then high halves
    Q5_K_BYTES = 176,   // d, dmin: half, scales[12], fifth bits[32], qs[128]       d s q - dmin m
    Q5_K_QH = 16,
    Q5_K_QS = 48,
    Q6_K_BYTES = 210,   // low[128], high[64], signed scales[16] per 16, d: half    d s (q - 32)
    Q6_K_QH = 128,
    Q6_K_SCALES = 192,
    Q6_K_D = 208,
    IQ4_XS_BYTES = 136, // d: half, high scale bits: u16, low scale bits[4], qs[128]: 16 nibble bytes per 32 values
    IQ4_XS_QS = 8,      // d (s - 32) table[q]
};

// Values of the four-bit codes of IQ4_NL and IQ4_XS, and twice those of MXFP4 (OCP E2M1).
#define APUS_IQ4_VALUES -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
#define APUS_MXFP4_VALUES 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12
static const int8_t apus_iq4_values[16] = {APUS_IQ4_VALUES};
static const int8_t apus_mxfp4_values[16] = {APUS_MXFP4_VALUES};

static inline uint16_t load_u16(const void *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t load_u32(const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline float load_half(const void *p) { return apus_half_to_float(load_u16(p)); }

// 2^(e - 128) as float32; 0 and 1 give subnormals.
static inline uint32_t mxfp4_scale_bits(uint8_t e) { return e < 2 ? 0x00200000u << e : (uint32_t)(e - 1) << 23; }

// Scale and minimum j (0 ..< 8) of Q4_K and Q5_K from their 12 bytes.
static inline void k4_scale_minimum(const uint8_t *b, int j, int *scale, int *minimum) {
    if (j < 4) {
        *scale = b[j] & 63;
        *minimum = b[j + 4] & 63;
    } else {
        *scale = (b[j + 4] & 15) | (b[j - 4] >> 6) << 4;
        *minimum = b[j + 4] >> 4 | (b[j] >> 6) << 4;
    }
}

// Scale j (0 ..< 16) of Q3_K from its 12 bytes, offset removed.
static inline int q3_k_scale(const uint8_t *b, int j) {
    const int low = j < 8 ? b[j] & 15 : b[j - 8] >> 4;
    const int high = b[8 + j % 4] >> (2 * (j / 4)) & 3;
    return (low | high << 4) - 32;
}

// Scale j (0 ..< 8) of IQ4_XS, offset removed.
static inline int iq4_xs_scale(const uint8_t *block, int j) {
    return (int)((load_u32(block + 4) >> (4 * j) & 15) | (load_u16(block + 2) >> (2 * j) & 3) << 4) - 32;
}

#endif
