// Attention over a cache of blocks, written once and compiled once per instruction set. The including file sets the
// target attribute and defines APUS_NAME(name), APUS_LANES (floats of a vector), APUS_SUMS (vectors of sums that the
// registers hold beside operands) and, where the processor has them, APUS_FUSED (fused multiply-add) and APUS_HALVES
// (conversion of half precision).
//
// A row is a query of one head. Its sums are taken in an order that depends on its own sequence alone:
//   - a score sums over the dimensions in ascending order;
//   - a step is up to four blocks of APUS_KV_BLOCK positions, counted from position 0: largest score, exponentials, then
//     the weighted sum of values in ascending order of positions, after what earlier steps gave was scaled;
//   - a span is APUS_KV_SPAN positions; spans begin anew and are merged in ascending order, so that threads may share
//     out the spans of one row.
// What a row may not see is left out of all sums. So the same bits come out whatever else the tile, the batch or the
// cache holds.
#include "CKernels.h"
#include "half.h"
#include "tables.h"

#include <math.h>
#include <string.h>

#ifndef APUS_LANES
#define APUS_LANES 4
#if defined(__aarch64__)
#define APUS_SUMS 24
#define APUS_FUSED
#define APUS_HALVES
#else
#define APUS_SUMS 12
#endif
#endif

#pragma clang fp contract(off)

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum {
    LANES = APUS_LANES,
    BLOCK_VECTORS = APUS_KV_BLOCK / LANES,
    // A tile of scores has some vectors of positions by as many rows as the sums allow, one of values some vectors of
    // dimensions.
    SCORE_VECTORS = LANES == 4 ? 4 : 2,
    SCORE_ROWS = APUS_SUMS / SCORE_VECTORS,
    VALUE_VECTORS = LANES == 8 ? 2 : 4,
    VALUE_ROWS = APUS_SUMS / VALUE_VECTORS,
    MOST_STEP_BLOCKS = 4,
    LONE_ROW_BLOCKS = LANES == 4 ? 1 : LANES / 4, // blocks whose scores one row alone sums at once
    STEP_FLOATS = 256 * MOST_STEP_BLOCKS * APUS_KV_BLOCK, // of converted keys and values
};

typedef float FV __attribute__((vector_size(4 * APUS_LANES), aligned(4)));
typedef int32_t IV __attribute__((vector_size(4 * APUS_LANES), aligned(4)));
typedef int8_t BV __attribute__((vector_size(APUS_LANES), aligned(1)));

INLINE FV load(const float *p) { return *(const FV *)p; }
INLINE void store(float *p, FV v) { *(FV *)p = v; }
INLINE FV splat(float x) { return x - (FV){0}; }
INLINE FV pick(IV mask, FV a, FV b) { return (FV)((mask & (IV)a) | (~mask & (IV)b)); }

