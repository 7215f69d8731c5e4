// Functions of float rows, and attention.
#include "check.h"

#include "half.h"

enum { LONGEST = 300 };

static void fill(float *x, int64_t n, float spread) {
    for (int64_t i = 0; i < n; i++) x[i] = random_float() * spread;
}

static bool near(const float *got, const float *expected, int64_t n, float tolerance) {
    for (int64_t i = 0; i < n; i++) {
        if (same(got[i], expected[i])) continue;
        if (!(fabsf(got[i] - expected[i]) <= tolerance * fmaxf(1, fabsf(expected[i])))) return false;
    }
    return true;
}

static void check_halves(const struct apus_kernels *table) {
    enum { COUNT = 67 };
    float x[COUNT];
    uint16_t halves[COUNT];
    bool right = true;
    for (int round = 0; round < 400; round++) {
        for (int i = 0; i < COUNT; i++) {
            const uint32_t word = (uint32_t)random_bits();
            if (round % 2) x[i] = apus_half_to_float((uint16_t)word) * (1 + (float)(random_below(3) - 1) * 0x1p-11f);
            else memcpy(&x[i], &word, 4);
        }
        table->to_half(x, COUNT, halves);
        for (int i = 0; i < COUNT; i++) {
            const uint16_t expected = apus_float_to_half(x[i]);
            right &= isnan(x[i]) ? (halves[i] & 0x7FFF) > 0x7C00 : halves[i] == expected;
        }
    }
    check(right, "%s: float32 to half", table->name);
}

void check_float_rows(const struct apus_kernels *table, const struct apus_kernels *scalar) {
    check_halves(table);
    for (int64_t n = 1; n <= LONGEST; n += n < 70 ? 1 : 23) {
        float *a = fenced((size_t)n * 4), *b = fenced((size_t)n * 4), *bias = fenced((size_t)n * 4);
        float *got = fenced((size_t)n * 4), *expected = fenced((size_t)n * 4);
        fill(a, n, 12);
        fill(b, n, 2);
        fill(bias, n, 1);
        if (n > 20) {
            a[n / 2] = 100;
            a[n / 3] = -100;
        }
#define CHECK(what, tolerance, CALL)                                                                                   \
    memcpy(got, a, (size_t)n * 4);                                                                                     \
    memcpy(expected, a, (size_t)n * 4);                                                                                \
    CALL(table, got);                                                                                                  \
    CALL(scalar, expected);                                                                                            \
    check(near(got, expected, n, tolerance), "%s: %s of %d values", table->name, what, (int)n);
#define ADD(t, y) t->add(a, b, n, y)
#define MULTIPLY(t, y) t->multiply(a, b, n, y)
#define SCALE(t, y) t->scale(a, 0.3f, n, y)
#define ADD_SCALED(t, y) t->add_scaled(b, 0.3f, n, y)
#define RMS_NORM(t, y) t->rms_norm(a, b, 1e-5f, n, y)
#define LAYER_NORM(t, y) t->layer_norm(a, b, bias, 1e-5f, n, y)
#define LAYER_NORM_ALONE(t, y) t->layer_norm(a, b, NULL, 1e-5f, n, y)
#define SOFTMAX(t, y) t->softmax(y, n)
#define SILU(t, y) t->silu(a, n, y)
#define GELU_TANH(t, y) t->gelu_tanh(a, n, y)
#define GELU_ERF(t, y) t->gelu_erf(a, n, y)
#define RELU(t, y) t->relu(a, n, y)
#define SOFTCAP(t, y) t->softcap(a, 5, n, y)
#define HALVES(t, y) t->rotate(y, b, bias, n / 2, false)
#define NEIGHBOURS(t, y) t->rotate(y, b, bias, n / 2, true)
        CHECK("add", 0, ADD)
        CHECK("multiply", 0, MULTIPLY)
        CHECK("scale", 0, SCALE)
        CHECK("add_scaled", 1e-6f, ADD_SCALED)
        CHECK("rms_norm", 2e-6f, RMS_NORM)
        CHECK("layer_norm", 5e-6f, LAYER_NORM)
        CHECK("layer_norm without bias", 5e-6f, LAYER_NORM_ALONE)
        CHECK("softmax", 1e-6f, SOFTMAX)
        CHECK("silu", 1e-6f, SILU)
        CHECK("gelu_tanh", 1e-6f, GELU_TANH)
        CHECK("gelu_erf", 2e-6f, GELU_ERF)
        CHECK("relu", 0, RELU)
        CHECK("softcap", 1e-6f, SOFTCAP)
        CHECK("rotate in halves", 5e-6f, HALVES)
        CHECK("rotate neighbours", 5e-6f, NEIGHBOURS)
        release();
    }
}

