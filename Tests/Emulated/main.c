// kernels-test [NAME…]: tests all tables of kernels that this processor has. The names are the tables that must be
// there, in ascending order of speed; with none, any will do.
#define _DEFAULT_SOURCE
#include "check.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

const struct type types[] = {
    {"F32", APUS_F32, {-1, -1}},       {"F16", APUS_F16, {0, -1}},       {"BF16", APUS_BF16, {-1, -1}},
    {"Q4_0", APUS_Q4_0, {0, -1}},      {"Q4_1", APUS_Q4_1, {0, 2}},      {"Q5_0", APUS_Q5_0, {0, -1}},
    {"Q5_1", APUS_Q5_1, {0, 2}},       {"Q8_0", APUS_Q8_0, {0, -1}},     {"Q2_K", APUS_Q2_K, {80, 82}},
    {"Q3_K", APUS_Q3_K, {108, -1}},    {"Q4_K", APUS_Q4_K, {0, 2}},      {"Q5_K", APUS_Q5_K, {0, 2}},
    {"Q6_K", APUS_Q6_K, {208, -1}},    {"IQ4_NL", APUS_IQ4_NL, {0, -1}}, {"IQ4_XS", APUS_IQ4_XS, {0, -1}},
    {"MXFP4", APUS_MXFP4, {-1, -1}},
};
const int type_count = sizeof types / sizeof *types;

static long passed, failed;

void check(bool is_right, const char *format, ...) {
    if (is_right) {
        passed++;
        return;
    }
    if (failed++ >= 20) return;
    va_list arguments;
    va_start(arguments, format);
    printf("  ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

// splitmix64
uint64_t random_bits(void) {
    static uint64_t state = 1;
    state += 0x9E3779B97F4A7C15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

int random_below(int bound) { return (int)(random_bits() % (uint64_t)bound); }
float random_float(void) { return (float)(random_bits() >> 40) / (float)(1 << 23) - 1; }

uint32_t bits(float x) {
    uint32_t word;
    memcpy(&word, &x, sizeof word);
    return word;
}

bool same(float a, float b) { return bits(a) == bits(b) || (isnan(a) && isnan(b)); }

enum { MOST_FENCES = 64 };
static struct {
    void *memory;
    size_t bytes;
} fences[MOST_FENCES];
static int fence_count;

void *fenced(size_t bytes) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (bytes + page - 1) / page * page;
    uint8_t *memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || fence_count == MOST_FENCES || mprotect(memory + pages, page, PROT_NONE) != 0) {
        printf("no memory\n");
        exit(1);
    }
    fences[fence_count].memory = memory;
    fences[fence_count++].bytes = pages + page;
    return memory + pages - bytes;
}

void release(void) {
    while (fence_count > 0) {
        fence_count--;
        munmap(fences[fence_count].memory, fences[fence_count].bytes);
    }
}

int main(int count, char **names) {
    const struct apus_kernels *scalar = apus_kernels_at(0), *table = scalar;
    for (int i = 0; (table = apus_kernels_at(i)) != NULL; i++) {
        if (count > 1)
            check(i + 1 < count && strcmp(table->name, names[i + 1]) == 0, "table %d is %s, not %s", i, table->name,
                  i + 1 < count ? names[i + 1] : "absent");
        const long before = passed;
        check_products(table, scalar);
        check_matrices(table);
        check_float_rows(table, scalar);
        check_attention(table, scalar);
        check_training(table, scalar);
        printf("%s: %ld checks passed\n", table->name, passed - before);
    }
    for (int i = 1; i < count; i++) check(apus_kernels_named(names[i]) != NULL, "there is no table %s", names[i]);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed > 0;
}
