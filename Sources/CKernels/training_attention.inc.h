// Causal attention over whole sequences, forwards and backwards, for training. Included by training.inc.h.
//
// A call does the query heads that share one key/value head of one sequence. Scores are made again on the way back, so
// memory grows with the length of the sequence, not with its square (Dao et al. 2022). The products are tiles of
// TRAIN_ROWS rows by two vectors like those of matrix.inc.h, but their left factors are read where they lie, scores just
// written and queries, instead of from panels: with so few multiplications for each value, making panels would cost
// more than it saves. Right factors are copied once for a whole sequence, with rows padded to whole vectors.
//
// A row sees its own sequence alone, and each sum has one order, which depends on positions only.

enum {
    TRAIN_ROWS = LANES == 16 ? 14 : APUS_SUMS / 2, // of a tile of sums: two vectors each fit the registers
    TRAIN_BLOCK = TRAIN_ROWS >= 12 ? 4 * TRAIN_ROWS : 8 * TRAIN_ROWS, // queries that go back together
    TRAIN_KEYS = 256,                                                 // and the keys that they meet at a time
    TRAIN_PANEL = 2 * LANES,
    TRAIN_STRIDE = TRAIN_KEYS + 16, // of scores that go back; not a power of two, which would crowd the cache
};

// Products ----------------------------------------------------------------------------------------------------------------

// out[r][c] (or, with add, +=) sum over k of left(r, k) * right[k][c], where left(r, k) is left[r * step + k], or with
// `across` left[k * step + r].
INLINE void train_tile(const int rows, const int vectors, const bool across, const float *left, int64_t step,
                       const float *right, int64_t right_stride, int64_t depth, bool add, float *out,
                       int64_t out_stride) {
    FV sum[TRAIN_ROWS][2];
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int v = 0; v < vectors; v++) sum[r][v] = add ? load(out + r * out_stride + v * LANES) : splat(0);
    }
    // Three rows share a pointer: base, base + step, base + 2 * step are one instruction's addresses.
    const float *base[(TRAIN_ROWS + 2) / 3];
    UNROLL
    for (int r = 0; r < rows; r += 3) base[r / 3] = left + (across ? r : r * step);
    const int64_t next = across ? step : 1, row = across ? 1 : step;
    for (int64_t k = 0; k < depth; k++, right += right_stride) {
        FV b[2];
        UNROLL
        for (int v = 0; v < vectors; v++) b[v] = load(right + v * LANES);
        UNROLL
        for (int r = 0; r < rows; r++) {
            const FV x = splat(base[r / 3][r % 3 * row]);
            UNROLL
            for (int v = 0; v < vectors; v++) sum[r][v] = fma_of(x, b[v], sum[r][v]);
        }
        UNROLL
        for (int r = 0; r < rows; r += 3) base[r / 3] += next;
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int v = 0; v < vectors; v++) store(out + r * out_stride + v * LANES, sum[r][v]);
    }
}

// The factors of a product of at most TRAIN_ROWS rows by whole vectors.
struct APUS_NAME(train_factors) {
    const float *left;
    int64_t step;
    const float *right;
    int64_t right_stride;
    int64_t panel; // floats from two vectors of columns to the next two
    int64_t depth;
};

#define TRAIN_TILE(n)                                                                                                  \
    case n:                                                                                                            \
        if (n <= TRAIN_ROWS)                                                                                           \
            train_tile(n <= TRAIN_ROWS ? n : 1, vectors, across, f->left, f->step, right, f->right_stride, f->depth,   \
                       add, out, out_stride);                                                                          \
        break;
#define TRAIN_TILES(name, vectors_, across_)                                                                           \
    static void APUS_NAME(name)(int64_t rows, const struct APUS_NAME(train_factors) * f, const float *right, bool add, \
                                float *out, int64_t out_stride) {                                                      \
        enum { vectors = vectors_, across = across_ };                                                                 \
        switch (rows) {                                                                                                \
            TRAIN_TILE(1) TRAIN_TILE(2) TRAIN_TILE(3) TRAIN_TILE(4) TRAIN_TILE(5) TRAIN_TILE(6) TRAIN_TILE(7)          \
            TRAIN_TILE(8) TRAIN_TILE(9) TRAIN_TILE(10) TRAIN_TILE(11) TRAIN_TILE(12) TRAIN_TILE(13) TRAIN_TILE(14)     \
        default: break;                                                                                                \
        }                                                                                                              \
    }
