import ApusTensors
import ApusTokenization

/// 128 bits that tell contents apart which differ by accident. No protection from forgers.
public struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 32 hexadecimal digits.
    public var description: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// Computes a fingerprint of bytes as they come; how they are cut into calls makes no difference.
struct Fingerprinter: Sendable {
    private var first: UInt64 = 0x243F_6A88_85A3_08D3
    private var second: UInt64 = 0x1319_8A2E_0370_7344
    private var pending: UInt64 = 0
    private var pendingBytes: UInt64 = 0
    private var count: UInt64 = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count &+= UInt64(bytes.count)
        var place = 0
        while place < bytes.count, pendingBytes > 0 {
            add(bytes[place])
            place += 1
        }
        while place + 8 <= bytes.count {
            word(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        while place < bytes.count {
            add(bytes[place])
            place += 1
        }
    }

    mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    mutating func update(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { update($0) } }

    func finish() -> Fingerprint {
        var end = self
        end.word(end.pending)
        end.word(end.count)
        return Fingerprint(
            high: SplitMix64.mix(end.first ^ end.second), low: SplitMix64.mix(end.first &+ end.second &* 3))
    }

    private mutating func add(_ byte: UInt8) {
        pending |= UInt64(byte) << (8 * pendingBytes)
        pendingBytes += 1
        if pendingBytes == 8 {
            let whole = pending
            pending = 0
            pendingBytes = 0
            word(whole)
        }
    }

    /// Products of 128 bits folded to 64, as in the wyhash family.
    private mutating func word(_ value: UInt64) {
        let a = (first ^ value).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        let b = (second &+ value ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: 0x8EBC_6AF0_9C88_C6E3)
        first = a.high ^ a.low &+ 0x5899_65CC_7537_4CC3
        second = b.high ^ b.low &+ (second << 23 | second >> 41)
    }
}

extension Tokenizer {
    /// Tells tokenizers apart: the spelling of each token, which are special, what stands around a text, and what
    /// becomes of a text that has a bit of everything (cutting, merging and normalising show there).
    public var fingerprint: Fingerprint {
        var result = Fingerprinter()
        result.update(UInt64(vocabularySize))
        for id in 0..<TokenID(clamping: vocabularySize) {
            let spelling = spelling(of: id) ?? []
            result.update(UInt64(spelling.count) << 1 | (isSpecial(id) ? 1 : 0))
            result.update(spelling)
        }
        for id in [bos, eos] { result.update(UInt64(bitPattern: Int64(id ?? -1))) }
        for id in endOfGeneration.sorted() { result.update(UInt64(bitPattern: Int64(id))) }
        for id in (try? encode(Self.sample, addSpecial: true)) ?? [] { result.update(UInt64(bitPattern: Int64(id))) }
        return result.finish()
    }

    private static let sample = """
        The quick brown fox didn't jump 12,345 times: it's HTTPServer2's café, naïve coöperation — “why?” (no.)
          indented\ttabs  \r\n\n 今天天气很好，我们去公园吧。 Ｆｕｌｌｗｉｄｔｈ ﬁne ½ e\u{301} 👩‍👩‍👧 <s> </s> <|endoftext|>
        for (int i = 0; i < n; ++i) { x[i] += 3.14e-5 * y; } // aaaaaaaaaaaaaaaa tokenization internationalisation
        """
}
