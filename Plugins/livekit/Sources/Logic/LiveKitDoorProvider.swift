// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// The transport `livekit`: LiveKit's webhooks call the agent into a room.
public final class LiveKitDoorProvider: Provider {
    private let service: LiveKitService
    private let door: LiveKitDoor

    /// Opens LiveKit's library.
    public init(config: LiveKitConfig, host: Host) throws(PluginError) {
        service = try LiveKitService(config)
        door = LiveKitDoor(config, host)
    }

    /// Begins with a request at the door, which follows.
    public func openSession(
        _ params: SessionParams, options: NoOptions, host: SessionHost
    ) throws(PluginError) -> LiveKitSession {
        try LiveKitSession(service, params, host, door: door)
    }

    /// Throws after a panic of the library.
    public func health() throws(PluginError) { try service.health() }

    /// Lets the library rest when nobody else uses it.
    public func close() { service.close() }
}

/// Which webhooks call an agent: those of rooms that match, once for each, and one agent a room.
final class LiveKitDoor: Sendable {
    /// LiveKit repeats a webhook whose answer it did not get; so many are remembered.
    private static let rememberedIDs = 1024

    private struct State {
        var rooms: Set<String> = []
        var ids: Set<String> = []
        var order: [String] = []
    }

    private let pattern: String
    private let events: Set<String>
    private let host: Host
    private let state = Mutex(State())

    init(_ config: LiveKitConfig, _ host: Host) {
        pattern = config.rooms ?? "*"
        events = Set(config.events ?? ["participant_joined"])
        self.host = host
    }

    /// True when an agent is to join for this; the room is then taken until ``release(_:)``.
    func claim(_ news: Webhook.News) -> Bool {
        guard events.contains(news.event), !news.room.isEmpty, !news.isMachine, Self.matches(news.room, pattern) else {
            return false
        }
        return state.withLock { state in
            guard !state.rooms.contains(news.room), news.id.isEmpty || state.ids.insert(news.id).inserted else {
                return false
            }
            state.rooms.insert(news.room)
            if !news.id.isEmpty { state.order.append(news.id) }
            if state.order.count > Self.rememberedIDs { state.ids.remove(state.order.removeFirst()) }
            return true
        }
    }

    func release(_ room: String) {
        state.withLock { _ = $0.rooms.remove(room) }
    }

    func warn(_ message: String) { host.log(.warning, message) }

    /// `*` stands for any text, `?` for any one letter. Linear but for one step back.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let (text, pattern) = (Array(text), Array(pattern))
        var (place, rule) = (0, 0)
        var star: (rule: Int, place: Int)?
        while place < text.count {
            if rule < pattern.count, pattern[rule] == "*" {
                star = (rule, place)
                rule += 1
            } else if rule < pattern.count, pattern[rule] == "?" || pattern[rule] == text[place] {
                place += 1
                rule += 1
            } else if let last = star {
                star = (last.rule, last.place + 1)
                (place, rule) = (last.place + 1, last.rule + 1)
            } else {
                return false
            }
        }
        return pattern[rule...].allSatisfy { $0 == "*" }
    }
}