TRAIN_TILES(train_tiles_1, 1, false)
TRAIN_TILES(train_tiles_2, 2, false)
TRAIN_TILES(train_tiles_across_1, 1, true)
TRAIN_TILES(train_tiles_across_2, 2, true)
#undef TRAIN_TILE
#undef TRAIN_TILES

INLINE void train_product(int64_t rows, int64_t columns, const bool across, struct APUS_NAME(train_factors) f, bool add,
                          float *out, int64_t out_stride) {
    const float *right = f.right;
    for (int64_t c = 0; c < columns; c += TRAIN_PANEL, right += f.panel) {
        if (columns - c > LANES) {
            if (across) APUS_NAME(train_tiles_across_2)(rows, &f, right, add, out + c, out_stride);
            else APUS_NAME(train_tiles_2)(rows, &f, right, add, out + c, out_stride);
        } else {
            if (across) APUS_NAME(train_tiles_across_1)(rows, &f, right, add, out + c, out_stride);
            else APUS_NAME(train_tiles_1)(rows, &f, right, add, out + c, out_stride);
        }
    }
}

// Copies --------------------------------------------------------------------------------------------------------------

INLINE int64_t whole_vectors(int64_t n) { return (n + LANES - 1) / LANES * LANES; }
INLINE int64_t whole_panels(int64_t n) { return (n + TRAIN_PANEL - 1) / TRAIN_PANEL * TRAIN_PANEL; }

// Rows of one head lie far apart, where the processor does not foresee them.
enum { TRAIN_AHEAD = 8 };
INLINE void fetch_ahead(const float *x, int64_t stride, int64_t dim) {
    for (int64_t d = 0; d < dim; d += 16) __builtin_prefetch(x + TRAIN_AHEAD * stride + d);
}

static void APUS_NAME(copy_rows)(const float *x, int64_t stride, int64_t rows, int64_t dim, float *out) {
    const int64_t width = whole_vectors(dim);
    for (int64_t r = 0; r < rows; r++, x += stride, out += width) {
        if (r + TRAIN_AHEAD < rows) fetch_ahead(x, stride, dim);
        int64_t d = 0;
        for (; d + LANES <= dim; d += LANES) store(out + d, load(x + d));
        if (d == dim) continue;
        store(out + d, splat(0));
        for (; d < dim; d++) out[d] = x[d];
    }
}

// Rows as panels of TRAIN_PANEL of them, [dim][TRAIN_PANEL]; rows past the last are zeros.
static void APUS_NAME(transpose_rows)(const float *x, int64_t stride, int64_t rows, int64_t dim, float *out) {
    typedef float Q __attribute__((vector_size(16), aligned(4)));
    for (int64_t first = 0; first < rows; first += TRAIN_PANEL, out += dim * TRAIN_PANEL) {
        for (int64_t j = 0; j < TRAIN_PANEL; j += 4) {
            const int64_t left = rows - first - j, count = left < 0 ? 0 : left < 4 ? left : 4;
            const float *from = x + (first + j) * stride;
            float *to = out + j;
            for (int64_t i = 0; i < 4 && first + j + i + TRAIN_AHEAD < rows; i++)
                fetch_ahead(from + i * stride, stride, dim);
            int64_t d = 0;
            for (; count == 4 && d + 4 <= dim; d += 4, to += 4 * TRAIN_PANEL) {
                const Q a = *(const Q *)(from + d), b = *(const Q *)(from + stride + d);
                const Q c = *(const Q *)(from + 2 * stride + d), e = *(const Q *)(from + 3 * stride + d);
                const Q ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
                const Q ce = __builtin_shufflevector(c, e, 0, 4, 1, 5), ce2 = __builtin_shufflevector(c, e, 2, 6, 3, 7);
                *(Q *)to = __builtin_shufflevector(ab, ce, 0, 1, 4, 5);
                *(Q *)(to + TRAIN_PANEL) = __builtin_shufflevector(ab, ce, 2, 3, 6, 7);
                *(Q *)(to + 2 * TRAIN_PANEL) = __builtin_shufflevector(ab2, ce2, 0, 1, 4, 5);
                *(Q *)(to + 3 * TRAIN_PANEL) = __builtin_shufflevector(ab2, ce2, 2, 3, 6, 7);
            }
            for (; d < dim; d++, to += TRAIN_PANEL) {
                for (int64_t i = 0; i < 4; i++) to[i] = i < count ? from[i * stride + d] : 0;
            }
        }
    }
}

