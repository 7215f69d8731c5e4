// The rows of training: gradients of norms, activations and softmax, sums over rows, cross entropy and AdamW. Included
// by float_rows.inc.h, so written once and compiled once per instruction set. A loop passes over memory once; where a row
// is needed twice, the second time it is still in the innermost cache. `add` adds to what the result holds.
//
// Where the compiler may reorder a sum, the order depends on the length alone; sums over rows are taken in order.

INLINE void put(bool add, float *at, float value) { *at = add ? *at + value : value; }

// Runs a loop twice over: with `add` known to be true and known to be false, so that neither asks per element.
#define IF_ADDING(...)                                                                                                 \
    if (add) {                                                                                                         \
        enum { adding = 1 };                                                                                           \
        __VA_ARGS__                                                                                                    \
    } else {                                                                                                           \
        enum { adding = 0 };                                                                                           \
        __VA_ARGS__                                                                                                    \
    }

// Sum and largest of the lanes of a vector, halves upon halves.
#if APUS_LANES == 16
#define TURN_8(v) __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define TURN_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
#define TURN_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define TURN_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#elif APUS_LANES == 8
#define TURN_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)
#define TURN_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5)
#define TURN_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#else
#define TURN_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1)
#define TURN_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2)
#endif

INLINE FV larger_of(FV a, FV b) { return pick((IV)(b > a), b, a); }

INLINE float sum_of_lanes(FV v) {
#if APUS_LANES == 16
    v += TURN_8(v);
#endif
#if APUS_LANES >= 8
    v += TURN_4(v);
#endif
    v += TURN_2(v);
    v += TURN_1(v);
    return v[0];
}

INLINE float largest_lane(FV v) {
#if APUS_LANES == 16
    v = larger_of(v, TURN_8(v));
#endif
#if APUS_LANES >= 8
    v = larger_of(v, TURN_4(v));
#endif
    v = larger_of(v, TURN_2(v));
    v = larger_of(v, TURN_1(v));
    return v[0];
}

// Norms -----------------------------------------------------------------------------------------------------------------

// With r = 1 / sqrt(mean(x^2) + epsilon): dx = r w dy - x r^3 mean(w dy x), and dw += dy x r row by row.
static void APUS_NAME(rms_norm_gradient)(const float *x, const float *weight, float epsilon, const float *dy,
                                         int64_t rows, int64_t n, bool add, float *dx,
                                         float *weight_sums) {
    STRICT
    for (int64_t row = 0; row < rows; row++, x += n, dy += n) {
        float squares = 0, product = 0;
        {
            REASSOCIATE
            for (int64_t i = 0; i < n; i++) {
                squares += x[i] * x[i];
                product += dy[i] * weight[i] * x[i];
            }
        }
        const float by = 1.0f / sqrtf(squares / (float)n + epsilon);
        const float along = by * by * (by * product / (float)n);
        if (dx) {
            IF_ADDING(for (int64_t i = 0; i < n; i++) put(adding, dx + i, by * weight[i] * dy[i] - along * x[i]);)
            dx += n;
        }
        if (weight_sums) {
            for (int64_t i = 0; i < n; i++) weight_sums[i] += dy[i] * (x[i] * by);
        }
    }
}

// With r = 1 / sqrt(variance + epsilon) and z = (x - mean) r: dx = r (w dy - mean(w dy) - z mean(w dy z)); dw += dy z
// and db += dy row by row.
static void APUS_NAME(layer_norm_gradient)(const float *x, const float *weight, float epsilon, const float *dy,
                                           int64_t rows, int64_t n, bool add, float *dx,
                                           float *weight_sums, float *bias_sums) {
    STRICT
    for (int64_t row = 0; row < rows; row++, x += n, dy += n) {
        float sum = 0, squares = 0, gradient = 0, product = 0;
        {
            REASSOCIATE
            for (int64_t i = 0; i < n; i++) sum += x[i];
        }
        const float mean = sum / (float)n;
        {
            REASSOCIATE
            for (int64_t i = 0; i < n; i++) {
                const float z = x[i] - mean, g = dy[i] * weight[i];
                squares += z * z;
                gradient += g;
                product += g * z;
            }
        }
        const float by = 1.0f / sqrtf(squares / (float)n + epsilon);
        const float level = by * gradient / (float)n, along = by * by * (by * product / (float)n);
        if (dx) {
            IF_ADDING(for (int64_t i = 0; i < n; i++)
                          put(adding, dx + i, by * weight[i] * dy[i] - level - along * (x[i] - mean));)
            dx += n;
        }
        if (weight_sums) {
            for (int64_t i = 0; i < n; i++) weight_sums[i] += dy[i] * ((x[i] - mean) * by);
        }
        if (bias_sums) {
            for (int64_t i = 0; i < n; i++) bias_sums[i] += dy[i];
        }
    }
}

