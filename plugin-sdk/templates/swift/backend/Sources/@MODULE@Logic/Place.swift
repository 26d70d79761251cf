// SPDX-License-Identifier: Apache-2.0
import Synchronization
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let pluginModule = Module([
    ProviderDescription(
        Place.self,
        kind: .backend,
        id: "@ID@",
        version: "1.0.0",
        name: "@NAME@",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "max_sessions": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 100,
                               "description": "Sessions at once"}
            }}
            """#,
        capabilities: #"{"media": "host", "transports": ["websocket", "inproc"]}"#
    )
])

/// Where sessions run. The host carries the media, so a backend opens, counts and refuses sessions.
public final class Place: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// Sessions at once.
        public var maxSessions: Int?

        private enum CodingKeys: String, CodingKey {
            case maxSessions = "max_sessions"
        }
    }

    private let limit: Int
    // Two sessions may open at once.
    private let taken = Mutex(0)

    /// Keeps the limit.
    public init(config: Config, host: Host) throws(PluginError) {
        limit = config.maxSessions ?? 100
    }

    /// Counts and compares in one step.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> Seat {
        let isAdmitted = taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        guard isAdmitted else {
            throw PluginError(.quotaExceeded, "all \(limit) sessions are in use", isRetryable: true)
        }
        return Seat(place: self, host: host)
    }

    func leave() {
        taken.withLock { $0 -= 1 }
    }
}

/// One session, which holds a place until it closes.
public final class Seat: Session {
    private let place: Place
    private let outbox: Outbox

    init(place: Place, host: SessionHost) {
        self.place = place
        outbox = Outbox(host: host)
    }

    /// A session has nothing under way here, so it is drained at once.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// Gives the place back.
    public func close() {
        outbox.close()
        place.leave()
    }
}
