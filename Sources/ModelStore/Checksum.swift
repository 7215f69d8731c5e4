import Crypto

/// The checksum that a hub gives for a file.
public enum Checksum: Sendable, Hashable, CustomStringConvertible {
    /// SHA-256 of the content, in hexadecimal: files in Git LFS.
    case sha256(String)
    /// Git's name of a blob, SHA-1 of `blob SIZE\0` and the content, in hexadecimal: files in Git itself.
    case gitBlob(String)

    /// Recognises a checksum by its length: 64 hexadecimal digits or 40.
    init?(hexadecimal text: String) {
        let text = text.lowercased()
        guard text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        switch text.utf8.count {
        case 64: self = .sha256(text)
        case 40: self = .gitBlob(text)
        default: return nil
        }
    }

    public var hexadecimal: String {
        switch self {
        case .sha256(let text), .gitBlob(let text): text
        }
    }

    public var description: String {
        switch self {
        case .sha256(let text): "SHA-256 \(text)"
        case .gitBlob(let text): "git blob \(text)"
        }
    }
}

/// Computes a checksum of bytes as they arrive.
struct Digest {
    private enum State {
        case sha256(SHA256)
        case gitBlob(Insecure.SHA1)
    }
    private var state: State

    /// - Parameter bytes: the length of the whole content; git's blob names begin with it.
    init(for checksum: Checksum, bytes: Int) {
        switch checksum {
        case .sha256: state = .sha256(SHA256())
        case .gitBlob:
            var hash = Insecure.SHA1()
            hash.update(data: Array("blob \(bytes)\0".utf8))
            state = .gitBlob(hash)
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .sha256(var hash):
            state = .sha256(SHA256())
            hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        case .gitBlob(var hash):
            state = .gitBlob(Insecure.SHA1())
            hash.update(bufferPointer: bytes)
            state = .gitBlob(hash)
        }
    }

    func finish() -> Checksum {
        switch state {
        case .sha256(let hash): .sha256(Self.hexadecimal(hash.finalize()))
        case .gitBlob(let hash): .gitBlob(Self.hexadecimal(hash.finalize()))
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