// Puts the first `dim` of each padded row to its place, or adds it to what is there; nowhere if nobody asks.
static void APUS_NAME(put_rows)(const float *x, int64_t rows, int64_t dim, bool add, float *out, int64_t stride) {
    const int64_t width = whole_vectors(dim);
    if (!out) return;
    for (int64_t r = 0; r < rows; r++, x += width, out += stride) {
        for (int64_t d = 0; d < dim && r + TRAIN_AHEAD < rows; d += 16)
            __builtin_prefetch(out + TRAIN_AHEAD * stride + d, 1);
        int64_t d = 0;
        for (; d + LANES <= dim; d += LANES) store(out + d, add ? load(out + d) + load(x + d) : load(x + d));
        for (; d < dim; d++) out[d] = add ? out[d] + x[d] : x[d];
    }
}

// Rows of scores --------------------------------------------------------------------------------------------------------

INLINE int64_t first_seen(const struct apus_training_attention *a, int64_t position) {
    return a->window > 0 && position >= a->window ? position - a->window + 1 : 0;
}

// The scores that the row at `position` sees, of `width` against keys from `first` on.
struct APUS_NAME(train_seen) {
    int64_t from, to;
};

INLINE struct APUS_NAME(train_seen) seen_of(const struct apus_training_attention *a, int64_t position, int64_t first,
                                            int64_t width) {
    const int64_t from = first_seen(a, position) - first, to = position + 1 - first;
    return (struct APUS_NAME(train_seen)){from < 0 ? 0 : from > width ? width : from, to < 0 ? 0 : to > width ? width : to};
}

// All other scores become `value`.
INLINE void hide(float *scores, int64_t width, struct APUS_NAME(train_seen) seen, float value) {
    IV place;
    for (int i = 0; i < LANES; i++) place[i] = i;
    for (int64_t j = 0; j < seen.from; j += LANES)
        store(scores + j, pick((IV)(place < (int32_t)(seen.from - j)), splat(value), load(scores + j)));
    for (int64_t j = seen.to / LANES * LANES; j < width; j += LANES)
        store(scores + j, pick((IV)(place < (int32_t)(seen.to - j)), load(scores + j), splat(value)));
}

// What a product of query and key weighs: scaled, capped, with its distance's share. `slope` is that of the cap.
INLINE FV weigh(const struct apus_training_attention *a, FV product, FV distance, float alibi, FV *slope) {
    FV s = product * splat(a->scale);
    *slope = splat(1.0f);
    if (a->softcap > 0) {
        // As in attention.inc.h, and 1 - tanh^2 = 4 e / (1 + e)^2.
        const FV x = s / splat(a->softcap), size = (FV)((IV)x & 0x7FFFFFFF), e = exp_of(size * splat(-2.0f));
        const FV by = splat(1.0f) / (splat(1.0f) + e), z = x * x;
        FV near = fma_of(splat(-5.70498872745e-3f), z, splat(2.06390887954e-2f));
        near = fma_of(near, z, splat(-5.37397155531e-2f));
        near = fma_of(near, z, splat(1.33314422036e-1f));
        near = fma_of(near, z, splat(-3.33332819422e-1f));
        near = fma_of(near, z * size, size);
        const FV t = pick((IV)(size < splat(0.625f)), near, (splat(1.0f) - e) * by);
        s = splat(a->softcap) * (FV)((IV)t | ((IV)x & (int32_t)0x80000000));
        *slope = splat(4.0f) * e * by * by;
    }
    return fma_of(splat(alibi), distance, s);
}

INLINE FV distances(int64_t from) {
    FV d;
    for (int i = 0; i < LANES; i++) d[i] = (float)(from + i);
    return d;
}

// Raw scores of the row at `position` against keys first ..< first + width become e^(score - largest). Returns the
// logarithm of their sum, and in `by` one over the sum.
static float APUS_NAME(train_soften)(const struct apus_training_attention *a, int64_t position, float alibi,
                                     int64_t first, int64_t width, float *scores, float *by) {
    const bool plain = a->softcap <= 0 && alibi == 0 && a->scale > 0;
    if (!plain) {
        FV distance = distances(first - position), slope;
        for (int64_t j = 0; j < width; j += LANES, distance += splat(LANES))
            store(scores + j, weigh(a, load(scores + j), distance, alibi, &slope));
    }
    hide(scores, width, seen_of(a, position, first, width), -INFINITY);
    FV most = splat(-INFINITY);
    for (int64_t j = 0; j < width; j += LANES) most = larger_of(most, load(scores + j));
    float top = largest_lane(most);
    const FV scale = splat(plain ? a->scale : 1.0f);
    if (plain) top *= a->scale;
    FV sums = splat(0);
    for (int64_t j = 0; j < width; j += LANES) {
        const FV e = exp_of(fma_of(load(scores + j), scale, splat(-top)));
        sums += e;
        store(scores + j, e);
    }
    const float sum = sum_of_lanes(sums);
    *by = 1.0f / sum;
    return top + logf(sum);
}

