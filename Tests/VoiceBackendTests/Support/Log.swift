// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lines that callbacks leave behind.
final class Log: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    func add(_ line: String) { state.withLock { $0.append(line) } }
}
