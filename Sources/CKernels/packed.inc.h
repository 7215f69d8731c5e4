// Packed panels: stored rows in the order in which products read them. Included by panel.inc.h.
//
// A matrix becomes panels of ROWS rows, a panel its chunks of 256 values, one after the other. Within a chunk each field
// of the stored block has its place: bytes at ..< at + n of block b of all rows lie at ROWS * (blocks * at + b * n), as
// four bytes of each row in turn where n is 16 or more, otherwise as n bytes of each row in turn:
//
//     Q4_0, 16 rows:  d of block 0: 16 halves | d of block 1 | … | d of block 7
//                     block 0: values 0-3 and 16-19 of row 0, of row 1, … of row 15 | 4-7 and 20-23 of row 0, … | …
//
// Nothing is computed and no bit is lost, so products of packed panels have the bits of those of rows. A chunk takes as
// many bytes as before, rounded up to a vector; rows past the end repeat the last one.

// Bytes of a chunk of so many blocks of ROWS rows.
static size_t packed_chunk_bytes(int32_t type, int blocks) {
    const size_t bytes = (size_t)ROWS * (size_t)blocks * (size_t)apus_block_bytes(type);
    return (bytes + 4 * ROWS - 1) / (4 * ROWS) * (4 * ROWS);
}

static size_t packed_panel_bytes(int32_t type, int64_t k) {
    if (apus_block_size(type) == CHUNK) return (size_t)(k / CHUNK) * packed_chunk_bytes(type, 1);
    const int rest = (int)(k % CHUNK / 32);
    return (size_t)(k / CHUNK) * packed_chunk_bytes(type, 8) + (rest ? packed_chunk_bytes(type, rest) : 0);
}

static size_t packed_bytes(int32_t type, int64_t rows, int64_t k) {
    if (apus_block_size(type) <= 1) return 0;
    return (size_t)((rows + ROWS - 1) / ROWS) * packed_panel_bytes(type, k);
}

// Writes one chunk; s.rows are its rows.
static void pack_fields(struct source s, const struct field *fields, int count, uint8_t *chunk) {
    for (int f = 0; f < count; f++) {
        const struct field field = fields[f];
        for (int b = 0; b < s.blocks; b++) {
            uint8_t *target = chunk + ROWS * (s.blocks * field.at + b * field.bytes);
            if (field.bytes < 16) {
                for (int r = 0; r < ROWS; r++)
                    memcpy(target + r * field.bytes, row_field(s, field, b, r), (size_t)field.bytes);
                continue;
            }
            for (int at = 0; at < field.bytes; at += 16) {
                V quads[4];
                load_quads(s, field, b, at, quads);
                memcpy(target + ROWS * at, quads, sizeof quads);
            }
        }
    }
}

static void pack_chunk(int32_t type, struct source s, uint8_t *chunk) {
#define PACK(...)                                                                                                      \
    {                                                                                                                  \
        const struct field fields[] = {__VA_ARGS__};                                                                   \
        pack_fields(s, fields, (int)(sizeof fields / sizeof *fields), chunk);                                          \
        break;                                                                                                         \
    }
    switch (type) {
    case APUS_Q4_0:
    case APUS_IQ4_NL: PACK(NIBBLES_D, Q4_0_CODES)
    case APUS_Q4_1: PACK(NIBBLES_D, NIBBLES_M, Q4_1_CODES)
    case APUS_Q5_0: PACK(NIBBLES_D, Q5_0_FIFTH, Q5_0_CODES)
    case APUS_Q5_1: PACK(NIBBLES_D, NIBBLES_M, Q5_1_FIFTH, Q5_1_CODES)
    case APUS_Q8_0: PACK(NIBBLES_D, Q8_0_CODES)
    case APUS_MXFP4: PACK(MXFP4_EXPONENT, MXFP4_CODES)
    case APUS_Q2_K: PACK(Q2_K_HEAD, Q2_K_CODES, Q2_K_SCALE, Q2_K_MINIMUM)
    case APUS_Q3_K: PACK(Q3_K_THIRD, Q3_K_CODES, Q3_K_WORDS[0], Q3_K_WORDS[1], Q3_K_WORDS[2], Q3_K_SCALE)
    case APUS_Q4_K: PACK(Q45_K_HEAD, Q4_K_CODES)
    case APUS_Q5_K: PACK(Q45_K_HEAD, Q5_K_FIFTH, Q5_K_CODES)
    case APUS_Q6_K: PACK(Q6_K_LOW, Q6_K_HIGH, Q6_K_HEAD, Q6_K_SCALE)
    case APUS_IQ4_XS: PACK(IQ4_XS_WORDS[0], IQ4_XS_WORDS[1], IQ4_XS_CODES)
    default: break;
    }
#undef PACK
}
