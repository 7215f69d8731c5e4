// Quantised weights for NEON with dot product: panels of 4 rows, signed bytes. Included by product_neon.c and, with
// MATRICES defined to 1, by product_neon_i8mm.c, which set the target attribute around it.
//
// sdot adds, in each lane, the products of four bytes of a row with the four bytes that one lane of the activations
// holds, so sixteen values of a column are loaded at once and serve four vectors of weights. smmla multiplies two rows
// by two columns, eight values of each, in one instruction. Sums are 32-bit integers, so both give the same bits.
#include "activations.h"
#include "tables.h"

#include <arm_neon.h>

typedef uint8x16_t V;
enum { ROWS = 4, PANELS = 1, SIGNED_BYTES = 1 };
#define INLINE static inline __attribute__((always_inline))

INLINE uint16x8_t as16(V v) { return vreinterpretq_u16_u8(v); }
INLINE uint32x4_t as32(V v) { return vreinterpretq_u32_u8(v); }
INLINE uint64x2_t as64(V v) { return vreinterpretq_u64_u8(v); }
INLINE V from16(uint16x8_t v) { return vreinterpretq_u8_u16(v); }
INLINE V from32(uint32x4_t v) { return vreinterpretq_u8_u32(v); }
INLINE V from64(uint64x2_t v) { return vreinterpretq_u8_u64(v); }

INLINE V v_load_rows(const uint8_t *const *rows, int64_t at) { return vld1q_u8(rows[0] + at); }
INLINE V v_load(const void *p) { return vld1q_u8(p); }
INLINE void v_store(void *p, V v) { vst1q_u8(p, v); }
INLINE V v_and(V a, V b) { return vandq_u8(a, b); }
INLINE V v_or(V a, V b) { return vorrq_u8(a, b); }
INLINE V v_xor(V a, V b) { return veorq_u8(a, b); }
INLINE V v_sub16(V a, V b) { return vreinterpretq_u8_u16(vsubq_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b))); }
INLINE V v_sub32(V a, V b) { return from32(vsubq_u32(as32(a), as32(b))); }
INLINE V v_srl16(V v, int n) { return from16(vshlq_u16(as16(v), vdupq_n_s16((int16_t)-n))); }
INLINE V v_sll16(V v, int n) { return from16(vshlq_u16(as16(v), vdupq_n_s16((int16_t)n))); }
INLINE V v_srl32(V v, int n) { return from32(vshlq_u32(as32(v), vdupq_n_s32(-n))); }
INLINE V v_sll32(V v, int n) { return from32(vshlq_u32(as32(v), vdupq_n_s32(n))); }
INLINE V v_sra32(V v, int n) {
    return vreinterpretq_u8_s32(vshlq_s32(vreinterpretq_s32_u8(v), vdupq_n_s32(-n)));
}
INLINE V v_set8(char b) { return vdupq_n_u8((uint8_t)b); }
INLINE V v_set32(int w) { return from32(vdupq_n_u32((uint32_t)w)); }
INLINE V v_unpacklo32(V a, V b) { return from32(vzip1q_u32(as32(a), as32(b))); }
INLINE V v_unpackhi32(V a, V b) { return from32(vzip2q_u32(as32(a), as32(b))); }
INLINE V v_unpacklo64(V a, V b) { return from64(vzip1q_u64(as64(a), as64(b))); }
INLINE V v_unpackhi64(V a, V b) { return from64(vzip2q_u64(as64(a), as64(b))); }
INLINE V v_table(const int8_t *table) { return vreinterpretq_u8_s8(vld1q_s8(table)); }
INLINE V v_shuffle8(V table, V index) { return vqtbl1q_u8(table, index); }
INLINE float32x4_t from_halves(uint16x4_t halves) { return vcvt_f32_f16(vreinterpret_f16_u16(halves)); }
INLINE void v_store_halves(const uint16_t *halves, float *out) { vst1q_f32(out, from_halves(vld1_u16(halves))); }
INLINE void v_store_low_halves(V v, float *out) { vst1q_f32(out, from_halves(vmovn_u32(as32(v)))); }
INLINE V v_scale(V scale) { return scale; }
// Bits 4g ..< 4g + 4 of every lane, as bit 4 of its four bytes.
INLINE V v_spread_bits(V bits, int g) {
    const uint32x4_t lanes = {0, 0x04040404, 0x08080808, 0x0C0C0C0C};
    const V bytes = vqtbl1q_u8(bits, from32(vaddq_u32(lanes, vdupq_n_u32((uint32_t)(g / 2) * 0x01010101))));
    return v_and(vtstq_u8(bytes, v_set32(g % 2 ? (int)0x80402010 : 0x08040201)), v_set8(16));
}

#include "panel.inc.h"

enum { TILE_COLUMNS = 8 };

// Keeps the compiler from computing pointers anew from the first and a stride, which costs a register and time.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

INLINE int8x16_t weights_of(const uint8_t *w) { return vreinterpretq_s8_u8(vld1q_u8(w)); }

