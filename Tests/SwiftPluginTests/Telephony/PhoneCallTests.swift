// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("A phone call")
struct PhoneCallTests {
    @Test func `is heard, answered and ended`() throws {
        let (phone, id) = try Phone.call()
        #expect(phone.session.reply(id)?.status == 101)
        #expect(phone.events(.peer).map(\.json) == [#"{"call":"CA1"}"#])
        phone.session.deliverText(id, Phone.media(1))
        phone.session.deliverText(id, Phone.media(2, [0x00]), pieceBytes: 7)
        let audio = phone.events(.audioOut)
        #expect(audio.map(\.samples) == [[0, -32_124, 32_124], [-32_124]])
        #expect(audio.allSatisfy { $0.generation == 0 && $0.format?.sampleRate == 8_000 && $0.format?.channels == 1 })
        phone.speak(generation: 7)
        #expect(
            phone.sent(id) == [
                [
                    "event": "media", "streamSid": "MZ1",
                    "media": ["payload": .string(Base64.encode([UInt8](repeating: 0xCE, count: 160)))],
                ]
            ]
        )
        phone.session.deliverText(id, #"{"event":"stop","streamSid":"MZ1","stop":{"callSid":"CA1"}}"#)
        #expect(phone.end?.type == .done && phone.end?.generation == 0)
        phone.session.closeSocket(id)
        phone.speak(generation: 7)
        #expect(phone.session.terminals(0).count == 1)
        #expect(phone.words(id) == ["media"])
        phone.close()
    }

    @Test(arguments: ["wss", "ws"])
    func `is taken by the signature over its URL, with a slash at the end or not`(scheme: String) throws {
        let https = scheme == "wss" ? "https" : "http"
        for (signature, status) in [
            (Phone.streamSignature, 101), ("SsfH6qDcNr4jJmmp6++ZKsgD0ZE=", 101), ("8tz2urZSQXlkbsVWR8eGUrns/v4=", 101),
            ("JytM/KbELa8vLK9auV4K/i0qqYQ=", scheme == "ws" ? 101 : 403), ("CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", 403),
            ("", 403),
        ] {
            for url in [scheme, https].map({ $0 + "://voice.example.com/doors/phone" }) {
                let phone = try Phone()
                let id = phone.session.knock("GET", url, headers: ["X-Twilio-Signature": signature], upgrades: true)
                #expect(phone.session.reply(id)?.status == status)
                #expect((phone.end?.type == .done) == (status == 403))
                phone.close()
            }
        }
    }

