// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// The place of the admin API's Unix socket. Whoever may open it may change plugins: only the server's own user.
package struct AdminSocket: Sendable {
    package let path: String
    /// Where it is bound; it is renamed to `path` once its mode is right.
    var bindPath: String { path + ".new" }

    private static let longest = 103

    /// `syrinx.sock` in the user's runtime folder, else `/run/syrinx/admin.sock`; nil where neither folder exists.
    package static func standardPath(environment: [String: String]) -> String? {
        let places = [(environment["XDG_RUNTIME_DIR"], "syrinx.sock"), ("/run/syrinx", "admin.sock")]
        for (folder, name) in places {
            guard let folder, !folder.isEmpty, access(folder, W_OK | X_OK) == 0 else { continue }
            return "\(folder)/\(name)"
        }
        return nil
    }

    /// - Throws: `server.listen_failed` when the path is too long, is no socket, or belongs to a server that lives.
    package init(path: String) throws(SyrinxError) {
        self.path = path
        // sun_path has 108 bytes (unix(7)).
        guard bindPath.utf8.count <= Self.longest else { throw failed("the path is longer than a socket's may be") }
        var found = stat()
        guard lstat(path, &found) == 0 else { return }
        guard found.st_mode & S_IFMT == S_IFSOCK else { throw failed("there is something else at this path") }
        guard !isAnswered else { throw failed("another server listens there") }
    }

    /// What a server left that died stands in nobody's way.
    private var isAnswered: Bool {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { return false }
        defer { close(connection) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// The socket is bound: now others may find it.
    func appear() throws(SyrinxError) {
        guard chmod(bindPath, 0o600) == 0, rename(bindPath, path) == 0 else {
            throw failed(String(cString: strerror(errno)))
        }
    }

    func disappear() { unlink(path) }

    private func failed(_ why: String) -> SyrinxError {
        SyrinxError(
            "server.listen_failed", "cannot listen on \(path): \(why)",
            fix: "choose another path with --admin-socket, or `none`")
    }
}
