// What this processor can do at best, which `bench` and `doctor` compare with: how fast it multiplies and adds when
// nothing has to be fetched (independent sums in registers, with the instructions that a table's own products use), and
// how fast it reads when nothing has to be calculated.
#include "tables.h"

#include <string.h>

// Keeps a value in a register and the compiler from knowing it.
#if defined(__x86_64__)
#define HOLD(x) __asm__ volatile("" : "+v"(x))
#define HOLD_256(x) __asm__ volatile("" : "+x"(x))
#include <immintrin.h>
#elif defined(__aarch64__)
#define HOLD(x) __asm__ volatile("" : "+w"(x))
#include <arm_neon.h>
#endif

// More sums than latency times ports of any processor so far, and few enough for 16 registers.
enum { SUMS = 10 };

#define LOOP(NAME, FEATURES, VECTOR, ZERO, KEEP, STEP)                                                                 \
    __attribute__((target(FEATURES), noinline)) static void NAME(int64_t rounds) {                                     \
        VECTOR sum[SUMS], a = ZERO, b = ZERO;                                                                          \
        KEEP(a);                                                                                                       \
        KEEP(b);                                                                                                       \
        for (int i = 0; i < SUMS; i++) sum[i] = ZERO;                                                                  \
        for (int64_t round = 0; round < rounds; round++) {                                                             \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < SUMS; i++) {                                        \
                sum[i] = STEP;                                                                                         \
                KEEP(sum[i]);                                                                                          \
            }                                                                                                          \
        }                                                                                                              \
    }

#if defined(__x86_64__)
LOOP(float_avx2, "avx2,fma", __m256, _mm256_setzero_ps(), HOLD_256, _mm256_fmadd_ps(a, b, sum[i]))
LOOP(bytes_avx2, "avx2,fma", __m256i, _mm256_setzero_si256(), HOLD_256,
     _mm256_add_epi16(sum[i], _mm256_maddubs_epi16(a, b)))
LOOP(bytes_avxvnni, "avx2,avxvnni", __m256i, _mm256_setzero_si256(), HOLD_256,
     _mm256_dpbusd_avx_epi32(sum[i], a, b))
LOOP(float_avx512, "avx512f", __m512, _mm512_setzero_ps(), HOLD, _mm512_fmadd_ps(a, b, sum[i]))
LOOP(bytes_avx512, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(), HOLD, _mm512_dpbusd_epi32(sum[i], a, b))
LOOP(bfloat_avx512, "avx512f,avx512bf16", __m512, _mm512_setzero_ps(), HOLD,
     _mm512_dpbf16_ps(sum[i], (__m512bh)a, (__m512bh)b))
#elif defined(__aarch64__)
LOOP(float_neon, "arch=armv8-a", float32x4_t, vdupq_n_f32(0), HOLD, vfmaq_f32(sum[i], a, b))
LOOP(bytes_neon, "dotprod", int32x4_t, vdupq_n_s32(0), HOLD,
     vdotq_s32(sum[i], vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(b)))
LOOP(bytes_i8mm, "i8mm", int32x4_t, vdupq_n_s32(0), HOLD,
     vmmlaq_s32(sum[i], vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(b)))
#endif

struct peak {
    const char *table;
    int32_t kind;
    int32_t multiplications; // of one step
    void (*loop)(int64_t rounds);
};

static const struct peak peaks[] = {
#if defined(__x86_64__)
    {"avx2", APUS_PEAK_FLOAT, 8, float_avx2},      {"avx2", APUS_PEAK_BYTES, 32, bytes_avx2},
    {"avxvnni", APUS_PEAK_FLOAT, 8, float_avx2},   {"avxvnni", APUS_PEAK_BYTES, 32, bytes_avxvnni},
    {"avx512", APUS_PEAK_FLOAT, 16, float_avx512}, {"avx512", APUS_PEAK_BYTES, 64, bytes_avx512},
    {"avx512", APUS_PEAK_BFLOAT, 32, bfloat_avx512},
#elif defined(__aarch64__)
    {"neon", APUS_PEAK_FLOAT, 4, float_neon},      {"neon", APUS_PEAK_BYTES, 16, bytes_neon},
    {"neon_i8mm", APUS_PEAK_FLOAT, 4, float_neon}, {"neon_i8mm", APUS_PEAK_BYTES, 32, bytes_i8mm},
#endif
    {NULL, 0, 0, NULL},
};

int64_t apus_peak(const char *table, int32_t kind, int64_t rounds) {
#if defined(__x86_64__)
    if (kind == APUS_PEAK_BFLOAT && !apus_processor()->avx512_bf16) return 0;
#endif
    for (const struct peak *peak = peaks; peak->table; peak++) {
        if (peak->kind != kind || strcmp(peak->table, table) != 0 || !apus_kernels_named(table)) continue;
        peak->loop(rounds);
        return rounds * SUMS * peak->multiplications * 2;
    }
    return 0;
}

uint64_t apus_read(const void *bytes, int64_t count) {
    typedef uint64_t V __attribute__((vector_size(16), aligned(16)));
    enum { LINE = 64, AHEAD = 4096 }; // as far ahead as products look; a plain loop gets three quarters of the rate
    V sums[4] = {{0}};
    const uint8_t *at = bytes;
    for (const uint8_t *end = at + count / LINE * LINE; at < end; at += LINE) {
        __builtin_prefetch(at + AHEAD, 0, 3);
        for (int i = 0; i < 4; i++) sums[i] += *(const V *)(at + 16 * i);
    }
    const V sum = sums[0] + sums[1] + sums[2] + sums[3];
    return sum[0] + sum[1];
}
