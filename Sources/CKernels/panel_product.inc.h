// The product of quantised types by panels, and packing. Included by panel.inc.h.

// Adds one chunk's share of `panels` panels (at most PANELS) to sums[columns][PANELS][ROWS]; defined by the instruction
// set.
static void add_chunk(int32_t type, const struct panel *p, int panels, int blocks, const uint8_t *x,
                      size_t x_row_bytes, int64_t columns, float *sums);

// Compiled apart for the two sources, so that neither asks which it is.
static void unpack_rows(int32_t type, const uint8_t *const *rows, const uint8_t *next, int blocks, struct panel *p) {
    unpack(type, (struct source){.rows = rows, .next = next, .blocks = blocks}, p, NULL);
}
static void unpack_packed(int32_t type, const uint8_t *packed, const uint8_t *next, int blocks, struct panel *p) {
    unpack(type, (struct source){.packed = packed, .next = next, .blocks = blocks}, p, NULL);
}

// How far ahead of the panel that is multiplied packed bytes are asked for.
enum { PACKED_AHEAD = 4608 };

#if FUSED_COLUMN
// Adds a packed chunk's share of the product with one column to sum[ROWS].
static void add_fused(int32_t type, const uint8_t *packed, const uint8_t *next, int blocks, const uint8_t *x,
                      float *sum);

static void product_fused(int32_t type, const uint8_t *packed, int64_t rows, int64_t k, const uint8_t *x, float *out) {
    const bool is_32 = apus_block_size(type) == 32;
    const int whole = is_32 ? 8 : 1, rest = is_32 ? (int)(k % CHUNK / 32) : 0;
    const size_t packed_chunk = packed_chunk_bytes(type, whole), packed_panel = packed_panel_bytes(type, k);
    const size_t x_bytes = is_32 ? 8 * sizeof(struct activations_32) : sizeof(struct activations_256);
    const int64_t chunks = (k + CHUNK - 1) / CHUNK;
    for (int64_t r = 0; r < rows; r += ROWS, packed += packed_panel) {
        float sum[ROWS] __attribute__((aligned(64)));
        memset(sum, 0, sizeof sum);
        for (int64_t chunk = 0; chunk < chunks; chunk++) {
            const uint8_t *panel = packed + (size_t)chunk * packed_chunk;
            add_fused(type, panel, panel + PACKED_AHEAD, rest && chunk + 1 == chunks ? rest : whole,
                      x + (size_t)chunk * x_bytes, sum);
        }
        memcpy(out + r, sum, (size_t)(rows - r < ROWS ? rows - r : ROWS) * sizeof(float));
    }
}
#endif

// Rows of PANELS panels in a stored matrix. Rows past the end repeat the last one and are not stored.
static void find_rows(const uint8_t *weights, size_t row_bytes, int height, const uint8_t **pointers) {
    for (int i = 0; i < PANELS * ROWS; i++) pointers[i] = weights + (size_t)(i < height ? i : height - 1) * row_bytes;
}

static void store_sums(const float *sums, int64_t width, int height, float *out, int64_t out_stride) {
    for (int64_t i = 0; i < width; i++, out += out_stride, sums += PANELS * ROWS) {
        if (height == PANELS * ROWS) memcpy(out, sums, PANELS * ROWS * sizeof(float));
        else memcpy(out, sums, (size_t)height * sizeof(float));
    }
}

// Columns that pass a panel together: a multiple of every tile's width, so many that their sums stay in the first cache
// and their activations, which every panel reads again, in half of the second.
enum { COLUMNS_AT_ONCE = 144, ACTIVATIONS_AT_ONCE = 1 << 20 };
static int64_t columns_at_once(size_t x_row_bytes) {
    const int64_t most = (int64_t)(ACTIVATIONS_AT_ONCE / x_row_bytes) / 12 * 12;
    return most < 12 ? 12 : most < COLUMNS_AT_ONCE ? most : COLUMNS_AT_ONCE;
}

