// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the host says to a session, copied out of its event.
enum Input: Sendable {
    case network(NetworkEvent)
    case config(String)
    case audio([Int16])
    case prompt(UInt64, text: String)
    case toolResult(UInt64, text: String, isError: Bool)
    case timer(UInt64)
    case writable
    case drain

    /// Nil for what a session does not know, and for a piece of something on the network.
    init?(_ event: borrowing Event, _ inbox: inout NetworkInbox) {
        if let network = inbox.read(event) {
            self = .network(network)
            return
        }
        switch event.type {
        case .config: self = .config(event.json)
        case .audioIn: self = .audio(Self.samples(event))
        case .prompt: self = .prompt(event.generation, text: event.text)
        case .toolResult: self = .toolResult(event.id, text: event.text, isError: event.integer < 0)
        case .timer: self = .timer(event.id)
        case .writable: self = .writable
        case .drain: self = .drain
        default: return nil
        }
    }

    private static func samples(_ event: borrowing Event) -> [Int16] {
        let copied = event.withAudio { frame -> [Int16]? in
            guard frame.format.channels == 1 else { return nil }
            return frame.withInt16 { samples in samples.indices.map { samples[$0] } }
        }
        return copied.flatMap(\.self) ?? []
    }
}