// Activations -----------------------------------------------------------------------------------------------------------

// f(x), and its slope.
INLINE float APUS_NAME(activation)(int32_t function, float x, float *slope) {
    STRICT
    switch (function) {
    case APUS_SILU: {
        const float s = 1.0f / (1.0f + APUS_NAME(exp)(-x));
        *slope = s * (1.0f + x * (1.0f - s));
        return x * s;
    }
    case APUS_GELU_TANH: {
        const float c = 0.79788456080286536f;
        // Beyond 16 the slope is 0 or 1; its factors must not overflow on the way there. NaN stays.
        const float a = x > 16.0f ? 16.0f : x < -16.0f ? -16.0f : x;
        const float t = APUS_NAME(tanh)(c * (a + 0.044715f * a * a * a));
        *slope = 0.5f * (1.0f + t) + 0.5f * a * (1.0f - t * t) * (c + 3.0f * 0.044715f * c * a * a);
        return 0.5f * x * (1.0f + t);
    }
    case APUS_GELU: {
        const float share = 0.5f * (1.0f + APUS_NAME(erf)(x * 0.70710678118654752f));
        *slope = share + x * (0.39894228040143268f * APUS_NAME(exp)(-0.5f * x * x));
        return x * share;
    }
    default: // ReLU
        *slope = x <= 0 ? 0.0f : 1.0f;
        return x < 0 ? 0 : x;
    }
}

#define EACH_ACTIVATION(DO)                                                                                            \
    switch (function) {                                                                                                \
    case APUS_SILU: DO(APUS_SILU) break;                                                                               \
    case APUS_GELU_TANH: DO(APUS_GELU_TANH) break;                                                                     \
    case APUS_GELU: DO(APUS_GELU) break;                                                                               \
    default: DO(APUS_RELU) break;                                                                                      \
    }

static void APUS_NAME(activation_gradient)(int32_t function, const float *x, const float *dy, int64_t n, bool add,
                                           float *dx) {
    STRICT
#define SLOPES(f)                                                                                                      \
    IF_ADDING(for (int64_t i = 0; i < n; i++) {                                                                        \
        float slope;                                                                                                   \
        APUS_NAME(activation)(f, x[i], &slope);                                                                        \
        put(adding, dx + i, dy[i] * slope);                                                                            \
    })
    EACH_ACTIVATION(SLOPES)
#undef SLOPES
}

static void APUS_NAME(gated_gradient)(int32_t function, const float *gate, const float *up, const float *dy, int64_t n,
                                      bool add, float *dgate, float *dup) {
    STRICT
#define SLOPES(f)                                                                                                      \
    IF_ADDING(for (int64_t i = 0; i < n; i++) {                                                                        \
        float slope;                                                                                                   \
        const float value = APUS_NAME(activation)(f, gate[i], &slope), d = dy[i];                                      \
        put(adding, dgate + i, d * up[i] * slope);                                                                     \
        put(adding, dup + i, d * value);                                                                               \
    })
    EACH_ACTIVATION(SLOPES)
#undef SLOPES
}

// The slope of cap tanh(x / cap) is 4 e / (1 + e)^2 with e = exp(-2 |x / cap|), which loses no digits far out.
static void APUS_NAME(softcap_gradient)(const float *x, float cap, const float *dy, int64_t n, bool add, float *dx) {
    STRICT
    IF_ADDING(for (int64_t i = 0; i < n; i++) {
        const float e = APUS_NAME(exp)(-2.0f * fabsf(x[i] / cap)), by = 1.0f / (1.0f + e);
        put(adding, dx + i, dy[i] * (4.0f * e * by * by));
    })
}

// From y = softmax(x): dx = y (dy - sum(y dy)).
static void APUS_NAME(softmax_gradient)(const float *y, const float *dy, int64_t n, bool add, float *dx) {
    STRICT
    float product = 0;
    {
        REASSOCIATE
        for (int64_t i = 0; i < n; i++) product += y[i] * dy[i];
    }
    IF_ADDING(for (int64_t i = 0; i < n; i++) put(adding, dx + i, y[i] * (dy[i] - product));)
}

// Sums ------------------------------------------------------------------------------------------------------------------

static void APUS_NAME(add_rows)(const float *x, int64_t rows, int64_t n, float *sums) {
    for (; rows >= 4; rows -= 4, x += 4 * n) {
        const float *b = x + n, *c = b + n, *d = c + n;
        for (int64_t i = 0; i < n; i++) sums[i] = sums[i] + x[i] + b[i] + c[i] + d[i];
    }
    for (; rows > 0; rows--, x += n) {
        for (int64_t i = 0; i < n; i++) sums[i] += x[i];
    }
}

