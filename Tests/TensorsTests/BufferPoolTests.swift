import Testing

@testable import ApusTensors

@Suite("The pool of buffers")
struct BufferPoolTests {
    @Test("Buckets hold what they are asked for, and waste at most an eighth")
    func buckets() {
        for bytes in [0, 1, 255, 256, 257, 288, 289, 1000, 4096, 4097, 1 << 20, (1 << 20) + 1, 3 << 30, 1 << 45] {
            let size = BufferPool.size(BufferPool.bucket(bytes))
            #expect(size >= bytes)
            #expect(bytes < 256 || Double(size) <= 1.125 * Double(bytes))
        }
        for bucket in 64..<400 { #expect(BufferPool.bucket(BufferPool.size(bucket)) == bucket) }
    }

    @Test("What was given is taken again, also for what is somewhat smaller")
    func again() {
        let pool = BufferPool()
        let (first, bucket) = pool.take(9000)
        pool.give(first, bucket)
        let (second, other) = pool.take(7000)
        #expect(second == first && other == bucket)
        #expect(pool.allocations() == 1)
        let (third, third2) = pool.take(9000)
        #expect(third != first)
        #expect(pool.allocations() == 2)
        pool.give(second, other)
        pool.give(third, third2)
        let (small, smallBucket) = pool.take(3000)
        #expect(pool.allocations() == 3)
        pool.give(small, smallBucket)
        pool.clear()
        let (new, newBucket) = pool.take(9000)
        #expect(pool.allocations() == 4)
        pool.give(new, newBucket)
        pool.clear()
    }

    @Test("Beyond the limit the sizes that were of no use for longest go")
    func limit() {
        let pool = BufferPool()
        pool.keep(10 << 10)
        let old = pool.take(2 << 10)
        let new = pool.take(8 << 10)
        pool.give(old.0, old.bucket)
        pool.give(new.0, new.bucket)
        // Both fit; one more of the new size does not, and the old one goes.
        let more = (0..<2).map { _ in pool.take(8 << 10) }
        for buffer in more.prefix(1) { pool.give(buffer.0, buffer.bucket) }
        let before = pool.allocations()
        let taken = pool.take(8 << 10)
        #expect(pool.allocations() == before)
        for buffer in more.dropFirst() { pool.give(buffer.0, buffer.bucket) }
        pool.give(taken.0, taken.bucket)
        let again = pool.take(2 << 10)
        #expect(pool.allocations() == before + 1)
        pool.give(again.0, again.bucket)
        pool.clear()
    }
}