INLINE FV fma_of(FV a, FV b, FV c) {
#ifdef APUS_FUSED
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

INLINE FV load_halves(const uint16_t *p) {
#ifdef APUS_HALVES
    typedef _Float16 HV __attribute__((vector_size(2 * APUS_LANES), aligned(2)));
    return __builtin_convertvector(*(const HV *)p, FV);
#else
    FV v;
    for (int i = 0; i < LANES; i++) v[i] = apus_half_to_float(p[i]);
    return v;
#endif
}

// e^x for x <= 0 within 2 ulp, as in float_rows.inc.h; 0 below -87.3. NaN stays NaN.
INLINE FV exp_of(FV x) {
    const FV magic = splat(12582912.0f);
    const FV shifted = fma_of(x, splat(1.44269504088896341f), magic);
    const FV n = shifted - magic;
    FV r = fma_of(n, splat(-0.693359375f), x);
    r = fma_of(n, splat(2.12194440e-4f), r);
    FV p = fma_of(splat(1.9875691500e-4f), r, splat(1.3981999507e-3f));
    p = fma_of(p, r, splat(8.3334519073e-3f));
    p = fma_of(p, r, splat(4.1665795894e-2f));
    p = fma_of(p, r, splat(1.6666665459e-1f));
    p = fma_of(p, r, splat(5.0000001201e-1f));
    p = fma_of(p, r * r, r) + 1.0f;
    const IV power = ((IV)shifted - 0x4B400000 + 127) << 23;
    return pick((IV)(x < splat(-87.3f)), splat(0), p * (FV)power);
}

INLINE float exp_of_one(float x) { return exp_of(splat(x))[0]; }

// The running state of a row: largest score, lanes of the sum of exponentials, weighted sum of values. ---------------

INLINE int64_t padded(int64_t n) { return (n + APUS_VALUE_PADDING - 1) / APUS_VALUE_PADDING * APUS_VALUE_PADDING; }

// Places in a row of state, in floats.
enum { STATE_LARGEST = 0, STATE_SEEN = 1, STATE_SUMS = 16, STATE_VALUES = APUS_ATTENTION_STATE };

INLINE int64_t state_floats(int64_t value_dim) { return STATE_VALUES + padded(value_dim); }

INLINE void clear_state(float *state, int64_t floats) {
    memset(state, 0, (size_t)floats * sizeof(float));
    state[STATE_LARGEST] = -INFINITY;
}

INLINE void scale_state(float *state, int64_t floats, float by) {
    for (int64_t i = STATE_SUMS; i < floats; i += LANES) store(state + i, load(state + i) * splat(by));
}

// Adds the state of a later span.
static void APUS_NAME(merge_state)(float *state, const float *later, int64_t floats) {
    if (later[STATE_SEEN] == 0) return;
    if (state[STATE_SEEN] == 0) {
        memcpy(state, later, (size_t)floats * sizeof(float));
        return;
    }
    const float a = state[STATE_LARGEST], b = later[STATE_LARGEST], top = b > a ? b : a;
    const FV mine = splat(exp_of_one(a - top)), theirs = splat(exp_of_one(b - top));
    for (int64_t i = STATE_SUMS; i < floats; i += LANES)
        store(state + i, fma_of(load(later + i), theirs, load(state + i) * mine));
    state[STATE_LARGEST] = top;
}

static void APUS_NAME(finish_state)(const float *state, int64_t value_dim, float *out) {
    float sum = 0;
    for (int i = 0; i < STATE_SUMS; i++) sum += state[STATE_SUMS + i];
    const float by = 1.0f / sum;
    for (int64_t d = 0; d < value_dim; d++) out[d] = state[STATE_VALUES + d] * by;
}

// Blocks as float32 ---------------------------------------------------------------------------------------------------

// 8-bit keys: [key_dim][block] and then a half precision scale for each 32 dimensions and position.
static void APUS_NAME(widen_q8_keys)(const int8_t *block, int64_t dim, float *out) {
    const uint16_t *scales = (const uint16_t *)(block + dim * APUS_KV_BLOCK);
    for (int64_t chunk = 0; chunk < dim; chunk += 32, scales += APUS_KV_BLOCK) {
        const int64_t end = dim - chunk < 32 ? dim : chunk + 32;
        FV scale[BLOCK_VECTORS];
        for (int v = 0; v < BLOCK_VECTORS; v++) scale[v] = load_halves(scales + v * LANES);
        for (int64_t d = chunk; d < end; d++) {
            UNROLL
            for (int v = 0; v < BLOCK_VECTORS; v++) {
                const int64_t at = d * APUS_KV_BLOCK + v * LANES;
                store(out + at, __builtin_convertvector(*(const BV *)(block + at), FV) * scale[v]);
            }
        }
    }
}

// 8-bit values: [block][padded value_dim] and then a scale for each position and 32 dimensions.
static void APUS_NAME(widen_q8_values)(const int8_t *block, int64_t dim, float *out) {
    const int64_t width = padded(dim), chunks = (width + 31) / 32;
    const uint16_t *scales = (const uint16_t *)(block + width * APUS_KV_BLOCK);
    for (int64_t j = 0; j < APUS_KV_BLOCK; j++) {
        for (int64_t d = 0; d < width; d += LANES) {
            const FV scale = splat(apus_half_to_float(scales[j * chunks + d / 32]));
            store(out + j * width + d, __builtin_convertvector(*(const BV *)(block + j * width + d), FV) * scale);
        }
    }
}

static void APUS_NAME(widen_halves)(const uint16_t *block, int64_t n, float *out) {
    for (int64_t i = 0; i < n; i += LANES) store(out + i, load_halves(block + i));
}

// Scores ----------------------------------------------------------------------------------------------------------------

INLINE FV load_cached(int32_t type, const void *p, int64_t i) {
    return type == APUS_F16 ? load_halves((const uint16_t *)p + i) : load((const float *)p + i);
}

// scores[row][b * APUS_KV_BLOCK + j] = q[row] . key j of block b, for some vectors of positions of each block. Keys are
// [dim][APUS_KV_BLOCK].
INLINE void score_tile(int32_t type, const int rows, const int blocks, const int vectors, const float *const *q,
                       const void *const *keys, int64_t at, int64_t dim, float *scores, int64_t stride) {
    FV sum[SCORE_ROWS][MOST_STEP_BLOCKS][BLOCK_VECTORS];
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int b = 0; b < blocks; b++) {
            UNROLL
            for (int v = 0; v < vectors; v++) sum[r][b][v] = splat(0);
        }
    }
    for (int64_t d = 0; d < dim; d++) {
        UNROLL
        for (int b = 0; b < blocks; b++) {
            FV key[BLOCK_VECTORS];
            UNROLL
            for (int v = 0; v < vectors; v++) key[v] = load_cached(type, keys[b], d * APUS_KV_BLOCK + at + v * LANES);
            UNROLL
            for (int r = 0; r < rows; r++) {
                const FV x = splat(q[r][d]);
                UNROLL
                for (int v = 0; v < vectors; v++) sum[r][b][v] = fma_of(x, key[v], sum[r][b][v]);
            }
        }
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int b = 0; b < blocks; b++) {
            UNROLL
            for (int v = 0; v < vectors; v++)
                store(scores + r * stride + b * APUS_KV_BLOCK + at + v * LANES, sum[r][b][v]);
        }
    }
}

