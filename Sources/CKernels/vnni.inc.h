// Products of panels with columns by vpdpbusd, which adds to each lane the products of four unsigned bytes of a row
// with four signed bytes of a column. Nothing saturates, so every type is multiplied the same way. Included, after
// panel.inc.h, by the files of AVX-512 and AVX-VNNI, which define the operations used here and
//     PANELS, TILE_COLUMNS   panels and columns whose sums stay in registers, enough that no sum waits for its own
//                            latency. With two panels four bytes of a column, once loaded, meet twice as many rows, so
//                            that loads do not bind before multiplications do.
//     F                      a vector of ROWS floats

// Keeps the compiler from computing pointers anew from the first and a stride, which costs a register and time.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))
#define UNROLL _Pragma("clang loop unroll(full)")

// Products of `groups` vectors of weights, from vector `first` of each panel on, with columns of activations.
INLINE void multiply_add(int panels, int columns, int groups, const struct panel *p, int first, const int8_t *const *q,
                         V (*product)[TILE_COLUMNS]) {
    UNROLL for (int g = 0; g < groups; g++) {
        V w[PANELS];
        UNROLL for (int i = 0; i < panels; i++) w[i] = v_load(p[i].w[first + g]);
        UNROLL for (int c = 0; c < columns; c++) {
            const V a = four_bytes(q[c] + 4 * g);
            UNROLL for (int i = 0; i < panels; i++) product[i][c] = v_dot_bytes(product[i][c], w[i], a);
        }
    }
}

// Blocks of 32: correction is where activations_32 holds what takes back the offset of the weights.
INLINE void add_blocks(int panels, int columns, bool has_minimum, size_t correction, const struct panel *p, int blocks,
                       const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_32 *a[TILE_COLUMNS];
    F sum[PANELS][TILE_COLUMNS];
    UNROLL for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_32 *)(x + (size_t)c * x_row_bytes);
        KEEP_POINTER(a[c]);
        UNROLL for (int i = 0; i < panels; i++) sum[i][c] = f_load(sums + (c * PANELS + i) * ROWS);
    }
    for (int b = 0; b < blocks; b++) {
        const int8_t *q[TILE_COLUMNS];
        V product[PANELS][TILE_COLUMNS];
        UNROLL for (int c = 0; c < columns; c++) {
            q[c] = a[c]->q;
            product[0][c] = four_bytes((const uint8_t *)a[c] + correction);
            UNROLL for (int i = 1; i < panels; i++) product[i][c] = product[0][c];
        }
        multiply_add(panels, columns, 8, p, 8 * b, q, product);
        UNROLL for (int i = 0; i < panels; i++) {
            const F d = f_load(p[i].d[b]);
            UNROLL for (int c = 0; c < columns; c++)
                sum[i][c] = f_fma(f_from32(product[i][c]), f_mul(d, f_set(a[c]->d)), sum[i][c]);
            if (has_minimum) {
                const F m = f_load(p[i].m[b]);
                UNROLL for (int c = 0; c < columns; c++) sum[i][c] = f_fma(m, f_set(a[c]->scaled_sum), sum[i][c]);
            }
        }
        UNROLL for (int c = 0; c < columns; c++) a[c]++;
    }
    UNROLL for (int c = 0; c < columns; c++) {
        UNROLL for (int i = 0; i < panels; i++) f_store(sums + (c * PANELS + i) * ROWS, sum[i][c]);
    }
}

// Super-blocks: sub is the number of values per integer scale; without minima, 2^offset_shift was added to the weights.
INLINE void add_super_block(int panels, int columns, int sub, bool has_minimum, int offset_shift,
                            const struct panel *p, const uint8_t *x, size_t x_row_bytes, float *sums) {
    const struct activations_256 *a[TILE_COLUMNS];
    const int8_t *q[TILE_COLUMNS];
    V total[PANELS][TILE_COLUMNS];
    UNROLL for (int c = 0; c < columns; c++) {
        a[c] = (const struct activations_256 *)(x + (size_t)c * x_row_bytes);
        q[c] = a[c]->q;
        KEEP_POINTER(q[c]);
        UNROLL for (int i = 0; i < panels; i++) total[i][c] = v_set32(0);
    }
    for (int j = 0; j < CHUNK / sub; j++) {
        V product[PANELS][TILE_COLUMNS];
        UNROLL for (int c = 0; c < columns; c++) {
            UNROLL for (int i = 0; i < panels; i++) product[i][c] = v_set32(0);
        }
        multiply_add(panels, columns, sub / 4, p, sub / 4 * j, q, product);
        UNROLL for (int i = 0; i < panels; i++) {
            const V scale = v_load(p[i].scale[j]);
            UNROLL for (int c = 0; c < columns; c++)
                total[i][c] = v_add32(total[i][c], v_mul32(product[i][c], scale));
        }
        UNROLL for (int c = 0; c < columns; c++) q[c] += sub;
    }
    UNROLL for (int i = 0; i < panels; i++) {
        const F d = f_load(p[i].d[0]), m = f_load(p[i].m[0]);
        UNROLL for (int c = 0; c < columns; c++) {
            const int16_t *x_sums = sub == 32 ? a[c]->sum32 : a[c]->sum16;
            V offset = v_set32(0);
            UNROLL for (int j = 0; j < CHUNK / sub / 2; j++)
                offset = v_dot_words(offset, v_load(p[i].pairs[j]), four_bytes(x_sums + 2 * j));
            float *at = sums + (c * PANELS + i) * ROWS;
            F sum = f_load(at);
            const F x_scale = f_set(a[c]->d);
            const V integers = has_minimum ? total[i][c] : v_sub32(total[i][c], v_sll32(offset, offset_shift));
            sum = f_fma(f_from32(integers), f_mul(d, x_scale), sum);
            if (has_minimum) sum = f_fnma(f_from32(offset), f_mul(m, x_scale), sum);
            f_store(at, sum);
        }
    }
}

