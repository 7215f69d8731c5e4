/// One pull from the first question to the model in its place.
struct Pull {
    let transport: HubTransport
    let store: ModelStore
    let reference: HubReference

    private var configuration: HubConfiguration { transport.configuration }

    func run(_ report: @escaping @Sendable (PullProgress) -> Void) async throws -> PulledModel {
        var meter = ProgressMeter(report)
        meter.enter(.listing)
        let listing = try await transport.listing(reference) { meter.enter(.retrying($0)) }
        var selection = try HubSelection(listing.files, reference: reference, commit: listing.commit)
        for index in selection.files.indices {
            selection.files[index] = try await transport.completed(
                selection.files[index], reference: reference, commit: listing.commit
            ) { meter.enter(.retrying($0)) }
        }
        let total = try checkedTotal(selection.files)
        let name = name(of: selection)
        try store.checkParents(of: name)

        let lock = try await takeLock(name, meter: &meter)
        defer { lock.release() }
        if let model = present(name, selection: selection, commit: listing.commit) {
            meter.begin(files: selection.files.count, bytes: total)
            meter.set(bytesDone: total)
            meter.enter(.done)
            return model
        }
        try checkTarget(name)

        let folder = store.partialFolder(of: name)
        try FileSystem.createFolder(folder)
        var partials = partials(selection.files, in: folder)
        try recoverStaged(partials, in: folder)
        meter.begin(files: partials.count, bytes: total)
        try await reuse(&partials, from: name, meter: &meter)
        try checkSpace(partials, total: total)
        var done = 0
        for index in partials.indices {
            meter.beginFile(partials[index].file.path, number: index + 1)
            let download = Download(
                transport: transport, reference: reference, commit: listing.commit, bytesBefore: done)
            try await download.run(&partials[index], meter: &meter)
            done += partials[index].file.bytes
        }
        if let main = selection.main, let first = partials.first(where: { $0.file.path == main }),
            FolderContents.problem(withGGUF: first.wholePath) != nil
        {
            try FileSystem.remove(folder)
            throw HubError.noModel(
                repository: reference.repository, reason: "\(printable(main)) does not begin with GGUF")
        }
        try install(partials, selection: selection, name: name, commit: listing.commit, folder: folder)
        meter.enter(.done)
        return pulled(
            name, selection: selection, commit: listing.commit, received: meter.bytesReceived, wasHere: false)
    }

    /// `ORG/REPO[@REVISION][:FILE]`: the file that was chosen is part of the name, so that several quantisations of a
    /// repository can lie side by side.
    private func name(of selection: HubSelection) -> String {
        reference.repository + (reference.revision.map { "@" + $0 } ?? "") + (selection.main.map { ":" + $0 } ?? "")
    }

    private func checkedTotal(_ files: [HubFile]) throws(HubError) -> Int {
        var total = 0
        for file in files {
            let (sum, overflow) = total.addingReportingOverflow(file.bytes)
            guard !overflow, sum <= configuration.maximumBytes else {
                throw .tooLarge(repository: reference.repository, limit: configuration.maximumBytes)
            }
            total = sum
        }
        return total
    }

    private func takeLock(_ name: String, meter: inout ProgressMeter) async throws -> FileLock {
        var isFirst = true
        while true {
            try Task.checkCancellation()
            if let lock = try FileLock.take(store.lockPath(of: name)) { return lock }
            if isFirst { meter.enter(.waiting) }
            isFirst = false
            try await configuration.wait(.milliseconds(200))
        }
    }

    /// The model, if the store has exactly these files.
    private func present(_ name: String, selection: HubSelection, commit: String) -> PulledModel? {
        let folder = store.entryFolder(of: name)
        guard case .success(let record)? = StoreRecord.read(in: folder), record.name == name,
            store.ownModels().contains(where: { $0.name == name && $0.isWhole })
        else { return nil }
        let have = Set(record.files.map { "\($0.checksum ?? "") \($0.path)" })
        let want = Set(selection.files.map { "\($0.checksum.hexadecimal) \($0.path)" })
        guard have == want else { return nil }
        return pulled(name, selection: selection, commit: commit, received: 0, wasHere: true)
    }

