// How super-blocks of 256 become panels. Included by panel.inc.h.
//
// Their fields, as packed.inc.h lays them down too; blocks.h draws the blocks.
static const struct field Q2_K_HEAD = {0, 16}, Q2_K_CODES = {Q2_K_QS, 64}, Q2_K_SCALE = {Q2_K_D, 2};
static const struct field Q2_K_MINIMUM = {Q2_K_D + 2, 2};
static const struct field Q3_K_THIRD = {0, 32}, Q3_K_CODES = {Q3_K_QS, 64}, Q3_K_SCALE = {Q3_K_D, 2};
static const struct field Q3_K_WORDS[3] = {{Q3_K_SCALES, 4}, {Q3_K_SCALES + 4, 4}, {Q3_K_SCALES + 8, 4}};
static const struct field Q45_K_HEAD = {0, 16}, Q4_K_CODES = {Q4_K_QS, 128};
static const struct field Q5_K_FIFTH = {Q5_K_QH, 32}, Q5_K_CODES = {Q5_K_QS, 128};
static const struct field Q6_K_LOW = {0, 128}, Q6_K_HIGH = {Q6_K_QH, 64}, Q6_K_HEAD = {Q6_K_SCALES, 16};
static const struct field Q6_K_SCALE = {Q6_K_D, 2};
static const struct field IQ4_XS_WORDS[2] = {{0, 4}, {4, 4}}, IQ4_XS_CODES = {IQ4_XS_QS, 128};

INLINE V unsigned_byte(V v, int i) { return v_and(v_srl32(v, 8 * i), v_set32(255)); }
INLINE V signed_byte(V v, int i) { return v_sra32(v_sll32(v, 24 - 8 * i), 24); }
// Bytes i and i + 1 (i is 0 or 2) of every lane as two int16.
INLINE V byte_pair(V v, int i) {
    enum { NONE = -128 };
    static const int8_t at[2][16] = {
        {0, NONE, 1, NONE, 4, NONE, 5, NONE, 8, NONE, 9, NONE, 12, NONE, 13, NONE},
        {2, NONE, 3, NONE, 6, NONE, 7, NONE, 10, NONE, 11, NONE, 14, NONE, 15, NONE},
    };
    return v_shuffle8(v, v_table(at[i / 2]));
}
INLINE V pair(V first, V second) { return v_or(v_and(first, v_set32(0xFFFF)), v_sll32(second, 16)); }

INLINE void unpack_q2_k(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q2_K_BYTES;
    uint16_t d[1][ROWS], m[1][ROWS];
    collect_halves(s, Q2_K_SCALE, 0, d[0], p->d[0]);
    collect_halves(s, Q2_K_MINIMUM, 0, m[0], p->m[0]);
    V h[4];
    load_quads(s, Q2_K_HEAD, 0, 0, h);
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; j++) {
        if (!column) v_store(p->scale[j], v_scale(unsigned_byte(low_nibbles(h[j / 4]), j % 4)));
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) {
        if (column) v_store(p->scale[j], byte_pair(low_nibbles(h[j / 2]), 2 * j % 4));
        v_store(p->pairs[j], byte_pair(high_nibbles(h[j / 2]), 2 * j % 4));
    }
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; half++) {
        V q[8];
        load_quads(s, Q2_K_CODES, 0, 32 * half, q);
        load_quads(s, Q2_K_CODES, 0, 32 * half + 16, q + 4);
#pragma clang loop unroll(full)
        for (int g = 0; g < 8; g++) {
            prefetch_part(s, 8 * half + g, 16);
            put_sub(p, column, 16, 32 * half + g, v_and(q[g], v_set8(3)));
            put_sub(p, column, 16, 32 * half + 8 + g, v_and(v_srl16(q[g], 2), v_set8(3)));
            put_sub(p, column, 16, 32 * half + 16 + g, v_and(v_srl16(q[g], 4), v_set8(3)));
            put_sub(p, column, 16, 32 * half + 24 + g, v_and(v_srl16(q[g], 6), v_set8(3)));
        }
    }
    widen(s, d, p->d);
    widen(s, m, p->m);
}

