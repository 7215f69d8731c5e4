// Panels: ROWS rows of stored weights, one chunk of 256 values each, unpacked to bytes with the rows side by side.
//
// Included by the file of an instruction set, which defines ROWS (one row per 32-bit lane of its vector), SIGNED_BYTES
// (whether 8-bit weights stay signed; otherwise 128 is added) and the vector operations used here.
//
// Vector g of w holds values 4g ..< 4g + 4 of every row: four bytes per lane. Multiplying it with four bytes of
// activations in every lane gives all rows' sums at once, with no sum across lanes. The same panel serves one column
// and many, so that each element is computed the same way at any width.

struct panel {
    uint8_t w[CHUNK / 4][4 * ROWS];
    // Blocks of 32: scale and minimum per block. Super-blocks: d and dmin, at 0.
    float d[8][ROWS], m[8][ROWS];
    // Super-blocks: integer scales per sub-block, in the form that the kernel multiplies by.
    int32_t scale[16][ROWS];
    // Super-blocks: what sums of activations are multiplied by, two int16 per lane for neighbouring sub-blocks: minima,
    // or scales where an offset of the weights has to be taken back.
    int32_t pairs[8][ROWS];
} __attribute__((aligned(64)));

// Bytes offset ..< offset + 16 of every row, as four vectors of four bytes per row.
static inline void load_quads(const uint8_t *const *rows, int64_t offset, V out[4]) {
    V a[4];
    for (int j = 0; j < 4; j++) a[j] = v_load_rows(rows + j, offset);
    const V ab_low = v_unpacklo32(a[0], a[1]), ab_high = v_unpackhi32(a[0], a[1]);
    const V cd_low = v_unpacklo32(a[2], a[3]), cd_high = v_unpackhi32(a[2], a[3]);
    out[0] = v_unpacklo64(ab_low, cd_low);
    out[1] = v_unpackhi64(ab_low, cd_low);
    out[2] = v_unpacklo64(ab_high, cd_high);
    out[3] = v_unpackhi64(ab_high, cd_high);
}

// Two or four bytes of every row. They are collected first and taken up as vectors only after the codes have been
// unpacked: a vector that is loaded right behind the small stores it consists of has to wait for them.
static inline void collect_halves(const uint8_t *const *rows, int64_t offset, uint16_t *halves) {
    for (int r = 0; r < ROWS; r++) halves[r] = load_u16(rows[r] + offset);
}
static inline void collect_words(const uint8_t *const *rows, int64_t offset, uint32_t *words) {
    for (int r = 0; r < ROWS; r++) words[r] = load_u32(rows[r] + offset);
}
static inline void widen(const uint16_t (*halves)[ROWS], int count, float (*floats)[ROWS]) {
    for (int i = 0; i < count; i++) v_store_halves(halves[i], floats[i]);
}

// Asks for part i of the panel that comes after this one: what these rows take up in a block of so many bytes. Rows lie
// one after the other, so the panels are read as one stream.
static inline void prefetch(const uint8_t *next, int i, int bytes) {
    for (int at = 0; at < ROWS * bytes; at += 64) __builtin_prefetch(next + ROWS * bytes * i + at, 0, 2);
}

static inline V low_nibbles(V v) { return v_and(v, v_set8(15)); }
static inline V high_nibbles(V v) { return v_and(v_srl16(v, 4), v_set8(15)); }

// Four-bit codes to their values: unsigned with an offset of 128 where bytes are unsigned.
static inline V iq4(V codes) {
    static const int8_t table[16] = {APUS_IQ4_VALUES};
    const V values = v_shuffle8(v_table(table), codes);
    return SIGNED_BYTES ? values : v_xor(values, v_set8((char)0x80));
}
static inline V mxfp4(V codes) { // + 12
    static const int8_t table[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};
    return v_shuffle8(v_table(table), codes);
}

// Blocks of 32 -------------------------------------------------------------------------------------------------------

#define FOR_BLOCKS(bytes)                                                                                              \
    for (int b = 0; b < blocks; b++)                                                                                   \
        for (int64_t at = (int64_t)b * (bytes), once = 1; once; once = 0)

#define NIBBLES(offset, low_value, high_value)                                                                         \
    V q[4];                                                                                                            \
    load_quads(rows, at + (offset), q);                                                                                \
    _Pragma("clang loop unroll(full)")                                                                                 \
    for (int g = 0; g < 4; g++) {                                                                                      \
        v_store(p->w[8 * b + g], low_value);                                                                           \
        v_store(p->w[8 * b + 4 + g], high_value);                                                                      \
    }

