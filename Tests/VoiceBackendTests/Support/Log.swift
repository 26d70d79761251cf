// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lines that callbacks leave behind.
final class Log: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    /// Waits until so many lines are there.
    func wait(for count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while lines.count < count {
            guard ContinuousClock.now < deadline else { throw TooFew(lines: lines) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private struct TooFew: Error {
        var lines: [String]
    }

    func add(_ line: String) { state.withLock { $0.append(line) } }
}