// The way back: raw scores become probabilities, and the gradients of probabilities those of raw scores.
static void APUS_NAME(train_harden)(const struct apus_training_attention *a, int64_t position, float alibi,
                                    int64_t first, int64_t width, float log_sum, float level, float *scores,
                                    float *gradients) {
    const bool plain = a->softcap <= 0 && alibi == 0 && a->scale > 0;
    const struct APUS_NAME(train_seen) seen = seen_of(a, position, first, width);
    const FV scale = splat(a->scale);
    if (plain) {
        hide(scores, width, seen, -INFINITY);
        for (int64_t j = 0; j < width; j += LANES) {
            const FV p = exp_of(fma_of(load(scores + j), scale, splat(-log_sum)));
            store(scores + j, p);
            store(gradients + j, p * scale * (load(gradients + j) - splat(level)));
        }
        return;
    }
    FV distance = distances(first - position);
    for (int64_t j = 0; j < width; j += LANES, distance += splat(LANES)) {
        FV slope;
        const FV p = exp_of(weigh(a, load(scores + j), distance, alibi, &slope) - splat(log_sum));
        store(scores + j, p);
        store(gradients + j, p * scale * slope * (load(gradients + j) - splat(level)));
    }
    hide(scores, width, seen, 0);
    hide(gradients, width, seen, 0);
}

// Forwards --------------------------------------------------------------------------------------------------------------

// Floats of a row of scores: the keys that a tile may see, in whole panels, and then not a power of two.
INLINE int64_t train_score_floats(const struct apus_training_attention *a) {
    const int64_t window = a->window > 0 && a->window < a->positions ? a->window + TRAIN_ROWS : a->positions;
    return whole_panels(window) + TRAIN_PANEL + 16;
}

static int64_t APUS_NAME(training_attention_floats)(const struct apus_training_attention *a, bool back) {
    const int64_t keys = whole_vectors(a->key_dim), values = whole_vectors(a->value_dim), n = a->positions;
    if (!back)
        return whole_panels(n) * a->key_dim + n * values + TRAIN_ROWS * (train_score_floats(a) + values);
    return whole_panels(n) * (a->key_dim + a->value_dim) + n * (3 * keys + 2 * values + 1) +
           TRAIN_BLOCK * (2 * TRAIN_STRIDE + keys);
}

static void APUS_NAME(training_attention)(const struct apus_training_attention *a) {
    typedef struct APUS_NAME(train_factors) factors;
    const int64_t n = a->positions, key_dim = a->key_dim, value_dim = a->value_dim, width = whole_vectors(value_dim);
    const int64_t stride = train_score_floats(a);
    float *keys = a->workspace, *values = keys + whole_panels(n) * key_dim, *scores = values + n * width;
    float *sums = scores + TRAIN_ROWS * stride;
    APUS_NAME(transpose_rows)(a->k, a->k_stride, n, key_dim, keys);
    APUS_NAME(copy_rows)(a->v, a->v_stride, n, value_dim, values);
    for (int32_t head = 0; head < a->group; head++) {
        const float alibi = a->alibi_slopes ? a->alibi_slopes[head] : 0;
        for (int64_t at = 0; at < n; at += TRAIN_ROWS) {
            const int64_t rows = n - at < TRAIN_ROWS ? n - at : TRAIN_ROWS, end = at + rows;
            const int64_t seen = first_seen(a, at), first = seen / TRAIN_PANEL * TRAIN_PANEL;
            const int64_t columns = whole_vectors(end - first);
            train_product(rows, columns, false,
                          (factors){a->q + at * a->q_stride + head * key_dim, a->q_stride, keys + first * key_dim,
                                    TRAIN_PANEL, TRAIN_PANEL * key_dim, key_dim},
                          false, scores, stride);
            float by[TRAIN_ROWS];
            for (int64_t r = 0; r < rows; r++)
                a->log_sums[(at + r) * a->log_sums_stride + head] =
                    APUS_NAME(train_soften)(a, at + r, alibi, first, columns, scores + r * stride, by + r);
            train_product(rows, width, false,
                          (factors){scores + seen - first, stride, values + seen * width, width, TRAIN_PANEL, end - seen},
                          false, sums, width);
            for (int64_t r = 0; r < rows; r++) {
                float *out = a->out + (at + r) * a->out_stride + head * value_dim;
                for (int64_t d = 0; d < value_dim; d++) out[d] = sums[r * width + d] * by[r];
            }
        }
    }
}

