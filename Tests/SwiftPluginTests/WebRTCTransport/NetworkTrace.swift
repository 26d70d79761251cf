// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// What a network does to packets of 20 ms.
struct NetworkTrace: CustomTestStringConvertible, Sendable {
    var name: String
    /// In 0...1.
    var loss = 0.0
    /// How many packets are lost in a row.
    var burst = 1
    /// Added to each packet's way, evenly spread over 0 to this many ms; packets overtake each other.
    var jitter = 0.0
    /// From here on there is none; in seconds.
    var calmsAfter: Int?
    var duplicates = 0.0
    /// Of the sender's clock against ours, in parts per million.
    var drift = 0.0
    var seconds = 60
    /// The part of the time in which somebody speaks, in turns of 3 s.
    var talk = 1.0
    var isSilenceSent = true

    var testDescription: String { name }

    static let all: [NetworkTrace] = {
        var traces: [NetworkTrace] = []
        for loss in [0.0, 0.05, 0.2] {
            for jitter in [0.0, 20, 60, 200] {
                traces.append(NetworkTrace(name: "loss \(loss), jitter \(jitter)", loss: loss, jitter: jitter))
            }
        }
        traces += [
            NetworkTrace(name: "bursts of 5", loss: 0.1, burst: 5, jitter: 20),
            NetworkTrace(name: "bursts of 15", loss: 0.05, burst: 15, jitter: 20),
            NetworkTrace(name: "duplicates", jitter: 40, duplicates: 0.3),
            NetworkTrace(name: "drift +200", loss: 0.05, jitter: 40, drift: 200, seconds: 600),
            NetworkTrace(name: "drift -200", loss: 0.05, jitter: 40, drift: -200, seconds: 600),
            NetworkTrace(name: "turns", loss: 0.1, jitter: 60, talk: 0.5),
            NetworkTrace(name: "turns, silence unsent", loss: 0.1, jitter: 60, talk: 0.5, isSilenceSent: false),
        ]
        return traces
    }()
}

/// Runs a trace through a jitter buffer in virtual time; times are in 1/48000 s.
struct JitterPlayout {
    private struct Arrival {
        var time: Int64
        var sequence: Int
        var timestamp: Int64
        var isQuiet: Bool
    }

    private(set) var buffer = JitterBuffer(
        estimator: DelayEstimator(minimum: 40 * 48, initial: 60 * 48, maximum: 300 * 48))
    private(set) var sent = 0
    private(set) var delivered = 0
    private(set) var frames = 0
    private(set) var deepest = 0
    private(set) var longestDelay: Int64 = 0
    private(set) var lastDelay: Int64 = 0
    private var arrivals: [Arrival] = []
    /// Of the sender's clock.
    private let pace: Double

    init(_ trace: NetworkTrace, seed: UInt64 = 1) {
        var random = SeededRandom(seed: seed)
        pace = 1 - trace.drift / 1e6
        var dropping = 0
        for index in 0..<trace.seconds * 50 {
            let isQuiet = Double(index % 150) / 150 >= trace.talk
            if isQuiet, !trace.isSilenceSent { continue }
            let sequence = sent
            sent += 1
            if dropping == 0, Double.random(in: 0..<1, using: &random) < trace.loss / Double(trace.burst) {
                dropping = trace.burst
            }
            if dropping > 0 {
                dropping -= 1
                continue
            }
            delivered += 1
            let isCalm = trace.calmsAfter.map { index >= $0 * 50 } ?? false
            let isTwice = Double.random(in: 0..<1, using: &random) < trace.duplicates
            for _ in 0..<(isTwice ? 2 : 1) {
                let way = isCalm ? 0 : Double.random(in: 0...1, using: &random) * trace.jitter * 48
                let time = Double(index) * 960 * pace + way
                arrivals.append(
                    Arrival(
                        time: Int64(time), sequence: sequence, timestamp: Int64(index) * 960, isQuiet: isQuiet))
            }
        }
        arrivals.sort { $0.time < $1.time }
    }

    static func packet(at arrival: Int64) -> JitterBuffer.Packet {
        JitterBuffer.Packet(sequence: 0, timestamp: 0, duration: 960, arrival: arrival, payload: [1])
    }

    mutating func run() {
        // Close to the end of both, so that they wrap around.
        let firstSequence = 65_000
        let firstTimestamp = Int64(UInt32.max) - 48_000
        var next = 0
        var isQuiet = false
        let end = arrivals.last?.time ?? 0
        for now in stride(from: Int64(0), to: end, by: 960) {
            while next < arrivals.count, arrivals[next].time <= now {
                let arrival = arrivals[next]
                var packet = Self.packet(at: arrival.time)
                packet.payload = [arrival.isQuiet ? 0 : 1]
                buffer.insert(
                    sequence: UInt16(truncatingIfNeeded: firstSequence + arrival.sequence),
                    timestamp: UInt32(truncatingIfNeeded: firstTimestamp + arrival.timestamp),
                    packet
                )
                next += 1
            }
            deepest = max(deepest, buffer.depth)
            frames += 1
            hear(now, &isQuiet, base: firstTimestamp)
        }
    }

    private mutating func hear(_ now: Int64, _ isQuiet: inout Bool, base: Int64) {
        for _ in 0..<24 {
            switch buffer.next(at: now, isQuiet: isQuiet) {
            case .skip: continue
            case .play(let packet):
                isQuiet = packet.payload == [0]
                // The buffer's numbers begin with 1 << 40.
                lastDelay = now - Int64(Double(packet.timestamp - (1 << 40) - base) * pace)
                if now > 48_000 { longestDelay = max(longestDelay, lastDelay) }
            case .comfort: isQuiet = true
            case .recover, .conceal, .nothing: break
            }
            return
        }
    }
}
