// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import AudioSocketTransport

@Suite("A call over AudioSocket")
struct AudioSocketCallTests {
    @Test func `is announced, comes by its ticket, is heard and answered`() async throws {
        let door = try PhoneDoor()
        let (session, far) = try door.call("from=%2B4930+1&to=42&call=17.1&language=de&queue=a%26b")
        let peer = try #require(await session.waitFor { $0.type == .peer })
        let facts = try JSONValue(parsing: peer.json)
        #expect(facts["from"] == "+4930 1" && facts["to"] == "42" && facts["call"] == "17.1")
        #expect(facts["language"] == "de" && facts["metadata"] == ["queue": "a&b"])

        far.send(0x10, [1, 0, 0xFF, 0xFF])
        far.send(0x10, [2, 0])
        _ = await session.waitFor { $0.type == .audioOut && $0.samples == [2] }
        #expect(session.events.filter { $0.type == .audioOut }.map(\.samples) == [[1, -1], [2]])

        session.sendAudio([Int16](repeating: 0x0102, count: 160), generation: 1, sampleRate: 8_000)
        #expect(far.receive(323) == [0x10, 0x01, 0x40] + [UInt8]((0..<320).map { $0 % 2 == 0 ? 2 : 1 }))
        door.close(session)
        #expect(far.receive(4) == [0, 0, 0], "it hangs up, and closes")
        #expect(session.eventsAfterClose == 0 && door.count(.calls) == 1)
    }

    @Test func `passes the caller's keys on`() async throws {
        let door = try PhoneDoor()
        let (session, far) = try door.call()
        for key in "1#a".utf8 { far.send(3, [key]) }
        far.send(3, [0x78])
        far.send(3, [0x2A])
        _ = await session.waitFor { $0.type == .dtmfOut && $0.text == "*" }
        #expect(session.events.filter { $0.type == .dtmfOut }.map(\.text) == ["1", "#", "A", "*"])
        var event = OutgoingEvent(.dtmfIn)
        event.text = "5"
        #expect(session.send(event) == .skip, "the host plays them")
        #expect(door.count(.ignored) == 1)
    }

    @Test(arguments: [([0, 0, 0], "hung up"), ([0xFF, 0, 1, 4], "error 4"), ([0x12, 0, 2, 0, 0], "16000 Hz")])
    func `ends when the far end says so, or cannot be understood`(packet: [UInt8], why: String) async throws {
        let door = try PhoneDoor()
        let (session, far) = try door.call()
        far.send(packet)
        let end = try #require(await session.waitFor { $0.type == .done })
        #expect(end.text.contains(why))
        #expect(far.receive(4) == [0, 0, 0])
    }

    @Test func `ends when the connection is gone`() async throws {
        let door = try PhoneDoor()
        let (session, far) = try door.call()
        _ = try #require(await session.waitFor { $0.type == .peer })
        far.leave()
        #expect(await session.waitFor { $0.type == .done } != nil)
    }

    @Test func `is ended at the door as well`() async throws {
        let door = try PhoneDoor()
        let (session, far) = try door.call()
        _ = try #require(await session.waitFor { $0.type == .peer })
        let other = session.knock("POST", PhoneDoor.url + "/id", path: "id")
        #expect(session.reply(other)?.status == 405)
        let id = session.knock("DELETE", PhoneDoor.url + "/id", path: "id")
        #expect(session.reply(id)?.status == 200)
        #expect(session.events.contains { $0.type == .done })
        door.close(session)
        #expect(far.receive(4) == [0, 0, 0])
    }
}

@Suite("Strangers at AudioSocket")
struct AudioSocketStrangerTests {
    @Test(arguments: [
        ("", 401), ("token=", 401), ("token=open", 401), ("token=$%7Bsecret:token%7D", 401),
        ("token=open+sesame", 200),
    ])
    func `need the token to announce a call`(body: String, status: Int) throws {
        let door = try PhoneDoor(#""token":"${secret:token}""#)
        let (session, reply) = try door.ask(body)
        #expect(reply.status == status)
        #expect(session.events.contains { $0.type == .done } == (status != 200))
        #expect(door.count(.refused) == (status == 200 ? 0 : 1))
        #expect(!reply.body.contains("sesame"))
    }

    @Test func `do not announce calls that lead nowhere, nor by other methods`() throws {
        let door = try PhoneDoor()
        #expect(try door.ask("to=1", isRouted: false).reply.status == 404)
        #expect(try door.ask("", method: "PUT").reply.status == 405)
    }

    @Test func `a ticket is good once, and no other is good at all`() async throws {
        let door = try PhoneDoor()
        let (session, reply) = try door.ask("")
        let first = try AsteriskEnd(reply)
        first.send(1, AsteriskEnd.bytes(of: reply.body))
        _ = try #require(await session.waitFor { $0.type == .peer })
        for packet in [
            [1, 0, 16] + AsteriskEnd.bytes(of: reply.body), [1, 0, 16] + [UInt8](repeating: 7, count: 16),
            [0x10, 0, 2, 0, 0], [0, 0, 0], Array("GET / HTTP/1.1\r\n\r\n".utf8) + [UInt8](repeating: 0, count: 20_000),
        ] {
            let stranger = try AsteriskEnd(reply)
            stranger.send(packet)
            #expect(stranger.receive(4) == [0, 0, 0])
        }
        #expect(door.count(.strangers) == 5)
        // The call has noticed nothing.
        first.send(0x10, [9, 0])
        #expect(await session.waitFor { $0.type == .audioOut && $0.samples == [9] } != nil)
    }

    @Test func `who says nothing is sent away, and the first of a crowd of such at once`() async throws {
        let door = try PhoneDoor()
        let (session, reply) = try door.ask("")
        let silent = try (0..<Hub.maximumStrangers + 8).map { _ in try AsteriskEnd(reply) }
        #expect(silent.prefix(8).allSatisfy { $0.receive(4) == [0, 0, 0] })
        // A call finds room among them.
        let far = try AsteriskEnd(reply)
        far.send(1, AsteriskEnd.bytes(of: reply.body))
        #expect(await session.waitFor { $0.type == .peer } != nil)
        session.advance(milliseconds: 6_000)
        #expect(silent.suffix(4).allSatisfy { $0.receive(4) == [0, 0, 0] })
    }

    @Test func `a ticket whose session is over is worth nothing`() throws {
        let door = try PhoneDoor()
        let (session, reply) = try door.ask("")
        door.close(session)
        let far = try AsteriskEnd(reply)
        far.send(1, AsteriskEnd.bytes(of: reply.body))
        #expect(far.receive(4) == [0, 0, 0])
        #expect(session.eventsAfterClose == 0)
    }
}
