// Where threads run and what they are given of it, which Swift's C library module does not show.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#endif
#include "CKernels.h"

// More processors than Linux can be built for.
enum { MOST_PROCESSORS = 16384 };

int32_t apus_affinity(int32_t *processors, int32_t most) {
    int32_t count = 0;
#if defined(__linux__)
    union {
        cpu_set_t set;
        char bytes[MOST_PROCESSORS / 8];
    } mask;
    if (sched_getaffinity(0, sizeof mask, &mask.set) != 0) return 0;
    for (int i = 0; i < MOST_PROCESSORS && count < most; i++) {
        if (CPU_ISSET_S((size_t)i, sizeof mask, &mask.set)) processors[count++] = i;
    }
#else
    (void)processors, (void)most;
#endif
    return count;
}

bool apus_set_affinity(const int32_t *processors, int32_t count) {
#if defined(__linux__)
    union {
        cpu_set_t set;
        char bytes[MOST_PROCESSORS / 8];
    } mask;
    CPU_ZERO_S(sizeof mask, &mask.set);
    for (int32_t i = 0; i < count; i++) {
        if (processors[i] < 0 || processors[i] >= MOST_PROCESSORS) return false;
        CPU_SET_S((size_t)processors[i], sizeof mask, &mask.set);
    }
    return sched_setaffinity(0, sizeof mask, &mask.set) == 0;
#else
    (void)processors, (void)count;
    return false;
#endif
}

int32_t apus_processor_in_use(void) {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

int64_t apus_preemptions(void) {
#if defined(__linux__)
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
#else
    return 0;
#endif
}
