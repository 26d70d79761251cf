// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

/// The signatures are those of the vendors' own SDKs: `twilio` 9 (RequestValidator) and `plivo` 4 (signature_v3), with the
/// auth token "12345".
@Suite("A voice webhook")
struct PhoneWebhookTests {
    static let body =
        "CallSid=CA1&From=%2B4915112345678&To=%2B4930123456&CallerName=J%C3%BCrgen+%26+S%C3%B6hne+%3Cx%3E&Empty="
    static let form = "application/x-www-form-urlencoded; charset=UTF-8"

    @Test func `is answered with a stream to this door, and the call's numbers`() throws {
        let phone = try Phone()
        let id = phone.session.knock(
            "POST",
            Phone.door,
            headers: ["X-Twilio-Signature": "CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", "Content-Type": Self.form],
            body: Self.body
        )
        let reply = try #require(phone.session.reply(id))
        #expect(reply.status == 200 && reply.headers["content-type"] == "text/xml; charset=utf-8")
        #expect(
            reply.body == #"<?xml version="1.0" encoding="UTF-8"?><Response><Connect>"#
                + #"<Stream url="wss://voice.example.com/doors/phone"><Parameter name="From" value="+4915112345678"/>"#
                + #"<Parameter name="To" value="+4930123456"/><Parameter name="CallSid" value="CA1"/></Stream>"#
                + "</Connect><Hangup/></Response>"
        )
        #expect(phone.session.events.map(\.type) == [.httpReply, .done])
        phone.close()
    }

    /// URL, signature, more headers, whether it is admitted.
    static let signatures: [(String, String, [String: String], Bool)] = [
        (Phone.door, "CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", [:], true),
        // Twilio signed the URL with its port, or without.
        (Phone.door, "qb3DdqAzfQTyBVGuohNXirlBpig=", [:], true),
        ("https://voice.example.com:443/doors/phone", "CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", [:], true),
        ("https://voice.example.com:8443/doors/phone", "g9harruyjdYDig2I7/FHRph6eNQ=", [:], true),
        // The proxy took the TLS away.
        ("http://voice.example.com/doors/phone", "CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", [:], true),
        // Of a webhooks rule.
        (
            Phone.door, "5CTuNdqspEWGi00RaWySfv7oeC5cfwpKfQvBZLmESeo=",
            ["X-Twilio-Webhooks-Signature-Settings": "key=k1,algorithm=HMAC_SHA256"], true
        ),
        (Phone.door, "5CTuNdqspEWGi00RaWySfv7oeC5cfwpKfQvBZLmESeo=", [:], false),
        ("https://other.example.com/doors/phone", "CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", [:], false),
        (Phone.door + "?more=1", "CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", [:], false),
        (Phone.door, "CqRiv2pNJlc9yZfsMYBZjBE4YVU=", [:], false),
        (Phone.door, "CqRiv2pNJlc9yZfsMYBZjBE4YQ==", [:], false), (Phone.door, "", [:], false),
        (Phone.door, "no base64!", [:], false), (Phone.door, "AAAA", [:], false),
    ]

    @Test(arguments: signatures)
    func `is admitted by Twilio's signature alone`(
        url: String,
        signature: String,
        more: [String: String],
        isAdmitted: Bool
    ) throws {
        let config = #""auth_token":"${secret:auth_token}","shared_key":"${secret:shared_key}""#
        let phone = try Phone("twilio", config)
        let headers = ["x-twilio-signature": signature, "content-type": Self.form].merging(more) { $1 }
        let reply = try #require(
            phone.session.reply(phone.session.knock("POST", url, headers: headers, body: Self.body))
        )
        #expect(reply.status == (isAdmitted ? 200 : 403))
        #expect(isAdmitted || reply.body.hasSuffix(".") && reply.body.count < 120)
        #expect(phone.end?.type == .done)
        #expect(phone.host.metrics[1] == (isAdmitted ? nil : 1))
        phone.close()
    }

    @Test func `has the signature of Twilio's documentation, and of fields that come twice`() throws {
        for (url, body, signature) in [
            (
                "https://mycompany.com/myapp.php?foo=1&bar=2",
                "Digits=1234&To=%2B18005551212&From=%2B12349013030&Caller=%2B12349013030&CallSid=CA1234567890ABCDE",
                "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
            ), (Phone.door, "a=2&B=x&a=1&a=2", "LVmRjlpm2/FBfYeL2BkW0tjtweM="),
        ] {
            let phone = try Phone()
            let id = phone.session.knock("POST", url, headers: ["x-twilio-signature": signature], body: body)
            #expect(phone.session.reply(id)?.status == 200)
            phone.close()
        }
    }

    @Test func `may be a GET, and then the query says who calls`() throws {
        let phone = try Phone()
        let url = Phone.door + "?CallSid=CA1&From=%2B49"
        let id = phone.session.knock("GET", url, headers: ["x-twilio-signature": "kOaWGnxoyNMJ3PnImP8nRngOSWM="])
        let reply = try #require(phone.session.reply(id))
        #expect(reply.status == 200)
        #expect(reply.body.contains(#"doors/phone"><Parameter name="From" value="+49"/>"#))
        phone.close()
    }

    @Test func `knows its public address, and what comes after the conversation`() throws {
        let config = """
            "auth_token":"${secret:auth_token}","public_url":"\(Phone.door)","then":"<Dial>+4930</Dial>"
            """
        let phone = try Phone("twilio", config)
        let id = phone.session.knock(
            "POST",
            "http://10.0.0.7:8080/inner",
            headers: ["x-twilio-signature": "CqRiv2pNJlc9yZfsMYBZjBE4YVQ="],
            body: Self.body
        )
        let reply = try #require(phone.session.reply(id))
        #expect(reply.status == 200 && reply.body.contains("wss://voice.example.com/doors/phone"))
        #expect(reply.body.hasSuffix("</Connect><Dial>+4930</Dial></Response>"))
        phone.close()
    }

    @Test(arguments: [
        ("", "<Reject/>"), (#""unknown_number":"<Say>Sorry.</Say><Hangup/>""#, "<Say>Sorry.</Say><Hangup/>"),
    ])
    func `of a number that leads nowhere is rejected, once it is known who asks`(
        config: String, verbs: String
    ) throws {
        let own = config.isEmpty ? "" : "," + config
        for (signature, status) in [("CqRiv2pNJlc9yZfsMYBZjBE4YVQ=", 200), ("AAAA", 403)] {
            let phone = try Phone("twilio", #""auth_token":"${secret:auth_token}""# + own)
            let headers = ["X-Twilio-Signature": signature, "Content-Type": Self.form]
            let id = phone.session.knock("POST", Phone.door, headers: headers, body: Self.body, isRouted: false)
            let reply = try #require(phone.session.reply(id))
            #expect(reply.status == status && reply.body.hasSuffix("<Response>\(verbs)</Response>") == (status == 200))
            #expect(phone.session.events.map(\.type) == [.httpReply, .done])
            phone.close()
        }
        let plivo = try Phone("plivo", #""verify":false,"allow_unsigned":true"#)
        let id = plivo.session.knock("POST", Phone.door, body: "To=%2B49", isRouted: false)
        #expect(plivo.session.reply(id)?.body.contains(#"<Hangup reason="rejected"/>"#) == true)
        plivo.close()
    }

    @Test func `cannot break out of the XML`() throws {
        let phone = try Phone("twilio", #""verify":false,"allow_unsigned":true"#)
        let fields = "From=%22%3E%3CHangup%2F%3E%00%0A%27&CallSid=%EF%BF%BE"
        let id = phone.session.knock("POST", "https://a&b/d", body: fields)
        let body = try #require(phone.session.reply(id)).body
        #expect(body.contains(#"url="wss://a&amp;b/d""#))
        #expect(body.contains(#"value="&quot;&gt;&lt;Hangup/&gt;  &apos;"/>"#))
        #expect(body.contains(#"name="CallSid" value=" "/>"#))
        phone.close()
    }

    @Test func `of Plivo is admitted by its signature, and gives a ticket for the stream`() throws {
        let phone = try Phone("plivo")
        let headers = [
            "X-Plivo-Signature-V3": "AAAA,i2OICSSCysUzYfbbM5k0rSUBV2M8n/BQlst7YohzH64=",
            "X-Plivo-Signature-V3-Nonce": "n0nce",
        ]
        let body = "CallUUID=u-1&From=%2B1415&To=%2B4930&Event=StartApp"
        let knock = phone.session.knock("POST", Phone.door, headers: headers, body: body)
        let reply = try #require(phone.session.reply(knock))
        #expect(reply.status == 200)
        let head = #"<Stream bidirectional="true" keepCallAlive="true" contentType="audio/x-mulaw;rate=8000">"#
        #expect(reply.body.contains(head + "wss://voice.example.com/doors/phone?expires="))
        phone.close()

        let start = try #require(reply.body.firstRange(of: "wss://"))
        let url = String(reply.body[start.lowerBound...].prefix { $0 != "<" }).replacing("&amp;", with: "&")
        for (url, status) in [
            (url, 101), (url.replacing("from=%2B1415", with: "from=%2B1416"), 403), (Phone.door, 403),
            (url.replacing("expires=", with: "expires=9"), 403), (String(url.dropLast(2)), 403), (url + "0", 403),
        ] {
            let phone = try Phone("plivo")
            let id = phone.session.knock("GET", url, upgrades: true)
            #expect(phone.session.reply(id)?.status == status)
            if status == 101 {
                phone.session.acceptSocket(id)
                phone.session.deliverText(
                    id,
                    #"{"event":"start","sequenceNumber":1,"start":{"callId":"u-1","streamId":"s-1","tracks":["inbound"],"#
                        + #""mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},"extra_headers":"a=1;b=2"}"#
                )
                let peer = try #require(phone.events(.peer).first)
                #expect(
                    peer.json == #"{"call":"u-1","from":"+1415","metadata":{"a":"1","b":"2"},"to":"+4930"}"#
                )
            }
            phone.close()
        }
    }

    @Test(arguments: [
        ("POST", "CallUUID=u-1&From=%2B1415&To=%2B4930&Event=StartApp", "Y3CHKscOdm2qD+lxWGi84CgpORQeqZnLm5ak+P/R+N4="),
        ("GET", "", "PCTqvlsL02dMTXLD7gEbNL1b2ecZv8nVxKR5Aqh+ugM="),
    ])
    func `of Plivo is signed with its query sorted`(method: String, body: String, signature: String) throws {
        let url = Phone.door + "?b=2&a=1"
        let phone = try Phone("plivo")
        let headers = ["X-Plivo-Signature-V3": signature, "X-Plivo-Signature-V3-Nonce": "n0nce"]
        #expect(phone.session.reply(phone.session.knock(method, url, headers: headers, body: body))?.status == 200)
        phone.close()
        let stranger = try Phone("plivo")
        let wrong = ["X-Plivo-Signature-V3": signature, "X-Plivo-Signature-V3-Nonce": "other"]
        #expect(stranger.session.reply(stranger.session.knock(method, url, headers: wrong, body: body))?.status == 403)
        stranger.close()
    }

    @Test func `of Telnyx is admitted by the operator's token`() throws {
        for (query, status) in [
            ("?token=12345", 200), ("?token=12346", 403), ("", 403), ("?token=", 403), ("?token=${secret:token}", 403),
            ("?token=%24%7Bsecret:token%7D", 403), ("?token=" + String(repeating: "x", count: 5_000), 403),
        ] {
            let phone = try Phone("telnyx", #""token":"${secret:token}","encoding":"PCMA""#)
            let id = phone.session.knock("POST", Phone.door + query, body: "CallSid=v3%3Aa&From=%2B1&To=%2B2")
            let reply = try #require(phone.session.reply(id))
            #expect(reply.status == status)
            if status == 200 {
                #expect(reply.body.contains(#"bidirectionalMode="rtp" bidirectionalCodec="PCMA""#))
                #expect(reply.body.contains("/doors/phone?expires=") && !reply.body.contains("12345"))
            }
            phone.close()
        }
    }

    @Test(arguments: [
        ("PUT", "", "", 405), ("POST", "{}", "application/json", 415), ("POST", "a=b", "", 403),
    ])
    func `of another kind is refused`(method: String, body: String, type: String, status: Int) throws {
        let phone = try Phone()
        let headers = type.isEmpty ? [:] : ["content-type": type]
        let id = phone.session.knock(method, Phone.door, headers: headers, body: body)
        #expect(phone.session.reply(id)?.status == status)
        #expect(phone.end?.type == .done && phone.end?.text.hasPrefix("refused") == true)
        phone.close()
    }

    @Test func `is not answered without the secret`() throws {
        let phone = try Phone()
        phone.session.secrets = [:]
        let id = phone.session.knock("POST", Phone.door, headers: ["x-twilio-signature": "AAAA"], body: "a=b")
        #expect(phone.session.reply(id)?.status == 503)
        #expect(phone.end?.type == .error && phone.end?.integer == Int64(Status.unavailable.rawValue))
        phone.close()
    }

    @Test(arguments: [
        ("twilio", ""), ("telnyx", ""), ("plivo", ""), ("twilio", #""verify":false"#),
        ("twilio", #""verify":false,"auth_token":"x""#), ("telnyx", #""auth_token":"x""#),
    ])
    func `needs a secret, or the operator's word that it needs none`(id: String, config: String) throws {
        let error = #expect(throws: PluginError.self) { try Phone(id, config) }
        #expect(error?.status == .invalid)
    }
}
