// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SyrinxCore

/// A folder that is held open and read through its descriptor, so that no renamed folder and no symbolic link leads
/// anywhere else. It belongs to root or to the user of this process, and so does what is read; others cannot write it.
struct GuardedFolder: ~Copyable {
    let path: String
    private let descriptor: Descriptor
    private let guarding: FileGuard

    /// - Throws: `plugin.package.*` when it is no folder, a symbolic link, or open to others.
    init(_ path: String, guarding: FileGuard = FileGuard()) throws(SyrinxError) {
        let descriptor = Descriptor(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
        guard descriptor.isOpen else { throw FileGuard.unopened(errno, isLink: FileGuard.isLink(path), path) }
        try guarding.check(descriptor, expecting: S_IFDIR, path)
        self.path = path
        self.guarding = guarding
        self.descriptor = descriptor
    }

    /// All bytes of a file, read once.
    /// - Throws: `plugin.package.missing_file`, `.too_large` beyond `limit` bytes, `.symlink` and the like.
    func read(_ relative: String, limit: Int) throws(SyrinxError) -> [UInt8] {
        let file = try open(relative)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, file.size) + 1)
        try pieces(of: file.descriptor, relative, limit: limit) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// The hash of a file, read once and not kept.
    func hash(_ relative: String, limit: Int) throws(SyrinxError) -> ContentHash {
        var hasher = ContentHash.Hasher()
        try pieces(of: try open(relative).descriptor, relative, limit: limit) { hasher.update($0) }
        return hasher.finish()
    }

    /// Whether something of this name is there, whatever it is.
    func has(_ name: String) -> Bool {
        var status = stat()
        return fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Every file inside, by its path, sorted. Folders are followed down, symbolic links never.
    /// - Throws: `plugin.package.symlink`, `.too_many_files` and the like.
    func list() throws(SyrinxError) -> [String] {
        var files: [String] = []
        try list(descriptor, prefix: "", depth: 0, into: &files)
        return files.sorted()
    }

    // MARK: - Opening

    private struct OpenFile: ~Copyable {
        var descriptor: Descriptor
        var size: Int
    }

    private func open(_ relative: String) throws(SyrinxError) -> OpenFile {
        let names = relative.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isPlain = names.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
        guard isPlain, let last = names.last else {
            throw SyrinxError(
                "plugin.package.traversal", "`\(relative)` does not name a file inside the package", place: path)
        }
        var folder = Descriptor(fcntl(descriptor.raw, F_DUPFD_CLOEXEC, 3))
        var place = path
        for name in names.dropLast() {
            place += "/\(name)"
            folder = try Self.open(name, in: folder, O_DIRECTORY, place)
            try guarding.check(folder, expecting: S_IFDIR, place)
        }
        place += "/\(last)"
        // Non-blocking: a FIFO must not stop the host, it is refused below.
        let file = try Self.open(last, in: folder, O_NONBLOCK, place)
        let size = try guarding.check(file, expecting: S_IFREG, place)
        return OpenFile(descriptor: file, size: size)
    }

    private static func open(
        _ name: String, in folder: borrowing Descriptor, _ flags: Int32, _ place: String
    ) throws(SyrinxError) -> Descriptor {
        let opened = Descriptor(openat(folder.raw, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags))
        guard opened.isOpen else {
            throw FileGuard.unopened(errno, isLink: FileGuard.isLink(name, in: folder), place)
        }
        return opened
    }

    // MARK: - Reading

    private func pieces(
        of file: borrowing Descriptor, _ relative: String, limit: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(SyrinxError) {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        while true {
            let count = piece.withUnsafeMutableBytes { Glibc.read(file.raw, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileGuard.unopened(errno, isLink: false, "\(path)/\(relative)") }
            guard count > 0 else { return }
            total += count
            guard total <= limit else {
                throw SyrinxError(
                    "plugin.package.too_large", "the file is larger than \(limit) bytes",
                    fix: "ship less, or load large models from elsewhere", place: "\(path)/\(relative)")
            }
            piece.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        }
    }

    private func list(
        _ folder: borrowing Descriptor, prefix: String, depth: Int, into files: inout [String]
    ) throws(SyrinxError) {
        for name in try Self.names(in: folder, place: "\(path)/\(prefix)") {
            let relative = prefix + name
            let place = "\(path)/\(relative)"
            let entry = try Self.open(name, in: folder, O_NONBLOCK, place)
            guard entry.isFolder else {
                try guarding.check(entry, expecting: S_IFREG, place)
                files.append(relative)
                guard files.count <= FileGuard.maximumFiles else { throw Self.tooMany(path) }
                continue
            }
            try guarding.check(entry, expecting: S_IFDIR, place)
            guard depth < FileGuard.maximumDepth else { throw Self.tooMany(path) }
            try list(entry, prefix: "\(relative)/", depth: depth + 1, into: &files)
        }
    }

    private static func names(in folder: borrowing Descriptor, place: String) throws(SyrinxError) -> [String] {
        // A descriptor of its own: reading moves its position, and closedir closes it.
        let own = openat(folder.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0, let stream = fdopendir(own) else {
            if own >= 0 { close(own) }
            throw FileGuard.unopened(errno, isLink: false, place)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            names.append(name)
            guard names.count <= FileGuard.maximumFiles else { throw tooMany(place) }
        }
        return names
    }

    private static func tooMany(_ place: String) -> SyrinxError {
        SyrinxError(
            "plugin.package.too_many_files",
            "more than \(FileGuard.maximumFiles) files, or folders more than \(FileGuard.maximumDepth) deep",
            fix: "pack what belongs together into one file", place: place)
    }
}
