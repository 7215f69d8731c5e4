/// Dots in braille cells, two by four each (Unicode block U+2800).
struct BrailleCanvas: Sendable {
    let columns: Int
    let rows: Int
    private var dots: [UInt8]

    init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
        dots = [UInt8](repeating: 0, count: max(0, columns * rows))
    }

    /// Sets a dot; x to the right, y downwards.
    mutating func set(_ x: Int, _ y: Int) {
        guard x >= 0, y >= 0, x < columns * 2, y < rows * 4 else { return }
        // Unicode numbers the dots 1 2 3 7 downwards on the left and 4 5 6 8 on the right.
        let bit = x % 2 == 0 ? [0, 1, 2, 6][y % 4] : [3, 4, 5, 7][y % 4]
        dots[y / 4 * columns + x / 2] |= 1 << UInt8(bit)
    }

    /// A straight line (Bresenham 1965).
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        let (width, height) = (abs(end.x - start.x), -abs(end.y - start.y))
        let (right, down) = (start.x < end.x ? 1 : -1, start.y < end.y ? 1 : -1)
        var (x, y, error) = (start.x, start.y, width + height)
        while true {
            set(x, y)
            if x == end.x, y == end.y { return }
            let twice = 2 * error
            if twice >= height { (error, x) = (error + height, x + right) }
            if twice <= width { (error, y) = (error + width, y + down) }
        }
    }

    /// The characters of a row; a space where no dot is.
    func cells(ofRow row: Int) -> [Character] {
        (0..<columns).map { column in
            let bits = dots[row * columns + column]
            return bits == 0 ? " " : Unicode.Scalar(0x2800 + UInt32(bits)).map(Character.init) ?? " "
        }
    }
}