// Values ----------------------------------------------------------------------------------------------------------------

// sums[row] += the sum over positions from ..< to of p[row][position] * values[position], for some vectors of each row.
INLINE void value_tile(int32_t type, const int rows, const int vectors, const float *const *p, const void *values,
                       int64_t width, int64_t at, int64_t from, int64_t to, float *const *sums) {
    FV sum[VALUE_ROWS][VALUE_VECTORS];
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int v = 0; v < vectors; v++) sum[r][v] = load(sums[r] + at + v * LANES);
    }
    for (int64_t j = from; j < to; j++) {
        FV value[VALUE_VECTORS];
        UNROLL
        for (int v = 0; v < vectors; v++) value[v] = load_cached(type, values, j * width + at + v * LANES);
        UNROLL
        for (int r = 0; r < rows; r++) {
            const FV x = splat(p[r][j]);
            UNROLL
            for (int v = 0; v < vectors; v++) sum[r][v] = fma_of(x, value[v], sum[r][v]);
        }
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int v = 0; v < vectors; v++) store(sums[r] + at + v * LANES, sum[r][v]);
    }
}

INLINE void value_rows(int32_t type, const int rows, const float *const *p, const void *values, int64_t width,
                       int64_t from, int64_t to, float *const *sums) {
    if (from >= to) return;
    int64_t at = 0;
    for (; at + VALUE_VECTORS * LANES <= width; at += VALUE_VECTORS * LANES)
        value_tile(type, rows, VALUE_VECTORS, p, values, width, at, from, to, sums);
    for (; at < width; at += LANES) value_tile(type, rows, 1, p, values, width, at, from, to, sums);
}

// Tiles of any number of rows are made of these.
#define EACH_SIZE(DO, most)                                                                                            \
    if (most >= 12 && n >= 12) DO((most >= 12 ? 12 : 1))                                                               \
    else if (most >= 8 && n >= 8) DO((most >= 8 ? 8 : 1))                                                              \
    else if (most >= 6 && n >= 6) DO((most >= 6 ? 6 : 1))                                                              \
    else if (most >= 4 && n >= 4) DO((most >= 4 ? 4 : 1))                                                              \
    else if (most >= 3 && n >= 3) DO((most >= 3 ? 3 : 1))                                                              \
    else if (most >= 2 && n >= 2) DO((most >= 2 ? 2 : 1))                                                              \
    else DO(1)

