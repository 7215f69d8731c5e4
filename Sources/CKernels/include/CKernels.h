// CKernels: the inner loops of Apus, in C, chosen once at start-up for the processor that is there.
//
// C holds loops only: no allocation, no policy, no knowledge of models. Every function is told shapes that its caller
// (Sources/Tensors) has checked. Each instruction set has its own translation of the same table of functions; all
// tables give the same answers up to the rounding of float32 sums, and one table always gives the same bits for the
// same row and column, whatever else is computed beside it.
#ifndef APUS_CKERNELS_H
#define APUS_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#else
#define _Nullable
#endif

// Element types. The numbers are those of the GGUF format (ggml's `enum ggml_type`).
enum apus_type {
    APUS_F32 = 0,
    APUS_F16 = 1,
    APUS_Q4_0 = 2,
    APUS_Q4_1 = 3,
    APUS_Q5_0 = 6,
    APUS_Q5_1 = 7,
    APUS_Q8_0 = 8,
    APUS_Q2_K = 10,
    APUS_Q3_K = 11,
    APUS_Q4_K = 12,
    APUS_Q5_K = 13,
    APUS_Q6_K = 14,
    APUS_IQ4_NL = 20,
    APUS_IQ4_XS = 23,
    APUS_BF16 = 30,
    APUS_MXFP4 = 39,
};

// Positions per block of a key/value cache, and per span that a thread may sum over by itself. Sums over positions are
// taken in steps and spans counted from position 0, so that they do not depend on how a prompt was cut.
enum { APUS_KV_BLOCK = 32, APUS_KV_SPAN = 512 };

// A block holds the keys of one head as [key_dim][APUS_KV_BLOCK], so that a vector holds a dimension of consecutive
// positions, and its values as [APUS_KV_BLOCK][value_dim padded to APUS_VALUE_PADDING]. In a Q8_0 block 8-bit numbers lie
// so, and behind them half precision scales of each 32 dimensions: [dimensions / 32][APUS_KV_BLOCK] for keys,
// [APUS_KV_BLOCK][padded dimensions / 32] for values, rounded up. Blocks begin as zeros.
enum { APUS_VALUE_PADDING = 16 };

// Bytes of one head's keys in a block, and, for the padded value_dim, of its values.
static inline int64_t apus_kv_bytes(int32_t type, int64_t dim) {
    const int64_t each = type == APUS_F32 ? 4 : type == APUS_F16 ? 2 : 1;
    return APUS_KV_BLOCK * (dim * each + (type == APUS_Q8_0 ? (dim + 31) / 32 * 2 : 0));
}

// Limits of attention: query heads of a group, floats of a key or value; and the memory of one call: rows (queries
// times heads) take APUS_ATTENTION_STATE + padded value_dim floats each, of APUS_ATTENTION_FLOATS.
enum { APUS_ATTENTION_ROWS = 256, APUS_HEAD_DIM_MAX = 512, APUS_ATTENTION_STATE = 32, APUS_ATTENTION_FLOATS = 12288 };

// Attention of consecutive query rows of one sequence against one key/value head.
struct apus_attention {
    const float *q;            // query row i, head h of the group: q + i * q_stride + h * key_dim
    int64_t q_stride;          // floats
    float *out;                // the same arrangement with value_dim
    int64_t out_stride;        // floats
    int64_t queries;           // query rows
    int64_t first_position;    // position of query row 0 in its sequence
    int64_t length;            // positions in the cache that may be seen (keys 0 ..< length)
    bool causal;               // a query at position p sees keys 0 ... p only
    int64_t window;            // > 0: a query at position p sees keys p - window + 1 ... only
    int32_t group;             // query heads that share this key/value head
    int32_t key_dim;           // floats per key
    int32_t value_dim;         // floats per value
    int32_t cache_type;        // APUS_F32, APUS_F16 or APUS_Q8_0
    const void *_Nonnull const *_Nonnull keys;   // per block; block b holds positions b * APUS_KV_BLOCK ...
    const void *_Nonnull const *_Nonnull values; // per block
    float scale;               // of the scores
    float softcap;             // > 0: scores become softcap * tanh(score / softcap)
    const float *_Nullable alibi_slopes; // null, or one per head of the group: slope * (key - query position) joins the score
};

// Values of k that a product of float matrices sums before it adds them to the element.
enum { APUS_MATRIX_STEP = 512 };

// A factor of a product of float matrices. Its lines are the rows of the left factor, the columns of the right one.
struct apus_matrix {
    const void *_Nullable data;
    int32_t type;           // APUS_F32, APUS_F16 or APUS_BF16
    size_t line_bytes;      // from one row of memory to the next
    bool lines_along_depth; // a row of memory is a line, its values of k side by side; otherwise it is one k of every line
    int64_t lines;
    int64_t depth;          // values of k
    bool rounded;           // float32 values count as their nearest BF16 ones, ties to even
};

