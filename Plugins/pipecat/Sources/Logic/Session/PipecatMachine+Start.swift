// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// From the URL to READY.
extension PipecatMachine {
    /// From the session's beginning to a socket: bots may have to be started first.
    static let setupMilliseconds: UInt32 = 20_000
    /// From the socket to bot-ready; a bot without RTVI never says so.
    private static let greetingMilliseconds: UInt32 = 3_000
    private static let answerLimit = 65_536
    /// What waits for a socket: of more, the oldest is dropped.
    private static let waitingSeconds = 2
    private static let waitingLimit = 64

    // MARK: The start endpoint

    func startRequest(_ options: PipecatOptions) -> NetworkRequest {
        var request = NetworkRequest(url: config.url)
        request.method = "POST"
        request.headers = [("Content-Type", "application/json")]
        if let key = config.apiKey { request.headers.append(("Authorization", "Bearer " + key)) }
        let members = (config.body?.object ?? [:]).merging(options.body?.object ?? [:]) { $1 }
        request.body = Array(JSONValue.object(members).text.utf8)
        return request
    }

    mutating func startAnswered(_ bytes: [UInt8]) {
        guard startBody.count + bytes.count <= Self.answerLimit else {
            return failProtocol("the start endpoint's answer is too long")
        }
        startBody += bytes
    }

    mutating func startDone(_ error: PluginError?) {
        if let error { return fail(error) }
        guard (200..<300).contains(startStatus) else {
            return fail(PipecatFailure.start(startStatus, startHeaders, startBody))
        }
        guard let answer = try? JSONValue(parsing: startBody), let url = address(answer) else {
            return failProtocol("the start endpoint named no socket: set url_key to where its URL is")
        }
        let token = answer[config.tokenKey ?? "token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        do throws(PluginError) {
            try open(url, token: token)
        } catch {
            fail(error)
        }
        startBody = []
    }

    private func address(_ answer: JSONValue) -> String? {
        let keys = config.urlKey.map { [$0] } ?? ["ws_url", "wsUrl", "url"]
        guard let url = keys.lazy.compactMap({ answer[$0]?.string }).first, let parts = PipecatConfig.parts(url),
            ["ws", "wss"].contains(parts.scheme)
        else { return nil }
        return url
    }

    private mutating func open(_ url: String, token: String?) throws(PluginError) {
        // A token is for a URL and for a header, so it holds nothing that would end either.
        let token = token.flatMap { $0.utf8.allSatisfy(Self.isPlain) && $0.utf8.count <= 4_096 ? $0 : nil }
        guard let token else { return try connect(url, headers: bearer(config.token)) }
        switch config.tokenIn ?? .header {
        case .header: try connect(url, headers: bearer(token))
        case .query: try connect("\(url)\(url.contains("?") ? "&" : "?")token=\(token)", headers: bearer(config.token))
        case .path: try connect(url + (url.hasSuffix("/") ? token : "/" + token), headers: bearer(config.token))
        case .none: try connect(url, headers: bearer(config.token))
        }
    }

    private func bearer(_ token: String?) -> [(String, String)] {
        token.map { [("Authorization", "Bearer " + $0)] } ?? []
    }

    /// Unreserved characters (RFC 3986, 2.3), and those of base64.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~=:".utf8.contains(byte)
        }
    }

    // MARK: The socket

    /// Everything that is sent waits in the host until the socket is open.
    mutating func connect(_ url: String, headers: [(String, String)]) throws(PluginError) {
        var request = NetworkRequest(url: url)
        request.headers = headers.map { (name: $0.0, value: $0.1) }
        let socket = try host.openWebSocket(request)
        self.socket = socket
        outbox = SocketOutbox(host, socket)
        phase = .connecting
        send(RTVIMessage.clientReady)
        for message in waitingMessages { send(message) }
        waitingMessages = []
        for samples in waiting { transmit(WireFrame.bytes(audio: samples, rate: input.target)) }
        waiting = []
        waitingSamples = 0
    }

    mutating func opened() {
        isOpen = true
        _ = host.startTimer(afterMilliseconds: Self.greetingMilliseconds, cookie: TimerID.greeting)
    }

    /// bot-ready, or anything else that a bot says only once it is there.
    mutating func isThere() {
        guard case .connecting = phase else { return }
        phase = .running
        talk.send(OutgoingEvent(.ready))
    }

    mutating func checkVersion(_ data: JSONValue?) {
        let version = data?["version"]?.string ?? ""
        let major = version.prefix { $0 != "." }
        guard Int(major) != RTVIMessage.major, Int(major) != RTVIMessage.oldMajor else { return }
        host.log(
            .warning,
            "the bot speaks another version of RTVI, so some of what it says may not be understood",
            fields: JSONValue.object(["version": .string(String(version.prefix(32)))]).text
        )
    }

    mutating func timerFired(_ id: UInt64) {
        switch id {
        case TimerID.setup:
            guard !isOpen else { return }
            failStuck("there was no bot in \(Self.setupMilliseconds / 1_000) s")
        case TimerID.greeting:
            guard case .connecting = phase else { return }
            host.log(.warning, "the bot does not speak RTVI: only its audio is understood")
            isThere()
        default: talk.timerFired(id)
        }
    }

    // MARK: Sending

    mutating func hear(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        let converted = input.convert(samples)
        guard !converted.isEmpty else { return }
        guard socket == nil else { return transmit(WireFrame.bytes(audio: converted, rate: input.target)) }
        waiting.append(converted)
        waitingSamples += converted.count
        while waitingSamples > Self.waitingSeconds * Int(input.target), !waiting.isEmpty {
            waitingSamples -= waiting.removeFirst().count
        }
    }

    mutating func nextID() -> String {
        lastMessage += 1
        return "s\(lastMessage)"
    }

    /// Sends a message, or keeps it until there is a socket.
    mutating func send(_ message: String) {
        guard case .starting = phase else { return transmit(WireFrame.bytes(message: message)) }
        if waitingMessages.count < Self.waitingLimit { waitingMessages.append(message) }
    }

    mutating func transmit(_ bytes: [UInt8]) {
        guard !isOver, outbox?.sendBinary(bytes) == .again else { return }
        failStuck("the bot takes no more data")
    }
}
