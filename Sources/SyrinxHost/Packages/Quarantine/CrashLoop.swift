// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Counts deaths by code: three within a minute are a crash loop. Pure; time is an argument.
package struct CrashLoop: Sendable {
    /// So many deaths within `window` are a loop.
    package let limit: Int
    package let window: Duration
    private var deaths: [ContentHash: [Instant]] = [:]

    package init(limit: Int = 3, window: Duration = .seconds(60)) {
        self.limit = max(1, limit)
        self.window = window
    }

    /// A process with this code in it has died.
    /// - Returns: whether the code belongs into quarantine. Its count begins anew then.
    package mutating func died(_ hash: ContentHash, at now: Instant) -> Bool {
        let start = now - window
        // Codes that have behaved for a window are forgotten, so that the table stays small.
        deaths = deaths.compactMapValues { times in
            let recent = times.filter { $0 > start }
            return recent.isEmpty ? nil : recent
        }
        let times = (deaths[hash] ?? []) + [now]
        guard times.count >= limit else {
            deaths[hash] = times
            return false
        }
        deaths[hash] = nil
        return true
    }

    /// Deaths within the window that ends now.
    package func count(_ hash: ContentHash, at now: Instant) -> Int {
        (deaths[hash] ?? []).count { $0 > now - window }
    }
}
