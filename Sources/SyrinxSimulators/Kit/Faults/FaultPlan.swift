// SPDX-License-Identifier: Apache-2.0

/// What goes wrong, and when: `after=audio:3,cut`, `status=429,retry_after=2,times=1`.
///
/// The parts of a fault are divided by commas, faults by `;`. See ``init(_:)`` for the words.
package struct FaultPlan: Hashable, Sendable {
    package var faults: [Fault]

    package init(_ faults: [Fault] = []) { self.faults = faults }

    package struct Fault: Hashable, Sendable {
        /// Only requests whose path begins so.
        package var path: String?
        package var trigger: Trigger
        package var action: Action
        /// So many requests are hit, then no more; nil = all.
        package var times: Int?
        /// So many requests are spared first.
        package var skip: Int

        package init(
            _ action: Action, at trigger: Trigger, path: String? = nil, times: Int? = nil, skip: Int = 0
        ) {
            self.action = action
            self.trigger = trigger
            self.path = path
            self.times = times
            self.skip = skip
        }
    }

    package enum Trigger: Hashable, Sendable {
        /// Each message of the server.
        case everyMessage
        /// Before, or instead of, the nth message of a point; nil = each of them.
        case at(String, Int?)
        /// Once the nth message of a point has gone out.
        case after(String, Int)

        package var point: String? {
            switch self {
            case .everyMessage: nil
            case .at(let point, _), .after(let point, _): point
            }
        }
    }

    package enum Action: Hashable, Sendable {
        /// The connection ends without a goodbye; of HTTP/2 the stream.
        case cut
        /// The same by a TCP reset; of HTTP/2 the whole connection.
        case reset
        /// A WebSocket close; plain requests are cut.
        case close(code: Int, reason: String)
        /// Instead of an answer; only at `connect`.
        case refuse(SimulatedFailure)
        /// This message and those behind it come so much later.
        case latency(milliseconds: Int)
        /// From here on a byte at a time.
        case drip(milliseconds: Int)
        /// The message is left out.
        case drop
        /// From here on nothing comes, and the connection stays.
        case silence
        /// The vendor's own error message; a stream ends with it.
        case error(SimulatedFailure)
        case malformed(Malformation)
        /// Half of this message, as it goes over the wire (of a WebSocket: of its payload); then a cut.
        case truncate
    }
}

/// A shape that no client should trust.
package enum Malformation: String, Hashable, Sendable, CaseIterable {
    /// The first half of the bytes, an odd number.
    case half = "half_json"
    /// Two bytes in the middle that are no UTF-8.
    case invalidUTF8 = "invalid_utf8"
    /// Texts where numbers belong, numbers where texts belong; the keys that name the type stay.
    case wrongTypes = "wrong_types"
    /// Numbers beyond 64 bits, negative where they count.
    case hugeNumbers = "huge_numbers"
    case notJSON = "not_json"
    case empty
    /// Arrays in arrays, 5000 deep.
    case deep
    /// Five megabytes.
    case oversized
}

extension FaultPlan.Action: CustomStringConvertible {
    /// As it is written in a plan.
    package var description: String {
        switch self {
        case .cut: "cut"
        case .reset: "reset"
        case .close(let code, let reason): reason.isEmpty ? "close=\(code)" : "close=\(code):\(reason)"
        case .refuse(let failure): "status=\(failure.status)"
        case .latency(let milliseconds): "latency=\(milliseconds)"
        case .drip(let milliseconds): "drip=\(milliseconds)"
        case .drop: "drop"
        case .silence: "silence"
        case .error(let failure): "error=\(failure.code)"
        case .malformed(let kind): "malformed=\(kind.rawValue)"
        case .truncate: "truncate"
        }
    }
}