// Either `weights` or `packed`.
static void product_panels(int32_t type, const uint8_t *weights, size_t row_bytes, const uint8_t *packed, int64_t rows,
                           int64_t k, const uint8_t *x, size_t x_row_bytes, int64_t columns, float *out,
                           int64_t out_stride) {
    const bool is_32 = apus_block_size(type) == 32;
    const int whole = is_32 ? 8 : 1, rest = is_32 ? (int)(k % CHUNK / 32) : 0; // blocks of a chunk
    const size_t chunk_bytes = (size_t)apus_block_bytes(type) * (size_t)whole;
    const size_t packed_chunk = packed_chunk_bytes(type, whole), packed_panel = packed_panel_bytes(type, k);
    const size_t x_bytes = is_32 ? 8 * sizeof(struct activations_32) : sizeof(struct activations_256);
    const int64_t chunks = (k + CHUNK - 1) / CHUNK;
    struct panel p[PANELS];
    float sums[COLUMNS_AT_ONCE * PANELS * ROWS] __attribute__((aligned(64)));
    const int64_t most = columns_at_once(x_row_bytes);
    for (int64_t c = 0; c < columns; c += most) {
        const int64_t width = columns - c < most ? columns - c : most;
        // A single column reads one panel after the other, as one stream.
        const int step = width == 1 ? ROWS : PANELS * ROWS;
        for (int64_t r = 0; r < rows; r += step) {
            const int height = rows - r < step ? (int)(rows - r) : step;
            const int panels = (height + ROWS - 1) / ROWS;
            const uint8_t *pointers[PANELS * ROWS], *next = NULL, *at = NULL;
            if (packed) at = packed + (size_t)(r / ROWS) * packed_panel;
            else {
                find_rows(weights + (size_t)r * row_bytes, row_bytes, height, pointers);
                next = pointers[0] + (r + 2 * PANELS * ROWS <= rows ? PANELS * ROWS * row_bytes : 0);
            }
            memset(sums, 0, (size_t)width * PANELS * ROWS * sizeof(float));
            for (int64_t chunk = 0; chunk < chunks; chunk++) {
                const int blocks = rest && chunk + 1 == chunks ? rest : whole;
                for (int i = 0; i < panels; i++) {
                    if (packed) {
                        const uint8_t *panel = at + (size_t)i * packed_panel + (size_t)chunk * packed_chunk;
                        unpack_packed(type, panel, panel + PACKED_AHEAD, blocks, &p[i]);
                    } else {
                        unpack_rows(type, pointers + i * ROWS, next + (size_t)(chunk * PANELS + i) * ROWS * chunk_bytes,
                                    blocks, &p[i]);
                    }
                }
                for (int i = 0; i < PANELS * ROWS; i++) pointers[i] += packed ? 0 : chunk_bytes;
                add_chunk(type, p, panels, blocks, x + (size_t)c * x_row_bytes + (size_t)chunk * x_bytes, x_row_bytes,
                          width, sums);
            }
            store_sums(sums, width, height, out + c * out_stride + r, out_stride);
        }
    }
}

static void product_quantised(int32_t type, const uint8_t *weights, size_t row_bytes, int64_t rows, int64_t k,
                              const uint8_t *x, size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    product_panels(type, weights, row_bytes, NULL, rows, k, x, x_row_bytes, columns, out, out_stride);
}

static void product_packed(int32_t type, const void *packed, int64_t first, int64_t rows, int64_t k, const void *x,
                           size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride) {
    const uint8_t *start = (const uint8_t *)packed + (size_t)(first / ROWS) * packed_panel_bytes(type, k);
#if FUSED_COLUMN
    if (columns == 1) {
        product_fused(type, start, rows, k, x, out);
        return;
    }
#endif
    product_panels(type, NULL, 0, start, rows, k, x, x_row_bytes, columns, out, out_stride);
}

static void pack(int32_t type, const void *weights, size_t row_bytes, int64_t first, int64_t rows, int64_t k,
                 void *packed) {
    const bool is_32 = apus_block_size(type) == 32;
    const int whole = is_32 ? 8 : 1, rest = is_32 ? (int)(k % CHUNK / 32) : 0;
    const size_t chunk_bytes = (size_t)apus_block_bytes(type) * (size_t)whole;
    const size_t packed_chunk = packed_chunk_bytes(type, whole), packed_panel = packed_panel_bytes(type, k);
    const int64_t chunks = (k + CHUNK - 1) / CHUNK;
    for (int64_t r = 0; r < rows; r += ROWS) {
        const uint8_t *pointers[PANELS * ROWS];
        find_rows((const uint8_t *)weights + (size_t)(first + r) * row_bytes, row_bytes,
                  rows - r < ROWS ? (int)(rows - r) : ROWS, pointers);
        uint8_t *panel = (uint8_t *)packed + (size_t)((first + r) / ROWS) * packed_panel;
        for (int64_t chunk = 0; chunk < chunks; chunk++) {
            const int blocks = rest && chunk + 1 == chunks ? rest : whole;
            const struct source s = {.rows = pointers, .blocks = blocks, .block_bytes = (int)apus_block_bytes(type)};
            pack_chunk(type, s, panel + (size_t)chunk * packed_chunk);
            for (int i = 0; i < ROWS; i++) pointers[i] += chunk_bytes;
        }
    }
}

static void fill_packed(struct apus_kernels *table) {
    table->panel_rows = ROWS;
    table->packed_bytes = packed_bytes;
    table->pack = pack;
    table->product_packed = product_packed;
}
