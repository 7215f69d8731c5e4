// Rows of stored weights for AVX2: panels of 8 rows, vpmaddubsw.
//
// vpmaddubsw multiplies unsigned by signed bytes and adds pairs with saturation at 16 bits. Activations lie within
// -127 ... 127, so one pair is at most 2 * weight * 127, and as many pairs may be added in 16 bits before they are
// widened as stay below 32768: 8 for weights up to 15 (30480), 4 up to 31 (31496), 2 up to 63 (32004), 1 for 8-bit
// weights, whose sign is moved to the activation.
#include "activations.h"
#include "tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

enum { ROWS = 8, PANELS = 1, SIGNED_BYTES = 1 };
#include "vector_256.inc.h"
// Twice in each lane, for vpmaddwd.
INLINE V v_scale(V scale) {
    return _mm256_or_si256(_mm256_and_si256(scale, _mm256_set1_epi32(0xFFFF)), _mm256_slli_epi32(scale, 16));
}

#include "panel.inc.h"

INLINE V four_bytes(const void *p) { return _mm256_set1_epi32((int)load_u32(p)); }

enum { TILE_COLUMNS = 4, SIGNED_WEIGHTS = 0 };

// Products of `groups` vectors of weights with columns of activations, as 32-bit sums times `multiplier` (two int16 per
// lane), added to total. pairs: how many pair sums fit 16 bits, or SIGNED_WEIGHTS.
INLINE void multiply_add(int columns, int pairs, int groups, const uint8_t (*w)[4 * ROWS], const int8_t *const *q,
                         V multiplier, V *total) {
    const int run = pairs == SIGNED_WEIGHTS ? 1 : pairs < groups ? pairs : groups;
#pragma clang loop unroll(full)
    for (int from = 0; from < groups; from += run) {
        V sum[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int g = from; g < from + run; g++) {
            const V v = _mm256_load_si256((const V *)w[g]);
            const V magnitude = pairs == SIGNED_WEIGHTS ? _mm256_abs_epi8(v) : v;
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) {
                V a = four_bytes(q[c] + 4 * g);
                if (pairs == SIGNED_WEIGHTS) a = _mm256_sign_epi8(a, v);
                const V product = _mm256_maddubs_epi16(magnitude, a);
                sum[c] = g == from ? product : _mm256_add_epi16(sum[c], product);
            }
        }
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++)
            total[c] = _mm256_add_epi32(total[c], _mm256_madd_epi16(sum[c], multiplier));
    }
}

// Keeps the compiler from computing pointers anew from the first and a stride, which costs a register and time.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

// Blocks of 32: offset is what was added to the weights.
INLINE void add_blocks(int columns, int pairs, int offset, bool has_minimum, const struct panel *p, int blocks,
                       const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_32 *a[TILE_COLUMNS];
    __m256 sum[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_32 *)(x + (size_t)c * x_row_bytes);
        KEEP_POINTER(a[c]);
        sum[c] = _mm256_load_ps(sums + c * ROWS);
    }
    const V ones = _mm256_set1_epi16(1);
    for (int b = 0; b < blocks; b++) {
        const int8_t *q[TILE_COLUMNS];
        V product[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) {
            q[c] = a[c]->q;
            product[c] = offset == 8    ? _mm256_set1_epi32(a[c]->minus_8_sum)
                         : offset == 12 ? _mm256_set1_epi32(a[c]->minus_12_sum)
                         : offset == 16 ? _mm256_set1_epi32(a[c]->minus_16_sum)
                                        : _mm256_setzero_si256();
        }
        multiply_add(columns, pairs, 8, p->w + 8 * b, q, ones, product);
        const __m256 d = _mm256_load_ps(p->d[b]);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++)
            sum[c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(product[c]), _mm256_mul_ps(d, _mm256_set1_ps(a[c]->d)), sum[c]);
        if (has_minimum) {
            const __m256 m = _mm256_load_ps(p->m[b]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) sum[c] = _mm256_fmadd_ps(m, _mm256_set1_ps(a[c]->scaled_sum), sum[c]);
        }
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) a[c]++;
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) _mm256_store_ps(sums + c * ROWS, sum[c]);
}

