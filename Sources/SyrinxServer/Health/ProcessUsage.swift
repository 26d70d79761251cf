// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore

/// What this process has used of the machine, as the kernel counts it (getrusage(2), proc(5)).
struct ProcessUsage: Sendable {
    /// Of all threads, since the start.
    var cpu: Duration
    /// Resident bytes.
    var memory: Int
    var openFiles: Int { Self.entries(of: "/proc/self/fd") }
    var threads: Int { Self.entries(of: "/proc/self/task") }

    static func now() -> ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return ProcessUsage(cpu: duration(usage.ru_utime) + duration(usage.ru_stime), memory: residentBytes())
    }

    /// Cores that this process may run on.
    static let cores = max(1, System.coreCount)

    private static func duration(_ time: timeval) -> Duration {
        .seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
    }

    /// The second number of `/proc/self/statm`, in pages.
    private static func residentBytes() -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func entries(of folder: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0
    }
}
