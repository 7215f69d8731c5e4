// Chooses the table of kernels for the processor that is there.
#include "tables.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct apus_processor processor;

#if defined(__x86_64__)
#include <cpuid.h>

// Bits of XCR0 (Intel SDM volume 1, 13.3): the operating system saves these registers when it switches threads.
enum { YMM_STATE = 0x06, ZMM_STATE = 0xE6 };

static bool bit(unsigned word, int index) { return (word >> index) & 1; }

static void look_at_processor(void) {
    unsigned a, b, c, d, ext_b, ext_c;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return;
    const bool osxsave = bit(c, 27), fma = bit(c, 12), f16c = bit(c, 29), avx = bit(c, 28);
    unsigned subleaves;
    if (!osxsave || !avx || !__get_cpuid_count(7, 0, &subleaves, &ext_b, &ext_c, &d)) return;
    unsigned state, high;
    __asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
    if ((state & YMM_STATE) != YMM_STATE) return;
    processor.avx2 = bit(ext_b, 5) && fma && f16c;
    if (subleaves < 1 || !__get_cpuid_count(7, 1, &a, &b, &c, &d)) a = 0;
    processor.avx_vnni = processor.avx2 && bit(a, 4);
    if ((state & ZMM_STATE) != ZMM_STATE) return;
    const bool f = bit(ext_b, 16), dq = bit(ext_b, 17), bw = bit(ext_b, 30), vl = bit(ext_b, 31);
    processor.avx512 = processor.avx2 && f && dq && bw && vl && bit(ext_c, 11) /* VNNI */;
    processor.avx512_bf16 = processor.avx512 && bit(a, 5);
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

static void look_at_processor(void) {
    // Linux's arch/arm64/include/uapi/asm/hwcap.h: HWCAP_ASIMDDP, HWCAP2_I8MM.
    processor.dotprod = getauxval(AT_HWCAP) >> 20 & 1;
    processor.i8mm = processor.dotprod && (getauxval(AT_HWCAP2) >> 13 & 1);
}
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>

static bool has(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value != 0;
}

static void look_at_processor(void) {
    processor.dotprod = has("hw.optional.arm.FEAT_DotProd");
    processor.i8mm = processor.dotprod && has("hw.optional.arm.FEAT_I8MM");
}
#else
static void look_at_processor(void) {}
#endif

enum { MOST_TABLES = 4 };
static struct apus_kernels tables[MOST_TABLES]; // the best one last
static int table_count;
static const struct apus_kernels *chosen;
static pthread_once_t looked = PTHREAD_ONCE_INIT, once = PTHREAD_ONCE_INIT;

const struct apus_processor *apus_processor(void) {
    pthread_once(&looked, look_at_processor);
    return &processor;
}

static void add(const char *name, void (*fill_products)(struct apus_kernels *),
                void (*fill_float_rows)(struct apus_kernels *)) {
    struct apus_kernels *table = &tables[table_count++];
    fill_products(table);
    fill_float_rows(table);
    table->name = name;
}

static const struct apus_kernels *find(const char *name) {
    for (int i = 0; i < table_count; i++) {
        if (strcmp(tables[i].name, name) == 0) return &tables[i];
    }
    return NULL;
}

static void build(void) {
    apus_processor();
    add("scalar", apus_fill_products_scalar, apus_fill_float_rows_scalar);
#if defined(__x86_64__)
    if (processor.avx2) add("avx2", apus_fill_products_avx2, apus_fill_float_rows_avx2);
    if (processor.avx_vnni) add("avxvnni", apus_fill_products_avxvnni, apus_fill_float_rows_avx2);
    if (processor.avx512) add("avx512", apus_fill_products_avx512, apus_fill_float_rows_avx512);
#elif defined(__aarch64__)
    if (processor.dotprod) add("neon", apus_fill_products_neon, apus_fill_float_rows_neon);
    if (processor.i8mm) add("neon_i8mm", apus_fill_products_neon_i8mm, apus_fill_float_rows_neon);
#endif
    const char *wanted = getenv("APUS_ISA");
    chosen = wanted ? find(wanted) : NULL;
    if (!chosen) chosen = &tables[table_count - 1];
}

const struct apus_kernels *apus_kernels(void) {
    pthread_once(&once, build);
    return chosen;
}

const struct apus_kernels *apus_kernels_named(const char *name) {
    pthread_once(&once, build);
    return find(name);
}

const struct apus_kernels *apus_kernels_at(int32_t index) {
    pthread_once(&once, build);
    return index >= 0 && index < table_count ? &tables[index] : NULL;
}