// Backwards -------------------------------------------------------------------------------------------------------------

// What a head needs on the way back, beside the call.
struct APUS_NAME(train_back) {
    const struct apus_training_attention *a;
    int32_t head;
    float alibi;
    int64_t key_width, value_width;
    const float *key_panels, *value_panels, *keys; // of the sequence
    const float *queries, *douts, *levels;         // of the head
    float *dkeys, *dvalues;                        // sums of the group's heads
    float *scores, *gradients, *dqueries;          // of a block of queries
};

// Rows at ..< end of a block that begins at `block` against keys from ..< to: probabilities, gradients of raw scores, and
// what they add to the gradients of the queries.
static void APUS_NAME(train_back_rows)(const struct APUS_NAME(train_back) * b, int64_t block, int64_t at, int64_t end,
                                       int64_t from, int64_t to, bool add) {
    typedef struct APUS_NAME(train_factors) factors;
    const struct apus_training_attention *a = b->a;
    const int64_t rows = end - at, key_dim = a->key_dim, value_dim = a->value_dim;
    const int64_t earliest = first_seen(a, at), seen = earliest > from ? earliest : from, last = to < end ? to : end;
    float *dqueries = b->dqueries + (at - block) * b->key_width;
    if (seen >= last) {
        if (!add) memset(dqueries, 0, (size_t)(rows * b->key_width) * sizeof(float));
        return;
    }
    const int64_t first = seen / TRAIN_PANEL * TRAIN_PANEL, columns = whole_vectors(last - first);
    float *scores = b->scores + (at - block) * TRAIN_STRIDE + first - from;
    float *gradients = b->gradients + (at - block) * TRAIN_STRIDE + first - from;
    train_product(rows, columns, false,
                  (factors){b->queries + at * b->key_width, b->key_width, b->key_panels + first * key_dim, TRAIN_PANEL,
                            TRAIN_PANEL * key_dim, key_dim},
                  false, scores, TRAIN_STRIDE);
    train_product(rows, columns, false,
                  (factors){b->douts + at * b->value_width, b->value_width, b->value_panels + first * value_dim,
                            TRAIN_PANEL, TRAIN_PANEL * value_dim, value_dim},
                  false, gradients, TRAIN_STRIDE);
    // A tile of keys may begin a little before what these rows see.
    const int64_t before = first - from < TRAIN_ROWS ? first - from : TRAIN_ROWS;
    for (int64_t r = 0; r < rows; r++) {
        float *p = scores + r * TRAIN_STRIDE, *g = gradients + r * TRAIN_STRIDE;
        memset(p - before, 0, (size_t)before * sizeof(float));
        memset(g - before, 0, (size_t)before * sizeof(float));
        APUS_NAME(train_harden)(a, at + r, b->alibi, first, columns,
                                a->log_sums[(at + r) * a->log_sums_stride + b->head], b->levels[at + r], p, g);
    }
    train_product(rows, b->key_width, false,
                  (factors){gradients + seen - first, TRAIN_STRIDE, b->keys + seen * b->key_width, b->key_width,
                            TRAIN_PANEL, last - seen},
                  add, dqueries, b->key_width);
}

// What queries block ..< end add to the gradients of keys and values from ..< to. Tiles of keys begin where tiles of
// queries do, so that a query from a tile's first key on has scores for all of the tile.
static void APUS_NAME(train_back_keys)(const struct APUS_NAME(train_back) * b, int64_t block, int64_t end, int64_t from,
                                       int64_t to) {
    typedef struct APUS_NAME(train_factors) factors;
    const struct apus_training_attention *a = b->a;
    const int64_t earliest = first_seen(a, block) / TRAIN_ROWS * TRAIN_ROWS;
    for (int64_t key = earliest > from ? earliest : from, next; key < to; key = next) {
        next = (key / TRAIN_ROWS + 1) * TRAIN_ROWS < to ? (key / TRAIN_ROWS + 1) * TRAIN_ROWS : to;
        const int64_t first = key > block ? key : block;
        const int64_t last = a->window > 0 && next - 1 + a->window < end ? next - 1 + a->window : end;
        if (first >= last) continue;
        const int64_t at = (first - block) * TRAIN_STRIDE + key - from;
        train_product(next - key, b->value_width, true,
                      (factors){b->scores + at, TRAIN_STRIDE, b->douts + first * b->value_width, b->value_width,
                                TRAIN_PANEL, last - first},
                      true, b->dvalues + key * b->value_width, b->value_width);
        train_product(next - key, b->key_width, true,
                      (factors){b->gradients + at, TRAIN_STRIDE, b->queries + first * b->key_width, b->key_width,
                                TRAIN_PANEL, last - first},
                      true, b->dkeys + key * b->key_width, b->key_width);
    }
}

