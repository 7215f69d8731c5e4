import ApusModelFiles

/// The names in a folder, with what they are; none where it cannot be read.
enum FolderListing {
    static func entries(of folder: String) -> [(name: String, isFolder: Bool)] {
        ((try? Folder.names(folder)) ?? []).map { ($0, FileMapping.isFolder("\(folder)/\($0)")) }
    }
}
