// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import WebRTCTransport

/// A browser's data channels, over the DTLS of a call in memory.
final class FarChannels {
    let line: LoopCall
    private(set) var texts: [String] = []
    private(set) var acknowledged: [UInt16] = []
    private(set) var resets: [UInt16] = []
    private(set) var isUp = false
    private let association: SCTPAssociation
    private var rest: [UInt16: [UInt8]] = [:]
    /// Percent of the packets, either way.
    var loss = 0
    private var random = SeededRandom(seed: 7)

    init(_ line: LoopCall) throws {
        self.line = line
        line.connect()
        association = try #require(SCTPAssociation(localPort: 5_000, remotePort: 5_000))
        settle()
    }

    /// A call with one channel that is open.
    static func opened() throws -> FarChannels {
        let far = try FarChannels(LoopCall())
        far.open(0, label: "events")
        #expect(far.acknowledged == [0])
        return far
    }

    /// A DATA_CHANNEL_OPEN.
    static func opening(_ label: String) -> [UInt8] {
        [3, 0, 1, 0, 0, 0, 0, 0, 0, UInt8(label.utf8.count), 0, 0] + Array(label.utf8)
    }

    func open(_ stream: UInt16, label: String) { send(Self.opening(label), stream, 50) }

    func say(_ text: String, on stream: UInt16 = 0) { send(Array(text.utf8), stream, 51) }

    func send(_ bytes: [UInt8], _ stream: UInt16, _ protocolID: UInt32) {
        #expect(association.send(bytes, stream: stream, protocolID: protocolID) == .ok)
        settle()
    }

    func close(_ stream: UInt16) {
        association.reset(stream: stream)
        settle()
    }

    func tell(_ text: String) {
        line.peer.tell(text)
        settle()
    }

    /// Carries packets both ways until there are none.
    func settle() {
        for _ in 0..<100 {
            let packets = association.takePackets()
            for packet in packets where arrives() { line.far.send(packet) }
            for datagram in line.far.takeDatagrams() { line.deliver(datagram) }
            line.wait(milliseconds: 5)
            let messages = line.far.takeMessages()
            for message in messages where arrives() { association.receive(message) }
            for arrival in association.takeArrivals() { take(arrival) }
            if packets.isEmpty, messages.isEmpty { return }
        }
    }

    /// Until all has arrived. The library sends again only what is old by the machine's clock, so this is one of the few
    /// tests that have to wait.
    func settleLosses(until isDone: () -> Bool) {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isDone(), ContinuousClock.now < deadline {
            // Each loss in a row doubles the wait for the next attempt, up to 10 s: luck is not to decide.
            if ContinuousClock.now > deadline - .seconds(45) { loss = 0 }
            usleep(10_000)
            SCTPLibrary.tick()
            // The call itself is to go on, however long this takes.
            line.check()
            settle()
        }
    }

    private func arrives() -> Bool { Int.random(in: 0..<100, using: &random) >= loss }

    private func take(_ arrival: SCTPMailbox.Arrival) {
        switch arrival {
        case .isUp(let isUp): self.isUp = isUp
        case .reset(let streams): resets += streams
        case .data(let bytes, let stream, let protocolID, let isLast):
            rest[stream, default: []] += bytes
            guard isLast, let whole = rest.removeValue(forKey: stream) else { return }
            if protocolID == 51 { texts.append(String(decoding: whole, as: UTF8.self)) }
            if protocolID == 50, whole == ChannelOpening.acknowledgement { acknowledged.append(stream) }
        }
    }
}

@Suite("Data channels of WebRTC", .serialized)
struct DataChannelTests {
    @Test
    func `a channel opens, and carries texts both ways in their order`() throws {
        let far = try FarChannels.opened()
        #expect(far.line.peer.channels?.channels.first?.opening.label == "events")
        far.say("one")
        far.say("two")
        far.tell("three")
        far.tell("four")
        #expect(far.line.commands == ["one", "two"])
        #expect(far.texts == ["three", "four"])
        #expect(far.line.peer.channels?.counts == DataChannels.Counts(received: 2, sent: 2))
    }