static void APUS_NAME(score_rows)(int32_t type, int64_t n, int64_t blocks, const float *const *q,
                                  const void *const *keys, int64_t dim, float *scores, int64_t stride) {
    // One row alone would wait for its own sums: it takes several blocks at once.
    if (n == 1 && blocks % LONE_ROW_BLOCKS == 0) {
        for (int64_t b = 0; b < blocks; b += LONE_ROW_BLOCKS) {
            float *to = scores + b * APUS_KV_BLOCK;
            if (type == APUS_F16)
                score_tile(APUS_F16, 1, LONE_ROW_BLOCKS, BLOCK_VECTORS, q, keys + b, 0, dim, to, stride);
            else score_tile(APUS_F32, 1, LONE_ROW_BLOCKS, BLOCK_VECTORS, q, keys + b, 0, dim, to, stride);
        }
        return;
    }
#define SCORES(rows)                                                                                                   \
    {                                                                                                                  \
        for (int64_t b = 0; b < blocks; b++) {                                                                         \
            float *to = scores + b * APUS_KV_BLOCK;                                                                    \
            for (int64_t at = 0; at < APUS_KV_BLOCK; at += SCORE_VECTORS * LANES) {                                    \
                if (type == APUS_F16 && rows <= 2)                                                                     \
                    score_tile(APUS_F16, rows, 1, SCORE_VECTORS, q, keys + b, at, dim, to, stride);                    \
                else score_tile(APUS_F32, rows, 1, SCORE_VECTORS, q, keys + b, at, dim, to, stride);                   \
            }                                                                                                          \
        }                                                                                                              \
        n -= rows, q += rows, scores += rows * stride;                                                                 \
    }
    while (n > 0) EACH_SIZE(SCORES, SCORE_ROWS)
#undef SCORES
}

static void APUS_NAME(add_values)(int32_t type, int64_t n, const float *const *p, const void *values, int64_t width,
                                  int64_t from, int64_t to, float *const *sums) {
#define VALUES(rows)                                                                                                   \
    {                                                                                                                  \
        if (type == APUS_F16 && rows <= 2) value_rows(APUS_F16, rows, p, values, width, from, to, sums);               \
        else value_rows(APUS_F32, rows, p, values, width, from, to, sums);                                             \
        n -= rows, p += rows, sums += rows;                                                                            \
    }
    while (n > 0) EACH_SIZE(VALUES, VALUE_ROWS)
#undef VALUES
}

// Steps -----------------------------------------------------------------------------------------------------------------

// Turns the raw scores of one row, `count` of them (whole blocks), into exponentials relative to the largest so far,
// and scales what the state holds to it. The row sees positions from ..< to of the step.
static void APUS_NAME(soften)(const struct apus_attention *a, float *scores, int64_t count, int64_t from, int64_t to,
                              float distance, float slope, float *state, int64_t floats) {
    IV place;
    for (int i = 0; i < LANES; i++) place[i] = i;
    FV top = splat(-INFINITY);
    for (int64_t j = 0; j < count; j += LANES) {
        FV s = load(scores + j) * splat(a->scale);
        if (a->softcap > 0) {
            // cap * tanh(s / cap) = cap * (1 - 2 e / (1 + e)) with e = exp(-2 |s / cap|), and the sign of s
            const FV x = s / splat(a->softcap);
            const FV size = (FV)((IV)x & 0x7FFFFFFF);
            const FV e = exp_of(size * splat(-2.0f));
            FV t = (splat(1.0f) - e) / (splat(1.0f) + e);
            // Near 0 that difference loses digits; the polynomial of float_rows.inc.h does not.
            const FV z = x * x;
            FV near = fma_of(splat(-5.70498872745e-3f), z, splat(2.06390887954e-2f));
            near = fma_of(near, z, splat(-5.37397155531e-2f));
            near = fma_of(near, z, splat(1.33314422036e-1f));
            near = fma_of(near, z, splat(-3.33332819422e-1f));
            near = fma_of(near, z * size, size);
            t = pick((IV)(size < splat(0.625f)), near, t);
            s = splat(a->softcap) * (FV)((IV)t | ((IV)x & (int32_t)0x80000000));
        }
        if (a->alibi_slopes) s = fma_of(splat(slope), __builtin_convertvector(place, FV) + splat(distance), s);
        const IV seen = (IV)(place >= (int32_t)from) & (IV)(place < (int32_t)to);
        s = pick(seen, s, splat(-INFINITY));
        store(scores + j, s);
        top = pick((IV)(s > top), s, top);
        place += LANES;
    }
    const float before = state[STATE_LARGEST];
    float largest = before;
    for (int i = 0; i < LANES; i++) largest = top[i] > largest ? top[i] : largest;
    if (largest > before) {
        if (state[STATE_SEEN] != 0) scale_state(state, floats, exp_of_one(before - largest));
        state[STATE_LARGEST] = largest;
    }
    state[STATE_SEEN] = 1;
    // Lane i of a row's state sums positions i mod 16, whatever the vectors' length.
    for (int64_t j = 0; j < count; j += LANES) {
        const FV p = exp_of(load(scores + j) - splat(largest));
        store(scores + j, p);
        float *sum = state + STATE_SUMS + j % STATE_SUMS;
        store(sum, load(sum) + p);
    }
}