// Products of four vectors of weights, 16 values of each row, with the same 16 of one column, added to sum.
INLINE int32x4_t dot_16(const int8x16_t *w, int8x16_t a, int32x4_t sum) {
    sum = vdotq_laneq_s32(sum, w[0], a, 0);
    sum = vdotq_laneq_s32(sum, w[1], a, 1);
    sum = vdotq_laneq_s32(sum, w[2], a, 2);
    return vdotq_laneq_s32(sum, w[3], a, 3);
}

#if MATRICES
INLINE int8x16_t zip_low64(int8x16_t a, int8x16_t b) {
    return vreinterpretq_s8_s64(vzip1q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}
INLINE int8x16_t zip_high64(int8x16_t a, int8x16_t b) {
    return vreinterpretq_s8_s64(vzip2q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}
INLINE int8x16_t zip_low32(int8x16_t a, int8x16_t b) {
    return vreinterpretq_s8_s32(vzip1q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}
INLINE int8x16_t zip_high32(int8x16_t a, int8x16_t b) {
    return vreinterpretq_s8_s32(vzip2q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}
#endif

// Products of `groups` vectors of weights with columns of activations, added to product.
INLINE void multiply_add(int columns, int groups, const uint8_t (*w)[4 * ROWS], const int8_t *const *q,
                         int32x4_t *product) {
    const int paired = MATRICES ? columns / 2 * 2 : 0; // columns that are multiplied two by two
#if MATRICES
    int32x4_t first[TILE_COLUMNS / 2], second[TILE_COLUMNS / 2]; // of rows 0 and 1, of rows 2 and 3
#pragma clang loop unroll(full)
    for (int c = 0; c < paired / 2; c++) first[c] = second[c] = vdupq_n_s32(0);
#endif
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g += 4) {
        int8x16_t v[4];
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) v[i] = weights_of(w[g + i]);
#if MATRICES
        if (paired > 0) {
            const int8x16_t low[2] = {zip_low32(v[0], v[1]), zip_low32(v[2], v[3])};     // rows 0 and 1, 8 values each
            const int8x16_t high[2] = {zip_high32(v[0], v[1]), zip_high32(v[2], v[3])};  // rows 2 and 3
#pragma clang loop unroll(full)
            for (int c = 0; c < paired / 2; c++) {
                const int8x16_t a = vld1q_s8(q[2 * c] + 4 * g), b = vld1q_s8(q[2 * c + 1] + 4 * g);
                const int8x16_t x[2] = {zip_low64(a, b), zip_high64(a, b)};
#pragma clang loop unroll(full)
                for (int i = 0; i < 2; i++) {
                    first[c] = vmmlaq_s32(first[c], low[i], x[i]);
                    second[c] = vmmlaq_s32(second[c], high[i], x[i]);
                }
            }
        }
#endif
#pragma clang loop unroll(full)
        for (int c = paired; c < columns; c++) product[c] = dot_16(v, vld1q_s8(q[c] + 4 * g), product[c]);
    }
#if MATRICES
#pragma clang loop unroll(full)
    for (int c = 0; c < paired / 2; c++) {
        product[2 * c] = vaddq_s32(product[2 * c], vuzp1q_s32(first[c], second[c]));
        product[2 * c + 1] = vaddq_s32(product[2 * c + 1], vuzp2q_s32(first[c], second[c]));
    }
#endif
}

// Blocks of 32: correction is where activations_32 holds what takes back the offset of the weights.
INLINE void add_blocks(int columns, bool has_minimum, size_t correction, const struct panel *p, int blocks,
                       const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_32 *a[TILE_COLUMNS];
    float32x4_t sum[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_32 *)(x + (size_t)c * x_row_bytes);
        KEEP_POINTER(a[c]);
        sum[c] = vld1q_f32(sums + c * ROWS);
    }
    for (int b = 0; b < blocks; b++) {
        const int8_t *q[TILE_COLUMNS];
        int32x4_t product[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) {
            q[c] = a[c]->q;
            product[c] = vld1q_dup_s32((const int32_t *)((const uint8_t *)a[c] + correction));
        }
        multiply_add(columns, 8, p->w + 8 * b, q, product);
        const float32x4_t d = vld1q_f32(p->d[b]);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++)
            sum[c] = vfmaq_f32(sum[c], vcvtq_f32_s32(product[c]), vmulq_n_f32(d, a[c]->d));
        if (has_minimum) {
            const float32x4_t m = vld1q_f32(p->m[b]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) sum[c] = vfmaq_n_f32(sum[c], m, a[c]->scaled_sum);
        }
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) a[c]++;
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) vst1q_f32(sums + c * ROWS, sum[c]);
}

