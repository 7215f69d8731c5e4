/// The numbers between two bounds, as an automaton over their digits: exact, since it compares digit by digit.
///
/// Numbers are written without exponent, with at most 15 digits in all, so that no two of them are the same double and
/// the order of texts is the order of doubles.
struct NumberRange: Sendable {
    var low: Bound?
    var high: Bound?
    var isInteger = false
    /// Integers only; 1 for all of them.
    var multipleOf = 1

    static let mostStates = 16_000

    /// Where a number is, as far as one of its possible lengths goes.
    fileprivate struct Place: Hashable, Comparable {
        var isNegative = false
        /// Digits before the point in all, and digits so far.
        var length = 0
        var digits = 0
        /// Whether a point was written, which needs a digit behind it.
        var hasPoint = false
        var needsDigit = true
        /// Whether the digits so far are those of the bound.
        var atLow = false
        var atHigh = false
        var remainder = 0

        private var key: Int {
            let flags =
                (isNegative ? 1 : 0) + (hasPoint ? 2 : 0) + (needsDigit ? 4 : 0) + (atLow ? 8 : 0) + (atHigh ? 16 : 0)
            return ((remainder * 32 + length) * 32 + digits) * 32 + flags
        }

        static func == (a: Place, b: Place) -> Bool { a.key == b.key }
        static func < (a: Place, b: Place) -> Bool { a.key < b.key }
        func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }

    /// The bounds of magnitudes of one sign; nil where no number has it.
    private struct Side {
        var low: Bound
        var high: Bound?
    }

    private func side(isNegative: Bool) -> Side? {
        let zero = Bound(value: .zero, isExclusive: isNegative)
        func magnitude(_ bound: Bound) -> Bound { Bound(value: bound.value.magnitude, isExclusive: bound.isExclusive) }
        if isNegative {
            if let low, !low.value.isNegative { return nil }
            // Minus zero is never written.
            let least = high.map { $0.value.isNegative ? magnitude($0) : zero } ?? zero
            return Side(low: least, high: low.map(magnitude))
        }
        if let high, high.value.isNegative { return nil }
        let least = low.map { $0.value.isNegative ? zero : magnitude($0) } ?? zero
        return Side(low: least, high: high.map(magnitude))
    }

    /// Adds the automaton to a grammar.
    func add(to builder: inout GrammarBuilder) throws(ConstraintError) -> GrammarBuilder.StateID {
        let sides = [side(isNegative: false), side(isNegative: true)]
        let start = try builder.state()
        var numbers: [[Place]: Int] = [:]
        var queue: [[Place]] = []
        var states: [(accepts: Bool, next: [(byte: UInt8, target: Int)])] = []
        func number(of places: [Place]) -> Int {
            let places = places.sorted().withoutRepeats
            if let known = numbers[places] { return known }
            numbers[places] = queue.count
            queue.append(places)
            return queue.count - 1
        }
        let positive = sides[0].map { beginnings($0, isNegative: false) } ?? []
        let negative = sides[1].map { beginnings($0, isNegative: true) } ?? []
        let (first, afterMinus) = (number(of: positive), number(of: negative))
        while states.count < queue.count {
            guard queue.count <= Self.mostStates else {
                throw .tooLarge("«multipleOf» with these limits becomes more than \(Self.mostStates) states")
            }
            let places = queue[states.count]
            var state: (accepts: Bool, next: [(byte: UInt8, target: Int)]) = (false, [])
            for place in places where accepts(place, sides[place.isNegative ? 1 : 0]) { state.accepts = true }
            for digit in 0...9 {
                let next = places.compactMap { step($0, digit, sides[$0.isNegative ? 1 : 0]) }
                if !next.isEmpty { state.next.append((UInt8(0x30 + digit), number(of: next))) }
            }
            if !isInteger {
                let next = places.compactMap(point)
                if !next.isEmpty { state.next.append((0x2E, number(of: next))) }
            }
            states.append(state)
        }
        let alive = Self.alive(states)
        var ids: [GrammarBuilder.StateID] = []
        for state in states { ids.append(try builder.state(accepts: state.accepts)) }
        for (index, state) in states.enumerated() {
            for edge in state.next where alive[edge.target] {
                builder.add(edge.byte...edge.byte, from: ids[index], to: ids[edge.target])
            }
        }
        if alive[afterMinus] { builder.add("-", from: start, to: ids[afterMinus]) }
        if alive[first] { builder.epsilon(start, ids[first]) }
        return start
    }

