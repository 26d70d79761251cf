// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Events on their way to the model, signed one by one as the host takes them.
struct EventQueue {
    enum Entry {
        case event(String)
        case audio(String)
        /// The empty frame that ends the stream.
        case end
    }

    /// 32 ms each, so eight seconds; then the oldest audio goes: the caller has spoken on.
    static let maximumAudio = 250
    /// Other events than audio; more is a defect.
    static let maximumEvents = 4_096

    private var waiting: [Entry] = []
    private var first = 0
    private var audioCount = 0
    /// Signed, and not taken by the host: it has to be sent before anything else.
    private var signed: (frame: [UInt8], isLast: Bool)?

    /// - Throws: ``PluginError`` with ``Status/again`` when too many wait.
    mutating func append(_ events: [String]) throws(PluginError) {
        guard waiting.count - first - audioCount + events.count <= Self.maximumEvents else {
            throw PluginError(.again, "too many events wait for the vendor")
        }
        waiting += events.map(Entry.event)
    }

    mutating func appendAudio(_ event: String) {
        if audioCount >= Self.maximumAudio { dropOldestAudio() }
        waiting.append(.audio(event))
        audioCount += 1
    }

    mutating func appendEnd() { waiting.append(.end) }

    /// Sends what waits, until the host has no room.
    ///
    /// - Throws: ``PluginError`` when an event cannot be sent at all.
    mutating func pump(_ host: SessionHost, _ id: NetworkID, _ signer: inout EventSigner) throws(PluginError) {
        let time = SigningTime.now()
        while true {
            if signed == nil { signed = try takeSigned(&signer, time) }
            guard let next = signed else { return }
            let status = host.sendBody(id, next.frame, isLast: next.isLast)
            if status == .again { return }
            // What the request lost is told by its end.
            signed = nil
            if status.isError { return }
        }
    }

    private mutating func takeSigned(
        _ signer: inout EventSigner,
        _ time: SigningTime
    ) throws(PluginError) -> (frame: [UInt8], isLast: Bool)? {
        guard first < waiting.count else {
            waiting.removeAll(keepingCapacity: true)
            first = 0
            return nil
        }
        let entry = waiting[first]
        first += 1
        if first > 512 {
            waiting.removeFirst(first)
            first = 0
        }
        switch entry {
        case .event(let text): return (try signer.sign(try EventSigner.inner(text), at: time), false)
        case .audio(let text):
            audioCount -= 1
            return (try signer.sign(try EventSigner.inner(text), at: time), false)
        case .end: return (try signer.sign([], at: time), true)
        }
    }

    private mutating func dropOldestAudio() {
        let oldest = waiting[first...].firstIndex { entry in
            if case .audio = entry { true } else { false }
        }
        guard let oldest else { return }
        waiting.remove(at: oldest)
        audioCount -= 1
    }
}