static void unpack_q4_0(const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    uint16_t d[8][ROWS];
    FOR_BLOCKS(Q4_0_BYTES) collect_halves(rows, at, d[b]);
    FOR_BLOCKS(Q4_0_BYTES) {
        prefetch(next, b, Q4_0_BYTES);
        NIBBLES(2, low_nibbles(q[g]), high_nibbles(q[g]))
    }
    widen(d, blocks, p->d);
}

static void unpack_q4_1(const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    uint16_t d[8][ROWS], m[8][ROWS];
    FOR_BLOCKS(Q4_1_BYTES) {
        collect_halves(rows, at, d[b]);
        collect_halves(rows, at + 2, m[b]);
    }
    FOR_BLOCKS(Q4_1_BYTES) {
        prefetch(next, b, Q4_1_BYTES);
        NIBBLES(4, low_nibbles(q[g]), high_nibbles(q[g]))
    }
    widen(d, blocks, p->d);
    widen(m, blocks, p->m);
}

static void unpack_q5_0(const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    uint16_t d[8][ROWS];
    uint32_t bits[8][ROWS];
    FOR_BLOCKS(Q5_0_BYTES) {
        collect_halves(rows, at, d[b]);
        collect_words(rows, at + 2, bits[b]);
    }
    FOR_BLOCKS(Q5_0_BYTES) {
        prefetch(next, b, Q5_0_BYTES);
        const V fifth = v_load(bits[b]);
        NIBBLES(6, v_or(low_nibbles(q[g]), v_spread_bits(fifth, g)),
                v_or(high_nibbles(q[g]), v_spread_bits(fifth, 4 + g)))
    }
    widen(d, blocks, p->d);
}

static void unpack_q5_1(const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    uint16_t d[8][ROWS], m[8][ROWS];
    uint32_t bits[8][ROWS];
    FOR_BLOCKS(Q5_1_BYTES) {
        collect_halves(rows, at, d[b]);
        collect_halves(rows, at + 2, m[b]);
        collect_words(rows, at + 4, bits[b]);
    }
    FOR_BLOCKS(Q5_1_BYTES) {
        prefetch(next, b, Q5_1_BYTES);
        const V fifth = v_load(bits[b]);
        NIBBLES(8, v_or(low_nibbles(q[g]), v_spread_bits(fifth, g)),
                v_or(high_nibbles(q[g]), v_spread_bits(fifth, 4 + g)))
    }
    widen(d, blocks, p->d);
    widen(m, blocks, p->m);
}

static void unpack_q8_0(const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    uint16_t d[8][ROWS];
    FOR_BLOCKS(Q8_0_BYTES) collect_halves(rows, at, d[b]);
    FOR_BLOCKS(Q8_0_BYTES) {
        prefetch(next, b, Q8_0_BYTES);
        for (int h = 0; h < 2; h++) {
            V q[4];
            load_quads(rows, at + 2 + 16 * h, q);
            for (int g = 0; g < 4; g++)
                v_store(p->w[8 * b + 4 * h + g], SIGNED_BYTES ? q[g] : v_xor(q[g], v_set8((char)0x80)));
        }
    }
    widen(d, blocks, p->d);
}

static void unpack_iq4_nl(const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    uint16_t d[8][ROWS];
    FOR_BLOCKS(IQ4_NL_BYTES) collect_halves(rows, at, d[b]);
    FOR_BLOCKS(IQ4_NL_BYTES) {
        prefetch(next, b, IQ4_NL_BYTES);
        NIBBLES(2, iq4(low_nibbles(q[g])), iq4(high_nibbles(q[g])))
    }
    widen(d, blocks, p->d);
}

static void unpack_mxfp4(const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    FOR_BLOCKS(MXFP4_BYTES) {
        prefetch(next, b, MXFP4_BYTES);
        for (int r = 0; r < ROWS; r++) p->d[b][r] = apus_bits_to_float(mxfp4_scale_bits(rows[r][at]));
        NIBBLES(1, mxfp4(low_nibbles(q[g])), mxfp4(high_nibbles(q[g])))
    }
}

// Super-blocks of 256 ------------------------------------------------------------------------------------------------

static inline V unsigned_byte(V v, int i) { return v_and(v_srl32(v, 8 * i), v_set32(255)); }
static inline V signed_byte(V v, int i) { return v_sra32(v_sll32(v, 24 - 8 * i), 24); }
static inline V pair(V first, V second) { return v_or(v_and(first, v_set32(0xFFFF)), v_sll32(second, 16)); }

