// Rows of stored weights for AVX-512 with VNNI: panels of 16 rows, vpdpbusd, unsigned weights.
#include "activations.h"
#include "tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

typedef __m512i V;
enum { ROWS = 16, SIGNED_BYTES = 0 };
#define INLINE static inline __attribute__((always_inline))

// 16 bytes of rows 0, 4, 8 and 12 of those given.
INLINE V v_load_rows(const uint8_t *const *rows, int64_t at) {
    V v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(rows[0] + at)));
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[4] + at)), 1);
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[8] + at)), 2);
    return _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[12] + at)), 3);
}
INLINE V v_load(const void *p) { return _mm512_loadu_si512(p); }
INLINE void v_store(void *p, V v) { _mm512_store_si512(p, v); }
INLINE V v_and(V a, V b) { return _mm512_and_si512(a, b); }
INLINE V v_or(V a, V b) { return _mm512_or_si512(a, b); }
INLINE V v_xor(V a, V b) { return _mm512_xor_si512(a, b); }
INLINE V v_sub32(V a, V b) { return _mm512_sub_epi32(a, b); }
INLINE V v_srl16(V v, int n) { return _mm512_srli_epi16(v, (unsigned)n); }
INLINE V v_sll16(V v, int n) { return _mm512_slli_epi16(v, (unsigned)n); }
INLINE V v_srl32(V v, int n) { return _mm512_srli_epi32(v, (unsigned)n); }
INLINE V v_sll32(V v, int n) { return _mm512_slli_epi32(v, (unsigned)n); }
INLINE V v_sra32(V v, int n) { return _mm512_srai_epi32(v, (unsigned)n); }
INLINE V v_set8(char b) { return _mm512_set1_epi8(b); }
INLINE V v_set32(int w) { return _mm512_set1_epi32(w); }
INLINE V v_unpacklo32(V a, V b) { return _mm512_unpacklo_epi32(a, b); }
INLINE V v_unpackhi32(V a, V b) { return _mm512_unpackhi_epi32(a, b); }
INLINE V v_unpacklo64(V a, V b) { return _mm512_unpacklo_epi64(a, b); }
INLINE V v_unpackhi64(V a, V b) { return _mm512_unpackhi_epi64(a, b); }
INLINE V v_table(const int8_t *table) { return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table)); }
INLINE V v_shuffle8(V table, V index) { return _mm512_shuffle_epi8(table, index); }
INLINE void v_store_halves(const uint16_t *halves, float *out) {
    _mm512_store_ps(out, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)halves)));
}
INLINE void v_store_low_halves(V v, float *out) { _mm512_store_ps(out, _mm512_cvtph_ps(_mm512_cvtepi32_epi16(v))); }
INLINE V v_scale(V scale) { return scale; }
// Bits 4g ..< 4g + 4 of every lane, as bit 4 of its four bytes.
INLINE V v_spread_bits(V bits, int g) {
#define FOUR(high) high, (high) | 0x10, (high) | 0x1000, (high) | 0x1010
    static const int32_t spread[16] = {FOUR(0), FOUR(0x100000), FOUR(0x10000000), FOUR(0x10100000)};
#undef FOUR
    return _mm512_permutexvar_epi32(_mm512_srli_epi32(bits, (unsigned)(4 * g)), _mm512_loadu_si512(spread));
}

#include "panel.inc.h"

INLINE V four_bytes(const void *p) { return _mm512_set1_epi32((int)load_u32(p)); }

enum { TILE_COLUMNS = 12 }; // enough that no sum waits for its own latency, and all stay in registers

// Keeps the compiler from computing pointers anew from the first and a stride, which costs a register and time.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

// Blocks of 32: correction is where activations_32 holds what takes back the offset of the weights.
INLINE void add_blocks(int columns, bool has_minimum, size_t correction, const struct panel *p, int blocks,
                       const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_32 *a[TILE_COLUMNS];
    __m512 sum[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_32 *)(x + (size_t)c * x_row_bytes);
        KEEP_POINTER(a[c]);
        sum[c] = _mm512_load_ps(sums + c * ROWS);
    }
    for (int b = 0; b < blocks; b++) {
        V product[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) product[c] = four_bytes((const uint8_t *)a[c] + correction);
#pragma clang loop unroll(full)
        for (int g = 0; g < 8; g++) {
            const V w = _mm512_load_si512(p->w[8 * b + g]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++)
                product[c] = _mm512_dpbusd_epi32(product[c], w, four_bytes(a[c]->q + 4 * g));
        }
        const __m512 d = _mm512_load_ps(p->d[b]);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++)
            sum[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(product[c]), _mm512_mul_ps(d, _mm512_set1_ps(a[c]->d)), sum[c]);
        if (has_minimum) {
            const __m512 m = _mm512_load_ps(p->m[b]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) sum[c] = _mm512_fmadd_ps(m, _mm512_set1_ps(a[c]->scaled_sum), sum[c]);
        }
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) a[c]++;
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) _mm512_store_ps(sums + c * ROWS, sum[c]);
}

