// Activation rows with AVX2. Included by the files of the instruction sets that have it; the bits are those of
// product_scalar.c.

static inline __m256i magnitudes(__m256 x) {
    return _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(0x7FFFFFFF));
}

static inline uint32_t largest_lane(__m256i v) {
    __m128i m = _mm_max_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    m = _mm_max_epu32(m, _mm_shuffle_epi32(m, 0x4E));
    m = _mm_max_epu32(m, _mm_shuffle_epi32(m, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(m);
}

static inline int32_t lane_sum(__m256i v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
    return _mm_cvtsi128_si32(s);
}

// 32 values times factor, rounded to nearest even, and what they add up to in the first and second 16.
static inline void quantise_32(const float *x, float factor, int8_t *q, int32_t *first, int32_t *second) {
    __m256i v[4];
    for (int i = 0; i < 4; i++)
        v[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + 8 * i), _mm256_set1_ps(factor)));
    *first = lane_sum(_mm256_add_epi32(v[0], v[1]));
    *second = lane_sum(_mm256_add_epi32(v[2], v[3]));
    const __m256i words = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    _mm256_storeu_si256((__m256i *)q, _mm256_permutevar8x32_epi32(words, order));
}

static void make_row_32(const float *x, int64_t k, struct activations_32 *a) {
    for (int64_t start = 0; start < k; start += 32, a++) {
        const float *block = x + start;
        float padded[32];
        if (k - start < 32) {
            memset(padded, 0, sizeof padded);
            memcpy(padded, block, (size_t)(k - start) * sizeof(float));
            block = padded;
        }
        __m256i largest = magnitudes(_mm256_loadu_ps(block));
        for (int i = 1; i < 4; i++) largest = _mm256_max_epu32(largest, magnitudes(_mm256_loadu_ps(block + 8 * i)));
        const float factor = activation_factor(largest_lane(largest), &a->d);
        int32_t first = 0, second = 0;
        if (factor == 0) memset(a->q, 0, sizeof a->q);
        else quantise_32(block, factor, a->q, &first, &second);
        set_sums(a, first + second);
    }
}

static void make_row_256(const float *x, int64_t k, struct activations_256 *a) {
    for (int64_t start = 0; start < k; start += CHUNK, a++, x += CHUNK) {
        __m256i largest = magnitudes(_mm256_loadu_ps(x));
        for (int i = 1; i < 32; i++) largest = _mm256_max_epu32(largest, magnitudes(_mm256_loadu_ps(x + 8 * i)));
        const float factor = activation_factor(largest_lane(largest), &a->d);
        memset(a->unused, 0, sizeof a->unused);
        if (factor == 0) {
            memset(a->q, 0, sizeof a->q);
            memset(a->sum16, 0, sizeof a->sum16);
            memset(a->sum32, 0, sizeof a->sum32);
            continue;
        }
        for (int b = 0; b < 8; b++) {
            int32_t first, second;
            quantise_32(x + 32 * b, factor, a->q + 32 * b, &first, &second);
            a->sum16[2 * b] = (int16_t)first;
            a->sum16[2 * b + 1] = (int16_t)second;
            a->sum32[b] = (int16_t)(first + second);
        }
    }
}

static void make_activation_row(int32_t type, const float *x, int64_t k, void *y) {
    switch (apus_activation_form(type)) {
    case FORM_32: make_row_32(x, k, y); break;
    case FORM_256: make_row_256(x, k, y); break;
    default:
        memcpy(y, x, (size_t)k * sizeof(float));
        memset((float *)y + k, 0, (size_t)((k + 15) / 16 * 16 - k) * sizeof(float));
        break;
    }
}