// Whether products read a factor fast where it lies: one with its values of k side by side if it is the left one, and one
// with its lines side by side if these are whole aligned vectors in the right one, and if rows of memory are no multiple
// of 4096 bytes apart, which would let all of them fall on the same few places of the caches.
static inline bool apus_matrix_lies_well(const struct apus_matrix *m, bool left) {
    if (m->type != APUS_F32 || m->rounded || m->line_bytes % sizeof(float) != 0) return false;
    if (m->lines_along_depth) return left;
    if (m->line_bytes % 4096 == 0) return false;
    return left || (m->lines % 16 == 0 && m->line_bytes % 64 == 0 && (uintptr_t)m->data % 64 == 0);
}

// out[r * out_stride + c] = (or, with add, +=) sum over k of left(r, k) * right(k, c), for `rows` rows from first_row on
// and `columns` columns from first_column on. Of each factor the panels of these rows or columns may be given, by
// matrix_pack; without, it is read where it lies, or packed step by step in the workspace.
struct apus_matrix_product {
    struct apus_matrix left, right;
    const float *_Nullable left_panels;
    const float *_Nullable right_panels;
    int64_t first_row, rows, first_column, columns;
    // APUS_MATRIX_STEP floats for each row or column of a block (matrix_block_rows, matrix_block_columns) of factors
    // that are packed here, counted up to a multiple of 32
    float *_Nullable workspace;
    float *_Nullable out;       // of the first row and column
    int64_t out_stride;
    bool add;
};

// Activation functions whose gradients there are.
enum { APUS_SILU = 0, APUS_GELU_TANH = 1, APUS_GELU = 2, APUS_RELU = 3 };

// One step of AdamW: with d = g * gradient_factor, m = beta1 m + rest1 d and v = beta2 v + rest2 d^2, a parameter becomes
// keep * p - step * m / (sqrt(v) * root + epsilon).
struct apus_adamw {
    float gradient_factor;     // of every gradient, for clipping
    float beta1, rest1, beta2, rest2; // rest: 1 - beta, rounded once
    float epsilon;
    float keep;                // 1 - rate * decay
    float step;                // rate / (1 - beta1^t)
    float root;                // 1 / sqrt(1 - beta2^t)
};

// Causal attention of a whole sequence, positions 0 ..< positions, against one key/value head, for training. Row i of the
// group's head h is at q + i * q_stride + h * key_dim, and likewise for the others; dq, dk and dv lie as q, k and v do,
// dout as out does.
struct apus_training_attention {
    const float *q, *k, *v;
    int64_t q_stride, k_stride, v_stride; // floats
    float *out;                // written forwards, read backwards
    int64_t out_stride;
    float *log_sums;           // row i, head h: i * log_sums_stride + h; ln of the sum of e^score; likewise
    int64_t log_sums_stride;
    int64_t positions;
    int64_t window;            // > 0: a query at position p sees keys p - window + 1 ... only
    int32_t group;             // query heads that share this key/value head
    int32_t key_dim, value_dim;
    float scale, softcap;      // as in struct apus_attention
    const float *_Nullable alibi_slopes;
    float *_Nullable workspace; // training_attention_floats floats
    const float *_Nullable dout;
    float *_Nullable dq, *_Nullable dk, *_Nullable dv;
    bool add_dq, add_dk, add_dv; // to what they hold
};

struct apus_kernels {
    const char *name; // "scalar", "avx2", "avxvnni", "avx512", "neon", "neon_i8mm"

    // Rows of stored weights ------------------------------------------------------------------------------------

    // n stored values of `type` (n a multiple of its block) to float32.
    void (*dequantize)(int32_t type, const void *source, float *destination, int64_t n);

    // Products read activations in a form that depends on the weight type alone: float32 for float types, 8-bit blocks
    // for quantised ones. A row is made once and shared by every product that reads it.
    size_t (*activation_row_bytes)(int32_t type, int64_t k);
    // Types with the same form (0, 1, 2, …) share a row.
    int32_t (*activation_form)(int32_t type);
    void (*make_activation_row)(int32_t type, const float *x, int64_t k, void *y);

    // out[c * out_stride + r] = sum over k of weights[r][k] * x[c][k], for r in 0 ..< rows and c in 0 ..< columns.
    // The bits of each element depend on its row and column alone.
    void (*product)(int32_t type, const void *weights, size_t weight_row_bytes, int64_t rows, int64_t k, const void *x,
                    size_t x_row_bytes, int64_t columns, float *out, int64_t out_stride);