INLINE void unpack_q3_k(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q3_K_BYTES;
    uint16_t d[1][ROWS];
    uint32_t words[3][ROWS];
    collect_halves(s, Q3_K_SCALE, 0, d[0], p->d[0]);
#pragma clang loop unroll(full)
    for (int i = 0; i < 3; i++) collect_words(s, Q3_K_WORDS[i], 0, words[i]);
    V third[8];
    load_quads(s, Q3_K_THIRD, 0, 0, third);
    load_quads(s, Q3_K_THIRD, 0, 16, third + 4);
    const V low = v_set8(3), bit = v_set8(4);
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; half++) {
        V q[8];
        load_quads(s, Q3_K_CODES, 0, 32 * half, q);
        load_quads(s, Q3_K_CODES, 0, 32 * half + 16, q + 4);
#pragma clang loop unroll(full)
        for (int g = 0; g < 8; g++) {
            prefetch_part(s, 8 * half + g, 16);
            const V t = half ? v_srl16(third[g], 2) : v_sll16(third[g], 2); // bit j of the half's four at 2 + j
            put_sub(p, column, 16, 32 * half + g, v_or(v_and(q[g], low), v_and(t, bit)));
            put_sub(p, column, 16, 32 * half + 8 + g, v_or(v_and(v_srl16(q[g], 2), low), v_and(v_srl16(t, 1), bit)));
            put_sub(p, column, 16, 32 * half + 16 + g, v_or(v_and(v_srl16(q[g], 4), low), v_and(v_srl16(t, 2), bit)));
            put_sub(p, column, 16, 32 * half + 24 + g, v_or(v_and(v_srl16(q[g], 6), low), v_and(v_srl16(t, 3), bit)));
        }
    }
    widen(s, d, p->d);
    const V s0 = collected_words(s, Q3_K_WORDS[0], 0, words[0]), s1 = collected_words(s, Q3_K_WORDS[1], 0, words[1]);
    const V s2 = collected_words(s, Q3_K_WORDS[2], 0, words[2]);
    const V high = v_set8(0x30);
    const V h[4] = {
        v_or(low_nibbles(s0), v_and(v_sll32(s2, 4), high)),
        v_or(low_nibbles(s1), v_and(v_sll32(s2, 2), high)),
        v_or(high_nibbles(s0), v_and(s2, high)),
        v_or(high_nibbles(s1), v_and(v_srl32(s2, 2), high)),
    };
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; j++) {
        if (!column) v_store(p->scale[j], v_scale(v_sub32(unsigned_byte(h[j / 4], j % 4), v_set32(32))));
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++)
        v_store(p->pairs[j], v_sub16(byte_pair(h[j / 2], 2 * j % 4), v_set32(32 << 16 | 32)));
}

// The first 16 bytes of Q4_K and Q5_K.
INLINE void unpack_q45_k_scales(struct source s, struct panel *p) {
    V h[4];
    load_quads(s, Q45_K_HEAD, 0, 0, h);
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
        v_store(p->pairs[j], byte_pair(m, 2 * j % 4));
    }
}

INLINE void unpack_q4_k(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q4_K_BYTES;
    unpack_q45_k_scales(s, p);
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) {
        prefetch_part(s, i, 8);
        V q[4];
        load_quads(s, Q4_K_CODES, 0, 16 * i, q);
#pragma clang loop unroll(full)
        for (int g = 0; g < 4; g++) {
            put_sub(p, column, 32, 16 * (i / 2) + 4 * (i % 2) + g, low_nibbles(q[g]));
            put_sub(p, column, 32, 16 * (i / 2) + 4 * (i % 2) + 8 + g, high_nibbles(q[g]));
        }
    }
}