INLINE int64_t step_blocks(const struct apus_attention *a) {
    const int64_t floats = a->key_dim + padded(a->value_dim);
    return floats <= 256 ? 4 : floats <= 512 ? 2 : 1;
}

// Adds the positions first ..< last, within one span, to the states of all rows.
static void APUS_NAME(attention_steps)(const struct apus_attention *a, int64_t first, int64_t last, float *state) {
    float widened[STEP_FLOATS] __attribute__((aligned(64)));
    float scores[SCORE_ROWS * MOST_STEP_BLOCKS * APUS_KV_BLOCK] __attribute__((aligned(64)));
    const int64_t kd = a->key_dim, vd = a->value_dim, width = padded(vd), floats = state_floats(vd);
    const int64_t rows = a->queries * a->group, most = step_blocks(a), stride = most * APUS_KV_BLOCK;
    // A few rows read half precision as it is; more share what was widened once.
    const bool widen = a->cache_type == APUS_Q8_0 || (a->cache_type == APUS_F16 && rows > 2);
    const int32_t type = widen ? APUS_F32 : a->cache_type;

    for (int64_t base = first / stride * stride; base < last; base += stride) {
        const int64_t begin = (base < first ? first - base : 0) / APUS_KV_BLOCK; // blocks of the step that are seen
        const int64_t end = ((last - base < stride ? last - base : stride) + APUS_KV_BLOCK - 1) / APUS_KV_BLOCK;
        const void *keys[MOST_STEP_BLOCKS], *values[MOST_STEP_BLOCKS];
        for (int64_t b = 0; b < most; b++) {
            if (b < begin || b >= end) continue;
            keys[b] = a->keys[base / APUS_KV_BLOCK + b];
            values[b] = a->values[base / APUS_KV_BLOCK + b];
            if (!widen) continue;
            float *k = widened + b * (kd + width) * APUS_KV_BLOCK, *v = k + kd * APUS_KV_BLOCK;
            if (a->cache_type == APUS_F16) {
                APUS_NAME(widen_halves)((const uint16_t *)keys[b], kd * APUS_KV_BLOCK, k);
                APUS_NAME(widen_halves)((const uint16_t *)values[b], width * APUS_KV_BLOCK, v);
            } else {
                APUS_NAME(widen_q8_keys)((const int8_t *)keys[b], kd, k);
                APUS_NAME(widen_q8_values)((const int8_t *)values[b], vd, v);
            }
            keys[b] = k, values[b] = v;
        }

        for (int64_t row = 0; row < rows;) {
            // The rows of a tile see much the same: what all of them see is summed together, the rest one by one.
            const float *q[SCORE_ROWS], *p[SCORE_ROWS];
            float *sums[SCORE_ROWS];
            int64_t from[SCORE_ROWS], to[SCORE_ROWS], all_from = 0, all_to = stride, any_from = stride, any_to = 0;
            int n = 0;
            for (; row < rows && n < SCORE_ROWS; row++) {
                const int64_t i = row / a->group, h = row % a->group, position = a->first_position + i;
                int64_t f = (a->window > 0 && position - a->window + 1 > first ? position - a->window + 1 : first) - base;
                int64_t t = (a->causal && position + 1 < last ? position + 1 : last) - base;
                if (f < 0) f = 0;
                if (t > stride) t = stride;
                if (f >= t) continue;
                q[n] = a->q + i * a->q_stride + h * kd;
                p[n] = scores + n * stride;
                sums[n] = state + row * floats;
                from[n] = f, to[n] = t;
                if (f > all_from) all_from = f;
                if (t < all_to) all_to = t;
                if (f < any_from) any_from = f;
                if (t > any_to) any_to = t;
                n++;
            }
            if (n == 0) continue;
            const int64_t b0 = any_from / APUS_KV_BLOCK, b1 = (any_to + APUS_KV_BLOCK - 1) / APUS_KV_BLOCK;
            APUS_NAME(score_rows)(type, n, b1 - b0, q, keys + b0, kd, scores + b0 * APUS_KV_BLOCK, stride);
            for (int r = 0; r < n; r++) {
                const int64_t index = (sums[r] - state) / floats;
                const int64_t position = a->first_position + index / a->group;
                APUS_NAME(soften)(a, scores + r * stride + b0 * APUS_KV_BLOCK, (b1 - b0) * APUS_KV_BLOCK,
                                  from[r] - b0 * APUS_KV_BLOCK, to[r] - b0 * APUS_KV_BLOCK,
                                  (float)(base + b0 * APUS_KV_BLOCK - position),
                                  a->alibi_slopes ? a->alibi_slopes[index % a->group] : 0, sums[r], floats);
                sums[r] += STATE_VALUES;
            }
            for (int64_t b = b0; b < b1; b++) {
                const int64_t start = b * APUS_KV_BLOCK, stop = start + APUS_KV_BLOCK;
                // Values and exponentials as if the step's first block lay at their start.
                const void *v = type == APUS_F16 ? (const void *)((const uint16_t *)values[b] - start * width)
                                                 : (const void *)((const float *)values[b] - start * width);
                const int64_t f = all_from > start ? all_from : start, t = all_to < stop ? all_to : stop;
                for (int r = 0; r < n; r++) {
                    const int64_t own = from[r] > start ? from[r] : start, end_of_own = to[r] < stop ? to[r] : stop;
                    const int64_t until = f < t && f < end_of_own ? f : end_of_own;
                    if (own < until) APUS_NAME(add_values)(type, 1, p + r, v, width, own, until, sums + r);
                }
                if (f >= t) continue;
                APUS_NAME(add_values)(type, n, p, v, width, f, t, sums);
                for (int r = 0; r < n; r++) {
                    const int64_t end_of_own = to[r] < stop ? to[r] : stop;
                    if (t < end_of_own) APUS_NAME(add_values)(type, 1, p + r, v, width, t, end_of_own, sums + r);
                }
            }
        }
    }
}

