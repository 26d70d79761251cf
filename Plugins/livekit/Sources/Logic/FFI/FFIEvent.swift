// SPDX-License-Identifier: Apache-2.0

/// What the library tells, as far as it matters here. The field numbers are those of its `ffi.proto` and `room.proto`.
enum FFIEvent: Sendable {
    /// The answer to a request that has an id.
    case answer(id: UInt64, FFIAnswer)
    case room(UInt64, RoomEvent)
    /// 16 bit mono samples in the library's memory, until the handle is dropped.
    case audio(stream: UInt64, FFIMemory)
    /// It has lost its mind: nothing works until the process is started again.
    case panic(String)
    /// A handle that nobody here wants.
    case stray(UInt64)

    /// Nil for what does not matter, and for what is no FfiEvent.
    init?(_ bytes: [UInt8]) {
        guard let event = ProtobufMessage(bytes), let number = event.numbers.last, let body = event.message(number)
        else { return nil }
        switch number {
        case 1: self.init(room: body)
        case 4: self.init(stream: body)
        case 5, 7, 9, 11, 13, 21: self = .answer(id: body.number(1), FFIAnswer(number, body))
        case 20: self = .panic(body.text(1))
        default: return nil
        }
    }

    private init?(room body: ProtobufMessage) {
        guard let event = RoomEvent(body) else { return nil }
        if case .stray(let handle) = event {
            self = .stray(handle)
        } else {
            self = .room(body.number(1), event)
        }
    }

    private init?(stream body: ProtobufMessage) {
        guard let frame = body.message(2)?.message(1), let handle = frame.handle else { return nil }
        guard let info = frame.message(2), info.number(2) == 1, let count = Int(exactly: info.number(4)),
            let memory = FFIMemory(
                handle: handle, address: info.number(1), byteCount: count.multipliedReportingOverflow(by: 2))
        else {
            self = .stray(handle)
            return
        }
        self = .audio(stream: body.number(1), memory)
    }
}

/// The end of something that takes time.
enum FFIAnswer: Sendable {
    case connected(FFIConnection)
    /// Of anything; nil = it worked.
    case finished(error: String?)

    fileprivate init(_ number: UInt64, _ body: ProtobufMessage) {
        if number == 5, let result = body.message(3), let connection = FFIConnection(result) {
            self = .connected(connection)
        } else if number == 5 {
            self = .finished(error: body.has(2) ? body.text(2) : "the library answered without a room")
        } else {
            self = .finished(error: body.has(2) ? body.text(2) : nil)
        }
    }
}

/// Memory of the library, lent until its handle is dropped.
struct FFIMemory: Sendable {
    /// The largest that is believed: a second of sound, or a data packet.
    static let limit = 1 << 18

    let handle: UInt64
    let address: UInt
    let byteCount: Int

    init?(handle: UInt64, address: UInt64, byteCount: (partialValue: Int, overflow: Bool)) {
        guard !byteCount.overflow, byteCount.partialValue >= 0, byteCount.partialValue <= Self.limit,
            let address = UInt(exactly: address), address != 0 || byteCount.partialValue == 0
        else { return nil }
        self.handle = handle
        self.address = address
        self.byteCount = byteCount.partialValue
    }

    /// The bytes; only before the handle is dropped.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
    }
}

extension ProtobufMessage {
    /// The id of an owned thing's handle: {handle1{id1}}.
    var handle: UInt64? {
        message(1).map { $0.number(1) }.flatMap { $0 == 0 ? nil : $0 }
    }
}
