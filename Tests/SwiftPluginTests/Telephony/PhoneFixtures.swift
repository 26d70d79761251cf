// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Telephony
import Testing

/// A session behind a door, and the vendor who calls; the vendor's auth token and the operator's token are "12345".
struct Phone {
    static let door = "https://voice.example.com/doors/phone"
    /// `twilio.request_validator.RequestValidator("12345").compute_signature("wss://voice…/doors/phone", {})`
    static let streamSignature = "eGJ4Hd7hLYdJbSGDBeVeVq3/9ao="

    let host: FakeHost
    let provider: FakeProvider
    let session: FakeSession
    let stream: String

    init(_ id: String = "twilio", _ config: String? = nil, host: FakeHost = FakeHost(), queueLimit: Int = .max) throws {
        self.host = host
        let secret = id == "telnyx" ? "token" : "auth_token"
        let config = config ?? #""\#(secret)":"${secret:\#(secret)}""#
        provider = try host.open(telephonyModule.table, .transport, id, config: "{\(config)}")
        let format = AudioFormat(sampleRate: 8_000)
        session = try provider.openSession(input: format, output: format, queueLimit: queueLimit)
        session.secrets = ["auth_token": "12345", "token": "12345", "shared_key": "12345"]
        stream = ["twilio": "streamSid", "telnyx": "stream_id", "plivo": "streamId"][id] ?? ""
    }

    /// A call of Twilio's that has begun.
    static func call(_ config: String = "", host: FakeHost = FakeHost()) throws -> (Phone, NetworkID) {
        let rest = config.isEmpty ? "" : "," + config
        let phone = try Phone("twilio", #""auth_token":"${secret:auth_token}"\#(rest)"#, host: host)
        let id = phone.session.knock(
            "GET",
            door,
            headers: ["x-twilio-signature": streamSignature],
            upgrades: true
        )
        phone.session.acceptSocket(id)
        phone.session.deliverText(id, #"{"event":"connected","protocol":"Call","version":"1.0.0"}"#)
        phone.session.deliverText(id, Self.start())
        return (phone, id)
    }

    func close() {
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    func events(_ type: EventType) -> [RecordedEvent] { session.events.filter { $0.type == type } }
    var end: RecordedEvent? { session.events.last { $0.type.isTerminal } }

    /// The messages that the plugin sent, by their events.
    func sent(_ id: NetworkID) -> [JSONValue] { session.sentTexts(id).compactMap { try? JSONValue(parsing: $0) } }
    func words(_ id: NetworkID) -> [String] { sent(id).compactMap { $0["event"]?.string } }
    func marks(_ id: NetworkID) -> [String] { sent(id).compactMap { $0["mark"]?["name"]?.string } }

    func mark(_ id: NetworkID, _ name: String) {
        let message: JSONValue = [
            "event": "mark", "streamSid": "MZ1", "sequenceNumber": "4", "mark": ["name": .string(name)],
        ]
        session.deliverText(id, message.text)
    }

    /// Twenty milliseconds of the agent's, as often as told.
    func speak(_ frames: Int = 1, generation: UInt64, value: Int16 = 1_000) {
        for _ in 0..<frames {
            session.sendAudio([Int16](repeating: value, count: 160), generation: generation, sampleRate: 8_000)
        }
    }

    static func start(encoding: String = "audio/x-mulaw", rate: String = "8000", parameters: String = "{}") -> String {
        """
        {"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"accountSid":"AC1","streamSid":"MZ1",\
        "callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"\(encoding)","sampleRate":\(rate),"channels":1},\
        "customParameters":\(parameters)}}
        """
    }

    static func media(_ chunk: Int, _ bytes: [UInt8] = [0xFF, 0x00, 0x80], track: String = "inbound") -> String {
        """
        {"event":"media","sequenceNumber":"\(chunk + 1)","streamSid":"MZ1","media":{"track":"\(track)",\
        "chunk":"\(chunk)","timestamp":"\(chunk * 20)","payload":"\(Base64.encode(bytes))"}}
        """
    }
}
