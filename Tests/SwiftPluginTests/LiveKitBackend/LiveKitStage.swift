// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization
import SyrinxPlugin
import SyrinxPluginTesting

@testable import LiveKitBackend

/// A provider of the plugin over a ``FakeLiveKit``, and what a room does.
final class LiveKitStage {
    static let secret = "a-secret-of-32-bytes-for-testing"
    static let now: Int64 = 1_795_931_754
    static let rate: UInt32 = 16_000
    static let format = AudioFormat(sampleRate: rate)

    let library = FakeLiveKit()
    let host = FakeHost()
    let registry: LibraryRegistry
    let provider: FakeProvider
    let clock = Mutex(LiveKitStage.now)
    private let queue = DispatchQueue(label: "test")
    private let kind: PluginKind

    init(_ kind: PluginKind = .backend, config: String = "") throws {
        self.kind = kind
        let functions = library.functions
        let registry = LibraryRegistry(queue: queue, now: { LiveKitStage.now }) { _ in functions }
        self.registry = registry
        provider = try LibraryRegistry.$current.withValue(registry) { [host] in
            try host.open(liveKitModule.table, kind, "livekit", config: Self.config(config))
        }
    }

    static func config(_ more: String = "", library: String = "/lib/liblivekit_ffi.so") -> String {
        #"{"url":"wss://example.com","api_key":"APIkey","api_secret":"${secret:api_secret}","library":"\#(library)"\#(more)}"#
    }

    /// All events of the library have been read.
    func settle(_ session: FakeSession? = nil) {
        queue.sync {}
        queue.sync {}
        session?.pump()
    }

    func open(_ options: String = #"{"room":"r1"}"#) throws -> FakeSession {
        try provider.openSession(
            options: kind == .backend ? options : "{}", input: Self.format, output: Self.format,
            secrets: ["api_secret": Self.secret])
    }

    /// A session in the room with these others; the agent's track is published.
    func join(_ others: [FakeGuest] = [], options: String = #"{"room":"r1"}"#) throws -> FakeSession {
        let session = try open(options)
        library.acceptConnection(others)
        settle()
        library.finishPublishing()
        settle()
        return session
    }

    /// A session whose caller is alice, heard.
    func converse(_ guest: FakeGuest = .alice) throws -> FakeSession {
        let session = try join([guest])
        hear(guest)
        return session
    }

    /// The media of a guest's first track comes.
    func hear(_ guest: FakeGuest) {
        library.room(9) { event in
            event.write(1, guest.identity)
            event.write(2) { track in
                track.writeHandle(self.library.makeHandle())
                track.write(2) { $0.write(1, guest.tracks[0].sid) }
            }
        }
        settle()
    }

    func enter(_ guest: FakeGuest) {
        library.room(2) { event in event.write(1) { self.library.write(guest, &$0) } }
        for track in guest.tracks {
            library.room(7) { event in
                event.write(1, guest.identity)
                event.write(2) { self.library.write(track, &$0) }
            }
        }
        settle()
    }

    func leave(_ identity: String, reason: UInt64 = 1) {
        library.room(3) { event in
            event.write(1, identity)
            event.write(2, reason)
        }
        settle()
    }

    func happens(_ number: Int, _ fill: (inout ProtobufWriter) -> Void = { _ in }) {
        library.room(number, fill)
        settle()
    }

    /// 20 ms of the caller.
    func sound(_ samples: [Int16]) {
        guard let stream = streams.last else { return }
        let address = library.lend(samples.withUnsafeBytes { Array($0) })
        let handle = library.makeHandle()
        library.emit(4) { event in
            event.write(1, stream)
            event.write(2) { received in
                received.write(1) { frame in
                    frame.writeHandle(handle)
                    frame.write(2) { info in
                        info.write(1, address)
                        info.write(2, 1 as UInt64)
                        info.write(3, UInt64(Self.rate))
                        info.write(4, UInt64(samples.count))
                    }
                }
            }
        }
        settle()
    }

    /// A data packet of somebody.
    func packet(_ text: String, from identity: String, topic: String = "syrinx") {
        let bytes = Array(text.utf8)
        let (address, handle) = (library.lend(bytes), library.makeHandle())
        happens(27) { event in
            event.write(1, 1 as UInt64)
            event.write(2, identity)
            event.write(4) { user in
                user.write(1) { buffer in
                    buffer.writeHandle(handle)
                    buffer.write(2) { info in
                        info.write(1, address)
                        info.write(2, UInt64(bytes.count))
                    }
                }
                user.write(2, topic)
            }
        }
    }

    /// Ends a session as the host does, with the library's goodbye.
    func end(_ session: FakeSession) {
        session.close()
        library.finishDisconnect()
        settle()
    }

    /// Handles that streams have: those that NewAudioStream made come after their track's.
    private var streams: [UInt64] {
        let tracks = library.requests(25).map { $0.number(1) }
        return tracks.map { $0 + 1 }
    }
}

extension FakeGuest {
    static let alice = FakeGuest(identity: "alice", metadata: "gold", tracks: [FakeTrack(sid: "TR_1")])
    static let agent = FakeGuest(identity: "other-agent", kind: 4, tracks: [FakeTrack(sid: "TR_9")])
}

extension FakeSession {
    func texts(_ type: EventType) -> [String] { events.filter { $0.type == type }.map(\.text) }
    func jsons(_ type: EventType) -> [JSONValue] {
        events.filter { $0.type == type }.compactMap { try? JSONValue(parsing: $0.json) }
    }
    var heard: [Int16] { events.filter { $0.type == .audioOut }.flatMap(\.samples) }
}
