// Facts about element types: how many values a block holds and how many bytes it takes.
#include "CKernels.h"

int64_t apus_block_size(int32_t type) {
    switch (type) {
    case APUS_F32:
    case APUS_F16:
    case APUS_BF16: return 1;
    case APUS_Q4_0:
    case APUS_Q4_1:
    case APUS_Q5_0:
    case APUS_Q5_1:
    case APUS_Q8_0:
    case APUS_IQ4_NL:
    case APUS_MXFP4: return 32;
    case APUS_Q2_K:
    case APUS_Q3_K:
    case APUS_Q4_K:
    case APUS_Q5_K:
    case APUS_Q6_K:
    case APUS_IQ4_XS: return 256;
    default: return 0;
    }
}

int64_t apus_block_bytes(int32_t type) {
    switch (type) {
    case APUS_F32: return 4;
    case APUS_F16:
    case APUS_BF16: return 2;
    case APUS_Q4_0:
    case APUS_IQ4_NL: return 18;
    case APUS_Q4_1: return 20;
    case APUS_Q5_0: return 22;
    case APUS_Q5_1: return 24;
    case APUS_Q8_0: return 34;
    case APUS_MXFP4: return 17;
    case APUS_Q2_K: return 84;
    case APUS_Q3_K: return 110;
    case APUS_Q4_K: return 144;
    case APUS_Q5_K: return 176;
    case APUS_Q6_K: return 210;
    case APUS_IQ4_XS: return 136;
    default: return 0;
    }
}
