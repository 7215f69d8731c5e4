// The affinity mask, which Swift's C library module does not show.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include "CKernels.h"

int32_t apus_affinity_count(void) {
#if defined(__linux__)
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0) return CPU_COUNT(&mask);
#endif
    return 0;
}
