// One column, the case of decoding: multiplied with packed weights while they are in registers. What it does between two
// loads fits the processor's window, so that the next lines are asked for while these are multiplied, and reading never
// pauses; with a panel in between it would, for as long as the panel is multiplied. Integer sums are exact and the float
// steps those of vnni.inc.h, so the bits are the same. Included after vnni.inc.h by files that define FUSED_COLUMN.

struct column {
    const struct activations_32 *blocks; // of this chunk, or
    const struct activations_256 *super_block;
    V product[16]; // super-blocks: per integer scale; blocks: halves of the block
    F sum;
    size_t correction; // as in add_blocks
    bool has_minimum;
};

INLINE void multiply_block(struct column *column, int b, int g, V weights) {
    column->product[g / 4] = v_dot_bytes(column->product[g / 4], weights, four_bytes(column->blocks[b].q + 4 * g));
}
INLINE void multiply_sub(struct column *column, int sub, int g, V weights) {
    const int j = g / (sub / 4);
    column->product[j] = v_dot_bytes(column->product[j], weights, four_bytes(column->super_block->q + 4 * g));
}

INLINE void finish_block(struct column *column, const struct panel *p, int b) {
    const struct activations_32 *a = &column->blocks[b];
    const V correction = four_bytes((const uint8_t *)a + column->correction);
    const V product = v_add32(v_add32(column->product[0], column->product[1]), correction);
    column->sum = f_fma(f_from32(product), f_mul(f_load(p->d[b]), f_set(a->d)), column->sum);
    if (column->has_minimum) column->sum = f_fma(f_load(p->m[b]), f_set(a->scaled_sum), column->sum);
    column->product[0] = column->product[1] = v_set32(0);
}

// scale_pairs: scales of neighbouring sub-blocks, two int16 per lane, where their products fit int16 too: two and three
// bits, 16 at a time. Null for others.
INLINE void finish_super_block(struct column *column, int sub, bool has_minimum, int offset_shift,
                               const struct panel *p, const int32_t (*scale_pairs)[ROWS]) {
    const struct activations_256 *a = column->super_block;
    V total = v_set32(0), offset = v_set32(0);
    if (scale_pairs) {
        UNROLL for (int j = 0; j < CHUNK / sub / 2; j++)
            total = v_dot_words(total, pair(column->product[2 * j], column->product[2 * j + 1]),
                                v_load(scale_pairs[j]));
    } else {
        UNROLL for (int j = 0; j < CHUNK / sub; j++)
            total = v_add32(total, v_mul32(column->product[j], v_load(p->scale[j])));
    }
    const int16_t *x_sums = sub == 32 ? a->sum32 : a->sum16;
    UNROLL for (int j = 0; j < CHUNK / sub / 2; j++)
        offset = v_dot_words(offset, v_load(p->pairs[j]), four_bytes(x_sums + 2 * j));
    const F x_scale = f_set(a->d);
    if (!has_minimum) total = v_sub32(total, v_sll32(offset, offset_shift));
    column->sum = f_fma(f_from32(total), f_mul(f_load(p->d[0]), x_scale), column->sum);
    if (has_minimum) column->sum = f_fnma(f_from32(offset), f_mul(f_load(p->m[0]), x_scale), column->sum);
}

#define FUSED_BLOCKS(name, minimum, what)                                                                              \
    {                                                                                                                  \
        struct column column = {.blocks = (const struct activations_32 *)x, .sum = f_load(sum),                        \
                                .correction = offsetof(struct activations_32, what), .has_minimum = minimum};          \
        column.product[0] = column.product[1] = v_set32(0);                                                            \
        unpack_##name(s, &p, &column);                                                                                 \
        f_store(sum, column.sum);                                                                                      \
        break;                                                                                                         \
    }
#define FUSED_SUPER_BLOCK(name, sub, minimum, offset_shift, scale_pairs)                                               \
    {                                                                                                                  \
        struct column column = {.super_block = (const struct activations_256 *)x, .sum = f_load(sum)};                 \
        UNROLL for (int j = 0; j < CHUNK / sub; j++) column.product[j] = v_set32(0);                                   \
        unpack_##name(s, &p, &column);                                                                                 \
        finish_super_block(&column, sub, minimum, offset_shift, &p, scale_pairs);                                      \
        f_store(sum, column.sum);                                                                                      \
        break;                                                                                                         \
    }

static void add_fused(int32_t type, const uint8_t *packed, const uint8_t *next, int blocks, const uint8_t *x,
                      float *sum) {
    const struct source s = {.packed = packed, .next = next, .blocks = blocks};
    struct panel p; // scales and minima only
    switch (type) {
    case APUS_Q4_0: FUSED_BLOCKS(q4_0, false, minus_8_sum)
    case APUS_Q4_1: FUSED_BLOCKS(q4_1, true, zero)
    case APUS_Q5_0: FUSED_BLOCKS(q5_0, false, minus_16_sum)
    case APUS_Q5_1: FUSED_BLOCKS(q5_1, true, zero)
    case APUS_Q8_0: FUSED_BLOCKS(q8_0, false, minus_128_sum)
    case APUS_IQ4_NL: FUSED_BLOCKS(iq4_nl, false, minus_128_sum)
    case APUS_MXFP4: FUSED_BLOCKS(mxfp4, false, minus_12_sum)
    case APUS_Q2_K: FUSED_SUPER_BLOCK(q2_k, 16, true, 0, p.scale)
    case APUS_Q3_K: FUSED_SUPER_BLOCK(q3_k, 16, false, 2, p.pairs)
    case APUS_Q4_K: FUSED_SUPER_BLOCK(q4_k, 32, true, 0, NULL)
    case APUS_Q5_K: FUSED_SUPER_BLOCK(q5_k, 32, true, 0, NULL)
    case APUS_Q6_K: FUSED_SUPER_BLOCK(q6_k, 16, false, 5, NULL)
    case APUS_IQ4_XS: FUSED_SUPER_BLOCK(iq4_xs, 32, false, 7, NULL)
    default: break;
    }
}
