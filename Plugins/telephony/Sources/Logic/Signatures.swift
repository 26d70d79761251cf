// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// X-Twilio-Signature: base64 of the HMAC-SHA1, under the auth token, of the URL and the sorted form fields, name and value
/// next to each other.
enum TwilioSignature {
    static func admission(_ request: DoorRequest, _ config: TelephonyConfig, _ secret: String) -> Admission {
        guard let header = request.headers["x-twilio-signature"], let presented = Base64.decode(header) else {
            return .refused("The request has no X-Twilio-Signature.")
        }
        var (key, algorithm): (String, DigestAlgorithm) = (secret, .sha1)
        if let settings = request.headers["x-twilio-webhooks-signature-settings"], settings.contains("HMAC_SHA256") {
            guard let shared = config.sharedKey, !shared.isEmpty else {
                return .refused("The request is signed with a shared key, and the door has none: set shared_key.")
            }
            (key, algorithm) = (shared, .sha256)
        }
        let questions = texts(request, config).map { Challenge.Question(key: key, bytes: $0, algorithm: algorithm) }
        return .asks(Challenge(questions, .matches([presented])))
    }

    /// What may have been signed: Twilio's URL has a port or has none, and a proxy may have taken the TLS away. All name
    /// this host and path.
    static func texts(_ request: DoorRequest, _ config: TelephonyConfig) -> [[UInt8]] {
        let address = request.address(config)
        let fields = request.upgrades ? [] : request.form
        let suffix = fields.sorted.map { name, values in
            // A value that comes twice counts once.
            Set(values).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name + $0 }.joined()
        }.joined()
        var texts: [String] = []
        for url in Address.variants(address, upgrades: request.upgrades) {
            texts.append(url + request.rawQuery + suffix)
            // Some of Twilio's edges end the stream's address with a slash.
            if request.upgrades, request.rawQuery.isEmpty, !url.hasSuffix("/") { texts.append(url + "/") }
        }
        return texts.map { Array($0.utf8) }
    }
}

/// X-Plivo-Signature-V3: base64 of the HMAC-SHA256, under the auth token, of the URL with its query sorted, the sorted form
/// fields behind a dot, and the nonce behind another.
enum PlivoSignature {
    static func admission(_ request: DoorRequest, _ config: TelephonyConfig, _ secret: String) -> Admission {
        guard let header = request.headers["x-plivo-signature-v3"],
            let nonce = request.headers["x-plivo-signature-v3-nonce"]
        else { return .refused("The request has no X-Plivo-Signature-V3 and nonce.") }
        // While a token is being changed there are two.
        let presented = header.split(separator: ",").prefix(4).compactMap { Base64.decode(String($0)) }
        let questions = Address.variants(request.address(config), upgrades: false).map { url in
            Challenge.Question(key: secret, bytes: Array(text(url, request, nonce).utf8), algorithm: .sha256)
        }
        return .asks(Challenge(questions, .matches(presented)))
    }

    static func text(_ url: String, _ request: DoorRequest, _ nonce: String) -> String {
        let query = FormField.parse(Array(request.rawQuery.dropFirst().utf8)).sorted
        let fields = request.form.sorted
        var text = url
        if !query.isEmpty || !fields.isEmpty {
            text += "?" + query.flatMap { name, values in values.map { name + "=" + $0 } }.joined(separator: "&")
        }
        if !query.isEmpty, !fields.isEmpty { text += "." }
        text += fields.flatMap { name, values in values.map { name + $0 } }.joined()
        return text + "." + nonce
    }
}

/// The forms in which one address may have been written.
enum Address {
    static func variants(_ address: String, upgrades: Bool) -> [String] {
        guard let parts = split(address) else { return [address] }
        let isSecure = parts.scheme == "https" || parts.scheme == "wss"
        var variants: [String] = []
        for secure in isSecure ? [true] : [false, true] {
            let scheme = (upgrades ? "ws" : "http") + (secure ? "s" : "")
            for host in [parts.host, withoutPort(parts.host), withPort(parts.host, secure ? 443 : 80)] {
                let url = scheme + "://" + host + parts.path
                if !variants.contains(url) { variants.append(url) }
            }
        }
        return variants
    }

    /// The same address for the other kind of connection.
    static func socket(_ address: String) -> String {
        guard let parts = split(address) else { return address }
        return (parts.scheme == "https" || parts.scheme == "wss" ? "wss://" : "ws://") + parts.host + parts.path
    }

    private static func split(_ address: String) -> (scheme: String, host: Substring, path: Substring)? {
        guard let colon = address.firstRange(of: "://") else { return nil }
        let rest = address[colon.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        return (address[..<colon.lowerBound].lowercased(), rest[..<slash], rest[slash...])
    }

    private static func withoutPort(_ host: Substring) -> Substring {
        guard let colon = host.lastIndex(of: ":") else { return host }
        return host[colon...].dropFirst().allSatisfy(\.isNumber) ? host[..<colon] : host
    }

    private static func withPort(_ host: Substring, _ port: Int) -> Substring {
        withoutPort(host) == host ? "\(host):\(port)" : host
    }
}
