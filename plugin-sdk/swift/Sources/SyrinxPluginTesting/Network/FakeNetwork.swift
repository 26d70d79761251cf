// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI
internal import SyrinxPlugin

/// The requests and sockets of one session, and the events that wait to be handed to the plugin.
struct FakeNetwork {
    /// What the other side does with what is sent.
    enum Appetite {
        /// Takes it at once.
        case takes
        /// Leaves it in the host's window.
        case holds
        /// Has filled the window already.
        case refuses
    }

    struct Exchange {
        let request: FakeRequest
        var appetite: Appetite
        var waitingBytes = 0
        var wasRefused = false
        var reads = true
        /// The terminal event is under way or was delivered.
        var hasEnded = false
        var sent: [SentMessage] = []
        var message: [UInt8] = []
        var isInMessage = false
        var messageIsBinary = false
        var body: [UInt8] = []
        var bodyIsComplete: Bool
        var close: (code: UInt16, reason: String)?
    }

    var lastID: UInt64 = 0
    var order: [UInt64] = []
    var exchanges: [UInt64: Exchange] = [:]
    var queue: [NetworkDelivery] = []
    var isPumping = false
    var refusal: PluginError?
    var secrets: [String: String] = [:]

    mutating func start(_ raw: syx_request, isSocket: Bool) -> UInt64 {
        lastID += 1
        let request = FakeRequest(raw, id: lastID, isSocket: isSocket)
        order.append(lastID)
        exchanges[lastID] = Exchange(
            request: request,
            appetite: isSocket ? .holds : .takes,
            body: request.body,
            bodyIsComplete: !request.streamsBody
        )
        return lastID
    }

    /// `SYX_EAGAIN` when more than the window waits already.
    mutating func admit(_ id: UInt64, _ count: Int) -> Status {
        guard var exchange = exchanges[id] else { return .notFound }
        guard !exchange.hasEnded else { return .closed }
        defer { exchanges[id] = exchange }
        let isFull = exchange.waitingBytes > 0 && exchange.waitingBytes + count > Int(SYX_IO_WINDOW)
        guard exchange.appetite != .refuses, !isFull else {
            exchange.wasRefused = true
            return .again
        }
        if exchange.appetite == .holds { exchange.waitingBytes += count }
        return .ok
    }

    mutating func setAppetite(_ id: UInt64, _ appetite: Appetite) {
        guard var exchange = exchanges[id] else { return }
        exchange.appetite = appetite
        if appetite == .takes {
            exchange.waitingBytes = 0
            if exchange.wasRefused { queue.append(delivery(.ioWritable, exchange)) }
            exchange.wasRefused = false
        }
        exchanges[id] = exchange
    }

    mutating func send(_ id: UInt64, _ bytes: UnsafeRawBufferPointer, flags: UInt32) -> Status {
        guard exchanges[id]?.close == nil else { return .closed }
        let status = admit(id, bytes.count)
        guard status == .ok, var exchange = exchanges[id], exchange.request.isSocket else { return status }
        if !exchange.isInMessage { exchange.messageIsBinary = flags & UInt32(SYX_WS_BINARY) != 0 }
        exchange.message.append(contentsOf: bytes)
        exchange.isInMessage = flags & UInt32(SYX_WS_PART) != 0
        if !exchange.isInMessage {
            exchange.sent.append(
                exchange.messageIsBinary
                    ? .binary(exchange.message) : .text(String(decoding: exchange.message, as: UTF8.self))
            )
            exchange.message = []
        }
        exchanges[id] = exchange
        return .ok
    }

    mutating func sendBody(_ id: UInt64, _ bytes: UnsafeRawBufferPointer, isLast: Bool) -> Status {
        guard let exchange = exchanges[id], !exchange.request.isSocket else { return .notFound }
        guard !exchange.bodyIsComplete else { return .invalid }
        let status = admit(id, bytes.count)
        guard status == .ok else { return status }
        exchanges[id]?.body.append(contentsOf: bytes)
        exchanges[id]?.bodyIsComplete = isLast
        return .ok
    }

    /// Ends an exchange from this side: only its terminal event follows.
    mutating func abort(_ id: UInt64, _ message: String) {
        guard let exchange = exchanges[id], !exchange.hasEnded else { return }
        queue.removeAll { $0.id == id }
        finish(id, .stale, message)
    }

    mutating func close(_ id: UInt64, code: UInt16, reason: String) {
        guard let exchange = exchanges[id], exchange.request.isSocket, exchange.close == nil else { return }
        exchanges[id]?.close = (code, reason)
        guard code != 0 else { return abort(id, "the plugin cut it") }
        guard !exchange.hasEnded else { return }
        // The other side answers in kind.
        finish(id, nil, reason, json: #"{"close_code":\#(code)}"#)
    }

    mutating func finish(
        _ id: UInt64,
        _ status: Status?,
        _ message: String,
        isRetryable: Bool = false,
        json: String = ""
    ) {
        guard let exchange = exchanges[id], !exchange.hasEnded else { return }
        var event = delivery(exchange.request.isSocket ? .socketClosed : .httpDone, exchange)
        event.integer = Int64(status?.rawValue ?? 0)
        event.secondInteger = isRetryable ? Int64(SYX_ERR_RETRYABLE) : 0
        event.bytes = Array(message.utf8)
        event.json = json
        exchanges[id]?.hasEnded = true
        queue.append(event)
    }

    mutating func cancel(_ generation: UInt64) {
        for id in order {
            guard let request = exchanges[id]?.request, request.generation == generation, generation != 0,
                !request.survivesCancel
            else { continue }
            abort(id, "its generation was cancelled")
        }
    }

    /// The session's end: everything ends without a word.
    mutating func close() {
        queue = []
        for id in order { exchanges[id]?.hasEnded = true }
    }

    /// Takes the next event that the plugin lets come; nil when there is none.
    mutating func next() -> NetworkDelivery? {
        var held: Set<UInt64> = []
        for (index, event) in queue.enumerated() where !held.contains(event.id) || event.type == .digest {
            if event.isData, exchanges[event.id]?.reads == false {
                held.insert(event.id)
                continue
            }
            return queue.remove(at: index)
        }
        return nil
    }

    func delivery(_ type: EventType, _ exchange: Exchange) -> NetworkDelivery {
        NetworkDelivery(type: type, id: exchange.request.id.rawValue, generation: exchange.request.generation)
    }
}

/// An event of the network on its way to the plugin.
struct NetworkDelivery {
    let type: EventType
    let id: UInt64
    var generation: UInt64 = 0
    var flags: UInt32 = 0
    var integer: Int64 = 0
    var secondInteger: Int64 = 0
    var bytes: [UInt8] = []
    var json = ""

    var isData: Bool { type == .httpData || type == .socketData }

    func withRaw(_ body: (UnsafePointer<syx_event>) -> Void) {
        json.withLentText { json in
            bytes.withUnsafeBufferPointer { bytes in
                var raw = syx_event()
                raw.struct_size = UInt32(MemoryLayout<syx_event>.size)
                raw.type = type.rawValue
                raw.flags = flags
                raw.generation = generation
                raw.id = id
                raw.i0 = integer
                raw.i1 = secondInteger
                raw.text = syx_str(
                    ptr: UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    len: bytes.count
                )
                raw.json = json
                body(&raw)
            }
        }
    }
}