// The positions that the rows of a call may see.
INLINE void seen_positions(const struct apus_attention *a, int64_t *first, int64_t *last) {
    *last = a->causal && a->first_position + a->queries < a->length ? a->first_position + a->queries : a->length;
    *first = a->window > 0 && a->first_position - a->window + 1 > 0 ? a->first_position - a->window + 1 : 0;
}

static void APUS_NAME(attention_span)(const struct apus_attention *a, int64_t span, float *state) {
    const int64_t rows = a->queries * a->group, floats = state_floats(a->value_dim);
    for (int64_t row = 0; row < rows; row++) clear_state(state + row * floats, floats);
    int64_t first, last;
    seen_positions(a, &first, &last);
    if (first < span * APUS_KV_SPAN) first = span * APUS_KV_SPAN;
    if (last > (span + 1) * APUS_KV_SPAN) last = (span + 1) * APUS_KV_SPAN;
    if (first < last) APUS_NAME(attention_steps)(a, first, last, state);
}

static void APUS_NAME(attention_merge)(const struct apus_attention *a, float *states, int64_t count) {
    const int64_t rows = a->queries * a->group, floats = state_floats(a->value_dim);
    for (int64_t row = 0; row < rows; row++) {
        float *state = states + row * floats;
        for (int64_t i = 1; i < count; i++) APUS_NAME(merge_state)(state, state + i * rows * floats, floats);
        APUS_NAME(finish_state)(state, a->value_dim, a->out + row / a->group * a->out_stride + row % a->group * a->value_dim);
    }
}

