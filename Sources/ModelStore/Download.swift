import AsyncHTTPClient

/// Brings one file of a repository here, whole and checked.
struct Download {
    let transport: HubTransport
    let reference: HubReference
    let commit: String
    /// Bytes of the model that the files before this one have.
    let bytesBefore: Int

    private var configuration: HubConfiguration { transport.configuration }

    /// Resumes what is here, retries a broken line, and checks length and checksum.
    ///
    /// Bytes that turn out wrong are thrown away; if some of them were from an earlier time, the file is fetched once
    /// more from its beginning before that is an error.
    /// - Throws: `HubError`, `CancellationError`; the partial file stays for the next time but for wrong bytes.
    func run(_ partial: inout PartialFile, meter: inout ProgressMeter) async throws {
        var attempt = 1
        var mayStartAgain = partial.bytesHere > 0
        while !partial.isWhole {
            try Task.checkCancellation()
            let before = partial.bytesHere
            do {
                if before < partial.file.bytes || before == 0 {
                    meter.enter(.downloading)
                    try await transfer(&partial, from: before, meter: &meter)
                }
                meter.enter(.verifying)
                if let found = try await partial.verify(from: partial.path) {
                    try partial.discard()
                    guard mayStartAgain else {
                        throw HubError.wrongChecksum(
                            file: partial.file.path, expected: partial.file.checksum, got: found)
                    }
                    mayStartAgain = false
                    meter.enter(.retrying("\(partial.file.path) had wrong bytes from an earlier time; it starts again"))
                }
            } catch let error as HubError {
                let gained = partial.bytesHere - before
                if gained >= 1 << 20 { attempt = 1 }
                if partial.bytesHere > 0 { mayStartAgain = mayStartAgain || gained < partial.bytesHere }
                try await transport.pause(after: error, attempt: attempt) { meter.enter(.retrying($0)) }
                attempt += 1
            } catch let error as StoreFileError {
                throw HubError.file(error)
            }
        }
        meter.set(bytesDone: bytesBefore + partial.file.bytes)
    }

    /// One request: the rest of the file from `offset` on.
    private func transfer(_ partial: inout PartialFile, from offset: Int, meter: inout ProgressMeter) async throws {
        let file = partial.file
        if file.bytes == 0 {
            try await partial.open(keeping: 0).close()
            return
        }
        var headers: [(String, String)] = []
        if offset > 0 {
            headers.append(("Range", "bytes=\(offset)-"))
            if let tag = partial.entityTag { headers.append(("If-Range", tag)) }
        }
        let url = transport.address(of: file.path, reference: reference, commit: commit)
        let response = try await transport.send("GET", url, headers: headers)
        if response.status == 416, offset > 0 {
            // The server has no such range: what is here can't be its beginning.
            try partial.discard()
            throw HubError.brokenLine(
                what: file.path, received: 0, expected: file.bytes,
                reason: "the server refuses to go on; from the start")
        }
        let revision = reference.revision ?? commit
        try transport.check(
            response, subject: .init(repository: reference.repository, revision: revision, file: file.path))
        if let other = response.commit, other != commit {
            throw HubError.wrongCommit(file: file.path, expected: commit, got: other)
        }
        let start = try self.start(of: response, offset: offset, file: file)
        if let announced = response.header("Content-Length").flatMap({ Int($0) }) {
            let (total, overflow) = announced.addingReportingOverflow(start)
            guard !overflow, total == file.bytes else {
                try partial.discard()
                throw HubError.wrongLength(file: file.path, expected: file.bytes, got: overflow ? announced : total)
            }
        }
        if start != offset { partial.restartDigest() }
        let output = try await partial.open(keeping: start)
        defer { output.close() }
        try partial.keep(entityTag: response.header("ETag"))
        let received = try await write(response, to: output, of: &partial, from: start, meter: &meter)
        guard received == file.bytes else {
            throw HubError.brokenLine(
                what: file.path, received: received, expected: file.bytes, reason: "the server closed it")
        }
        try output.synchronize()
    }

    /// Where in the file the bytes of an answer begin: a server may send the whole of it all the same.
    private func start(of response: HubTransport.Response, offset: Int, file: HubFile) throws(HubError) -> Int {
        guard response.status == 206 else { return 0 }
        let text = response.header("Content-Range") ?? ""
        let fields = text.split(whereSeparator: { " -/".contains($0) })
        guard fields.count == 4, fields[0] == "bytes", let first = Int(fields[1]), first == offset,
            fields[3] == "*" || Int(fields[3]) == file.bytes
        else {
            throw .badAnswer(
                url: response.url.withoutQuery,
                reason: "we asked for the bytes from \(offset) of \(file.bytes), it is \"\(printable(text))\"")
        }
        return first
    }

    /// - Returns: the bytes of the file that are here afterwards.
    private func write(
        _ response: HubTransport.Response, to output: OutputFile, of partial: inout PartialFile, from start: Int,
        meter: inout ProgressMeter
    ) async throws -> Int {
        let file = partial.file
        var received = start
        var watch = Watch(configuration.idleTimeout)
        do {
            for try await chunk in response.raw.body {
                let (total, overflow) = received.addingReportingOverflow(chunk.readableBytes)
                guard !overflow, total <= file.bytes else {
                    throw HubError.wrongLength(file: file.path, expected: file.bytes, got: total)
                }
                try chunk.withUnsafeReadableBytes { try partial.append($0, to: output) }
                received = total
                meter.received(chunk.readableBytes, bytesDone: bytesBefore + received)
                if watch.isStalled(after: chunk.readableBytes) {
                    throw HubError.idleTimeout(host: response.url.base, seconds: configuration.idleTimeout.inSeconds)
                }
            }
        } catch let error as StoreFileError {
            throw error
        } catch {
            switch transport.failure(error, at: response.url) {
            case HubError.wrongLength(let name, let expected, let got):
                try partial.discard()
                throw HubError.wrongLength(file: name, expected: expected, got: got)
            case HubError.connectionFailed(_, let reason):
                throw HubError.brokenLine(
                    what: file.path, received: received, expected: file.bytes, reason: reason)
            case let other: throw other
            }
        }
        try Task.checkCancellation()
        return received
    }
}