// Super-blocks: sub is the number of values per integer scale; offset is what was added to the weights, negative where
// there are minima instead.
INLINE void add_super_block(int columns, int pairs, int sub, int offset, const struct panel *p, const uint8_t *x,
                            size_t x_row_bytes, float *sums) {
    const struct activations_256 *a[TILE_COLUMNS];
    const int8_t *q[TILE_COLUMNS];
    V total[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_256 *)(x + (size_t)c * x_row_bytes);
        q[c] = a[c]->q;
        KEEP_POINTER(q[c]);
        total[c] = _mm256_setzero_si256();
    }
    for (int j = 0; j < CHUNK / sub; j++) {
        multiply_add(columns, pairs, sub / 4, p->w + sub / 4 * j, q, _mm256_load_si256((const V *)p->scale[j]), total);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) q[c] += sub;
    }
    const __m256 d = _mm256_load_ps(p->d[0]), m = _mm256_load_ps(p->m[0]);
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        const int16_t *x_sums = sub == 32 ? a[c]->sum32 : a[c]->sum16;
        V minus = _mm256_setzero_si256();
        if (offset) {
#pragma clang loop unroll(full)
            for (int i = 0; i < CHUNK / sub / 2; i++) {
                const V pair = _mm256_load_si256((const V *)p->pairs[i]);
                minus = _mm256_add_epi32(minus, _mm256_madd_epi16(pair, four_bytes(x_sums + 2 * i)));
            }
        }
        __m256 sum = _mm256_load_ps(sums + c * ROWS);
        const __m256 x_scale = _mm256_set1_ps(a[c]->d);
        if (offset > 0) total[c] = _mm256_sub_epi32(total[c], _mm256_mullo_epi32(minus, _mm256_set1_epi32(offset)));
        sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(total[c]), _mm256_mul_ps(d, x_scale), sum);
        if (offset < 0) sum = _mm256_fnmadd_ps(_mm256_cvtepi32_ps(minus), _mm256_mul_ps(m, x_scale), sum);
        _mm256_store_ps(sums + c * ROWS, sum);
    }
}

// A function for each kind of block. Four columns at a time, then the rest at once: every width is the same
// arithmetic, compiled apart so that the sums stay in registers.
#define COLUMN_TILES(name, TILE)                                                                                       \
    static void name(const struct panel *p, int blocks, const uint8_t *x, size_t x_row_bytes, int64_t columns,         \
                     float *sums) {                                                                                    \
        (void)blocks;                                                                                                  \
        for (; columns >= 4; columns -= 4, x += 4 * x_row_bytes, sums += 4 * ROWS) TILE(4);                            \
        switch (columns) {                                                                                             \
        case 1: TILE(1); break;                                                                                        \
        case 2: TILE(2); break;                                                                                        \
        case 3: TILE(3); break;                                                                                        \
        default: break;                                                                                                \
        }                                                                                                              \
    }

#define TILE(n) add_blocks(n, 8, 8, false, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_q4_0, TILE)
#undef TILE
#define TILE(n) add_blocks(n, 8, 0, true, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_q4_1, TILE)
#undef TILE
#define TILE(n) add_blocks(n, 4, 16, false, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_q5_0, TILE)
#undef TILE
#define TILE(n) add_blocks(n, 4, 0, true, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_q5_1, TILE)
#undef TILE
#define TILE(n) add_blocks(n, SIGNED_WEIGHTS, 0, false, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_8_bits, TILE)
#undef TILE
#define TILE(n) add_blocks(n, 4, 12, false, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_mxfp4, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 4, 16, -1, p, x, x_row_bytes, sums)
COLUMN_TILES(add_q2_k, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 4, 16, 4, p, x, x_row_bytes, sums)
COLUMN_TILES(add_q3_k, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 8, 32, -1, p, x, x_row_bytes, sums)
COLUMN_TILES(add_q4_k, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 4, 32, -1, p, x, x_row_bytes, sums)
COLUMN_TILES(add_q5_k, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 2, 16, 32, p, x, x_row_bytes, sums)
COLUMN_TILES(add_q6_k, TILE)
#undef TILE
#define TILE(n) add_super_block(n, SIGNED_WEIGHTS, 32, 0, p, x, x_row_bytes, sums)
COLUMN_TILES(add_iq4_xs, TILE)
#undef TILE

static void add_chunk(int32_t type, const struct panel *p, int panels, int blocks, const uint8_t *x,
                      size_t x_row_bytes, int64_t columns, float *sums) {
    (void)panels; // one
    switch (type) {
    case APUS_Q4_0: add_q4_0(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q4_1: add_q4_1(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q5_0: add_q5_0(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q5_1: add_q5_1(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q8_0:
    case APUS_IQ4_NL: add_8_bits(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_MXFP4: add_mxfp4(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q2_K: add_q2_k(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q3_K: add_q3_k(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q4_K: add_q4_k(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q5_K: add_q5_k(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_Q6_K: add_q6_k(p, blocks, x, x_row_bytes, columns, sums); break;
    case APUS_IQ4_XS: add_iq4_xs(p, blocks, x, x_row_bytes, columns, sums); break;
    default: break;
    }
}

// Float types: lane i sums the products at k = i mod 8, one fma after the other; the lanes are added in halves at the
// end. A tile is FLOAT_ROWS rows by up to FLOAT_COLUMNS columns, each with its own eight sums.
typedef __m256 F;
enum { LANES = 8, FLOAT_ROWS = 4, FLOAT_COLUMNS = 3 };

INLINE F f_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void f_store(float *p, F v) { _mm256_storeu_ps(p, v); }
INLINE F f_fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
INLINE F f_load_half(const uint8_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
INLINE F f_load_bfloat(const uint8_t *p) {
    const V wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}
INLINE float f_sum(F v) {
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}

#include "float_product.inc.h"
#include "activation_rows.inc.h"
#include "fill_products.inc.h"

void apus_fill_products_avx2(struct apus_kernels *table) {
    fill_products(table);
    apus_fill_matrix_avx2(table);
}

#pragma clang attribute pop
#endif