// A function for each kind of block, in which every width is the same arithmetic, compiled apart so that the sums stay
// in registers. `detail` is correction or offset_shift.
#define UP_TO_TILE(n) (TILE_COLUMNS < (n) ? 1 : (n))
#define EACH_WIDTH(panels, n, TILE)                                                                                    \
    switch (n) {                                                                                                       \
    case 1: TILE(panels, 1); break;                                                                                    \
    case 2: TILE(panels, 2); break;                                                                                    \
    case 3: TILE(panels, 3); break;                                                                                    \
    case 4: TILE(panels, 4); break;                                                                                    \
    case 5: TILE(panels, 5); break;                                                                                    \
    case 6: TILE(panels, 6); break;                                                                                    \
    case 7: TILE(panels, UP_TO_TILE(7)); break;                                                                        \
    case 8: TILE(panels, UP_TO_TILE(8)); break;                                                                        \
    default: break;                                                                                                    \
    }
#define COLUMN_TILES(name, TILE)                                                                                       \
    static void name(const struct panel *p, int panels, int blocks, const uint8_t *x, size_t x_row_bytes,              \
                     int64_t columns, size_t detail, float *sums) {                                                    \
        (void)blocks, (void)detail;                                                                                    \
        while (columns > 0) {                                                                                          \
            const int64_t n = columns < TILE_COLUMNS ? columns : TILE_COLUMNS;                                         \
            if (panels == PANELS) EACH_WIDTH(PANELS, n, TILE) else EACH_WIDTH(1, n, TILE)                              \
            columns -= n;                                                                                              \
            x += (size_t)n * x_row_bytes;                                                                              \
            sums += n * PANELS * ROWS;                                                                                 \
        }                                                                                                              \
    }

#define TILE(panels, n) add_blocks(panels, n, false, detail, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_plain, TILE)
#undef TILE
#define TILE(panels, n) add_blocks(panels, n, true, detail, p, blocks, x, x_row_bytes, sums)
COLUMN_TILES(add_with_minima, TILE)
#undef TILE
#define TILE(panels, n) add_super_block(panels, n, 16, false, (int)detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_sixteens, TILE)
#undef TILE
#define TILE(panels, n) add_super_block(panels, n, 16, true, 0, p, x, x_row_bytes, sums)
COLUMN_TILES(add_sixteens_with_minima, TILE)
#undef TILE
#define TILE(panels, n) add_super_block(panels, n, 32, false, (int)detail, p, x, x_row_bytes, sums)
COLUMN_TILES(add_thirty_twos, TILE)
#undef TILE
#define TILE(panels, n) add_super_block(panels, n, 32, true, 0, p, x, x_row_bytes, sums)
COLUMN_TILES(add_thirty_twos_with_minima, TILE)
#undef TILE

static void add_chunk(int32_t type, const struct panel *p, int panels, int blocks, const uint8_t *x,
                      size_t x_row_bytes, int64_t columns, float *sums) {
    typedef struct activations_32 A;
    switch (type) {
    case APUS_Q4_0: add_plain(p, panels, blocks, x, x_row_bytes, columns, offsetof(A, minus_8_sum), sums); break;
    case APUS_Q5_0: add_plain(p, panels, blocks, x, x_row_bytes, columns, offsetof(A, minus_16_sum), sums); break;
    case APUS_Q8_0:
    case APUS_IQ4_NL: add_plain(p, panels, blocks, x, x_row_bytes, columns, offsetof(A, minus_128_sum), sums); break;
    case APUS_MXFP4: add_plain(p, panels, blocks, x, x_row_bytes, columns, offsetof(A, minus_12_sum), sums); break;
    case APUS_Q4_1:
    case APUS_Q5_1: add_with_minima(p, panels, blocks, x, x_row_bytes, columns, offsetof(A, zero), sums); break;
    case APUS_Q2_K: add_sixteens_with_minima(p, panels, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_Q3_K: add_sixteens(p, panels, blocks, x, x_row_bytes, columns, 2, sums); break;
    case APUS_Q6_K: add_sixteens(p, panels, blocks, x, x_row_bytes, columns, 5, sums); break;
    case APUS_Q4_K:
    case APUS_Q5_K: add_thirty_twos_with_minima(p, panels, blocks, x, x_row_bytes, columns, 0, sums); break;
    case APUS_IQ4_XS: add_thirty_twos(p, panels, blocks, x, x_row_bytes, columns, 7, sums); break;
    default: break;
    }
}