    @Test
    func `a text of many packets arrives whole`() throws {
        let far = try FarChannels.opened()
        let long = String(repeating: "äb", count: 20_000)
        far.say(long)
        #expect(far.line.commands == [long])
        far.tell(long)
        #expect(far.texts == [long])
        #expect(far.line.raw.allSatisfy { $0.count <= DTLSConnection.maximumDatagram })
    }

    @Test
    func `lost packets are sent again, and the order is kept`() throws {
        let far = try FarChannels.opened()
        far.loss = 25
        let texts = (0..<50).map { "\($0) " + String(repeating: "x", count: $0 * 40) }
        for text in texts {
            far.tell(text)
            far.say(text)
        }
        far.settleLosses { far.texts.count == texts.count && far.line.commands.count == texts.count }
        #expect(far.texts == texts)
        #expect(far.line.commands == texts)
        #expect(far.line.end == nil)
    }

    @Test
    func `what is too long, binary, no UTF-8 or of no channel is dropped, and nothing else`() throws {
        let far = try FarChannels.opened()
        far.say(String(repeating: "x", count: DataChannels.maximumReceived + 1))
        far.send([1, 2, 3], 0, 53)
        far.send([0xC3, 0x28], 0, 51)
        far.say("lost", on: 4)
        far.say("heard")
        #expect(far.line.commands == ["heard"])
        #expect(far.line.peer.channels?.counts == DataChannels.Counts(received: 1, dropped: 4))
        #expect(far.line.end == nil)
    }

    @Test
    func `what is longer than the peer takes is not sent`() throws {
        let far = try FarChannels.opened()
        far.tell(String(repeating: "x", count: 65_537))
        far.tell("short")
        #expect(far.texts == ["short"])
    }

    @Test
    func `events wait for the channel, and the oldest go when too many do`() throws {
        let far = try FarChannels(LoopCall())
        for number in 0..<DataChannels.maximumWaiting + 10 { far.line.peer.tell("\(number)") }
        far.open(2, label: "late")
        #expect(far.texts.first == "10")
        #expect(far.texts.count == DataChannels.maximumWaiting)
        #expect(far.line.peer.channels?.counts.dropped == 10)
    }

    @Test
    func `a channel that the peer closes is closed here, and the next one has the events`() throws {
        let far = try FarChannels.opened()
        far.open(2, label: "second")
        far.close(0)
        #expect(far.resets == [0])
        far.tell("to the second")
        #expect(far.texts == ["to the second"])
        far.close(2)
        far.tell("later")
        far.open(4, label: "third")
        #expect(far.texts == ["to the second", "later"])
    }

    @Test
    func `more channels than there may be are refused`() throws {
        let far = try FarChannels(LoopCall())
        for stream in UInt16(0)..<UInt16(DataChannels.maximumChannels + 4) { far.open(stream, label: "x") }
        #expect(far.acknowledged.count == DataChannels.maximumChannels)
        #expect(far.line.peer.channels?.counts.dropped == 4)
    }

    @Test
    func `random packets and openings end nothing`() throws {
        var random = SeededRandom(seed: 3)
        let far = try FarChannels.opened()
        for _ in 0..<3_000 {
            let count = Int.random(in: 1..<80, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random) {
                far.line.far.send(bytes)
                for datagram in far.line.far.takeDatagrams() { far.line.deliver(datagram) }
            } else {
                far.send(bytes, UInt16.random(in: 0..<64, using: &random), 50)
            }
        }
        #expect(far.line.end == nil)
        far.say("still here")
        #expect(far.line.commands == ["still here"])
    }

    @Test
    func `a hang-up ends the channels`() throws {
        let far = try FarChannels.opened()
        far.line.peer.close(at: far.line.now)
        far.settle()
        #expect(!far.isUp)
    }

    @Test(arguments: [[], [3], [3, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 97], [2], [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    func `what is no opening is none`(bytes: [UInt8]) {
        #expect(ChannelOpening(bytes) == nil)
    }
}
