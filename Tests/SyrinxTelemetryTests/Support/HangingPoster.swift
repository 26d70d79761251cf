// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxTelemetry

/// Never answers; ends with its task.
final class HangingPoster: HTTPPoster {
    private let calls = Mutex(0)
    var count: Int { calls.withLock { $0 } }

    func post(
        _ url: String, headers: [(String, String)], body: [UInt8], timeout: Duration
    ) async throws -> (status: Int, retryAfter: Duration?) {
        calls.withLock { $0 += 1 }
        try await Task.sleep(for: .seconds(3600))
        return (200, nil)
    }
}
