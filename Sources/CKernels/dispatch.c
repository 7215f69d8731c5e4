// Chooses the table of kernels for the processor that is there.
#include "tables.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

// Bits of XCR0 (Intel SDM volume 1, 13.3): the operating system saves these registers when it switches threads.
enum { YMM_STATE = 0x06, ZMM_STATE = 0xE6 };

static bool bit(unsigned word, int index) { return (word >> index) & 1; }

static void find_instruction_sets(bool *avx2, bool *avx512) {
    *avx2 = false;
    *avx512 = false;
    unsigned a, b, c, d, ext_b, ext_c;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return;
    const bool osxsave = bit(c, 27), fma = bit(c, 12), f16c = bit(c, 29), avx = bit(c, 28);
    if (!osxsave || !avx || !__get_cpuid_count(7, 0, &a, &ext_b, &ext_c, &d)) return;
    unsigned state, high;
    __asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
    if ((state & YMM_STATE) != YMM_STATE) return;
    *avx2 = bit(ext_b, 5) && fma && f16c;
    if ((state & ZMM_STATE) != ZMM_STATE) return;
    const bool f = bit(ext_b, 16), dq = bit(ext_b, 17), bw = bit(ext_b, 30), vl = bit(ext_b, 31);
    *avx512 = *avx2 && f && dq && bw && vl && bit(ext_c, 11) /* VNNI */;
}
#endif

enum { MOST_TABLES = 3 };
static struct apus_kernels tables[MOST_TABLES]; // the best one last
static int table_count;
static const struct apus_kernels *chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct apus_kernels *find(const char *name) {
    for (int i = 0; i < table_count; i++) {
        if (strcmp(tables[i].name, name) == 0) return &tables[i];
    }
    return NULL;
}

static void build(void) {
    struct apus_kernels *scalar = &tables[table_count++];
    apus_fill_products_scalar(scalar);
    apus_fill_float_rows_scalar(scalar);
    scalar->name = "scalar";
#if defined(__x86_64__)
    bool avx2, avx512;
    find_instruction_sets(&avx2, &avx512);
    if (avx2) {
        struct apus_kernels *table = &tables[table_count++];
        apus_fill_products_avx2(table);
        apus_fill_float_rows_avx2(table);
        table->name = "avx2";
    }
    if (avx512) {
        struct apus_kernels *table = &tables[table_count++];
        apus_fill_products_avx512(table);
        apus_fill_float_rows_avx512(table);
        table->name = "avx512";
    }
#endif
    // APUS_KERNELS names a table to use instead of the best one; a name that this processor lacks changes nothing.
    const char *wanted = getenv("APUS_KERNELS");
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
