// Panels: ROWS rows of stored weights, one chunk of 256 values each, unpacked to bytes with the rows side by side.
//
// Included by the file of an instruction set, which defines ROWS (one row per 32-bit lane of its vector), SIGNED_BYTES
// (whether 8-bit weights stay signed; otherwise 128 is added) and the vector operations used here.
//
// Vector g of w holds values 4g ..< 4g + 4 of every row: four bytes per lane. Multiplying it with four bytes of
// activations in every lane gives all rows' sums at once, with no sum across lanes. The same panel serves one column
// and many, so that each element is computed the same way at any width.
//
// The codes come from rows as the file holds them, or from packed panels: the same bytes in the order in which they
// are read here, so that unpacking needs no shuffles and a panel is one stream. See packed.inc.h for the order.

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

// A part of a stored block: `bytes` bytes from `at` on.
struct field {
    int32_t at, bytes;
};

// Where the codes of one panel come from. Functions take it by value and are inlined, so that `rows` or `packed` is
// known to be null where it is.
struct source {
    const uint8_t *const *rows; // or null
    const uint8_t *packed;      // or null
    const uint8_t *next;        // what will be read after this panel
    int blocks;                 // in this chunk
    int block_bytes;            // of the type
};

// Bytes `field` of block b of all rows, packed.
INLINE const uint8_t *packed_field(struct source s, struct field field, int b) {
    return s.packed + ROWS * (s.blocks * field.at + b * field.bytes);
}
// The byte of block b of row r at which `field` begins, in rows.
INLINE const uint8_t *row_field(struct source s, struct field field, int b, int r) {
    return s.rows[r] + b * s.block_bytes + field.at;
}

// Bytes at ..< at + 16 of a field of every row, as four vectors of four bytes per row.
INLINE void load_quads(struct source s, struct field field, int b, int at, V out[4]) {
    if (s.packed) {
        for (int j = 0; j < 4; j++) out[j] = v_load(packed_field(s, field, b) + ROWS * (at + 4 * j));
        return;
    }
    V a[4];
    for (int j = 0; j < 4; j++) a[j] = v_load_rows(s.rows + j, b * s.block_bytes + field.at + at);
    const V ab_low = v_unpacklo32(a[0], a[1]), ab_high = v_unpackhi32(a[0], a[1]);
    const V cd_low = v_unpacklo32(a[2], a[3]), cd_high = v_unpackhi32(a[2], a[3]);
    out[0] = v_unpacklo64(ab_low, cd_low);
    out[1] = v_unpackhi64(ab_low, cd_low);
    out[2] = v_unpacklo64(ab_high, cd_high);
    out[3] = v_unpackhi64(ab_high, cd_high);
}

// Fields of two or four bytes of every row. From rows they are collected first and taken up as vectors only after the
// codes have been unpacked: a vector that is loaded right behind the small stores it consists of has to wait for them.
INLINE void collect_halves(struct source s, struct field field, int b, uint16_t *halves, float *floats) {
    if (s.packed) v_store_halves((const uint16_t *)(const void *)packed_field(s, field, b), floats);
    else {
        for (int r = 0; r < ROWS; r++) halves[r] = load_u16(row_field(s, field, b, r));
    }
}
INLINE void collect_words(struct source s, struct field field, int b, uint32_t *words) {
    if (s.packed) return;
    for (int r = 0; r < ROWS; r++) words[r] = load_u32(row_field(s, field, b, r));
}
// What was collected, as float32 for each block and as vectors of words.
INLINE void widen(struct source s, const uint16_t (*halves)[ROWS], float (*floats)[ROWS]) {
    if (s.packed) return;
    for (int b = 0; b < s.blocks; b++) v_store_halves(halves[b], floats[b]);
}
INLINE V collected_words(struct source s, struct field field, int b, const uint32_t *words) {
    return v_load(s.packed ? (const void *)packed_field(s, field, b) : words);
}

