import CKernels
import Testing

@testable import ApusTensors

@Suite("Sharing a processor with other programs")
struct ProcessorSharingTests {
    private let millisecond: UInt64 = 1_000_000

    @Test("A worker that loses nothing does not rest") func alone() {
        var sharing = ProcessorSharing(allowed: [])
        for lost in [0, 10_000, 250_000] as [UInt64] { sharing.note(lost: lost) }
        #expect(sharing.rest == 0)
        // What it does between two tasks is then a look at the clock.
        for _ in 0..<1000 { sharing.betweenTasks() }
    }

    @Test("It rests more each time that it loses its processor, up to a limit, and less after a calm time")
    func restsAndRecovers() {
        var sharing = ProcessorSharing(allowed: [])
        sharing.note(lost: 4 * millisecond)
        #expect(sharing.rest == 0.5)
        sharing.note(lost: 4 * millisecond)
        #expect(sharing.rest == 0.75)
        for _ in 0..<50 { sharing.note(lost: 4 * millisecond) }
        #expect(sharing.rest == 8)
        var bursts = 0
        while sharing.rest > 0, bursts < 10_000 {
            sharing.note(lost: 0)
            bursts += 1
        }
        #expect(sharing.rest == 0)
        #expect(bursts < 500)
    }

    @Test("A worker leaves the caller's processor where it may use another") func leaves() {
        let allowed = Processors.mask().map { Int32($0) }
        guard allowed.count > 1 else { return }
        let sharing = ProcessorSharing(allowed: allowed)
        sharing.leave(-1)
        #expect(Processors.mask().map { Int32($0) } == allowed)
        for _ in 0..<100 where Processors.mask().count == allowed.count { sharing.leave(apus_processor_in_use()) }
        #expect(Processors.mask().count == allowed.count - 1)
        #expect(apus_set_affinity(allowed, Int32(allowed.count)))
        ProcessorSharing(allowed: []).leave(apus_processor_in_use())
        #expect(Processors.mask().map { Int32($0) } == allowed)
    }
}