void check_attention(const struct apus_kernels *table, const struct apus_kernels *scalar) {
    enum { BLOCKS = 20, GROUP = 3, QUERIES = 9, LONGEST_VALUE = 128 };
    const int32_t types[] = {APUS_F32, APUS_F16, APUS_Q8_0};
    for (int round = 0; round < 36; round++) {
        const int32_t dim = (int32_t[]){8, 24, 64, 65, 96, 128}[round % 6], type = types[round / 6 % 3];
        const int64_t padded = (dim + APUS_VALUE_PADDING - 1) / APUS_VALUE_PADDING * APUS_VALUE_PADDING;
        const size_t key_bytes = (size_t)apus_kv_bytes(type, dim), value_bytes = (size_t)apus_kv_bytes(type, padded);
        const void *keys[BLOCKS], *values[BLOCKS];
        bool stored_alike = true;
        for (int i = 0; i < BLOCKS; i++) {
            void *key = fenced(key_bytes), *value = fenced(value_bytes), *other = fenced(key_bytes + value_bytes);
            memset(key, 0, key_bytes);
            memset(value, 0, value_bytes);
            memset(other, 0, key_bytes + value_bytes);
            for (int64_t place = 0; place < APUS_KV_BLOCK; place++) {
                float x[LONGEST_VALUE];
                fill(x, dim, 2);
                scalar->store_key(type, x, dim, key, place);
                table->store_key(type, x, dim, other, place);
                fill(x, dim, 2);
                scalar->store_value(type, x, dim, value, place);
                table->store_value(type, x, dim, (uint8_t *)other + key_bytes, place);
            }
            stored_alike &= memcmp(other, key, key_bytes) == 0;
            stored_alike &= memcmp((uint8_t *)other + key_bytes, value, value_bytes) == 0;
            keys[i] = key;
            values[i] = value;
        }
        check(stored_alike, "%s: keys and values in the cache, case %d", table->name, round);
        const size_t row = (size_t)GROUP * (size_t)dim;
        float *q = fenced(QUERIES * row * 4), *got = fenced(QUERIES * row * 4), *expected = fenced(QUERIES * row * 4);
        fill(q, (int64_t)(QUERIES * row), 1);
        const float slopes[GROUP] = {0.5f, 0.25f, 0.125f};
        const int64_t queries = 1 + random_below(QUERIES), first = random_below(BLOCKS * APUS_KV_BLOCK - QUERIES);
        struct apus_attention a = {
            .q = q, .q_stride = (int64_t)row, .out = got, .out_stride = (int64_t)row, .queries = queries,
            .first_position = first, .length = first + queries, .causal = round % 5 != 0,
            .window = round % 3 == 1 ? 1 + random_below(70) : 0, .group = GROUP, .key_dim = dim, .value_dim = dim,
            .cache_type = type, .keys = keys, .values = values, .scale = 0.4f, .softcap = round % 4 == 2 ? 5 : 0,
            .alibi_slopes = round % 4 == 3 ? slopes : NULL,
        };
        table->attention(&a);
        a.out = expected;
        scalar->attention(&a);
        check(near(got, expected, (int64_t)row * queries, 2e-5f), "%s: attention, case %d", table->name, round);
        release();
    }
}