    @Test func `is told who calls, and what the webhook's XML said`() throws {
        let phone = try Phone("twilio", #""verify":false,"allow_unsigned":true"#)
        let id = phone.session.knock("GET", Phone.door, upgrades: true)
        phone.session.acceptSocket(id)
        let long = String(repeating: "x", count: 2_000)
        let parameters = #"{"From":"+1","To":"+2","CallSid":"x","shop":"3","n":4,"long":"\#(long)"}"#
        phone.session.deliverText(id, Phone.start(parameters: parameters))
        #expect(phone.events(.peer).map(\.json) == [#"{"call":"CA1","from":"+1","metadata":{"shop":"3"},"to":"+2"}"#])
        phone.session.deliverText(id, Phone.start())
        #expect(phone.events(.peer).count == 1)
        phone.close()
    }

    @Test(arguments: [("audio/x-opus", "8000"), ("audio/x-mulaw", "16000"), ("", "8000")])
    func `with other audio fails and says why`(encoding: String, rate: String) throws {
        let phone = try Phone("twilio", #""verify":false,"allow_unsigned":true"#)
        let id = phone.session.knock("GET", Phone.door, upgrades: true)
        phone.session.acceptSocket(id)
        phone.session.deliverText(id, Phone.start(encoding: encoding, rate: rate))
        #expect(phone.events(.peer).isEmpty)
        let error = try #require(phone.end)
        #expect(error.type == .error && error.integer == Int64(Status.unsupported.rawValue))
        #expect(error.text.contains("'\(encoding)' at \(rate) Hz"))
        phone.close()
    }

    @Test func `hears each chunk once, and none behind a later one`() throws {
        let (phone, id) = try Phone.call()
        for chunk in [1, 2, 2, 1, 4, 3, 5, 900, 899, 1, 2] {
            phone.session.deliverText(id, Phone.media(chunk, [UInt8(truncatingIfNeeded: chunk)]))
        }
        phone.session.deliverText(id, Phone.media(3, track: "outbound"))
        phone.session.deliverText(id, Phone.media(3).replacing("MZ1", with: "MZ2"))
        let heard = phone.events(.audioOut).map { $0.samples }
        #expect(heard == [1, 2, 4, 5, 132, 1, 2].map { [G711.muLaw.decode($0)] })
        #expect(phone.host.metrics[3] == 4)
        #expect(phone.host.metrics[2] == 1)
        phone.close()
    }

    @Test func `passes the caller's keys on, and takes none for it`() throws {
        let (phone, id) = try Phone.call()
        for key in ["1", "#", "a", "x", "11", ""] {
            let dtmf = #"{"track":"inbound_track","digit":"\#(key)"}"#
            phone.session.deliverText(id, #"{"event":"dtmf","streamSid":"MZ1","dtmf":\#(dtmf)}"#)
        }
        #expect(phone.events(.dtmfOut).map(\.text) == ["1", "#", "A"])
        // Their sound is the host's to make: a stream has no message for keys.
        var event = OutgoingEvent(.dtmfIn)
        event.text = "5*"
        #expect(phone.session.send(event) == .skip)
        #expect(phone.sent(id).isEmpty)
        phone.close()
    }

    @Test func `hears keys in the audio, if told so, and each press once`() throws {
        let (phone, id) = try Phone.call(#""hear_tones":true"#)
        let sound = G711.muLaw.encode(try "42#".flatMap { try #require(DTMF.samples($0, sampleRate: 8_000)) })
        for (chunk, start) in stride(from: 0, to: sound.count, by: 160).enumerated() {
            phone.session.deliverText(id, Phone.media(chunk + 1, Array(sound[start..<min(start + 160, sound.count)])))
        }
        phone.session.deliverText(id, ##"{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":"#"}}"##)
        #expect(phone.events(.dtmfOut).map(\.text) == ["4", "2", "#"])
        phone.close()
    }

    @Test func `of Telnyx speaks its words`() throws {
        let phone = try Phone("telnyx", #""token":"${secret:token}","encoding":"PCMA""#)
        let id = phone.session.knock("GET", Phone.door + "?token=12345", upgrades: true)
        phone.session.acceptSocket(id)
        phone.session.deliverText(id, #"{"event":"connected","version":"1.0.0"}"#)
        phone.session.deliverText(
            id,
            #"{"event":"start","sequence_number":"1","stream_id":"32DE","start":{"call_control_id":"v3:a","from":"+1","to":"+2","#
                + #""custom_parameters":[{"name":"shop","value":"3"}],"#
                + #""media_format":{"encoding":"PCMA","sample_rate":8000,"channels":1}}}"#
        )
        #expect(
            phone.events(.peer).map(\.json) == [#"{"call":"v3:a","from":"+1","metadata":{"shop":"3"},"to":"+2"}"#]
        )
        phone.session.deliverText(
            id,
            #"{"event":"media","stream_id":"32DE","media":{"track":"inbound","chunk":"1","payload":"1Q=="}}"#
        )
        #expect(phone.events(.audioOut).map(\.samples) == [[8]])
        phone.speak(10, generation: 3)
        #expect(phone.session.sentTexts(id).last == #"{"event":"mark","mark":{"name":"syrinx:0:1600"}}"#)
        #expect(
            phone.session.sentTexts(id).first
                == #"{"event":"media","media":{"payload":"\#(Base64.encode([UInt8](repeating: 0xFA, count: 160)))"}}"#
        )
        phone.session.deliverText(id, #"{"event":"mark","stream_id":"32DE","mark":{"name":"syrinx:0:1600"}}"#)
        #expect(phone.events(.mark).map(\.secondInteger) == [1_600])
        phone.speak(generation: 3)
        phone.session.cancel(3)
        #expect(phone.session.sentTexts(id).last == #"{"event":"clear"}"#)
        phone.session.deliverText(
            id, #"{"event":"error","stream_id":"32DE","payload":{"code":100002,"title":"t","detail":"d"}}"#)
        #expect(phone.host.logs.last == "the vendor complains")
        phone.close()
    }

    @Test func `of Plivo speaks its words`() throws {
        let phone = try Phone("plivo", #""verify":false,"allow_unsigned":true"#)
        let id = phone.session.knock("GET", Phone.door, upgrades: true)
        phone.session.acceptSocket(id)
        phone.session.deliverText(
            id,
            #"{"event":"start","sequenceNumber":1,"start":{"callId":"u-1","streamId":"s-1","tracks":["inbound"],"#
                + #""mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},"extra_headers":"{}"}"#
        )
        phone.session.deliverText(
            id,
            #"{"event":"media","sequenceNumber":2,"streamId":"s-1","media":{"track":"inbound","timestamp":"1","chunk":1,"payload":"/w=="}}"#
        )
        #expect(phone.events(.audioOut).map(\.samples) == [[0]])
        phone.speak(10, generation: 3)
        #expect(phone.session.sentTexts(id).last == #"{"event":"checkpoint","name":"syrinx:0:1600","streamId":"s-1"}"#)
        #expect(
            phone.session.sentTexts(id).first?.hasPrefix(
                #"{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"zs7O"#
            ) == true
        )
        phone.session.deliverText(id, #"{"event":"playedStream","streamId":"s-1","name":"syrinx:0:1600"}"#)
        #expect(phone.events(.mark).map(\.secondInteger) == [1_600])
        phone.speak(generation: 3)
        phone.session.cancel(3)
        #expect(phone.session.sentTexts(id).last == #"{"event":"clearAudio","streamId":"s-1"}"#)
        phone.session.closeSocket(id, code: 1001, reason: "bye")
        #expect(phone.end?.type == .done && phone.end?.text == "bye")
        phone.close()
    }
}