static void unpack_q2_k(const uint8_t *const *rows, const uint8_t *next, struct panel *p) {
    uint16_t d[1][ROWS], m[1][ROWS];
    collect_halves(rows, Q2_K_D, d[0]);
    collect_halves(rows, Q2_K_D + 2, m[0]);
    V s[4];
    load_quads(rows, 0, s);
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; j++) v_store(p->scale[j], v_scale(unsigned_byte(low_nibbles(s[j / 4]), j % 4)));
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) {
        const V minima = high_nibbles(s[j / 2]);
        v_store(p->pairs[j], pair(unsigned_byte(minima, 2 * j % 4), unsigned_byte(minima, 2 * j % 4 + 1)));
    }
    for (int half = 0; half < 2; half++) {
        prefetch(next, half, Q2_K_BYTES / 2);
        V q[8];
        load_quads(rows, Q2_K_QS + 32 * half, q);
        load_quads(rows, Q2_K_QS + 32 * half + 16, q + 4);
        for (int g = 0; g < 8; g++) {
            v_store(p->w[32 * half + g], v_and(q[g], v_set8(3)));
            v_store(p->w[32 * half + 8 + g], v_and(v_srl16(q[g], 2), v_set8(3)));
            v_store(p->w[32 * half + 16 + g], v_and(v_srl16(q[g], 4), v_set8(3)));
            v_store(p->w[32 * half + 24 + g], v_and(v_srl16(q[g], 6), v_set8(3)));
        }
    }
    widen(d, 1, p->d);
    widen(m, 1, p->m);
}

static void unpack_q3_k(const uint8_t *const *rows, const uint8_t *next, struct panel *p) {
    uint16_t d[1][ROWS];
    uint32_t words[3][ROWS];
    collect_halves(rows, Q3_K_D, d[0]);
    for (int i = 0; i < 3; i++) collect_words(rows, Q3_K_SCALES + 4 * i, words[i]);
    V third[8];
    load_quads(rows, 0, third);
    load_quads(rows, 16, third + 4);
    const V low = v_set8(3), bit = v_set8(4);
    for (int half = 0; half < 2; half++) {
        prefetch(next, half, Q3_K_BYTES / 2);
        V q[8];
        load_quads(rows, Q3_K_QS + 32 * half, q);
        load_quads(rows, Q3_K_QS + 32 * half + 16, q + 4);
        for (int g = 0; g < 8; g++) {
            const V t = half ? v_srl16(third[g], 2) : v_sll16(third[g], 2); // bit j of the half's four at 2 + j
            v_store(p->w[32 * half + g], v_or(v_and(q[g], low), v_and(t, bit)));
            v_store(p->w[32 * half + 8 + g], v_or(v_and(v_srl16(q[g], 2), low), v_and(v_srl16(t, 1), bit)));
            v_store(p->w[32 * half + 16 + g], v_or(v_and(v_srl16(q[g], 4), low), v_and(v_srl16(t, 2), bit)));
            v_store(p->w[32 * half + 24 + g], v_or(v_and(v_srl16(q[g], 6), low), v_and(v_srl16(t, 3), bit)));
        }
    }
    widen(d, 1, p->d);
    const V s0 = v_load(words[0]), s1 = v_load(words[1]), s2 = v_load(words[2]);
    const V high = v_set8(0x30);
    const V s[4] = {
        v_or(low_nibbles(s0), v_and(v_sll32(s2, 4), high)),
        v_or(low_nibbles(s1), v_and(v_sll32(s2, 2), high)),
        v_or(high_nibbles(s0), v_and(s2, high)),
        v_or(high_nibbles(s1), v_and(v_srl32(s2, 2), high)),
    };
    V scales[16];
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; j++) scales[j] = v_sub32(unsigned_byte(s[j / 4], j % 4), v_set32(32));
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; j++) v_store(p->scale[j], v_scale(scales[j]));
    for (int j = 0; j < 8; j++) v_store(p->pairs[j], pair(scales[2 * j], scales[2 * j + 1]));
}

// The first 16 bytes of Q4_K and Q5_K.
static inline void unpack_q45_k_scales(const uint8_t *const *rows, struct panel *p) {
    V h[4];
    load_quads(rows, 0, h);
    v_store_low_halves(h[0], p->d[0]);
    v_store_low_halves(v_srl32(h[0], 16), p->m[0]);
    const V six = v_set8(63), high = v_set8(0x30);
    const V scales[2] = {v_and(h[1], six), v_or(low_nibbles(h[3]), v_and(v_srl32(h[1], 2), high))};
    const V minima[2] = {v_and(h[2], six), v_or(high_nibbles(h[3]), v_and(v_srl32(h[2], 2), high))};
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) v_store(p->scale[j], v_scale(unsigned_byte(scales[j / 4], j % 4)));
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
        const V m = minima[j / 2];
        v_store(p->pairs[j], pair(unsigned_byte(m, 2 * j % 4), unsigned_byte(m, 2 * j % 4 + 1)));
    }
}

