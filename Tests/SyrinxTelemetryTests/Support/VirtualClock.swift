// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxTelemetry

/// Time that passes only by sleeping, at once.
final class VirtualClock: Sendable {
    private let elapsed = Mutex(Duration.zero)
    private let naps = Mutex<[Duration]>([])

    /// 2026-01-01T00:00:00Z
    static let start: Int64 = 1_767_225_600_000_000_000

    var slept: [Duration] { naps.withLock { $0 } }
    var time: Duration { elapsed.withLock { $0 } }

    var clock: TelemetryClock {
        TelemetryClock(
            now: { Instant.zero + self.time }, unixNanoseconds: { Self.start + self.time.nanoseconds },
            sleep: { time in
                // In one step: whoever calls a nap off and looks at the clock then sees what it still added.
                try self.elapsed.withLock { elapsed in
                    try Task.checkCancellation()
                    elapsed += time
                }
                self.naps.withLock { $0.append(time) }
                await Task.yield()
            })
    }
}