    private static func alive(_ states: [(accepts: Bool, next: [(byte: UInt8, target: Int)])]) -> [Bool] {
        var before = [[Int]](repeating: [], count: states.count)
        for (index, state) in states.enumerated() { for edge in state.next { before[edge.target].append(index) } }
        var alive = states.map(\.accepts)
        var queue = states.indices.filter { alive[$0] }
        while let index = queue.popLast() {
            for other in before[index] where !alive[other] {
                alive[other] = true
                queue.append(other)
            }
        }
        return alive
    }

    // MARK: - Digit by digit

    /// A place for each number of digits before the point that the bounds allow.
    private func beginnings(_ side: Side, isNegative: Bool) -> [Place] {
        (1...JSONGrammar.mostDigits).compactMap { length in
            guard length >= side.low.value.whole.count, length <= side.high?.value.whole.count ?? .max else {
                return nil
            }
            return Place(
                isNegative: isNegative, length: length, atLow: length == side.low.value.whole.count,
                atHigh: length == side.high?.value.whole.count)
        }
    }

    /// The digit of a bound at a place; zeros follow its last one.
    private func digit(_ bound: Bound, _ place: Int) -> Int {
        let whole = bound.value.whole
        if place < whole.count { return whole[place] }
        let behind = place - whole.count
        return behind < bound.value.fraction.count ? bound.value.fraction[behind] : 0
    }

    private func step(_ place: Place, _ digit: Int, _ side: Side?) -> Place? {
        var place = place
        if place.hasPoint {
            guard place.digits < JSONGrammar.mostDigits else { return nil }
        } else {
            guard place.digits < place.length else { return nil }
            // No zero goes before other digits.
            if place.digits == 0, digit == 0, place.length > 1 { return nil }
        }
        if place.atLow, let low = side?.low {
            let least = self.digit(low, place.digits)
            guard digit >= least else { return nil }
            place.atLow = digit == least
        }
        if place.atHigh, let high = side?.high {
            let most = self.digit(high, place.digits)
            guard digit <= most else { return nil }
            place.atHigh = digit == most
        }
        // Away from the bounds the sign makes no difference.
        if !place.atLow, !place.atHigh { place.isNegative = false }
        if multipleOf > 1 { place.remainder = (place.remainder * 10 + digit) % multipleOf }
        place.digits += 1
        place.needsDigit = false
        return place
    }

    private func point(_ place: Place) -> Place? {
        guard !place.hasPoint, place.digits == place.length, place.length < JSONGrammar.mostDigits else { return nil }
        var place = place
        place.hasPoint = true
        place.needsDigit = true
        return place
    }

    private func accepts(_ place: Place, _ side: Side?) -> Bool {
        guard place.digits >= place.length, !place.needsDigit, place.remainder == 0 else { return false }
        if place.atLow, let low = side?.low {
            guard !hasRest(low, place.digits), !low.isExclusive else { return false }
        }
        if place.atHigh, let high = side?.high, !hasRest(high, place.digits), high.isExclusive { return false }
        return true
    }

    /// Whether a digit of a bound from a place on is not zero.
    private func hasRest(_ bound: Bound, _ place: Int) -> Bool {
        let count = bound.value.whole.count + bound.value.fraction.count
        return place < count && (place..<count).contains { digit(bound, $0) != 0 }
    }
}

extension [NumberRange.Place] {
    /// Of a sorted list each element once.
    fileprivate var withoutRepeats: [NumberRange.Place] {
        var result: [NumberRange.Place] = []
        result.reserveCapacity(count)
        for place in self where place != result.last { result.append(place) }
        return result
    }
}