// Asks for part i, so many bytes of each row, of what is read after this panel. That is one stream: packed panels lie
// one after the other, and so do rows.
INLINE void prefetch(struct source s, int i, int bytes) {
    for (int at = 0; at < ROWS * bytes; at += 64) __builtin_prefetch(s.next + ROWS * bytes * i + at, 0, 2);
}
// Part i of so many of a super-block, a line or two at a time: more would wait for each other.
INLINE void prefetch_part(struct source s, int i, int parts) {
    const int lines = (ROWS * s.block_bytes + 63) / 64;
    for (int line = lines * i / parts; line < lines * (i + 1) / parts; line++)
        __builtin_prefetch(s.next + 64 * line, 0, 2);
}

// A single column that is multiplied while a panel is unpacked, whose weights then never reach memory. Null where the
// panel is wanted. An instruction set that has it defines FUSED_COLUMN as 1, and the functions below.
struct column;
#if FUSED_COLUMN
INLINE void multiply_block(struct column *column, int b, int g, V weights);
INLINE void multiply_sub(struct column *column, int sub, int g, V weights);
INLINE void finish_block(struct column *column, const struct panel *p, int b);
#else
#define multiply_block(column, b, g, weights) ((void)0)
#define multiply_sub(column, sub, g, weights) ((void)0)
#define finish_block(column, p, b) ((void)0)
#endif

// Vector g of block b.
INLINE void put(struct panel *p, struct column *column, int b, int g, V weights) {
    if (column) multiply_block(column, b, g, weights);
    else v_store(p->w[8 * b + g], weights);
}
// Vector g of a super-block with an integer scale for every `sub` values.
INLINE void put_sub(struct panel *p, struct column *column, int sub, int g, V weights) {
    (void)sub;
    if (column) multiply_sub(column, sub, g, weights);
    else v_store(p->w[g], weights);
}
// Called when a block of 32 is complete.
INLINE void end_block(const struct panel *p, struct column *column, int b) {
    (void)p, (void)b;
    if (column) finish_block(column, p, b);
}

INLINE V low_nibbles(V v) { return v_and(v, v_set8(15)); }
INLINE V high_nibbles(V v) { return v_and(v_srl16(v, 4), v_set8(15)); }

// Four-bit codes to their values: unsigned with an offset of 128 where bytes are unsigned.
INLINE V iq4(V codes) {
    static const int8_t table[16] = {APUS_IQ4_VALUES};
    const V values = v_shuffle8(v_table(table), codes);
    return SIGNED_BYTES ? values : v_xor(values, v_set8((char)0x80));
}
INLINE V mxfp4(V codes) { // + 12
    static const int8_t table[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};
    return v_shuffle8(v_table(table), codes);
}

#include "unpack_32.inc.h"
#include "unpack_256.inc.h"

INLINE void unpack(int32_t type, struct source s, struct panel *p, struct column *column) {
    switch (type) {
    case APUS_Q4_0: unpack_q4_0(s, p, column); break;
    case APUS_Q4_1: unpack_q4_1(s, p, column); break;
    case APUS_Q5_0: unpack_q5_0(s, p, column); break;
    case APUS_Q5_1: unpack_q5_1(s, p, column); break;
    case APUS_Q8_0: unpack_q8_0(s, p, column); break;
    case APUS_IQ4_NL: unpack_iq4_nl(s, p, column); break;
    case APUS_MXFP4: unpack_mxfp4(s, p, column); break;
    case APUS_Q2_K: unpack_q2_k(s, p, column); break;
    case APUS_Q3_K: unpack_q3_k(s, p, column); break;
    case APUS_Q4_K: unpack_q4_k(s, p, column); break;
    case APUS_Q5_K: unpack_q5_k(s, p, column); break;
    case APUS_Q6_K: unpack_q6_k(s, p, column); break;
    case APUS_IQ4_XS: unpack_iq4_xs(s, p, column); break;
    default: break;
    }
}

#include "packed.inc.h"
#include "panel_product.inc.h"