// Super-blocks: sub is the number of values per integer scale; without minima, 2^offset_shift was added to the weights.
INLINE void add_super_block(int columns, int sub, bool has_minimum, size_t offset_shift, const struct panel *p,
                            const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_256 *a[TILE_COLUMNS];
    const int8_t *q[TILE_COLUMNS];
    V total[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_256 *)(x + (size_t)c * x_row_bytes);
        q[c] = a[c]->q;
        KEEP_POINTER(q[c]);
        total[c] = _mm512_setzero_si512();
    }
    const int groups = sub / 4;
    for (int j = 0; j < CHUNK / sub; j++) {
        V product[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) product[c] = _mm512_setzero_si512();
#pragma clang loop unroll(full)
        for (int g = 0; g < groups; g++) {
            const V w = _mm512_load_si512(p->w[groups * j + g]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) product[c] = _mm512_dpbusd_epi32(product[c], w, four_bytes(q[c] + 4 * g));
        }
        const V scale = _mm512_load_si512(p->scale[j]);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) {
            total[c] = _mm512_add_epi32(total[c], _mm512_mullo_epi32(product[c], scale));
            q[c] += sub;
        }
    }
    const __m512 d = _mm512_load_ps(p->d[0]), m = _mm512_load_ps(p->m[0]);
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        const int16_t *x_sums = sub == 32 ? a[c]->sum32 : a[c]->sum16;
        V offset = _mm512_setzero_si512();
#pragma clang loop unroll(full)
        for (int i = 0; i < CHUNK / sub / 2; i++)
            offset = _mm512_dpwssd_epi32(offset, _mm512_load_si512(p->pairs[i]), four_bytes(x_sums + 2 * i));
        __m512 sum = _mm512_load_ps(sums + c * ROWS);
        const __m512 x_scale = _mm512_set1_ps(a[c]->d);
        if (!has_minimum)
            total[c] = _mm512_sub_epi32(total[c], _mm512_sll_epi32(offset, _mm_cvtsi64_si128((int64_t)offset_shift)));
        sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(total[c]), _mm512_mul_ps(d, x_scale), sum);
        if (has_minimum) sum = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(offset), _mm512_mul_ps(m, x_scale), sum);
        _mm512_store_ps(sums + c * ROWS, sum);
    }
}

// A function for each kind of block, in which every width is the same arithmetic, compiled apart so that the sums stay
// in registers. `detail` is correction or offset_shift.
#define COLUMN_TILES(name, TILE)                                                                                       \
    static void name(const struct panel *p, int blocks, const uint8_t *x, size_t x_row_bytes, int64_t columns,         \
                     size_t detail, float *sums) {                                                                     \
        (void)blocks;                                                                                                  \
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
            case 8: TILE(8); break;                                                                                    \
            case 9: TILE(9); break;                                                                                    \
            case 10: TILE(10); break;                                                                                  \
            case 11: TILE(11); break;                                                                                  \
            default: TILE(12); break;                                                                                  \
            }                                                                                                          \
            columns -= n;                                                                                              \
            x += (size_t)n * x_row_bytes;                                                                              \
            sums += n * ROWS;                                                                                          \
        }                                                                                                              \
    }

#define TILE(n) add_blocks(n, false, detail, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_plain, TILE)
#undef TILE
#define TILE(n) add_blocks(n, true, detail, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_with_minima, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 16, false, detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_sixteens, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 16, true, detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_sixteens_with_minima, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 32, false, detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_thirty_twos, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 32, true, detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_thirty_twos_with_minima, TILE)
#undef TILE

static void add_chunk(int32_t type, const struct panel *p, int blocks, const uint8_t *x, size_t x_row_bytes,
                      int64_t columns, float *sums) {
    typedef struct activations_32 A;
    switch (type) {
    case APUS_Q4_0: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_8_sum), sums); break;
    case APUS_Q5_0: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_16_sum), sums); break;
    case APUS_Q8_0:
    case APUS_IQ4_NL: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_128_sum), sums); break;
    case APUS_MXFP4: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_12_sum), sums); break;
    case APUS_Q4_1:
    case APUS_Q5_1: add_with_minima(p, blocks, x, x_row_bytes, columns, offsetof(A, zero), sums); break;
    case APUS_Q2_K: add_sixteens_with_minima(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_Q3_K: add_sixteens(p, blocks, x, x_row_bytes, columns, 2, sums); break;
    case APUS_Q6_K: add_sixteens(p, blocks, x, x_row_bytes, columns, 5, sums); break;
    case APUS_Q4_K:
    case APUS_Q5_K: add_thirty_twos_with_minima(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_IQ4_XS: add_thirty_twos(p, blocks, x, x_row_bytes, columns, 7, sums); break;
    default: break;
    }
}

// Float types: lane i sums the products at k = i mod 16, one fma after the other; the lanes are added in halves at the
// end. A tile is FLOAT_ROWS rows by up to FLOAT_COLUMNS columns, each with its own sixteen sums.
typedef __m512 F;
enum { LANES = 16, FLOAT_ROWS = 4, FLOAT_COLUMNS = 6 };

INLINE F f_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void f_store(float *p, F v) { _mm512_storeu_ps(p, v); }
INLINE F f_fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
INLINE F f_load_half(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE F f_load_bfloat(const uint8_t *p) {
    const V wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}
INLINE float f_sum(F v) {
    const __m256 a = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}

#include "float_product.inc.h"
#include "activation_rows.inc.h"

static void product(int32_t type, const void *weights, size_t row_bytes, int64_t rows, int64_t k, const void *x,
                    size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    if (apus_activation_form(type) == FORM_FLOAT)
        product_float(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
    else product_quantised(type, weights, row_bytes, rows, k, x, x_row_bytes, columns, out, out_stride);
}

void apus_fill_products_avx512(struct apus_kernels *table) {
    table->dequantize = apus_dequantize;
    table->activation_row_bytes = apus_activation_row_bytes;
    table->activation_form = apus_activation_form;
    table->make_activation_row = make_activation_row;
    table->product = product;
}
#pragma clang attribute pop
#endif
