// The float-row functions of the table, written once and compiled once per instruction set: the including file sets the
// target attribute and defines APUS_NAME(name), which gives each set its own symbols. Loops are plain C that the
// compiler vectorises. Where it may reorder a sum, the order depends on the length of the row alone, so equal rows give
// equal bits wherever they stand.
#include "CKernels.h"
#include "tables.h"

#include <math.h>
#include <string.h>

#define REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")
#define STRICT _Pragma("clang fp reassociate(off) contract(fast)")

// e^x within 2 ulp: x = n ln 2 + r, a polynomial for e^r (coefficients of Cephes expf), 2^n by the exponent field.
// Below -87.3 the result is 0, above 88.7 infinity; NaN stays NaN.
static inline float APUS_NAME(exp)(float x) {
    STRICT
    const float magic = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer, held in the low bits
    float shifted = x * 1.44269504088896341f + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, 4);
    // Two factors, so that 2^128 does not overflow the exponent field before the last multiplication.
    int32_t whole = (int32_t)(bits - 0x4B400000u);
    int32_t half = whole >> 1;
    uint32_t low_bits = (uint32_t)(half + 127) << 23, high_bits = (uint32_t)(whole - half + 127) << 23;
    float low, high;
    memcpy(&low, &low_bits, 4);
    memcpy(&high, &high_bits, 4);
    float y = p * low * high;
    y = x < -87.3f ? 0.0f : y;
    y = x > 88.72f ? INFINITY : y;
    return y;
}

// tanh within 2 ulp (Cephes tanhf): a polynomial near 0, 1 - 2 / (e^2x + 1) elsewhere.
static inline float APUS_NAME(tanh)(float x) {
    STRICT
    float a = fabsf(x), z = x * x;
    float near = -5.70498872745e-3f;
    near = near * z + 2.06390887954e-2f;
    near = near * z - 5.37397155531e-2f;
    near = near * z + 1.33314422036e-1f;
    near = near * z - 3.33332819422e-1f;
    near = near * z * x + x;
    float far = copysignf(1.0f - 2.0f / (APUS_NAME(exp)(2.0f * a) + 1.0f), x);
    return a < 0.625f ? near : (a == a ? far : x);
}

// erf within 2e-7: 1 - t (a1 + t (a2 + …)) e^(-x^2), Abramowitz and Stegun 7.1.26.
static inline float APUS_NAME(erf)(float x) {
    STRICT
    float a = fabsf(x);
    float t = 1.0f / (1.0f + 0.3275911f * a);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    return copysignf(1.0f - p * t * APUS_NAME(exp)(-a * a), x);
}

// The result may be one of the operands, which the compiler would take for a reason to go element by element.
#define IN_PLACE _Pragma("clang loop vectorize(assume_safety)")

