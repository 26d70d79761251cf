// SPDX-License-Identifier: Apache-2.0

/// Keys as RTP events (RFC 4733, 2.3).
struct TelephoneEvent: Equatable {
    /// 0...15: what is on a telephone.
    var code: UInt8
    var isEnd: Bool
    /// Since the event began, in the payload's clock.
    var duration: UInt16

    static let keys = Array("0123456789*#ABCD")

    init(code: UInt8, isEnd: Bool, duration: UInt16) {
        self.code = code
        self.isEnd = isEnd
        self.duration = duration
    }

    init?(_ payload: ArraySlice<UInt8>) {
        var reader = ByteReader(payload)
        guard let code = reader.readUInt8(), let flags = reader.readUInt8(), let duration = reader.readUInt16() else {
            return nil
        }
        self.init(code: code, isEnd: flags & 0x80 != 0, duration: duration)
    }

    /// Nil for events that are no keys.
    var key: Character? { Int(code) < Self.keys.count ? Self.keys[Int(code)] : nil }

    var payload: [UInt8] {
        // -10 dBm0, as telephones send.
        var bytes: [UInt8] = [code, (isEnd ? 0x80 : 0) | 10]
        bytes.append(bigEndian: duration)
        return bytes
    }
}

/// Reads keys: an event comes in many packets with one timestamp, any of which may be lost.
struct KeyReader {
    private var last: UInt32?

    /// The key, once for each time it was pressed.
    mutating func read(_ packet: RTPPacket) -> Character? {
        guard let event = TelephoneEvent(packet.payload), let key = event.key else { return nil }
        if let last, Int32(bitPattern: packet.timestamp &- last) <= 0 { return nil }
        last = packet.timestamp
        return key
    }
}

/// Presses keys one after another: each is 100 ms long, its end is said three times, then 60 ms of nothing.
struct KeySender {
    struct Step {
        var event: TelephoneEvent
        var isFirst: Bool
    }

    static let maximumWaiting = 64
    private static let tones = 5
    private static let ends = 3
    private static let pause = 3

    private var waiting: [UInt8] = []
    private var step = 0

    var isIdle: Bool { waiting.isEmpty }

    /// False when a character is no key or too many wait; then nothing was taken.
    mutating func press(_ keys: String) -> Bool {
        let codes = keys.uppercased().compactMap { key in TelephoneEvent.keys.firstIndex(of: key).map(UInt8.init) }
        guard codes.count == keys.count, waiting.count + codes.count <= Self.maximumWaiting else { return false }
        waiting += codes
        return true
    }

    /// What to send in the next 20 ms, nothing in a pause; `unit` is 20 ms in the payload's clock.
    mutating func next(unit: UInt16) -> [Step] {
        guard let code = waiting.first else { return [] }
        defer { step += 1 }
        if step < Self.tones {
            let event = TelephoneEvent(code: code, isEnd: false, duration: unit &* UInt16(step + 1))
            return [Step(event: event, isFirst: step == 0)]
        }
        if step == Self.tones {
            let event = TelephoneEvent(code: code, isEnd: true, duration: unit &* UInt16(Self.tones))
            return Array(repeating: Step(event: event, isFirst: false), count: Self.ends)
        }
        if step >= Self.tones + Self.pause {
            waiting.removeFirst()
            step = -1
        }
        return []
    }
}
