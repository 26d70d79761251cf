// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Signs the events of one stream, each over the signature before it (protocol page, "Event signature").
///
/// A signed event has to be sent, and in order: the chain allows no gap.
struct EventSigner: Sendable {
    private let key: [UInt8]
    private let scope: SigningScope
    private(set) var previous: [UInt8]

    /// - Parameters:
    ///   - key: Of ``SigningScope/signingKey(dateKey:)``.
    ///   - scope: The request's; a stream that outlives midnight keeps it, as its key.
    ///   - seed: The request's signature.
    init(key: [UInt8], scope: SigningScope, seed: [UInt8]) {
        self.key = key
        self.scope = scope
        previous = seed
    }

    /// The outer frame of an inner one; an empty one ends the stream.
    ///
    /// - Throws: ``PluginError`` with ``Status/invalid`` when it is too large.
    mutating func sign(_ inner: [UInt8], at time: SigningTime) throws(PluginError) -> [UInt8] {
        let milliseconds = time.seconds.multipliedReportingOverflow(by: 1_000).partialValue
        let date = EventMessage.Header(name: ":date", value: .timestamp(milliseconds))
        let text = """
            AWS4-HMAC-SHA256-PAYLOAD
            \(time.full)
            \(scope.text)
            \(previous.hex)
            \(SHA256.hash(try date.encoded()).hex)
            \(SHA256.hash(inner).hex)
            """
        let signature = SHA256.hmac(key: key, Array(text.utf8))
        let seal = EventMessage.Header(name: ":chunk-signature", value: .bytes(signature))
        let frame = try EventMessage(headers: [date, seal], payload: inner).encoded()
        previous = signature
        return frame
    }

    /// The inner frame of a JSON event.
    ///
    /// - Throws: ``PluginError`` with ``Status/invalid`` when it is too large.
    static func inner(_ event: String) throws(PluginError) -> [UInt8] {
        let payload = #"{"bytes":"\#(Base64.encode(Array(event.utf8)))"}"#
        return try EventMessage(
            headers: [
                EventMessage.Header(name: ":message-type", value: .string("event")),
                EventMessage.Header(name: ":event-type", value: .string("chunk")),
                EventMessage.Header(name: ":content-type", value: .string("application/json")),
            ],
            payload: Array(payload.utf8)
        ).encoded()
    }
}
