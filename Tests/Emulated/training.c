// Functions of training: gradients of float rows, cross entropy, AdamW, attention forwards and backwards.
#include "check.h"

enum { LONGEST = 300, ROWS = 5 };

static float *filled(int64_t n, float spread) {
    float *x = fenced((size_t)n * 4);
    for (int64_t i = 0; i < n; i++) x[i] = random_float() * spread;
    return x;
}

static bool near(const float *got, const float *expected, int64_t n, float tolerance) {
    float most = 1;
    for (int64_t i = 0; i < n; i++) most = fmaxf(most, fabsf(expected[i]));
    for (int64_t i = 0; i < n; i++) {
        if (!(fabsf(got[i] - expected[i]) <= tolerance * most)) return false;
    }
    return true;
}

static void check_rows(const struct apus_kernels *table, const struct apus_kernels *scalar, int64_t n) {
    const struct apus_kernels *tables[] = {table, scalar};
    const float *x = filled(n * ROWS, 4), *y = filled(n * ROWS, 2), *dy = filled(n * ROWS, 1), *w = filled(n, 2);
    float *out[2][3];
    for (int t = 0; t < 2; t++) {
        for (int i = 0; i < 3; i++) out[t][i] = fenced((size_t)(n * ROWS) * 4);
    }
#define CHECK(what, CALL)                                                                                              \
    for (int t = 0; t < 2; t++) {                                                                                      \
        const struct apus_kernels *k = tables[t];                                                                      \
        float *a = out[t][0], *b = out[t][1], *c = out[t][2];                                                          \
        for (int64_t i = 0; i < n * ROWS; i++) a[i] = b[i] = c[i] = 0.5f;                                              \
        CALL;                                                                                                          \
    }                                                                                                                  \
    for (int i = 0; i < 3; i++)                                                                                        \
        check(near(out[0][i], out[1][i], n * ROWS, 1e-5f), "%s: %s, %d values, result %d", table->name, what, (int)n, i);
    for (int add = 0; add < 2; add++) {
        CHECK("rms_norm_gradient", k->rms_norm_gradient(x, w, 1e-3f, dy, ROWS, n, add, a, b))
        CHECK("layer_norm_gradient", k->layer_norm_gradient(x, w, 1e-2f, dy, ROWS, n, add, a, b, c))
        for (int32_t f = APUS_SILU; f <= APUS_RELU; f++) {
            CHECK("activation_gradient", k->activation_gradient(f, x, dy, n, add, a))
            CHECK("gated_gradient", k->gated_gradient(f, x, y, dy, n, add, a, b))
        }
        CHECK("softcap_gradient", k->softcap_gradient(x, 3, dy, n, add, a))
        CHECK("softmax_gradient", k->softmax_gradient(x, dy, n, add, a))
    }
    CHECK("add_rows", k->add_rows(x, ROWS, n, a))
    struct apus_adamw step = {0.5f, 0.9f, 0.1f, 0.99f, 0.01f, 1e-8f, 0.999f, 0.01f, 10};
    CHECK("adamw", k->adamw(&step, a, x, b, c, n))
    const int64_t target = random_below((int)n);
    double losses[2];
    CHECK("cross_entropy", memcpy(a, x, (size_t)n * 4); losses[t] = k->cross_entropy(a, n, target, 0.5f))
    check(fabs(losses[0] - losses[1]) <= 1e-5 * fmax(1, losses[1]), "%s: loss of %d", table->name, (int)n);
    const double a = table->sum_of_squares(x, n * ROWS), b = scalar->sum_of_squares(x, n * ROWS);
    check(fabs(a - b) <= 1e-12 * b, "%s: sum of squares of %d", table->name, (int)n);
#undef CHECK
}

struct shape {
    int64_t positions, window;
    int32_t group, key_dim, value_dim;
    float softcap, alibi;
};

static void check_shape(const struct apus_kernels *table, const struct apus_kernels *scalar, struct shape s) {
    const struct apus_kernels *tables[] = {table, scalar};
    const int64_t n = s.positions, q = n * s.group * s.key_dim, k = n * s.key_dim, v = n * s.value_dim;
    const int64_t sizes[] = {n * s.group * s.value_dim, n * s.group, q, k, v};
    const char *names[] = {"result", "log sums", "dq", "dk", "dv"};
    float *out[2][5], slopes[8];
    for (int i = 0; i < 8; i++) slopes[i] = s.alibi / (float)(i + 1);
    const float *queries = filled(q, 2), *keys = filled(k, 2), *values = filled(v, 2), *dout = filled(sizes[0], 2);
    for (int t = 0; t < 2; t++) {
        for (int i = 0; i < 5; i++) out[t][i] = filled(sizes[i], 1);
        struct apus_training_attention a = {
            .q = queries, .k = keys, .v = values, .q_stride = s.group * s.key_dim, .k_stride = s.key_dim,
            .v_stride = s.value_dim, .out = out[t][0], .out_stride = s.group * s.value_dim, .log_sums = out[t][1],
            .log_sums_stride = s.group, .positions = n, .window = s.window, .group = s.group, .key_dim = s.key_dim,
            .value_dim = s.value_dim, .scale = 0.3f, .softcap = s.softcap,
            .alibi_slopes = s.alibi != 0 ? slopes : NULL, .dout = dout, .dq = out[t][2], .dk = out[t][3],
            .dv = out[t][4]};
        for (int back = 0; back < 2; back++) {
            const int64_t floats = tables[t]->training_attention_floats(&a, back);
            a.workspace = fenced((size_t)floats * 4);
            for (int64_t i = 0; i < floats; i++) a.workspace[i] = NAN;
            if (back) tables[t]->training_attention_gradients(&a);
            else tables[t]->training_attention(&a);
        }
    }
    for (int i = 0; i < 5; i++)
        check(near(out[0][i], out[1][i], sizes[i], 1e-5f), "%s: %s of training, %d positions, window %d, %d heads of %d",
              table->name, names[i], (int)n, (int)s.window, s.group, s.key_dim);
    release();
}

void check_training(const struct apus_kernels *table, const struct apus_kernels *scalar) {
    for (int64_t n = 1; n <= LONGEST; n += n < 70 ? 1 : 23) {
        check_rows(table, scalar, n);
        release();
    }
    const struct shape shapes[] = {
        {1, 0, 1, 1, 1, 0, 0},     {7, 0, 2, 3, 5, 0, 0},      {33, 0, 1, 16, 16, 0, 0},   {100, 0, 3, 20, 24, 0, 0},
        {97, 1, 1, 8, 8, 0, 0},    {130, 17, 2, 8, 9, 0, 0},   {64, 0, 1, 8, 8, 4, 0},     {50, 0, 4, 8, 8, 0, 0.5f},
        {300, 0, 1, 32, 32, 0, 0}, {530, 255, 1, 8, 8, 0, 0},  {540, 257, 1, 8, 8, 0, 0},  {570, 40, 2, 4, 4, 2, 0.1f},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) check_shape(table, scalar, shapes[i]);
}
