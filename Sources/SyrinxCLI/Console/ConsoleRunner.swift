// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import SyrinxAudio
internal import SyrinxCore

/// A conversation whose caller is the standard input.
struct ConsoleRunner {
    enum Input: Sendable {
        /// Each line is said at once, or when the turn before it has ended.
        case lines(waits: Bool)
        /// A WAV file, or s16le mono at the call's rate; as fast as it is spoken.
        case audio
    }

    var target: TalkTarget
    var input: Input
    var options: CallScript.Options
    /// A WAV file, or `-` for s16le at the standard output.
    var output: String?
    var onNote: @Sendable (CallNote) -> Void

    /// - Returns: why the server ended the session; nil when the input did.
    /// - Throws: `client.*`, `file.not_writable`, `wav.*`, or the server's refusal.
    func run() async throws(SyrinxError) -> String? {
        let audio = try audioInput()
        let speaker = try ConsoleSpeaker(output, rate: options.rate)
        let client = try await TalkClient.connect(target)
        let talk = ConsoleTalk(options)
        do {
            try await client.talk { inbound, outbound in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await listen(talk, inbound) }
                    tasks.addTask { try await play(talk, speaker) }
                    tasks.addTask { try await speak(talk, audio, outbound) }
                    // The first to be done ends it: the server, or the caller.
                    try await tasks.next()
                    tasks.cancelAll()
                }
            }
        } catch {
            guard talk.isOver else { throw TalkFailure.error(error, target) }
        }
        try speaker.finish()
        return talk.isCut ? talk.closeReason ?? "connection lost" : nil
    }

    private func listen(_ talk: ConsoleTalk, _ inbound: TalkClient.Inbound) async throws {
        defer { talk.disconnected() }
        for try await message in inbound {
            for note in talk.receive(message) { onNote(note) }
        }
    }

    private func play(_ talk: ConsoleTalk, _ speaker: ConsoleSpeaker) async throws {
        while true {
            try speaker.play(talk.heard())
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: the caller

    private func speak(_ talk: ConsoleTalk, _ audio: ConsoleAudio?, _ outbound: TalkClient.Outbound) async throws {
        if let audio {
            if audio.canWait { try await listen(talk, sendingTo: outbound) }
            try await say(audio, outbound)
            try await listen(talk, sendingTo: outbound)
        } else {
            try await sayLines(talk, outbound)
            try await listen(talk, sendingTo: nil)
        }
        talk.hangUp()
        try await outbound.write(.event(["type": "close"]))
    }

    /// Until nobody has anything more to say.
    private func listen(_ talk: ConsoleTalk, sendingTo microphone: TalkClient.Outbound?) async throws {
        let silence = [Int16](repeating: 0, count: options.rate / 50)
        while !talk.isQuiet {
            try await microphone?.write(.audio(silence))
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func sayLines(_ talk: ConsoleTalk, _ outbound: TalkClient.Outbound) async throws {
        for await line in StandardInput.lines {
            if case .lines(waits: true) = input {
                try await listen(talk, sendingTo: nil)
            }
            talk.said()
            try await outbound.write(.event(["type": "text", "text": .string(line)]))
        }
    }

    private func say(_ audio: ConsoleAudio, _ outbound: TalkClient.Outbound) async throws {
        let clock = ContinuousClock()
        var next = clock.now
        for await frame in audio.frames {
            try await outbound.write(.audio(frame))
            // A microphone has its own time; what waits for it starts the schedule anew.
            next = max(next.advanced(by: .milliseconds(20)), clock.now)
            try await clock.sleep(until: next)
        }
    }

    private func audioInput() throws(SyrinxError) -> ConsoleAudio? {
        guard case .audio = input else { return nil }
        return try ConsoleAudio(rate: options.rate)
    }
}

/// The standard input as frames of 20 ms.
struct ConsoleAudio: Sendable {
    private static let largest = 256 << 20

    /// A recording; a microphone goes on whoever speaks.
    let canWait: Bool
    let frames: AsyncMapSequence<StandardInput.Reading<[UInt8]>, [Int16]>

    /// - Throws: `wav.*`.
    init(rate: Int) throws(SyrinxError) {
        let count = rate / 50 * 2
        let head = StandardInput.bytes(4)
        guard head == Array("RIFF".utf8) else {
            let rest = HeadedInput(head)
            canWait = StandardInput.isFile
            frames = StandardInput.Reading { rest.piece(count) }.map(Self.samples)
            return
        }
        let audio: WAVAudio
        do {
            audio = try WAVReader.read(head + StandardInput.bytes(Self.largest))
        } catch {
            throw SyrinxError(
                error.code.rawValue, error.message, fix: "use a WAV file of 16-bit PCM, mono or stereo",
                place: "standard input:\(error.offset)")
        }
        canWait = true
        let samples = CallerLine.convert(audio.samples, from: audio.rate, to: rate)
        let rest = HeadedInput(samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
        frames = StandardInput.Reading { rest.kept(count) }.map(Self.samples)
    }

    /// Half a sample at the end is none.
    private static func samples(_ bytes: [UInt8]) -> [Int16] {
        stride(from: 0, to: bytes.count - bytes.count % 2, by: 2).map {
            Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)
        }
    }
}

/// What was read to see what it is, and what follows. Used by the reading thread alone.
private final class HeadedInput: @unchecked Sendable {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    /// Of what was kept.
    func kept(_ count: Int) -> [UInt8]? {
        defer { bytes = bytes.dropFirst(count) }
        return bytes.isEmpty ? nil : Array(bytes.prefix(count))
    }

    /// Of that, and of what follows.
    func piece(_ count: Int) -> [UInt8]? {
        let head = kept(count) ?? []
        let piece = head + StandardInput.bytes(count - head.count)
        return piece.isEmpty ? nil : piece
    }
}