static void APUS_NAME(add)(const float *a, const float *b, int64_t n, float *y) {
    IN_PLACE
    for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

static void APUS_NAME(multiply)(const float *a, const float *b, int64_t n, float *y) {
    IN_PLACE
    for (int64_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}

static void APUS_NAME(scale)(const float *x, float by, int64_t n, float *y) {
    IN_PLACE
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * by;
}

static void APUS_NAME(add_scaled)(const float *x, float by, int64_t n, float *y) {
    STRICT
    for (int64_t i = 0; i < n; i++) y[i] += by * x[i];
}

static void APUS_NAME(rms_norm)(const float *x, const float *weight, float epsilon, int64_t n, float *y) {
    float sum = 0;
    {
        REASSOCIATE
        for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
    }
    float by = 1.0f / sqrtf(sum / (float)n + epsilon);
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * by * weight[i];
}

static void APUS_NAME(layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, int64_t n,
                                  float *y) {
    float sum = 0;
    {
        REASSOCIATE
        for (int64_t i = 0; i < n; i++) sum += x[i];
    }
    float mean = sum / (float)n, squares = 0;
    {
        REASSOCIATE
        for (int64_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    }
    float by = 1.0f / sqrtf(squares / (float)n + epsilon);
    if (bias) {
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * by * weight[i] + bias[i];
    } else {
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * by * weight[i];
    }
}

static void APUS_NAME(softmax)(float *x, int64_t n) {
    // A largest value for every 16th place: a single one would be waited for from element to element.
    float most[16], largest = -INFINITY, sum = 0;
    int64_t whole = n / 16 * 16;
    for (int j = 0; j < 16; j++) most[j] = -INFINITY;
    for (int64_t i = 0; i < whole; i += 16) {
        for (int j = 0; j < 16; j++) most[j] = x[i + j] > most[j] ? x[i + j] : most[j];
    }
    for (int j = 0; j < 16; j++) largest = most[j] > largest ? most[j] : largest;
    for (int64_t i = whole; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    for (int64_t i = 0; i < n; i++) x[i] = APUS_NAME(exp)(x[i] - largest);
    {
        REASSOCIATE
        for (int64_t i = 0; i < n; i++) sum += x[i];
    }
    float by = 1.0f / sum;
    for (int64_t i = 0; i < n; i++) x[i] *= by;
}

static void APUS_NAME(silu)(const float *x, int64_t n, float *y) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] / (1.0f + APUS_NAME(exp)(-x[i]));
}

static void APUS_NAME(gelu_tanh)(const float *x, int64_t n, float *y) {
    STRICT
    for (int64_t i = 0; i < n; i++) {
        float inner = 0.79788456080286536f * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
        y[i] = 0.5f * x[i] * (1.0f + APUS_NAME(tanh)(inner));
    }
}

static void APUS_NAME(gelu_erf)(const float *x, int64_t n, float *y) {
    for (int64_t i = 0; i < n; i++) y[i] = 0.5f * x[i] * (1.0f + APUS_NAME(erf)(x[i] * 0.70710678118654752f));
}

static void APUS_NAME(relu)(const float *x, int64_t n, float *y) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i]; // NaN stays
}

static void APUS_NAME(softcap)(const float *x, float cap, int64_t n, float *y) {
    for (int64_t i = 0; i < n; i++) y[i] = cap * APUS_NAME(tanh)(x[i] / cap);
}

static void APUS_NAME(rotate)(float *x, const float *cosine, const float *sine, int64_t pairs, bool interleaved) {
    STRICT
    if (interleaved) {
        for (int64_t i = 0; i < pairs; i++) {
            float a = x[2 * i], b = x[2 * i + 1];
            x[2 * i] = a * cosine[i] - b * sine[i];
            x[2 * i + 1] = a * sine[i] + b * cosine[i];
        }
    } else {
        float *first = x, *second = x + pairs;
        for (int64_t i = 0; i < pairs; i++) {
            float a = first[i], b = second[i];
            first[i] = a * cosine[i] - b * sine[i];
            second[i] = a * sine[i] + b * cosine[i];
        }
    }
}

#include "attention.inc.h"
#include "training.inc.h"

void APUS_NAME(apus_fill_float_rows)(struct apus_kernels *table) {
    table->to_half = APUS_NAME(float_to_half);
    table->add = APUS_NAME(add);
    table->multiply = APUS_NAME(multiply);
    table->scale = APUS_NAME(scale);
    table->add_scaled = APUS_NAME(add_scaled);
    table->rms_norm = APUS_NAME(rms_norm);
    table->layer_norm = APUS_NAME(layer_norm);
    table->softmax = APUS_NAME(softmax);
    table->silu = APUS_NAME(silu);
    table->gelu_tanh = APUS_NAME(gelu_tanh);
    table->gelu_erf = APUS_NAME(gelu_erf);
    table->relu = APUS_NAME(relu);
    table->softcap = APUS_NAME(softcap);
    table->rotate = APUS_NAME(rotate);
    APUS_NAME(fill_attention)(table);
    APUS_NAME(fill_training)(table);
}
