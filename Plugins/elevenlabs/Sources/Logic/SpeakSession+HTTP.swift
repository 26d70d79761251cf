// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The request that speaks a clause.
struct SpeakRequest {
    let id: NetworkID
    let generation: UInt64
    let text: String
    var status = 0
    var headers: [String: String] = [:]
    /// What the vendor says of a refusal.
    var complaint: [UInt8] = []

    var isSuccess: Bool { (200..<300).contains(status) }
    /// A page is not played as sound; a server that does not say what it sends is believed.
    var isAudio: Bool {
        let type = headers["content-type"] ?? "audio/pcm"
        return type.hasPrefix("audio/") || type.hasPrefix("application/octet-stream")
    }
}

/// Transport `http`: one request a clause, one after another (protocol page, "TTS HTTP").
extension SpeakSession {
    private static let largestComplaint = 16_384
    private static let maximumAttempts = 3

    /// The first clause that waits is asked for, when no other is under way.
    func sendNextRequest() {
        guard request == nil, link.state != .waiting else { return }
        guard let index = queue.clauses.firstIndex(where: { $0.stage == .waiting }) else { return }
        let clause = queue.clauses[index]
        var request = NetworkRequest(url: SpeakURL.stream(config, clause.route, sampleRate: format.sampleRate))
        request.headers = config.headers + [("Content-Type", "application/json"), ("Accept", "audio/pcm")]
        request.generation = clause.generation
        request.silenceMilliseconds = UInt32(Self.patienceMilliseconds)
        request.body = Array(body(clause).text.utf8)
        do throws(PluginError) {
            let id = try host.startRequest(request)
            self.request = SpeakRequest(id: id, generation: clause.generation, text: clause.text)
            progressAt = host.now
            queue.update(index) { $0.sent(as: "\(id.rawValue)") }
        } catch {
            queue.update(index) { $0.stage = .failed(error) }
        }
    }

    private func body(_ clause: Clause) -> JSONValue {
        var body: [String: JSONValue] = ["text": .string(clause.text), "model_id": .string(config.model)]
        if let language = clause.route.language { body["language_code"] = .string(language) }
        if let settings = config.voiceSettings { body["voice_settings"] = settings }
        if let locators = config.pronunciationDictionaries { body["pronunciation_dictionary_locators"] = locators }
        if let seed = config.seed { body["seed"] = .int(seed) }
        if let normalization = config.textNormalization { body["apply_text_normalization"] = .string(normalization) }
        // So that the voice goes on as it was.
        if let spoken, spoken.generation == clause.generation { body["previous_text"] = .string(spoken.text) }
        return .object(body)
    }

    func receiveHTTP(_ event: NetworkEvent) {
        switch event {
        case .head(let id, let status, let headers) where id == request?.id:
            request?.status = status
            request?.headers = headers
            progressAt = host.now
        case .data(let id, let bytes) where id == request?.id: take(bytes)
        case .done(let id, let error) where id == request?.id: finish(error)
        default: break
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard let request, let index = queue.index(context: "\(request.id.rawValue)") else { return }
        progressAt = host.now
        guard request.isSuccess, request.isAudio else {
            self.request?.complaint += bytes.prefix(
                Self.largestComplaint - min(Self.largestComplaint, request.complaint.count))
            return
        }
        queue.update(index) { $0.append(bytes, nil, sampleRate: Int(format.sampleRate)) }
        guard queue.clauses[index].receivedBytes > Self.largestClause else { return }
        queue.update(index) { $0.stage = .failed(SpeakFailure.tooMuch) }
        host.abortRequest(request.id)
        self.request = nil
    }

    private func finish(_ broken: PluginError?) {
        guard let request else { return }
        self.request = nil
        link.isHeldUp = false
        guard let index = queue.index(context: "\(request.id.rawValue)") else { return }
        let clause = queue.clauses[index]
        guard let error = failure(request, broken) else {
            link.provedGood()
            spoken = request
            return queue.update(index) { $0.stage = .complete }
        }
        guard !clause.hasAudio, clause.attempts < Self.maximumAttempts, let pause = link.nextPause(after: error) else {
            return queue.update(index) { $0.stage = .failed(error) }
        }
        queue.update(index) { $0.stage = .waiting }
        link.state = .waiting
        _ = host.startTimer(afterMilliseconds: pause, cookie: Alarm.reconnect.rawValue)
    }

    private func failure(_ request: SpeakRequest, _ broken: PluginError?) -> PluginError? {
        if request.status != 0, !request.isSuccess {
            return SpeakFailure.refused(
                status: request.status, body: String(decoding: request.complaint, as: UTF8.self),
                retryAfter: VendorError.retryAfterMilliseconds(request.headers))
        }
        return broken ?? (request.isAudio ? nil : SpeakFailure.noAudio)
    }
}
