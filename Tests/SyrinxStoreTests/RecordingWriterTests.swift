// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Recordings")
struct RecordingWriterTests {
    private let folder: StoreFolder
    private let file: RecordingFile

    init() throws {
        folder = try StoreFolder()
        file = try #require(
            RecordingFile(folder: folder.recordings, tenant: "acme", session: "s1", startedAt: noon))
    }

    @Test func `the caller is left, the agent right, and the length is the call's`() throws {
        let call = RecordingHarness(file: file)
        call.talk(from: 0, to: 5000)
        call.writer.ended(at: RecordingHarness.at(5000))
        call.writer.ended(at: RecordingHarness.at(9000))
        call.talk(from: 5000, to: 9000)
        call.wait()
        #expect(call.results.all == [RecordingResult(reason: .finished, duration: 5000, bytes: 160_044)])
        let wav = StereoFile(file.path)
        #expect(wav.isReadable && wav.bytes.count == 160_044 && wav.frames == 40_000)
        #expect(wav.samples(0).allSatisfy { $0 == 1 } && wav.samples(1).allSatisfy { $0 == 2 })
        #expect(try folder.permissions("recordings/acme/2026-11-28/s1.wav") == 0o600)
        #expect(try folder.permissions("recordings/acme/2026-11-28") == 0o700)
    }

    @Test func `at any moment the file can be read`() {
        let call = RecordingHarness(file: file)
        var frames = 0
        for second in 0..<10 {
            call.talk(from: second * 1000, to: second * 1000 + 1000)
            call.wait()
            let wav = StereoFile(file.path)
            #expect(wav.isReadable && wav.frames >= frames)
            #expect(wav.frames >= (second + 1) * 8000 - 12_320)
            frames = wav.frames
        }
    }

    @Test func `a pause writes silence on both sides, and takes back what the agent has not played`() {
        let call = RecordingHarness(file: file)
        call.talk(from: 0, to: 1000)
        let ahead = [Int16](repeating: 2, count: 1600)
        ahead.withUnsafeBufferPointer { call.writer.agent($0, at: RecordingHarness.at(1000)) }
        call.writer.pause(at: RecordingHarness.at(1000))
        call.talk(from: 1000, to: 2000)
        call.writer.resume()
        call.talk(from: 2000, to: 3000)
        call.writer.ended(at: RecordingHarness.at(3000))
        call.wait()
        for (channel, value) in [(0, Int16(1)), (1, 2)] {
            let samples = StereoFile(file.path).samples(channel)
            #expect(samples.count == 24_000)
            #expect(samples[..<8000].allSatisfy { $0 == value })
            #expect(samples[8000..<16_000].allSatisfy { $0 == 0 })
            #expect(samples[16_000...].allSatisfy { $0 == value })
        }
    }

    @Test func `a barge-in cuts the agent where the caller stopped hearing it`() {
        let call = RecordingHarness(file: file)
        let speech = [Int16](repeating: 2, count: 8000)
        speech.withUnsafeBufferPointer { call.writer.agent($0, at: RecordingHarness.at(500)) }
        call.writer.cleared(at: RecordingHarness.at(800))
        call.writer.ended(at: RecordingHarness.at(2000))
        call.wait()
        let agent = StereoFile(file.path).samples(1)
        #expect(agent.count == 16_000 && agent[4000..<6400].allSatisfy { $0 == 2 })
        #expect(agent.filter { $0 != 0 }.count == 2400)
    }

    @Test func `a long message is taken in pieces`() {
        let call = RecordingHarness(file: file)
        let message = (0..<24_000).map { Int16($0 + 1) }
        message.withUnsafeBytes { call.writer.caller($0, at: RecordingHarness.at(3000)) }
        [UInt8](repeating: 7, count: 3).withUnsafeBytes { call.writer.caller($0, at: RecordingHarness.at(3000)) }
        call.writer.ended(at: RecordingHarness.at(3000))
        call.wait()
        #expect(StereoFile(file.path).samples(0).prefix(24_000) == message[...])
    }

    @Test func `at its maximum size it ends, at a whole frame`() {
        var limits = RecordingLimits()
        limits.maximumBytes = 50_003
        let call = RecordingHarness(file: file, limits: limits)
        call.talk(from: 0, to: 10_000)
        call.writer.ended(at: RecordingHarness.at(10_000))
        call.wait()
        #expect(call.results.all == [RecordingResult(reason: .tooLarge, duration: 1561, bytes: 50_000)])
        let wav = StereoFile(file.path)
        #expect(wav.isReadable && wav.bytes.count == 50_000 && wav.dataSize == 49_956)
    }

    @Test func `when the disk does not keep up it ends, and what it has is kept`() {
        let call = RecordingHarness(file: file, isStopped: true)
        call.talk(from: 0, to: 60_000)
        #expect(call.results.all.isEmpty)
        call.queue.resume()
        call.wait()
        call.writer.ended(at: RecordingHarness.at(60_000))
        call.wait()
        #expect(call.results.all.map(\.reason) == [.slow])
        let wav = StereoFile(file.path)
        #expect(wav.isReadable && (7 * 8000...9 * 8000).contains(wav.frames))
        #expect(wav.samples(0).allSatisfy { $0 == 1 })
    }

    @Test func `where there is a file already, or no way to make one, nothing is recorded`() throws {
        let first = RecordingHarness(file: file)
        first.writer.ended(at: .zero)
        first.wait()
        let second = RecordingHarness(file: file)
        second.talk(from: 0, to: 3000)
        second.writer.ended(at: RecordingHarness.at(3000))
        second.wait()
        #expect(second.results.all == [RecordingResult(reason: .refused, duration: 0, bytes: 0)])
        #expect(StereoFile(file.path).frames == 0)
    }

    @Test func `a session that never begins leaves no file, one without audio an empty one`() {
        let call = RecordingHarness(file: file)
        call.wait()
        #expect(!folder.exists("recordings/acme"))
        call.writer.ended(at: RecordingHarness.at(0))
        call.wait()
        #expect(call.results.all == [RecordingResult(reason: .finished, duration: 0, bytes: 44)])
        let wav = StereoFile(file.path)
        #expect(wav.isReadable && wav.bytes.count == 44 && wav.frames == 0)
    }

    @Test(arguments: ["", "..", "../x", "a/b", ".hidden", "a.b", "a\0", "ü", String(repeating: "x", count: 65)])
    func `no id leads out of the folder`(id: String) {
        #expect(RecordingFile(folder: "/tmp/x", tenant: id, session: "s1", startedAt: noon) == nil)
        #expect(RecordingFile(folder: "/tmp/x", tenant: "acme", session: id, startedAt: noon) == nil)
    }
}
