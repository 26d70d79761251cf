// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The messages to the vendor, and those that wait while the socket is full.
///
/// Bounded: of audio the oldest goes first, a mark gives way to a later one next to it. Nothing else is dropped.
struct SendQueue {
    private enum Kind { case audio, mark, clear }

    /// Five seconds of frames.
    static let audioLimit = 250

    private let host: SessionHost
    private let socket: NetworkID
    private var waiting: [(kind: Kind, text: String)] = []
    private var audio = 0
    /// How many audio messages were dropped.
    private(set) var dropped = 0

    init(_ host: SessionHost, _ socket: NetworkID) {
        self.host = host
        self.socket = socket
    }

    /// How many messages wait.
    var count: Int { waiting.count }

    mutating func sendAudio(_ text: String) {
        guard !waiting.isEmpty || !deliver(text) else { return }
        waiting.append((.audio, text))
        audio += 1
        guard audio > Self.audioLimit, let oldest = waiting.firstIndex(where: { $0.kind == .audio }) else { return }
        waiting.remove(at: oldest)
        audio -= 1
        dropped += 1
        if oldest > 0, oldest < waiting.count, waiting[oldest - 1].kind == .mark, waiting[oldest].kind == .mark {
            waiting.remove(at: oldest - 1)
        }
    }

    mutating func sendMark(_ text: String) {
        guard !waiting.isEmpty || !deliver(text) else { return }
        if waiting.last?.kind == .mark { waiting.removeLast() }
        waiting.append((.mark, text))
    }

    /// What waits is not wanted any more.
    mutating func sendClear(_ text: String) {
        waiting.removeAll()
        audio = 0
        guard !deliver(text) else { return }
        waiting.append((.clear, text))
    }

    /// Sends what waits, until the host refuses again.
    mutating func flush() {
        var sent = 0
        while sent < waiting.count, deliver(waiting[sent].text) {
            if waiting[sent].kind == .audio { audio -= 1 }
            sent += 1
        }
        waiting.removeFirst(sent)
    }

    /// False when the socket is full. What a closed socket refuses is gone.
    private func deliver(_ text: String) -> Bool { host.sendText(socket, text) != .again }
}