    private func pulled(
        _ name: String, selection: HubSelection, commit: String, received: Int, wasHere: Bool
    ) -> PulledModel {
        let folder = store.entryFolder(of: name)
        return PulledModel(
            name: name, kind: selection.kind, path: selection.main.map { folder + "/" + $0 } ?? folder, commit: commit,
            bytes: selection.files.reduce(0) { $0 + $1.bytes }, fileCount: selection.files.count,
            bytesReceived: received, wasHere: wasHere)
    }

    /// A folder that is not a pulled model of this name is somebody's own and is not replaced.
    private func checkTarget(_ name: String) throws {
        let folder = store.entryFolder(of: name)
        guard FileSystem.status(folder, followLinks: false) != nil else { return }
        if case .success(let record)? = StoreRecord.read(in: folder), record.name == name, record.location == nil {
            return
        }
        throw ModelStoreError.exists(name: name, path: folder)
    }

    private func partials(_ files: [HubFile], in folder: String) -> [PartialFile] {
        var counts: [Checksum: Int] = [:]
        return files.map { file in
            let ordinal = counts[file.checksum, default: 0]
            counts[file.checksum] = ordinal + 1
            return PartialFile(file, in: folder, ordinal: ordinal)
        }
    }

    /// Takes back the files of a pull that ended between its last byte and its place in the store.
    private func recoverStaged(_ partials: [PartialFile], in folder: String) throws(StoreFileError) {
        let staging = folder + "/model"
        for partial in partials where !partial.isWhole {
            let path = staging + "/" + partial.file.path
            if let status = FileSystem.status(path, followLinks: false), status.isFile,
                status.bytes == partial.file.bytes
            {
                try FileSystem.rename(path, to: partial.wholePath + ".check")
            }
        }
        try FileSystem.remove(staging)
    }

    /// Takes over what did not change since an older commit, once its checksum was found right.
    private func reuse(_ partials: inout [PartialFile], from name: String, meter: inout ProgressMeter) async throws {
        let entry = store.entryFolder(of: name)
        var old: [String: String] = [:]
        if case .success(let record)? = StoreRecord.read(in: entry) {
            for file in record.files { old["\(file.checksum ?? "")/\(file.bytes)"] = entry + "/" + file.path }
        }
        for index in partials.indices where !partials[index].isWhole {
            let candidate = partials[index].wholePath + ".check"
            if FileSystem.status(candidate) == nil {
                let file = partials[index].file
                guard let path = old["\(file.checksum.hexadecimal)/\(file.bytes)"],
                    FileSystem.link(path, to: candidate)
                else { continue }
            }
            meter.beginFile(partials[index].file.path, number: index + 1)
            meter.enter(.verifying)
            let hasLength = FileSystem.status(candidate, followLinks: false)?.bytes == partials[index].file.bytes
            let isRight = hasLength ? try await partials[index].verify(from: candidate) == nil : false
            if !isRight { try FileSystem.remove(candidate) }
            partials[index].restartDigest()
        }
    }

    private func checkSpace(_ partials: [PartialFile], total: Int) throws(HubError) {
        let needed = total - partials.reduce(0) { $0 + $1.bytesHere }
        guard needed > 0, let free = configuration.freeBytes(store.root), needed > free else { return }
        throw .notEnoughSpace(path: store.root, needed: needed, free: free)
    }

    /// Puts the files together and moves the folder to its place with one rename.
    private func install(
        _ partials: [PartialFile], selection: HubSelection, name: String, commit: String, folder: String
    ) throws {
        let staging = folder + "/model"
        try FileSystem.createFolder(staging)
        for partial in partials {
            let target = staging + "/" + partial.file.path
            try FileSystem.createFolder(FileSystem.parent(of: target))
            try FileSystem.rename(partial.wholePath, to: target)
        }
        let origin = try HubReference(repository: reference.repository, revision: commit, file: selection.main)
        let record = StoreRecord(
            name: name, kind: selection.kind, main: selection.main,
            files: selection.files.map { .init(path: $0.path, bytes: $0.bytes, checksum: $0.checksum.hexadecimal) },
            origin: origin.description, endpoint: transport.endpoint.base, date: secondsNow())
        try record.write(in: staging)
        let target = store.entryFolder(of: name)
        try FileSystem.createFolder(FileSystem.parent(of: target))
        try store.replace(target, with: staging)
        try FileSystem.remove(folder)
    }
}