    // Packed panels: quantised rows in the order in which products read them, so that decoding reads one stream and
    // unpacks with a few masks. The bytes are those of the rows, moved; every result has the bits of `product`.

    int32_t panel_rows; // rows of a panel; 0 where a table has none, and the functions below are null
    // Bytes of a packed matrix; 0 for a type that is not packed.
    size_t (*_Nullable packed_bytes)(int32_t type, int64_t rows, int64_t k);
    // Writes the panels of rows first ..< first + rows (first a multiple of panel_rows, and rows too unless they are the
    // last) of a matrix to their place in `packed`, which begins with panel 0 and is aligned to 64 bytes.
    void (*_Nullable pack)(int32_t type, const void *weights, size_t weight_row_bytes, int64_t first, int64_t rows,
                           int64_t k, void *packed);
    // `product` with rows first ..< first + rows (first a multiple of panel_rows); out begins with row `first`.
    void (*_Nullable product_packed)(int32_t type, const void *packed, int64_t first, int64_t rows, int64_t k,
                                     const void *x, size_t x_row_bytes, int64_t columns, float *out,
                                     int64_t out_stride);

    // Products of float matrices ----------------------------------------------------------------------------------

    int32_t matrix_rows;          // rows of a panel of the left factor
    int32_t matrix_columns;       // columns of a panel of the right one
    int32_t matrix_block_rows;    // what is worth multiplying at once: fewer would bring the other factor near too often
    int32_t matrix_block_columns;
    // Lines line ..< line + count of a factor, beginning with a panel, as panels of its whole depth: depth floats for
    // each of them, for the right factor counted up to a multiple of 16.
    void (*matrix_pack)(const struct apus_matrix *m, bool left, int64_t line, int64_t count, float *panels);
    // The bits of each element depend on its row of the left and its column of the right factor alone.
    void (*matrix_product)(const struct apus_matrix_product *p);
    // The same of factors rounded to BF16, in panels whose words of four bytes hold two values of k: half the depth, an
    // odd one counted up. Null where the processor has no such products.
    void (*_Nullable matrix_pack_pairs)(const struct apus_matrix *m, bool left, int64_t line, int64_t count, float *panels);
    void (*_Nullable matrix_product_pairs)(const struct apus_matrix_product *p);

    // Float rows ------------------------------------------------------------------------------------------------

    void (*to_half)(const float *x, int64_t n, void *y);  // float32 -> IEEE half
    void (*add)(const float *a, const float *b, int64_t n, float *y);
    void (*multiply)(const float *a, const float *b, int64_t n, float *y);
    void (*scale)(const float *x, float by, int64_t n, float *y);
    void (*add_scaled)(const float *x, float by, int64_t n, float *y); // y += by * x
    // y = x / sqrt(mean(x^2) + epsilon) * weight
    void (*rms_norm)(const float *x, const float *weight, float epsilon, int64_t n, float *y);
    // y = (x - mean) / sqrt(variance + epsilon) * weight + bias (bias may be null)
    void (*layer_norm)(const float *x, const float *weight, const float *_Nullable bias, float epsilon, int64_t n, float *y);
    void (*softmax)(float *x, int64_t n);
    void (*silu)(const float *x, int64_t n, float *y);
    void (*gelu_tanh)(const float *x, int64_t n, float *y);
    void (*gelu_erf)(const float *x, int64_t n, float *y);
    void (*relu)(const float *x, int64_t n, float *y);
    void (*softcap)(const float *x, float cap, int64_t n, float *y); // cap * tanh(x / cap)
    // Rotates pairs of one head. cosine and sine have pairs values. interleaved: pair i is (x[2i], x[2i+1]), otherwise
    // (x[i], x[i + pairs]). Values past 2 * pairs are left alone.
    void (*rotate)(float *x, const float *cosine, const float *sine, int64_t pairs, bool interleaved);
    // Puts the key or value of one head into its block of a cache of `type`, at place 0 ..< APUS_KV_BLOCK.
    void (*store_key)(int32_t type, const float *x, int64_t dim, void *block, int64_t place);
    void (*store_value)(int32_t type, const float *x, int64_t dim, void *block, int64_t place);
    void (*attention)(const struct apus_attention *a);
    // The same in two parts, for threads that share out the spans of a sequence: the states of all rows after one span
    // (rows * (APUS_ATTENTION_STATE + padded value_dim) floats), and what `count` of them that lie one behind another,
    // in ascending order of spans, give together.
    void (*attention_span)(const struct apus_attention *a, int64_t span, float *state);
    void (*attention_merge)(const struct apus_attention *a, float *states, int64_t count);