static void unpack_q4_k(const uint8_t *const *rows, const uint8_t *next, struct panel *p) {
    unpack_q45_k_scales(rows, p);
    for (int i = 0; i < 8; i++) {
        prefetch(next, i, Q4_K_BYTES / 8);
        V q[4];
        load_quads(rows, Q4_K_QS + 16 * i, q);
        for (int g = 0; g < 4; g++) {
            v_store(p->w[16 * (i / 2) + 4 * (i % 2) + g], low_nibbles(q[g]));
            v_store(p->w[16 * (i / 2) + 4 * (i % 2) + 8 + g], high_nibbles(q[g]));
        }
    }
}

static void unpack_q5_k(const uint8_t *const *rows, const uint8_t *next, struct panel *p) {
    unpack_q45_k_scales(rows, p);
    const V bit = v_set8(16);
    for (int half = 0; half < 2; half++) { // of every run of 32 bytes
        V fifth[4];
        load_quads(rows, Q5_K_QH + 16 * half, fifth);
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            prefetch(next, 4 * half + i, Q5_K_BYTES / 8);
            V q[4];
            load_quads(rows, Q5_K_QS + 32 * i + 16 * half, q);
            for (int g = 0; g < 4; g++) {
                const V low = i < 2 ? v_sll16(fifth[g], 4 - 2 * i) : v_srl16(fifth[g], 2 * i - 4);
                const V high = i < 2 ? v_sll16(fifth[g], 3 - 2 * i) : v_srl16(fifth[g], 2 * i - 3);
                v_store(p->w[16 * i + 4 * half + g], v_or(low_nibbles(q[g]), v_and(low, bit)));
                v_store(p->w[16 * i + 4 * half + 8 + g], v_or(high_nibbles(q[g]), v_and(high, bit)));
            }
        }
    }
}

static void unpack_q6_k(const uint8_t *const *rows, const uint8_t *next, struct panel *p) {
    uint16_t d[1][ROWS];
    collect_halves(rows, Q6_K_D, d[0]);
    V s[4];
    load_quads(rows, Q6_K_SCALES, s);
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; j++) v_store(p->scale[j], v_scale(signed_byte(s[j / 4], j % 4)));
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++)
        v_store(p->pairs[j], pair(signed_byte(s[j / 2], 2 * j % 4), signed_byte(s[j / 2], 2 * j % 4 + 1)));
    const V bits = v_set8(0x30);
    for (int i = 0; i < 4; i++) {
        const int at = i / 2 * 32 + i % 2 * 4; // half of the super-block, half of its runs of 32
        V first[4], second[4], high[4];
        prefetch(next, i, Q6_K_BYTES / 4);
        load_quads(rows, 64 * (i / 2) + 16 * (i % 2), first);
        load_quads(rows, 64 * (i / 2) + 16 * (i % 2) + 32, second);
        load_quads(rows, Q6_K_QH + 32 * (i / 2) + 16 * (i % 2), high);
        for (int g = 0; g < 4; g++) {
            v_store(p->w[at + g], v_or(low_nibbles(first[g]), v_and(v_sll16(high[g], 4), bits)));
            v_store(p->w[at + 8 + g], v_or(low_nibbles(second[g]), v_and(v_sll16(high[g], 2), bits)));
            v_store(p->w[at + 16 + g], v_or(high_nibbles(first[g]), v_and(high[g], bits)));
            v_store(p->w[at + 24 + g], v_or(high_nibbles(second[g]), v_and(v_srl16(high[g], 2), bits)));
        }
    }
    widen(d, 1, p->d);
}

