import Testing

@testable import ApusTraining

@Suite("Numbers in reports")
struct FiguresTests {
    @Test(
        "Losses and the like have three figures",
        arguments: [
            (0.0, "0"), (1.5, "1.50"), (9.994, "9.99"), (9.996, "10.0"), (87.25, "87.3"), (99.96, "100"), (512, "512"),
            (999.4, "999"), (1234.4, "1,234"), (25600, "25,600"), (0.25, "0.250"), (0.00012, "1.2e-4"), (-2, "-2.00"),
            (.infinity, "–"), (.nan, "–"),
        ])
    func significant(value: Double, text: String) { #expect(Figures.significant(value) == text) }

    @Test(
        "Learning rates are written shortly",
        arguments: [
            (0.001, "0.001"), (0.0003, "3e-4"), (0.00025, "2.5e-4"), (1e-5, "1e-5"), (0.02, "0.02"), (0.0, "0"),
            (0.00095, "9.5e-4"), (9.999e-5, "1e-4"), (5e-324, "4.94e-324"), (.nan, "–"),
        ])
    func rate(value: Double, text: String) { #expect(Figures.rate(value) == text) }

    @Test(
        "Durations",
        arguments: [(0.0, "0:00"), (59.6, "1:00"), (3723, "1:02:03"), (.infinity, "–"), (-1, "–"), (1e30, "–")])
    func duration(value: Double, text: String) { #expect(Figures.duration(seconds: value) == text) }

    @Test(
        "Counts are grouped, and parameters shortened",
        arguments: [(0, "0", "0"), (999, "999", "999"), (1000, "1,000", "1.00K"), (10_788_929, "10,788,929", "10.8M")])
    func counts(value: Int, grouped: String, short: String) {
        #expect(Figures.grouped(value) == grouped)
        #expect(Figures.count(value) == short)
    }

    @Test("The extremes of integers are no trap")
    func extremes() {
        #expect(Figures.grouped(Int.min) == "-9,223,372,036,854,775,808")
        #expect(Figures.bytes(Int.max) == "9223 PB")
        #expect(Figures.short(-0.0001, places: 2) == "0")
        #expect(Figures.decimal(1e300, places: 4) == "1e+300")
    }

    @Test(
        "Marks of an axis are round and within it",
        arguments: [
            (0.0, 1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"].count), (1, 2000, 4, 4), (1.4, 1.6, 6, 5),
            (-3, 3, 4, 3),
        ])
    func linearMarks(low: Double, high: Double, most: Int, count: Int) {
        let axis = ChartAxis([low, high], scale: .linear)
        let marks = axis.marks(atMost: most)
        #expect(marks.count <= most)
        #expect(marks.count >= 2)
        for mark in marks { #expect(mark.value >= low - 1e-9 && mark.value <= high + 1e-9) }
    }

    @Test("A logarithmic axis is taken for what falls to less than a third, and places by ratio")
    func logarithmic() {
        let axis = ChartAxis([1, 10, 4])
        #expect(axis.isLogarithmic)
        #expect(abs(axis.place(of: 10.0.squareRoot()) - 0.5) < 1e-12)
        #expect(axis.marks(atMost: 4).map(\.label) == ["1", "2", "5", "10"])
        #expect(!ChartAxis([2, 5]).isLogarithmic)
        #expect(!ChartAxis([-1, 5], scale: .logarithmic).isLogarithmic)
    }

    @Test(
        "Axes of odd values have places within them and no endless marks",
        arguments: [
            [], [3.0], [0, 0], [1e-320, 1e300], [-1e308, 1e308], [5, .nan, .infinity], [1e15, 1e15 + 1],
            [1e-12, 2e-12],
            [0, .leastNonzeroMagnitude],
        ])
    func oddAxes(values: [Double]) {
        for scale in [ChartAxis.Scale.automatic, .linear, .logarithmic] {
            let axis = ChartAxis(values, scale: scale)
            for value in values + [0, 1, .infinity] { #expect((0...1).contains(axis.place(of: value))) }
            for most in [0, 1, 5] { #expect(axis.marks(atMost: most).count <= most) }
        }
    }
}