// Super-blocks: sub is the number of values per integer scale; offset is what was added to the weights, negative where
// there are minima instead.
INLINE void add_super_block(int columns, int sub, int offset, const struct panel *p, const uint8_t *x,
                            size_t x_row_bytes, float *sums) {
    const struct activations_256 *a[TILE_COLUMNS];
    const int8_t *q[TILE_COLUMNS];
    int32x4_t total[TILE_COLUMNS], minus[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_256 *)(x + (size_t)c * x_row_bytes);
        q[c] = a[c]->q;
        KEEP_POINTER(q[c]);
        total[c] = minus[c] = vdupq_n_s32(0);
    }
    for (int j = 0; j < CHUNK / sub; j++) {
        int32x4_t product[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) product[c] = vdupq_n_s32(0);
        multiply_add(columns, sub / 4, p->w + sub / 4 * j, q, product);
        const int32x4_t scale = vld1q_s32(p->scale[j]);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) {
            total[c] = vmlaq_s32(total[c], product[c], scale);
            q[c] += sub;
        }
    }
    if (offset) {
#pragma clang loop unroll(full)
        for (int i = 0; i < CHUNK / sub / 2; i++) {
            const int16x8_t pairs = vreinterpretq_s16_s32(vld1q_s32(p->pairs[i]));
            const int16x4_t even = vget_low_s16(vuzp1q_s16(pairs, pairs)), odd = vget_low_s16(vuzp2q_s16(pairs, pairs));
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) {
                const int16_t *x_sums = sub == 32 ? a[c]->sum32 : a[c]->sum16;
                minus[c] = vmlal_n_s16(minus[c], even, x_sums[2 * i]);
                minus[c] = vmlal_n_s16(minus[c], odd, x_sums[2 * i + 1]);
            }
        }
    }
    const float32x4_t d = vld1q_f32(p->d[0]), m = vld1q_f32(p->m[0]);
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        float32x4_t sum = vld1q_f32(sums + c * ROWS);
        if (offset > 0) total[c] = vmlsq_n_s32(total[c], minus[c], offset);
        sum = vfmaq_f32(sum, vcvtq_f32_s32(total[c]), vmulq_n_f32(d, a[c]->d));
        if (offset < 0) sum = vfmsq_f32(sum, vcvtq_f32_s32(minus[c]), vmulq_n_f32(m, a[c]->d));
        vst1q_f32(sums + c * ROWS, sum);
    }
}

// A function for each kind of block, in which every width is the same arithmetic, compiled apart so that the sums stay
// in registers.
#define COLUMN_TILES(name, TILE)                                                                                       \
    static void name(const struct panel *p, int blocks, const uint8_t *x, size_t x_row_bytes, int64_t columns,         \
                     size_t correction, float *sums) {                                                                 \
        (void)blocks, (void)correction;                                                                                \
        while (columns > 0) {                                                                                          \
            const int64_t n = columns < TILE_COLUMNS ? columns : TILE_COLUMNS;                                         \
            switch (n) {                                                                                               \
            case 1: TILE(1); break;                                                                                    \
            case 2: TILE(2); break;                                                                                    \
            case 3: TILE(3); break;                                                                                    \
            case 4: TILE(4); break;                                                                                    \
            case 5: TILE(5); break;                                                                                    \
            case 6: TILE(6); break;                                                                                    \
            case 7: TILE(7); break;                                                                                    \
            default: TILE(8); break;                                                                                   \
            }                                                                                                          \
            columns -= n;                                                                                              \
            x += (size_t)n * x_row_bytes;                                                                              \
            sums += n * ROWS;                                                                                          \
        }                                                                                                              \
    }

#define TILE(n) add_blocks(n, false, correction, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_plain, TILE)
#undef TILE
#define TILE(n) add_blocks(n, true, correction, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_with_minima, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 16, -1, p, x, x_row_bytes, sums)
COLUMN_TILES(add_sixteens_with_minima, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 16, 4, p, x, x_row_bytes, sums)
COLUMN_TILES(add_q3_k, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 16, 32, p, x, x_row_bytes, sums)
COLUMN_TILES(add_q6_k, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 32, -1, p, x, x_row_bytes, sums)
COLUMN_TILES(add_thirty_twos_with_minima, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 32, 0, p, x, x_row_bytes, sums)
COLUMN_TILES(add_iq4_xs, TILE)
#undef TILE

static void add_chunk(int32_t type, const struct panel *p, int panels, int blocks, const uint8_t *x,
                      size_t x_row_bytes, int64_t columns, float *sums) {
    (void)panels; // one
    typedef struct activations_32 A;
    switch (type) {
    case APUS_Q4_0: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_8_sum), sums); break;
    case APUS_Q5_0: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_16_sum), sums); break;
    case APUS_Q8_0:
    case APUS_IQ4_NL: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, zero), sums); break;
    case APUS_MXFP4: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_12_sum), sums); break;
    case APUS_Q4_1:
    case APUS_Q5_1: add_with_minima(p, blocks, x, x_row_bytes, columns, offsetof(A, zero), sums); break;
    case APUS_Q2_K: add_sixteens_with_minima(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_Q3_K: add_q3_k(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_Q6_K: add_q6_k(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_Q4_K:
    case APUS_Q5_K: add_thirty_twos_with_minima(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_IQ4_XS: add_iq4_xs(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    default: break;
    }
}