static void APUS_NAME(attention)(const struct apus_attention *a) {
    float states[2][APUS_ATTENTION_FLOATS] __attribute__((aligned(64)));
    const int64_t rows = a->queries * a->group, floats = state_floats(a->value_dim);
    int64_t first, last;
    seen_positions(a, &first, &last);
    const int64_t first_span = first / APUS_KV_SPAN, spans = (last + APUS_KV_SPAN - 1) / APUS_KV_SPAN;
    for (int64_t span = first_span; span < spans; span++) {
        APUS_NAME(attention_span)(a, span, states[span > first_span]);
        if (span == first_span) continue;
        for (int64_t row = 0; row < rows; row++)
            APUS_NAME(merge_state)(states[0] + row * floats, states[1] + row * floats, floats);
    }
    APUS_NAME(attention_merge)(a, states[0], 1);
}

// Writing to the cache ----------------------------------------------------------------------------------------------------

// 32 values or fewer as 8-bit numbers, `step` bytes apart, times the scale that is returned (half precision).
static uint16_t APUS_NAME(quantize_chunk)(const float *x, int64_t n, int8_t *out, int64_t step) {
    float most = 0;
    for (int64_t i = 0; i < n; i++) most = fabsf(x[i]) > most || x[i] != x[i] ? fabsf(x[i]) : most;
    const uint16_t half = apus_float_to_half(most / 127.0f);
    const float scale = apus_half_to_float(half), by = scale > 0 ? 1.0f / scale : 0;
    for (int64_t i = 0; i < n; i++) {
        float y = x[i] * by;
        y = y > 127 ? 127 : y < -127 ? -127 : y;
        out[i * step] = y == y ? (int8_t)lrintf(y) : 0; // NaN is in the scale
    }
    return half;
}

static void APUS_NAME(store_key)(int32_t type, const float *x, int64_t dim, void *block, int64_t place) {
    if (type == APUS_F32) {
        float *out = (float *)block + place;
        for (int64_t d = 0; d < dim; d++) out[d * APUS_KV_BLOCK] = x[d];
    } else if (type == APUS_F16) {
        uint16_t halves[APUS_HEAD_DIM_MAX], *out = (uint16_t *)block + place;
        APUS_NAME(float_to_half)(x, dim, halves);
        for (int64_t d = 0; d < dim; d++) out[d * APUS_KV_BLOCK] = halves[d];
    } else {
        int8_t *out = (int8_t *)block + place;
        uint16_t *scales = (uint16_t *)((int8_t *)block + dim * APUS_KV_BLOCK) + place;
        for (int64_t d = 0; d < dim; d += 32)
            scales[d / 32 * APUS_KV_BLOCK] = APUS_NAME(quantize_chunk)(x + d, dim - d < 32 ? dim - d : 32, out + d * APUS_KV_BLOCK,
                                                  APUS_KV_BLOCK);
    }
}

static void APUS_NAME(store_value)(int32_t type, const float *x, int64_t dim, void *block, int64_t place) {
    const int64_t width = padded(dim), chunks = (width + 31) / 32;
    if (type == APUS_F32) {
        memcpy((float *)block + place * width, x, (size_t)dim * sizeof(float));
    } else if (type == APUS_F16) {
        APUS_NAME(float_to_half)(x, dim, (uint16_t *)block + place * width);
    } else {
        int8_t *out = (int8_t *)block + place * width;
        uint16_t *scales = (uint16_t *)((int8_t *)block + width * APUS_KV_BLOCK) + place * chunks;
        for (int64_t d = 0; d < dim; d += 32)
            scales[d / 32] = APUS_NAME(quantize_chunk)(x + d, dim - d < 32 ? dim - d : 32, out + d, 1);
    }
}

static void APUS_NAME(fill_attention)(struct apus_kernels *table) {
    table->store_key = APUS_NAME(store_key);
    table->store_value = APUS_NAME(store_value);
    table->attention = APUS_NAME(attention);
    table->attention_span = APUS_NAME(attention_span);
    table->attention_merge = APUS_NAME(attention_merge);
}
