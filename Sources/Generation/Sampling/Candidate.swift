import ApusTokenization

/// A token that may still be chosen.
struct Candidate {
    var id: TokenID
    var logit: Float
    /// e^(logit - largest logit): the probability at temperature 1 but for a common factor.
    var weight: Float = 0
    /// What a filter sorts by; the lowest come first.
    var score: Float = 0

    /// More probable first, of equals the lower id: a total order, so that every filter has one answer only.
    @inline(__always)
    static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
        a.logit > b.logit || (a.logit == b.logit && a.id < b.id)
    }

    @inline(__always)
    static func scoresLower(_ a: Candidate, _ b: Candidate) -> Bool {
        a.score < b.score || (a.score == b.score && a.id < b.id)
    }
}

/// Finds how many of the first candidates in an order are enough, without sorting all of them.
enum Selection {
    /// Rearranges `candidates` so that its first `n` are the first `n` of the order, and returns the smallest `n` for
    /// which `isEnough(sum of their sizes)`, but at least 1; all of them where no sum is. Linear time on average.
    @inline(__always)
    static func prefix(
        of candidates: UnsafeMutableBufferPointer<Candidate>,
        by precedes: (Candidate, Candidate) -> Bool,
        size: (Candidate) -> Double,
        isEnough: (Double) -> Bool
    ) -> Int {
        var low = 0
        var high = candidates.count
        var before = 0.0
        var random: UInt32 = 0x9E37_79B9
        while high - low > 32 {
            // A pivot from a fixed pseudo-random sequence: no order of the vocabulary is a bad case.
            random = random &* 1_664_525 &+ 1_013_904_223
            let choice = low + Int(UInt64(random) * UInt64(high - low) >> 32)
            candidates.swapAt(choice, high - 1)
            let pivot = candidates[high - 1]
            var middle = low
            var sum = 0.0
            for index in low..<(high - 1) where precedes(candidates[index], pivot) {
                sum += size(candidates[index])
                candidates.swapAt(index, middle)
                middle += 1
            }
            candidates.swapAt(middle, high - 1)
            if middle > 0, isEnough(before + sum) {
                high = middle
            } else if isEnough(before + sum + size(pivot)) {
                return middle + 1
            } else {
                before += sum + size(pivot)
                low = middle + 1
            }
        }
        var rest = UnsafeMutableBufferPointer(rebasing: candidates[low..<high])
        rest.sort(by: precedes)
        for index in low..<high {
            before += size(candidates[index])
            if isEnough(before) { return index + 1 }
        }
        return high
    }
}

/// The most probable tokens of a whole vocabulary.
enum TopK {
    /// Fills `best` with the `count` largest of the logits (in no order), of equals the lower ids; minus infinity is
    /// never among them.
    static func select(_ count: Int, from logits: UnsafeBufferPointer<Float>, into best: inout [Candidate]) {
        best.removeAll(keepingCapacity: true)
        guard count > 0 else { return }
        guard count <= 512 else {
            // Few of a vocabulary's logits are near the largest; take all of them only when those are not enough.
            let largest = Exponentials.max(logits) ?? .infinity
            for distance: Float in [6, 9, 12, .infinity] {
                gather(from: logits, atLeast: largest - distance, into: &best)
                if best.count >= count { break }
            }
            let kept = best.withUnsafeMutableBufferPointer {
                Selection.prefix(of: $0, by: Candidate.precedes, size: { _ in 1 }, isEnough: { $0 >= Double(count) })
            }
            best.removeLast(best.count - kept)
            return
        }
        var threshold = -Float.infinity
        for (index, logit) in logits.enumerated() where logit > threshold {
            let candidate = Candidate(id: TokenID(truncatingIfNeeded: index), logit: logit)
            if best.count < count {
                best.append(candidate)
                siftUp(&best)
            } else {
                best[0] = candidate
                siftDown(&best)
            }
            if best.count == count { threshold = best[0].logit }
        }
    }

    /// All tokens with a logit of at least `least`, but for minus infinity.
    static func gather(from logits: UnsafeBufferPointer<Float>, atLeast least: Float, into found: inout [Candidate]) {
        found.removeAll(keepingCapacity: true)
        let least = max(least, -Float.greatestFiniteMagnitude)
        for (index, logit) in logits.enumerated() where logit >= least {
            found.append(Candidate(id: TokenID(truncatingIfNeeded: index), logit: logit))
        }
    }

    // A heap with the least probable candidate on top.
    private static func siftUp(_ heap: inout [Candidate]) {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Candidate.precedes(heap[parent], heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private static func siftDown(_ heap: inout [Candidate]) {
        var parent = 0
        while 2 * parent + 1 < heap.count {
            var child = 2 * parent + 1
            if child + 1 < heap.count, Candidate.precedes(heap[child], heap[child + 1]) { child += 1 }
            guard Candidate.precedes(heap[parent], heap[child]) else { return }
            heap.swapAt(parent, child)
            parent = child
        }
    }
}