static double APUS_NAME(sum_of_squares)(const float *x, int64_t n) {
    typedef double DV __attribute__((vector_size(8 * APUS_LANES)));
    DV a = {0}, b = {0};
    int64_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        const DV p = __builtin_convertvector(load(x + i), DV), q = __builtin_convertvector(load(x + i + LANES), DV);
        a += p * p;
        b += q * q;
    }
    a += b;
    double sum = 0;
    for (int j = 0; j < LANES; j++) sum += a[j];
    for (; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

// Cross entropy ---------------------------------------------------------------------------------------------------------

INLINE float largest_of(const float *x, int64_t n) {
    FV most = splat(-INFINITY);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) most = larger_of(most, load(x + i));
    float top = largest_lane(most);
    for (; i < n; i++) top = x[i] > top ? x[i] : top;
    return top;
}

// x becomes e^(x - top); returns the sum.
INLINE float exponentials(float *x, int64_t n, float top) {
    FV sums = splat(0);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const FV e = exp_of(load(x + i) - splat(top));
        sums += e;
        store(x + i, e);
    }
    float sum = sum_of_lanes(sums);
    for (; i < n; i++) {
        x[i] = exp_of_one(x[i] - top);
        sum += x[i];
    }
    return sum;
}

// A row of logits becomes (softmax - one at the target) * factor; returns ln(sum(e^x)) - x[target]. Stretches of the row
// are taken relative to the largest logit so far, and brought to the largest one of all in the second pass.
static double APUS_NAME(cross_entropy)(float *x, int64_t n, int64_t target, float factor) {
    enum { STRETCH = 1024, MOST_STRETCHES = 256 };
    if (target < 0) {
        memset(x, 0, (size_t)n * sizeof(float));
        return 0;
    }
    const int64_t shared = ((n + MOST_STRETCHES - 1) / MOST_STRETCHES + LANES - 1) / LANES * LANES;
    const int64_t stretch = shared > STRETCH ? shared : STRETCH;
    float tops[MOST_STRETCHES];
    const double wanted = x[target];
    float top = -INFINITY;
    double sum = 0;
    for (int64_t i = 0, s = 0; i < n; i += stretch, s++) {
        const int64_t count = n - i < stretch ? n - i : stretch;
        const float highest = largest_of(x + i, count);
        if (highest > top) {
            if (sum != 0) sum *= exp((double)top - highest);
            top = highest;
        }
        tops[s] = top == -INFINITY ? 0 : top; // where all so far are impossible, they are 0 relative to anything
        sum += exponentials(x + i, count, tops[s]);
    }
    for (int64_t i = 0, s = 0; i < n; i += stretch, s++) {
        const int64_t count = n - i < stretch ? n - i : stretch;
        const float by = (float)(exp((double)tops[s] - top) / sum * factor);
        for (int64_t j = i; j < i + count; j++) x[j] *= by;
    }
    x[target] -= factor;
    return log(sum) + top - wanted;
}

// AdamW -----------------------------------------------------------------------------------------------------------------

static void APUS_NAME(adamw)(const struct apus_adamw *a, float *restrict p, const float *restrict g, float *restrict m,
                             float *restrict v, int64_t n) {
    STRICT
    const struct apus_adamw s = *a;
    for (int64_t i = 0; i < n; i++) {
        const float d = g[i] * s.gradient_factor;
        const float first = s.beta1 * m[i] + s.rest1 * d, second = s.beta2 * v[i] + s.rest2 * (d * d);
        m[i] = first;
        v[i] = second;
        p[i] = s.keep * p[i] - s.step * first / (__builtin_elementwise_sqrt(second) * s.root + s.epsilon);
    }
}

#include "training_attention.inc.h"

static void APUS_NAME(fill_training)(struct apus_kernels *table) {
    table->rms_norm_gradient = APUS_NAME(rms_norm_gradient);
    table->layer_norm_gradient = APUS_NAME(layer_norm_gradient);
    table->activation_gradient = APUS_NAME(activation_gradient);
    table->gated_gradient = APUS_NAME(gated_gradient);
    table->softcap_gradient = APUS_NAME(softcap_gradient);
    table->softmax_gradient = APUS_NAME(softmax_gradient);
    table->add_rows = APUS_NAME(add_rows);
    table->sum_of_squares = APUS_NAME(sum_of_squares);
    table->cross_entropy = APUS_NAME(cross_entropy);
    table->adamw = APUS_NAME(adamw);
    table->training_attention_floats = APUS_NAME(training_attention_floats);
    table->training_attention = APUS_NAME(training_attention);
    table->training_attention_gradients = APUS_NAME(training_attention_gradients);
}