static void APUS_NAME(training_attention_gradients)(const struct apus_training_attention *a) {
    const int64_t n = a->positions, key_dim = a->key_dim, value_dim = a->value_dim;
    const int64_t key_width = whole_vectors(key_dim), value_width = whole_vectors(value_dim);
    float *key_panels = a->workspace, *value_panels = key_panels + whole_panels(n) * key_dim;
    float *keys = value_panels + whole_panels(n) * value_dim, *queries = keys + n * key_width;
    float *dkeys = queries + n * key_width, *douts = dkeys + n * key_width, *dvalues = douts + n * value_width;
    float *levels = dvalues + n * value_width, *scores = levels + n, *gradients = scores + TRAIN_BLOCK * TRAIN_STRIDE;
    float *dqueries = gradients + TRAIN_BLOCK * TRAIN_STRIDE;
    APUS_NAME(transpose_rows)(a->k, a->k_stride, n, key_dim, key_panels);
    APUS_NAME(transpose_rows)(a->v, a->v_stride, n, value_dim, value_panels);
    APUS_NAME(copy_rows)(a->k, a->k_stride, n, key_dim, keys);
    memset(dkeys, 0, (size_t)(n * key_width) * sizeof(float));
    memset(dvalues, 0, (size_t)(n * value_width) * sizeof(float));
    for (int32_t head = 0; head < a->group; head++) {
        const float *dout = a->dout + head * value_dim, *out = a->out + head * value_dim;
        APUS_NAME(copy_rows)(a->q + head * key_dim, a->q_stride, n, key_dim, queries);
        APUS_NAME(copy_rows)(dout, a->out_stride, n, value_dim, douts);
        for (int64_t i = 0; i < n; i++) {
            REASSOCIATE
            if (i + TRAIN_AHEAD < n) fetch_ahead(out + i * a->out_stride, a->out_stride, value_dim);
            float sum = 0;
            for (int64_t d = 0; d < value_dim; d++) sum += dout[i * a->out_stride + d] * out[i * a->out_stride + d];
            levels[i] = sum;
        }
        const struct APUS_NAME(train_back) b = {
            .a = a, .head = head, .alibi = a->alibi_slopes ? a->alibi_slopes[head] : 0, .key_width = key_width,
            .value_width = value_width, .key_panels = key_panels, .value_panels = value_panels, .keys = keys,
            .queries = queries, .douts = douts, .levels = levels, .dkeys = dkeys, .dvalues = dvalues,
            .scores = scores, .gradients = gradients, .dqueries = dqueries};
        for (int64_t block = 0; block < n; block += TRAIN_BLOCK) {
            const int64_t end = n - block < TRAIN_BLOCK ? n : block + TRAIN_BLOCK;
            const int64_t seen = first_seen(a, block) / TRAIN_KEYS * TRAIN_KEYS;
            for (int64_t from = seen; from < end; from += TRAIN_KEYS) {
                const int64_t to = end - from < TRAIN_KEYS ? end : from + TRAIN_KEYS;
                for (int64_t at = block; at < end; at += TRAIN_ROWS)
                    APUS_NAME(train_back_rows)(&b, block, at, end - at < TRAIN_ROWS ? end : at + TRAIN_ROWS, from, to,
                                               from > seen);
                APUS_NAME(train_back_keys)(&b, block, end, from, to);
            }
            APUS_NAME(put_rows)(dqueries, end - block, key_dim, a->add_dq,
                                a->dq ? a->dq + block * a->q_stride + head * key_dim : NULL, a->q_stride);
        }
    }
    APUS_NAME(put_rows)(dkeys, n, key_dim, a->add_dk, a->dk, a->k_stride);
    APUS_NAME(put_rows)(dvalues, n, value_dim, a->add_dv, a->dv, a->v_stride);
}
