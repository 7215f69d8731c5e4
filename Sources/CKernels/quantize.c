// Writes rows of float32 as the stored types that Apus can make.
//
// The scales are searched for as ggml's quantiser does (ggml-quants.c: the same candidates, the same weighted squared
// error, in the same order of sums), so that files have the quality, and without importance the bytes, of llama.cpp's.
// A block that holds a NaN or an infinity gets a NaN as its scale, so that it shows in every product.
#include "blocks.h"

#include <math.h>

static const float SMALLEST_SCALE = 1e-15f; // groups below this magnitude count as zero

// Rounds half to even by adding 1.5 * 2^23, after limiting to low ... high (NaN becomes low).
static int nearest(float v, int low, int high) {
    if (!(v > (float)low)) return low;
    if (v >= (float)high) return high;
    const uint32_t bits = apus_float_to_bits(v + 12582912.0f);
    return (int)(bits & 0x007FFFFF) - 0x00400000;
}

static int truncated(float v, int low, int high) {
    if (!(v > (float)low)) return low;
    return v >= (float)high ? high : (int)v;
}

static bool all_finite(const float *x, int n) {
    for (int i = 0; i < n; i++) {
        if ((apus_float_to_bits(x[i]) & 0x7FFFFFFF) >= 0x7F800000) return false;
    }
    return true;
}

static void store_half(void *p, float v) {
    const uint16_t half = apus_float_to_half(v);
    memcpy(p, &half, sizeof half);
}

static float inverse(float v) { return v != 0 ? 1.0f / v : 0.0f; }

// The value of largest magnitude, sign kept; the first of equals.
static float signed_extreme(const float *x, int n) {
    float extreme = 0, magnitude = 0;
    for (int i = 0; i < n; i++) {
        if (fabsf(x[i]) > magnitude) {
            magnitude = fabsf(x[i]);
            extreme = x[i];
        }
    }
    return extreme;
}

// Fits x ~ scale * (code - limit) with codes 0 ..< 2 * limit, minimising the squared error weighted by w (x^2 where w
// is null): of 19 trial scales around extreme / -limit the one whose codes, at their own best scale, explain most.
static float fit_symmetric(int n, int limit, const float *x, const float *w, uint8_t *codes) {
    const float extreme = signed_extreme(x, n);
    if (fabsf(extreme) < SMALLEST_SCALE) {
        memset(codes, 0, (size_t)n);
        return 0;
    }
    float scale = 0, best = 0;
    for (int trial = 0; trial < 19; trial++) {
        const int step = trial == 0 ? 0 : trial <= 9 ? trial - 10 : trial - 9; // 0, -9 ... -1, 1 ... 9
        const float factor = trial == 0 ? (float)-limit / extreme : -((float)limit + 0.1f * (float)step) / extreme;
        float xq = 0, qq = 0;
        for (int i = 0; i < n; i++) {
            const float q = (float)nearest(factor * x[i], -limit, limit - 1), weight = w ? w[i] : x[i] * x[i];
            xq += weight * x[i] * q;
            qq += weight * q * q;
        }
        if (trial == 0 || (qq > 0 && xq * xq > best * qq)) {
            for (int i = 0; i < n; i++) codes[i] = (uint8_t)(limit + nearest(factor * x[i], -limit, limit - 1));
            scale = qq != 0 ? xq / qq : 0;
            best = scale * xq;
        }
    }
    return scale;
}

// Fits x ~ scale * code - minimum with codes 0 ... highest and minimum >= 0, minimising the squared error weighted by
// w: codes at trial factors (highest + first + i * step) / range, each with its least-squares scale and minimum.
static float fit_with_minimum(int n, int highest, const float *x, const float *w, float first, float step, int trials,
                              uint8_t *codes, float *minimum) {
    float low = x[0], high = x[0], sum_w = w[0], sum_x = w[0] * x[0];
    for (int i = 1; i < n; i++) {
        if (x[i] < low) low = x[i];
        if (x[i] > high) high = x[i];
        sum_w += w[i];
        sum_x += w[i] * x[i];
    }
    if (low > 0) low = 0;
    *minimum = -low;
    if (high <= low) {
        memset(codes, 0, (size_t)n);
        return 0;
    }
    const float initial = (float)highest / (high - low);
    float scale = 1 / initial, least = 0;
    for (int i = 0; i < n; i++) {
        codes[i] = (uint8_t)nearest(initial * (x[i] - low), 0, highest);
        const float error = scale * (float)codes[i] + low - x[i];
        least += w[i] * (error * error);
    }
    for (int t = 0; t <= trials; t++) {
        const float factor = (first + step * (float)t + (float)highest) / (high - low);
        uint8_t trial[32];
        float sum_q = 0, sum_qq = 0, sum_xq = 0;
        for (int i = 0; i < n; i++) {
            trial[i] = (uint8_t)nearest(factor * (x[i] - low), 0, highest);
            const float q = (float)trial[i];
            sum_q += w[i] * q;
            sum_qq += w[i] * q * q;
            sum_xq += w[i] * q * x[i];
        }
        const float determinant = sum_w * sum_qq - sum_q * sum_q;
        if (!(determinant > 0)) continue;
        float trial_scale = (sum_w * sum_xq - sum_x * sum_q) / determinant;
        float trial_low = (sum_qq * sum_x - sum_q * sum_xq) / determinant;
        if (trial_low > 0) {
            trial_low = 0;
            trial_scale = sum_xq / sum_qq;
        }
        float total = 0;
        for (int i = 0; i < n; i++) {
            const float error = trial_scale * (float)trial[i] + trial_low - x[i];
            total += w[i] * (error * error);
        }
        if (total < least) {
            memcpy(codes, trial, (size_t)n);
            least = total;
            scale = trial_scale;
            low = trial_low; // later trials start from here
        }
    }
    *minimum = -low;
    return scale;
}

