// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("What the caller hears")
struct PhonePlayoutTests {
    @Test func `is marked as it goes, and at its end`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":100"#)
        phone.speak(12, generation: 1)
        #expect(phone.marks(id) == ["syrinx:0:800", "syrinx:0:1600"])
        phone.session.advance(milliseconds: 59)
        #expect(phone.marks(id).count == 2)
        phone.session.advance(milliseconds: 1)
        #expect(phone.marks(id).last == "syrinx:0:1920")
        // Silence is no news.
        phone.session.advance(milliseconds: 10_000)
        #expect(phone.marks(id).count == 3)
        phone.close()
    }

    @Test func `is not marked as over while frames keep coming`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":5000"#)
        for _ in 0..<20 {
            phone.speak(generation: 1)
            phone.session.advance(milliseconds: 20)
        }
        #expect(phone.marks(id).isEmpty)
        phone.session.advance(milliseconds: 60)
        #expect(phone.marks(id) == ["syrinx:0:3200"])
        phone.speak(2, generation: 1)
        phone.speak(1, generation: 2)
        #expect(phone.marks(id) == ["syrinx:0:3200", "syrinx:0:3520"])
        phone.close()
    }

    @Test func `is told to the host once it was played`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":20"#)
        phone.speak(3, generation: 1)
        for name in [
            "syrinx:0:160", "syrinx:0:160", "syrinx:0:480", "syrinx:0:320", "syrinx:0:640", "syrinx:1:320", "other",
            "syrinx:0:-1", "syrinx:0:99999999999999999999", "syrinx:0", "",
        ] { phone.mark(id, name) }
        #expect(phone.events(.mark).map(\.secondInteger) == [160, 480])
        phone.close()
    }

    @Test func `is cleared inside the call of cancel`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":100"#)
        phone.speak(12, generation: 1)
        phone.mark(id, "syrinx:0:800")
        phone.session.cancel(1)
        #expect(phone.words(id).last == "clear")
        #expect(phone.words(id).filter { $0 == "clear" }.count == 1)
        // The vendor gives all marks back at once: they were not heard.
        phone.mark(id, "syrinx:0:1600")
        #expect(phone.events(.mark).map(\.secondInteger) == [800])
        // Late frames of the answer do not come behind it.
        phone.speak(2, generation: 1)
        #expect(phone.words(id).last == "clear")
        phone.session.cancel(1)
        #expect(phone.words(id).filter { $0 == "clear" }.count == 1)
        // The next one counts on, with what was dropped.
        phone.speak(5, generation: 2)
        #expect(phone.marks(id).last == "syrinx:1:3040")
        phone.mark(id, "syrinx:1:3040")
        #expect(phone.events(.mark).map(\.secondInteger) == [800, 3_040])
        phone.close()
    }

    @Test func `is not cleared for an answer that another has followed, or that was never sent`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":20"#)
        phone.session.cancel(9)
        phone.speak(2, generation: 1)
        phone.mark(id, "syrinx:0:320")
        phone.speak(1, generation: 3)
        phone.session.cancel(1)
        phone.session.cancel(2)
        #expect(!phone.words(id).contains("clear"))
        phone.session.cancel(3)
        #expect(phone.words(id).last == "clear")
        phone.close()
    }

    @Test func `is cleared of the newest answer even if it seems to be played`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":20"#)
        phone.speak(2, generation: 1)
        phone.mark(id, "syrinx:0:320")
        phone.session.cancel(1)
        #expect(phone.words(id).last == "clear")
        phone.close()
    }

    @Test func `is cleared of an answer that still plays in front of the next`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":20"#)
        phone.speak(2, generation: 1)
        phone.speak(1, generation: 2)
        phone.session.cancel(1)
        #expect(phone.words(id).last == "clear")
        phone.close()
    }

    @Test func `waits in a full socket, old audio going first and no control message at all`() throws {
        let (phone, id) = try Phone.call(#""mark_ms":200"#)
        phone.session.refuseSends(id)
        for frame in 0..<400 { phone.speak(generation: 1, value: Int16(frame)) }
        #expect(phone.session.sentTexts(id).isEmpty)
        #expect(phone.host.metrics[4] == 150)
        phone.session.refuseSends(id, false)
        let words = phone.words(id)
        #expect(words.filter { $0 == "media" }.count == 250)
        // One mark for the dropped beginning, then one for each ten frames.
        #expect(words.filter { $0 == "mark" }.count == 26)
        #expect(phone.marks(id).first == "syrinx:0:24000" && phone.marks(id).last == "syrinx:0:64000")
        let first = phone.sent(id).first { $0["event"]?.string == "media" }?["media"]?["payload"]?.string
        #expect(first == Base64.encode([UInt8](repeating: G711.muLaw.encode(150), count: 160)))
        phone.close()
    }

    @Test func `that waits in a full socket is dropped by a clear, which is not`() throws {
        let (phone, id) = try Phone.call()
        phone.speak(generation: 1)
        phone.session.refuseSends(id)
        phone.speak(30, generation: 1)
        phone.session.cancel(1)
        phone.speak(2, generation: 2)
        phone.session.refuseSends(id, false)
        #expect(phone.words(id) == ["media", "clear", "media", "media"])
        phone.close()
    }

    @Test func `never traps, whatever comes over the socket`() throws {
        var random = Generator(state: 17)
        let seeds = [
            Phone.start(parameters: #"{"a":"b"}"#), Phone.media(1), #"{"event":"stop","streamSid":"MZ1","stop":{}}"#,
            #"{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":"1"}}"#,
            #"{"event":"mark","streamSid":"MZ1","mark":{"name":"syrinx:0:160"}}"#, #"{"event":"connected"}"#,
        ].map { Array($0.utf8) }
        for _ in 0..<300 {
            let (phone, id) = try Phone.call()
            phone.speak(generation: 1)
            for _ in 0..<20 {
                var bytes = seeds[Int(random.next() % UInt64(seeds.count))]
                for _ in 0..<Int(random.next() % 4) {
                    let place = Int(random.next() % UInt64(bytes.count))
                    switch random.next() % 3 {
                    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(contentsOf: bytes[place...].prefix(8), at: place)
                    }
                }
                phone.session.deliverText(id, String(decoding: bytes, as: UTF8.self))
            }
            phone.session.deliverBinary(id, [1, 2, 3])
            #expect(phone.session.terminals(0).count <= 1)
            #expect(phone.events(.error).isEmpty)
            #expect(phone.session.openRequests.count == 1)
            phone.close()
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 16
        }
    }

    @Test(arguments: [
        "", "{", "null", "[]", #"{"event":7}"#, #"{"event":"media"}"#, #"{"event":"media","media":{"payload":"%"}}"#,
        #"{"event":"nothing"}"#, #"{"event":"start"}"#, #"{"event":"dtmf"}"#, #"{"event":"mark","mark":[]}"#,
        "\u{0}\u{FFFD}", String(repeating: "[", count: 1_000),
    ])
    func `goes on after a message that nobody understands`(text: String) throws {
        let (phone, id) = try Phone.call()
        phone.session.deliverText(id, text)
        #expect(phone.host.metrics[2] == 1)
        phone.session.deliverText(id, Phone.media(1))
        #expect(phone.events(.audioOut).count == 1 && phone.end == nil)
        phone.close()
    }

    @Test func `waits while the host's queue is full, and no event is lost`() throws {
        let phone = try Phone("twilio", #""verify":false,"allow_unsigned":true"#, queueLimit: 1)
        let id = phone.session.knock("GET", Phone.door, upgrades: true)
        phone.session.acceptSocket(id)
        phone.session.deliverText(id, Phone.start())
        #expect(phone.events(.peer).isEmpty)
        phone.session.takeAll()
        #expect(phone.events(.peer).count == 1)
        phone.close()
    }
}