    // Training ----------------------------------------------------------------------------------------------------

    // Gradients are written over what their place holds, or with `add` added to it; sums over rows are always added to.
    // No result may overlap an operand. Norms take `rows` rows of n values that lie one behind another.
    void (*rms_norm_gradient)(const float *x, const float *weight, float epsilon, const float *dy, int64_t rows,
                              int64_t n, bool add, float *_Nullable dx, float *_Nullable weight_sums);
    void (*layer_norm_gradient)(const float *x, const float *weight, float epsilon, const float *dy, int64_t rows,
                                int64_t n, bool add, float *_Nullable dx, float *_Nullable weight_sums,
                                float *_Nullable bias_sums);
    void (*activation_gradient)(int32_t function, const float *x, const float *dy, int64_t n, bool add, float *dx);
    // Of function(gate) * up.
    void (*gated_gradient)(int32_t function, const float *gate, const float *up, const float *dy, int64_t n, bool add,
                           float *dgate, float *dup);
    void (*softcap_gradient)(const float *x, float cap, const float *dy, int64_t n, bool add, float *dx);
    void (*softmax_gradient)(const float *y, const float *dy, int64_t n, bool add, float *dx); // y = softmax(x)
    void (*add_rows)(const float *x, int64_t rows, int64_t n, float *sums); // sums += each row in turn
    double (*sum_of_squares)(const float *x, int64_t n); // finite if and only if every x is
    // A row of logits becomes (softmax - one at the target) * factor. Returns -ln of the target's probability; with a
    // negative target the row becomes zeros and the result is 0.
    double (*cross_entropy)(float *logits, int64_t n, int64_t target, float factor);
    void (*adamw)(const struct apus_adamw *a, float *p, const float *g, float *m, float *v, int64_t n);
    int64_t (*training_attention_floats)(const struct apus_training_attention *a, bool back);
    void (*training_attention)(const struct apus_training_attention *a);
    void (*training_attention_gradients)(const struct apus_training_attention *a);
};

// The table for this processor, chosen at the first call: the best one, or the one that the environment variable
// APUS_ISA names. A name that is not there counts for nothing here; Swift looks at it first and reports it.
const struct apus_kernels *apus_kernels(void);
// Writes the numbers of the processors in the calling thread's affinity mask, at most so many, in ascending order, and
// returns how many; 0 where the system does not say.
int32_t apus_affinity(int32_t *processors, int32_t most);
// Lets the calling thread run on these processors only. Returns false where the system refuses.
bool apus_set_affinity(const int32_t *processors, int32_t count);
// The processor that the calling thread runs on; -1 where the system does not say.
int32_t apus_processor_in_use(void);
// How often the calling thread lost its processor without having asked for it; 0 where the system does not say.
int64_t apus_preemptions(void);

// Tells the processor that the caller spins; takes some 10 ... 50 ns.
static inline void apus_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb"); // yield takes no time at all on most
#endif
}

// A table by name, or null where it does not exist or this processor lacks the instructions. For tests and `doctor`.
const struct apus_kernels *_Nullable apus_kernels_named(const char *name);
// The tables that this processor can run, in ascending order of speed, the scalar one at 0; null past the last.
const struct apus_kernels *_Nullable apus_kernels_at(int32_t index);

// Kinds of multiplication, by what products read: float32, 8-bit integers, bfloat16.
enum { APUS_PEAK_FLOAT = 0, APUS_PEAK_BYTES = 1, APUS_PEAK_BFLOAT = 2 };
// Multiplies and adds in registers, `rounds` times, with the instructions of a table's products; returns the number of
// operations (a multiplication and an addition are two), 0 where the table or the processor has none of that kind.
int64_t apus_peak(const char *table, int32_t kind, int64_t rounds);
// Reads memory, aligned to 16 bytes, as fast as one thread can, prefetching as products do; returns a sum of its whole
// stretches of 64 bytes.
uint64_t apus_read(const void *bytes, int64_t count);

// Facts about element types -----------------------------------------------------------------------------------------

int64_t apus_block_size(int32_t type);   // values per block; 0 for a type that is not known here
int64_t apus_block_bytes(int32_t type);  // bytes per block

// Quantises rows ----------------------------------------------------------------------------------------------------

// Writes n values (a multiple of the block) of one row as `type`. `importance` is null or n weights of the squared
// error per column. Returns false for a type that is only read. Not a hot loop of inference; runs on any processor.
bool apus_quantize_row(int32_t type, const float *x, const float *_Nullable importance, int64_t n, void *destination);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