static void unpack_iq4_xs(const uint8_t *const *rows, const uint8_t *next, struct panel *p) {
    uint32_t words[2][ROWS];
    for (int i = 0; i < 2; i++) collect_words(rows, 4 * i, words[i]);
    for (int j = 0; j < 8; j++) {
        prefetch(next, j, IQ4_XS_BYTES / 8);
        V q[4];
        load_quads(rows, IQ4_XS_QS + 16 * j, q);
        for (int g = 0; g < 4; g++) {
            v_store(p->w[8 * j + g], iq4(low_nibbles(q[g])));
            v_store(p->w[8 * j + 4 + g], iq4(high_nibbles(q[g])));
        }
    }
    const V head = v_load(words[0]), low = v_load(words[1]);
    v_store_low_halves(head, p->d[0]);
    V scales[8];
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) {
        const V high = v_and(v_sll32(v_srl32(head, 16 + 2 * j), 4), v_set32(0x30));
        scales[j] = v_sub32(v_or(v_and(v_srl32(low, 4 * j), v_set32(15)), high), v_set32(32));
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) v_store(p->scale[j], v_scale(scales[j]));
    for (int j = 0; j < 4; j++) v_store(p->pairs[j], pair(scales[2 * j], scales[2 * j + 1]));
}

static void unpack(int32_t type, const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    switch (type) {
    case APUS_Q4_0: unpack_q4_0(rows, next, blocks, p); break;
    case APUS_Q4_1: unpack_q4_1(rows, next, blocks, p); break;
    case APUS_Q5_0: unpack_q5_0(rows, next, blocks, p); break;
    case APUS_Q5_1: unpack_q5_1(rows, next, blocks, p); break;
    case APUS_Q8_0: unpack_q8_0(rows, next, blocks, p); break;
    case APUS_IQ4_NL: unpack_iq4_nl(rows, next, blocks, p); break;
    case APUS_MXFP4: unpack_mxfp4(rows, next, blocks, p); break;
    case APUS_Q2_K: unpack_q2_k(rows, next, p); break;
    case APUS_Q3_K: unpack_q3_k(rows, next, p); break;
    case APUS_Q4_K: unpack_q4_k(rows, next, p); break;
    case APUS_Q5_K: unpack_q5_k(rows, next, p); break;
    case APUS_Q6_K: unpack_q6_k(rows, next, p); break;
    case APUS_IQ4_XS: unpack_iq4_xs(rows, next, p); break;
    default: break;
    }
}

// The product of quantised types --------------------------------------------------------------------------------------

// Adds one chunk's share to sums[columns][ROWS]; defined by the instruction set.
static void add_chunk(int32_t type, const struct panel *p, int blocks, const uint8_t *x, size_t x_row_bytes,
                      int64_t columns, float *sums);

// A multiple of every tile's width; their sums stay in the first cache, their activations in the second.
enum { COLUMNS_AT_ONCE = 144 };

static void product_quantised(int32_t type, const uint8_t *weights, size_t row_bytes, int64_t rows, int64_t k,
                              const uint8_t *x, size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    const bool is_32 = apus_block_size(type) == 32;
    const size_t chunk_bytes = (size_t)apus_block_bytes(type) * (is_32 ? 8 : 1);
    const size_t x_bytes = is_32 ? 8 * sizeof(struct activations_32) : sizeof(struct activations_256);
    const int64_t chunks = (k + CHUNK - 1) / CHUNK;
    struct panel p;
    float sums[COLUMNS_AT_ONCE * ROWS] __attribute__((aligned(64)));
    for (int64_t c = 0; c < columns; c += COLUMNS_AT_ONCE) {
        const int64_t width = columns - c < COLUMNS_AT_ONCE ? columns - c : COLUMNS_AT_ONCE;
        for (int64_t r = 0; r < rows; r += ROWS) {
            const int height = rows - r < ROWS ? (int)(rows - r) : ROWS;
            const uint8_t *pointers[ROWS]; // rows past the end repeat the last one and are not stored
            for (int i = 0; i < ROWS; i++)
                pointers[i] = weights + (size_t)(r + (i < height ? i : height - 1)) * row_bytes;
            const uint8_t *next = pointers[0] + (r + 2 * ROWS <= rows ? ROWS * row_bytes : 0);
            memset(sums, 0, (size_t)width * ROWS * sizeof(float));
            for (int64_t chunk = 0; chunk < chunks; chunk++) {
                const int blocks = chunk + 1 < chunks || !is_32 ? 8 : (int)((k - chunk * CHUNK) / 32);
                unpack(type, pointers, next + (size_t)chunk * ROWS * chunk_bytes, blocks, &p);
                add_chunk(type, &p, blocks, x + (size_t)c * x_row_bytes + (size_t)chunk * x_bytes, x_row_bytes, width,
                          sums);
                for (int i = 0; i < ROWS; i++) pointers[i] += chunk_bytes;
            }
            for (int64_t i = 0; i < width; i++)
                memcpy(out + (c + i) * out_stride + r, sums + i * ROWS, (size_t)height * sizeof(float));
        }
    }
}
