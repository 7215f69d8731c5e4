// How chunks of types in blocks of 32 become panels. Included by panel.inc.h.
//
// Their fields, as packed.inc.h lays them down too; blocks.h draws the blocks.
static const struct field NIBBLES_D = {0, 2}, NIBBLES_M = {2, 2};
static const struct field Q4_0_CODES = {2, 16}, Q4_1_CODES = {4, 16}; // IQ4_NL is laid out as Q4_0
static const struct field Q5_0_FIFTH = {2, 4}, Q5_0_CODES = {6, 16};
static const struct field Q5_1_FIFTH = {4, 4}, Q5_1_CODES = {8, 16};
static const struct field Q8_0_CODES = {2, 32};
static const struct field MXFP4_EXPONENT = {0, 1}, MXFP4_CODES = {1, 16};

#define FOR_BLOCKS for (int b = 0; b < s.blocks; b++)

// Block b from its 16 bytes of codes q, four of each row in a vector.
#define NIBBLES(codes, low_value, high_value)                                                                          \
    V q[4];                                                                                                            \
    load_quads(s, codes, b, 0, q);                                                                                     \
    _Pragma("clang loop unroll(full)")                                                                                 \
    for (int g = 0; g < 4; g++) {                                                                                      \
        put(p, column, b, g, low_value);                                                                           \
        put(p, column, b, 4 + g, high_value);                                                                      \
    }

INLINE void unpack_q4_0(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q4_0_BYTES;
    uint16_t d[8][ROWS];
    FOR_BLOCKS collect_halves(s, NIBBLES_D, b, d[b], p->d[b]);
    FOR_BLOCKS {
        prefetch(s, b, Q4_0_BYTES);
        NIBBLES(Q4_0_CODES, low_nibbles(q[g]), high_nibbles(q[g]))
        end_block(p, column, b);
    }
    widen(s, d, p->d);
}

INLINE void unpack_q4_1(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q4_1_BYTES;
    uint16_t d[8][ROWS], m[8][ROWS];
    FOR_BLOCKS {
        collect_halves(s, NIBBLES_D, b, d[b], p->d[b]);
        collect_halves(s, NIBBLES_M, b, m[b], p->m[b]);
    }
    FOR_BLOCKS {
        prefetch(s, b, Q4_1_BYTES);
        NIBBLES(Q4_1_CODES, low_nibbles(q[g]), high_nibbles(q[g]))
        end_block(p, column, b);
    }
    widen(s, d, p->d);
    widen(s, m, p->m);
}

INLINE void unpack_q5_0(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q5_0_BYTES;
    uint16_t d[8][ROWS];
    uint32_t bits[8][ROWS];
    FOR_BLOCKS {
        collect_halves(s, NIBBLES_D, b, d[b], p->d[b]);
        collect_words(s, Q5_0_FIFTH, b, bits[b]);
    }
    FOR_BLOCKS {
        prefetch(s, b, Q5_0_BYTES);
        const V fifth = collected_words(s, Q5_0_FIFTH, b, bits[b]);
        NIBBLES(Q5_0_CODES, v_or(low_nibbles(q[g]), v_spread_bits(fifth, g)),
                v_or(high_nibbles(q[g]), v_spread_bits(fifth, 4 + g)))
        end_block(p, column, b);
    }
    widen(s, d, p->d);
}

INLINE void unpack_q5_1(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q5_1_BYTES;
    uint16_t d[8][ROWS], m[8][ROWS];
    uint32_t bits[8][ROWS];
    FOR_BLOCKS {
        collect_halves(s, NIBBLES_D, b, d[b], p->d[b]);
        collect_halves(s, NIBBLES_M, b, m[b], p->m[b]);
        collect_words(s, Q5_1_FIFTH, b, bits[b]);
    }
    FOR_BLOCKS {
        prefetch(s, b, Q5_1_BYTES);
        const V fifth = collected_words(s, Q5_1_FIFTH, b, bits[b]);
        NIBBLES(Q5_1_CODES, v_or(low_nibbles(q[g]), v_spread_bits(fifth, g)),
                v_or(high_nibbles(q[g]), v_spread_bits(fifth, 4 + g)))
        end_block(p, column, b);
    }
    widen(s, d, p->d);
    widen(s, m, p->m);
}

INLINE void unpack_q8_0(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = Q8_0_BYTES;
    uint16_t d[8][ROWS];
    FOR_BLOCKS collect_halves(s, NIBBLES_D, b, d[b], p->d[b]);
    FOR_BLOCKS {
        prefetch(s, b, Q8_0_BYTES);
        for (int h = 0; h < 2; h++) {
            V q[4];
            load_quads(s, Q8_0_CODES, b, 16 * h, q);
            for (int g = 0; g < 4; g++)
                put(p, column, b, 4 * h + g, SIGNED_BYTES ? q[g] : v_xor(q[g], v_set8((char)0x80)));
        }
        end_block(p, column, b);
    }
    widen(s, d, p->d);
}

INLINE void unpack_iq4_nl(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = IQ4_NL_BYTES;
    uint16_t d[8][ROWS];
    FOR_BLOCKS collect_halves(s, NIBBLES_D, b, d[b], p->d[b]);
    FOR_BLOCKS {
        prefetch(s, b, IQ4_NL_BYTES);
        NIBBLES(Q4_0_CODES, iq4(low_nibbles(q[g])), iq4(high_nibbles(q[g])))
        end_block(p, column, b);
    }
    widen(s, d, p->d);
}

INLINE void unpack_mxfp4(struct source s, struct panel *p, struct column *column) {
    s.block_bytes = MXFP4_BYTES;
    FOR_BLOCKS {
        prefetch(s, b, MXFP4_BYTES);
        for (int r = 0; r < ROWS; r++) {
            const uint8_t *e = s.packed ? packed_field(s, MXFP4_EXPONENT, b) + r : row_field(s, MXFP4_EXPONENT, b, r);
            p->d[b][r] = apus_bits_to_float(mxfp4_scale_bits(*e));
        }
        NIBBLES(MXFP4_CODES, mxfp4(low_nibbles(q[g])), mxfp4(high_nibbles(q[g])))
        end_block(p, column, b);
    }
}
