// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import VoiceBackend

/// A caller who speaks tones, faster than time goes: turn taking counts audio, not seconds.
struct Caller {
    let session: VoiceSession

    /// A loud tone, which the energy VAD takes for speech.
    static func voice(_ length: Duration, rate: Int = 16_000) -> [Int16] {
        let count = Int(length / .milliseconds(1)) * rate / 1000
        return (0..<count).map { Int16(9000 * sin(Double($0) * 2 * .pi * 220 / Double(rate))) }
    }

    static func silence(_ length: Duration, rate: Int = 16_000) -> [Int16] {
        Array(repeating: 0, count: Int(length / .milliseconds(1)) * rate / 1000)
    }

    func speaks(_ length: Duration = .milliseconds(500)) async throws {
        try await send(Self.voice(length, rate: session.rate))
    }

    func isQuiet(_ length: Duration = .milliseconds(600)) async throws {
        try await send(Self.silence(length, rate: session.rate))
    }

    /// Speech and the silence after it in one piece: however busy the machine is, nothing comes between them.
    func says(_ length: Duration = .milliseconds(500), silence: Duration = .milliseconds(400)) async throws {
        let samples = Self.voice(length, rate: session.rate) + Self.silence(silence, rate: session.rate)
        try await session.processAudio(samples: samples)
    }

    /// In frames of 20 ms, as a client sends them.
    func send(_ samples: [Int16]) async throws {
        let frame = session.rate / 50
        for start in stride(from: 0, to: samples.count, by: frame) {
            try await session.processAudio(samples: Array(samples[start..<min(start + frame, samples.count)]))
        }
    }
}

extension VoiceSession {
    /// Reads events up to the first that is wanted.
    /// - Returns: all of them; the wanted one is the last.
    @discardableResult
    func events(until isWanted: (VoiceEvent) -> Bool) async throws -> [VoiceEvent] {
        var seen: [VoiceEvent] = []
        for try await event in events {
            seen.append(event)
            if isWanted(event) { return seen }
        }
        throw Missing(seen: seen)
    }

    /// The next finished turn.
    func nextTurn() async throws -> VoiceTurn {
        let seen = try await events { if case .turnEnded = $0 { true } else { false } }
        guard case .turnEnded(let turn) = seen.last else { throw Missing(seen: seen) }
        return turn
    }

    /// Reads so much of the agent's voice.
    func hear(frames: Int) async throws -> [AudioFrame] {
        var heard: [AudioFrame] = []
        for try await frame in audio {
            heard.append(frame)
            if heard.count == frames { break }
        }
        return heard
    }
}

/// The stream ended before what was waited for.
struct Missing: Error {
    var seen: [VoiceEvent]
}