// Fits x ~ scale * code for x >= 0 with codes 0 ... highest, weighted by w: the best of nine scales, then codes moved
// one by one as long as that helps.
static float fit_positive(int n, int highest, const float *x, const float *w, uint8_t *codes) {
    float high = 0;
    for (int i = 0; i < n; i++) high = x[i] > high ? x[i] : high;
    if (high < SMALLEST_SCALE) {
        memset(codes, 0, (size_t)n);
        return 0;
    }
    float factor = (float)highest / high, least = 0;
    for (int trial = 0; trial < 9; trial++) {
        const int step = trial == 0 ? 0 : trial <= 4 ? trial - 5 : trial - 4; // 0, -4 ... -1, 1 ... 4
        const float trial_factor = trial == 0 ? factor : (0.1f * (float)step + (float)highest) / high;
        const float scale = 1 / trial_factor;
        float total = 0;
        for (int i = 0; i < n; i++) {
            const float error = x[i] - scale * (float)nearest(trial_factor * x[i], 0, highest);
            total += w[i] * error * error;
        }
        if (trial == 0 || total < least) {
            least = total;
            factor = trial_factor;
        }
    }
    float xq = 0, qq = 0;
    for (int i = 0; i < n; i++) {
        codes[i] = (uint8_t)nearest(factor * x[i], 0, highest);
        const float q = (float)codes[i];
        xq += w[i] * x[i] * q;
        qq += w[i] * q * q;
    }
    for (int round = 0; round < 5; round++) {
        bool changed = false;
        for (int i = 0; i < n; i++) {
            const float q = (float)codes[i];
            float without_xq = xq - w[i] * x[i] * q, without_qq = qq - w[i] * q * q;
            if (!(without_xq > 0 && without_qq > 0)) continue;
            const int code = nearest(x[i] * without_qq / without_xq, 0, highest);
            if (code == codes[i]) continue;
            without_xq += w[i] * x[i] * (float)code;
            without_qq += w[i] * (float)code * (float)code;
            if (without_xq * without_xq * qq > xq * xq * without_qq) {
                codes[i] = (uint8_t)code;
                xq = without_xq;
                qq = without_qq;
                changed = true;
            }
        }
        if (!changed) break;
    }
    return qq > 0 ? xq / qq : 0;
}

// Blocks of 32 -------------------------------------------------------------------------------------------------------

// The squared error's weights where importance is given: large values count more, the more so the larger.
static void weigh(const float *x, const float *importance, float sigma2, int n, float *w) {
    for (int i = 0; i < n; i++) w[i] = importance[i] * sqrtf(sigma2 + x[i] * x[i]);
}

static float mean_square(const float *x, int64_t n) {
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sum / (float)n;
}

// Codes of 4 or 5 bits; `fifth` is null for 4.
static void store_codes(const uint8_t *codes, uint8_t *fifth, uint8_t *qs) {
    uint32_t bits = 0;
    for (int j = 0; j < 16; j++) {
        qs[j] = (uint8_t)((codes[j] & 15) | (codes[j + 16] & 15) << 4);
        bits |= (uint32_t)(codes[j] >> 4 & 1) << j | (uint32_t)(codes[j + 16] >> 4 & 1) << (j + 16);
    }
    if (fifth) memcpy(fifth, &bits, sizeof bits);
}

// Q4_0 (limit 8) and Q5_0 (16); w null without importance.
static void write_symmetric(const float *x, const float *w, int limit, uint8_t *b) {
    uint8_t codes[32];
    if (w) {
        store_half(b, fit_symmetric(32, limit, x, w, codes));
    } else {
        const float d = signed_extreme(x, 32) / (float)-limit, factor = inverse(d);
        store_half(b, d);
        for (int i = 0; i < 32; i++)
            codes[i] = (uint8_t)truncated(x[i] * factor + ((float)limit + 0.5f), 0, 2 * limit - 1);
    }
    if (limit == 8) store_codes(codes, NULL, b + 2);
    else store_codes(codes, b + 2, b + 6);
}