INLINE void unpack_q5_k(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q5_K_BYTES;
    unpack_q45_k_scales(s, p);
    const V bit = v_set8(16);
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; half++) { // of every run of 32 bytes
        V fifth[4];
        load_quads(s, Q5_K_FIFTH, 0, 16 * half, fifth);
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            V q[4];
            load_quads(s, Q5_K_CODES, 0, 32 * i + 16 * half, q);
#pragma clang loop unroll(full)
            for (int g = 0; g < 4; g++) {
                prefetch_part(s, 16 * half + 4 * i + g, 32);
                const V low = i < 2 ? v_sll16(fifth[g], 4 - 2 * i) : v_srl16(fifth[g], 2 * i - 4);
                const V high = i < 2 ? v_sll16(fifth[g], 3 - 2 * i) : v_srl16(fifth[g], 2 * i - 3);
                put_sub(p, column, 32, 16 * i + 4 * half + g, v_or(low_nibbles(q[g]), v_and(low, bit)));
                put_sub(p, column, 32, 16 * i + 4 * half + 8 + g, v_or(high_nibbles(q[g]), v_and(high, bit)));
            }
        }
    }
}

INLINE void unpack_q6_k(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q6_K_BYTES;
    uint16_t d[1][ROWS];
    collect_halves(s, Q6_K_SCALE, 0, d[0], p->d[0]);
    V h[4];
    load_quads(s, Q6_K_HEAD, 0, 0, h);
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; j++) v_store(p->scale[j], v_scale(signed_byte(h[j / 4], j % 4)));
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++)
        v_store(p->pairs[j], pair(signed_byte(h[j / 2], 2 * j % 4), signed_byte(h[j / 2], 2 * j % 4 + 1)));
    const V bits = v_set8(0x30);
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        const int at = i / 2 * 32 + i % 2 * 4; // half of the super-block, half of its runs of 32
        V first[4], second[4], high[4];
        load_quads(s, Q6_K_LOW, 0, 64 * (i / 2) + 16 * (i % 2), first);
        load_quads(s, Q6_K_LOW, 0, 64 * (i / 2) + 16 * (i % 2) + 32, second);
        load_quads(s, Q6_K_HIGH, 0, 32 * (i / 2) + 16 * (i % 2), high);
#pragma clang loop unroll(full)
        for (int g = 0; g < 4; g++) {
            prefetch_part(s, 4 * i + g, 16);
            put_sub(p, column, 16, at + g, v_or(low_nibbles(first[g]), v_and(v_sll16(high[g], 4), bits)));
            put_sub(p, column, 16, at + 8 + g, v_or(low_nibbles(second[g]), v_and(v_sll16(high[g], 2), bits)));
            put_sub(p, column, 16, at + 16 + g, v_or(high_nibbles(first[g]), v_and(high[g], bits)));
            put_sub(p, column, 16, at + 24 + g, v_or(high_nibbles(second[g]), v_and(v_srl16(high[g], 2), bits)));
        }
    }
    widen(s, d, p->d);
}

INLINE void unpack_iq4_xs(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = IQ4_XS_BYTES;
    uint32_t words[2][ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; i++) collect_words(s, IQ4_XS_WORDS[i], 0, words[i]);
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) {
        V q[4];
        load_quads(s, IQ4_XS_CODES, 0, 16 * j, q);
#pragma clang loop unroll(full)
        for (int g = 0; g < 4; g++) {
            prefetch_part(s, 4 * j + g, 32);
            put_sub(p, column, 32, 8 * j + g, iq4(low_nibbles(q[g])));
            put_sub(p, column, 32, 8 * j + 4 + g, iq4(high_nibbles(q[g])));
        }
    }
    const V head = collected_words(s, IQ4_XS_WORDS[0], 0, words[0]);
    const V low = collected_words(s, IQ4_XS_WORDS[1], 0, words[1]);
    v_store_low_halves(head, p->d[0]);
    V scales[8];
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) {
        const V high = v_and(v_sll32(v_srl32(head, 16 + 2 * j), 4), v_set32(0x30));
        scales[j] = v_sub32(v_or(v_and(v_srl32(low, 4 * j), v_set32(15)), high), v_set32(32));
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 8; j++) v_store(p->scale[j], v_scale(scales[j]));
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) v_store(p->pairs[j], pair(scales[2 * j], scales[2 * j + 1]));
}
