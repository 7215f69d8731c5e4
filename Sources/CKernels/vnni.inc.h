// Products of a panel with columns by vpdpbusd, which adds to each lane the products of four unsigned bytes of a row
// with four signed bytes of a column. Nothing saturates, so every type is multiplied the same way. Included, after
// panel.inc.h, by the files of AVX-512 and AVX-VNNI, which define the operations used here and
//     TILE_COLUMNS   columns whose sums stay in registers, enough that no sum waits for its own latency
//     F              a vector of ROWS floats

// Keeps the compiler from computing pointers anew from the first and a stride, which costs a register and time.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

// Blocks of 32: correction is where activations_32 holds what takes back the offset of the weights.
INLINE void add_blocks(int columns, bool has_minimum, size_t correction, const struct panel *p, int blocks,
                       const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_32 *a[TILE_COLUMNS];
    F sum[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_32 *)(x + (size_t)c * x_row_bytes);
        KEEP_POINTER(a[c]);
        sum[c] = f_load(sums + c * ROWS);
    }
    for (int b = 0; b < blocks; b++) {
        V product[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) product[c] = four_bytes((const uint8_t *)a[c] + correction);
#pragma clang loop unroll(full)
        for (int g = 0; g < 8; g++) {
            const V w = v_load(p->w[8 * b + g]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) product[c] = v_dot_bytes(product[c], w, four_bytes(a[c]->q + 4 * g));
        }
        const F d = f_load(p->d[b]);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++)
            sum[c] = f_fma(f_from32(product[c]), f_mul(d, f_set(a[c]->d)), sum[c]);
        if (has_minimum) {
            const F m = f_load(p->m[b]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) sum[c] = f_fma(m, f_set(a[c]->scaled_sum), sum[c]);
        }
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) a[c]++;
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) f_store(sums + c * ROWS, sum[c]);
}

// Super-blocks: sub is the number of values per integer scale; without minima, 2^offset_shift was added to the weights.
INLINE void add_super_block(int columns, int sub, bool has_minimum, int offset_shift, const struct panel *p,
                            const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_256 *a[TILE_COLUMNS];
    const int8_t *q[TILE_COLUMNS];
    V total[TILE_COLUMNS];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_256 *)(x + (size_t)c * x_row_bytes);
        q[c] = a[c]->q;
        KEEP_POINTER(q[c]);
        total[c] = v_set32(0);
    }
    const int groups = sub / 4;
    for (int j = 0; j < CHUNK / sub; j++) {
        V product[TILE_COLUMNS];
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) product[c] = v_set32(0);
#pragma clang loop unroll(full)
        for (int g = 0; g < groups; g++) {
            const V w = v_load(p->w[groups * j + g]);
#pragma clang loop unroll(full)
            for (int c = 0; c < columns; c++) product[c] = v_dot_bytes(product[c], w, four_bytes(q[c] + 4 * g));
        }
        const V scale = v_load(p->scale[j]);
#pragma clang loop unroll(full)
        for (int c = 0; c < columns; c++) {
            total[c] = v_add32(total[c], v_mul32(product[c], scale));
            q[c] += sub;
        }
    }
    const F d = f_load(p->d[0]), m = f_load(p->m[0]);
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
        const int16_t *x_sums = sub == 32 ? a[c]->sum32 : a[c]->sum16;
        V offset = v_set32(0);
#pragma clang loop unroll(full)
        for (int i = 0; i < CHUNK / sub / 2; i++)
            offset = v_dot_words(offset, v_load(p->pairs[i]), four_bytes(x_sums + 2 * i));
        F sum = f_load(sums + c * ROWS);
        const F x_scale = f_set(a[c]->d);
        if (!has_minimum) total[c] = v_sub32(total[c], v_sll32(offset, offset_shift));
        sum = f_fma(f_from32(total[c]), f_mul(d, x_scale), sum);
        if (has_minimum) sum = f_fnma(f_from32(offset), f_mul(m, x_scale), sum);
        f_store(sums + c * ROWS, sum);
    }
}

// A function for each kind of block, in which every width is the same arithmetic, compiled apart so that the sums stay
// in registers. `detail` is correction or offset_shift.
#define UP_TO_TILE(n) (TILE_COLUMNS < (n) ? 1 : (n))
#define COLUMN_TILES(name, TILE)                                                                                       \
    static void name(const struct panel *p, int blocks, const uint8_t *x, size_t x_row_bytes, int64_t columns,         \
                     size_t detail, float *sums) {                                                                     \
        (void)blocks, (void)detail;                                                                                    \
        while (columns > 0) {                                                                                          \
            const int64_t n = columns < TILE_COLUMNS ? columns : TILE_COLUMNS;                                         \
            switch (n) {                                                                                               \
            case 1: TILE(1); break;                                                                                    \
            case 2: TILE(2); break;                                                                                    \
            case 3: TILE(3); break;                                                                                    \
            case 4: TILE(4); break;                                                                                    \
            case 5: TILE(5); break;                                                                                    \
            case 6: TILE(6); break;                                                                                    \
            case 7: TILE(UP_TO_TILE(7)); break;                                                                        \
            case 8: TILE(UP_TO_TILE(8)); break;                                                                        \
            case 9: TILE(UP_TO_TILE(9)); break;                                                                        \
            case 10: TILE(UP_TO_TILE(10)); break;                                                                      \
            case 11: TILE(UP_TO_TILE(11)); break;                                                                      \
            case 12: TILE(UP_TO_TILE(12)); break;                                                                      \
            default: break;                                                                                            \
            }                                                                                                          \
            columns -= n;                                                                                              \
            x += (size_t)n * x_row_bytes;                                                                              \
            sums += n * ROWS;                                                                                          \
        }                                                                                                              \
    }

#define TILE(n) add_blocks(n, false, detail, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_plain, TILE)
#undef TILE
#define TILE(n) add_blocks(n, true, detail, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_with_minima, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 16, false, (int)detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_sixteens, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 16, true, 0, p, x, x_row_bytes, sums)
COLUMN_TILES(add_sixteens_with_minima, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 32, false, (int)detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_thirty_twos, TILE)
#undef TILE
#define TILE(n) add_super_block(n, 32, true, 0, p, x, x_row_bytes, sums)
COLUMN_TILES(add_thirty_twos_with_minima, TILE)
#undef TILE

static void add_chunk(int32_t type, const struct panel *p, int blocks, const uint8_t *x, size_t x_row_bytes,
                      int64_t columns, float *sums) {
    typedef struct activations_32 A;
    switch (type) {
    case APUS_Q4_0: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_8_sum), sums); break;
    case APUS_Q5_0: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_16_sum), sums); break;
    case APUS_Q8_0:
    case APUS_IQ4_NL: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_128_sum), sums); break;
    case APUS_MXFP4: add_plain(p, blocks, x, x_row_bytes, columns, offsetof(A, minus_12_sum), sums); break;
    case APUS_Q4_1:
    case APUS_Q5_1: add_with_minima(p, blocks, x, x_row_bytes, columns, offsetof(A, zero), sums); break;
    case APUS_Q2_K: add_sixteens_with_minima(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_Q3_K: add_sixteens(p, blocks, x, x_row_bytes, columns, 2, sums); break;
    case APUS_Q6_K: add_sixteens(p, blocks, x, x_row_bytes, columns, 5, sums); break;
    case APUS_Q4_K:
    case APUS_Q5_K: add_thirty_twos_with_minima(p, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_IQ4_XS: add_thirty_twos(p, blocks, x, x_row_bytes, columns, 7, sums); break;
    default: break;
    }
}