// Q4_1 (highest 15) and Q5_1 (31); w null without importance.
static void write_with_minimum(const float *x, const float *w, int highest, uint8_t *b) {
    uint8_t codes[32];
    if (w) {
        float minimum;
        store_half(b, fit_with_minimum(32, highest, x, w, -0.9f, 0.05f, 36, codes, &minimum));
        store_half(b + 2, -minimum);
    } else {
        float low = x[0], high = x[0];
        for (int i = 1; i < 32; i++) {
            low = x[i] < low ? x[i] : low;
            high = x[i] > high ? x[i] : high;
        }
        const float d = (high - low) / (float)highest, factor = inverse(d);
        store_half(b, d);
        store_half(b + 2, low);
        for (int i = 0; i < 32; i++) codes[i] = (uint8_t)truncated((x[i] - low) * factor + 0.5f, 0, highest);
    }
    if (highest == 15) store_codes(codes, NULL, b + 4);
    else store_codes(codes, b + 4, b + 8);
}

static void write_q8_0(const float *x, uint8_t *b) {
    const float d = fabsf(signed_extreme(x, 32)) / 127, factor = inverse(d);
    store_half(b, d);
    for (int i = 0; i < 32; i++) {
        const float v = roundf(x[i] * factor);
        b[2 + i] = (uint8_t)(int8_t)truncated(v, -127, 127);
    }
}

// Super-blocks of 256 ------------------------------------------------------------------------------------------------

// Q4_K (highest 15) and Q5_K (31).
static void write_q45_k(const float *x, const float *importance, int highest, uint8_t *b) {
    uint8_t codes[256], scale_codes[8], minimum_codes[8];
    float scales[8], minima[8], weight_sums[8];
    const float sigma2 = 2 * mean_square(x, 256);
    for (int j = 0; j < 8; j++) {
        const float *v = x + 32 * j;
        float w[32];
        if (importance) {
            weigh(v, importance + 32 * j, sigma2, 32, w);
        } else {
            const float typical = sqrtf(mean_square(v, 32));
            for (int i = 0; i < 32; i++) w[i] = typical + fabsf(v[i]);
        }
        weight_sums[j] = 0;
        for (int i = 0; i < 32; i++) weight_sums[j] += w[i];
        const float first = importance ? -0.9f : highest == 15 ? -1.0f : -0.5f;
        const int trials = importance ? 36 : highest == 15 ? 20 : 15;
        scales[j] =
            fit_with_minimum(32, highest, v, w, first, importance ? 0.05f : 0.1f, trials, codes + 32 * j, &minima[j]);
    }
    float d, dmin;
    if (importance) {
        d = fit_positive(8, 63, scales, weight_sums, scale_codes);
        dmin = fit_positive(8, 63, minima, weight_sums, minimum_codes);
    } else {
        float most_scale = 0, most_minimum = 0;
        for (int j = 0; j < 8; j++) {
            most_scale = scales[j] > most_scale ? scales[j] : most_scale;
            most_minimum = minima[j] > most_minimum ? minima[j] : most_minimum;
        }
        const float by_scale = most_scale > 0 ? 63 / most_scale : 0;
        const float by_minimum = most_minimum > 0 ? 63 / most_minimum : 0;
        for (int j = 0; j < 8; j++) {
            scale_codes[j] = (uint8_t)nearest(by_scale * scales[j], 0, 63);
            minimum_codes[j] = (uint8_t)nearest(by_minimum * minima[j], 0, 63);
        }
        d = most_scale / 63;
        dmin = most_minimum / 63;
    }
    store_half(b, d);
    store_half(b + 2, dmin);
    uint8_t *packed = b + 4;
    for (int j = 0; j < 4; j++) {
        packed[j] = (uint8_t)(scale_codes[j] | (scale_codes[j + 4] >> 4) << 6);
        packed[j + 4] = (uint8_t)(minimum_codes[j] | (minimum_codes[j + 4] >> 4) << 6);
        packed[j + 8] = (uint8_t)((scale_codes[j + 4] & 15) | (minimum_codes[j + 4] & 15) << 4);
    }
    // Codes once more, for the scales as they are stored.
    for (int j = 0; j < 8; j++) {
        const float scale = load_half(b) * (float)scale_codes[j], minimum = load_half(b + 2) * (float)minimum_codes[j];
        if (scale == 0) continue;
        for (int i = 32 * j; i < 32 * j + 32; i++) codes[i] = (uint8_t)nearest((x[i] + minimum) / scale, 0, highest);
    }
    uint8_t *qh = b + Q5_K_QH, *qs = b + (highest == 15 ? Q4_K_QS : Q5_K_QS);
    if (highest == 31) memset(qh, 0, 32);
    for (int g = 0; g < 4; g++) {
        for (int l = 0; l < 32; l++) {
            const uint8_t low = codes[64 * g + l], high = codes[64 * g + 32 + l];
            qs[32 * g + l] = (uint8_t)((low & 15) | (high & 15) << 4);
            if (highest == 31) qh[l] |= (uint8_t)((low >> 4) << (2 * g) | (high >> 4) << (2 * g + 1));
        }
    }
}

static void write_q6_k(const float *x, const float *importance, uint8_t *b) {
    uint8_t codes[256];
    float scales[16];
    for (int j = 0; j < 16; j++)
        scales[j] = fit_symmetric(16, 32, x + 16 * j, importance ? importance + 16 * j : NULL, codes + 16 * j);
    const float extreme = signed_extreme(scales, 16);
    memset(b, 0, Q6_K_BYTES);
    if (fabsf(extreme) < SMALLEST_SCALE) return;
    const float factor = -128 / extreme;
    store_half(b + Q6_K_D, 1 / factor);
    for (int j = 0; j < 16; j++) {
        const int scale_code = nearest(factor * scales[j], -128, 127);
        b[Q6_K_SCALES + j] = (uint8_t)(int8_t)scale_code;
        const float scale = load_half(b + Q6_K_D) * (float)scale_code;
        if (scale == 0) continue;
        for (int i = 16 * j; i < 16 * j + 16; i++) codes[i] = (uint8_t)(nearest(x[i] / scale, -32, 31) + 32);
    }
    for (int half = 0; half < 2; half++) {
        for (int l = 0; l < 32; l++) {
            const uint8_t *c = codes + 128 * half + l;
            b[64 * half + l] = (uint8_t)((c[0] & 15) | (c[64] & 15) << 4);
            b[64 * half + 32 + l] = (uint8_t)((c[32] & 15) | (c[96] & 15) << 4);
            b[Q6_K_QH + 32 * half + l] = (uint8_t)(c[0] >> 4 | c[32] >> 4 << 2 | c[64] >> 4 << 4 | c[96] >> 4 << 6);
        }
    }
}

// One block of the type with NaN as its scale.
static void write_nan(int32_t type, uint8_t *b) {
    memset(b, 0, (size_t)apus_block_bytes(type));
    store_half(type == APUS_Q6_K ? b + Q6_K_D : b, NAN);
}

bool apus_quantize_row(int32_t type, const float *x, const float *importance, int64_t n, void *destination) {
    uint8_t *b = destination;
    switch (type) {
    case APUS_F32: memcpy(b, x, (size_t)n * sizeof(float)); return true;
    case APUS_F16:
        for (int64_t i = 0; i < n; i++) store_half(b + 2 * i, x[i]);
        return true;
    case APUS_BF16:
        for (int64_t i = 0; i < n; i++) {
            const uint16_t bfloat = apus_float_to_bfloat(x[i]);
            memcpy(b + 2 * i, &bfloat, sizeof bfloat);
        }
        return true;
    case APUS_Q4_0:
    case APUS_Q4_1:
    case APUS_Q5_0:
    case APUS_Q5_1:
    case APUS_Q8_0:
    case APUS_Q4_K:
    case APUS_Q5_K:
    case APUS_Q6_K: break;
    default: return false;
    }
    const int64_t size = apus_block_size(type), bytes = apus_block_bytes(type);
    const float sigma2 = importance && size == 32 ? mean_square(x, n) : 0;
    for (int64_t at = 0; at + size <= n; at += size, b += bytes) {
        const float *v = x + at, *weights = importance ? importance + at : NULL;
        float w[32];
        if (!all_finite(v, (int)size) || (weights && !all_finite(weights, (int)size))) {
            write_nan(type, b);
            continue;
        }
        if (weights && size == 32) {
            weigh(v, weights, sigma2, 32, w);
            weights = w;
        }
        switch (type) {
        case APUS_Q4_0: write_symmetric(v, weights, 8, b); break;
        case APUS_Q4_1: write_with_minimum(v, weights, 15, b); break;
        case APUS_Q5_0: write_symmetric(v, weights, 16, b); break;
        case APUS_Q5_1: write_with_minimum(v, weights, 31, b); break;
        case APUS_Q8_0: write_q8_0(v, b); break;
        case APUS_Q4_K: write_q45_k(v, weights, 15, b); break;
        case APUS_Q5_K: write_q45_k(v, weights, 31, b); break;
        default: write_q6_k(v, weights, b); break;
        }
    }
    return true;
}
