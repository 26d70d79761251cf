// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// What comes over the network.
extension PipecatMachine {
    /// Closes that a bot means: it has ended the call.
    private static let properCloses = [1_000, 1_001]
    private static let rates: ClosedRange<UInt64> = 8_000...192_000
    private static let riff = Array("RIFF".utf8)
    private static let riffBytes = 44

    /// Takes what the bot sent.
    public mutating func take(_ event: NetworkEvent) {
        defer { settle() }
        guard !isOver else { return }
        if case .starting(let id) = phase { return takeStart(event, id) }
        switch event {
        case .opened(socket, _, _): opened()
        case .binary(socket, let bytes): read(bytes)
        // A serializer of JSON, perhaps: RTVI without protobuf around it.
        case .text(socket, let text): read(message: text)
        case .writable(socket): outbox?.flush()
        case .closed(socket, let close): closed(close)
        default: break
        }
    }

    private mutating func takeStart(_ event: NetworkEvent, _ id: NetworkID) {
        switch event {
        case .head(id, let status, let headers): (startStatus, startHeaders) = (status, headers)
        case .data(id, let bytes): startAnswered(bytes)
        case .done(id, let error): startDone(error)
        default: break
        }
    }

    private mutating func closed(_ close: SocketClose) {
        let code = close.closeCode ?? 0
        guard case .running = phase, Self.properCloses.contains(code), config.reconnect != true else {
            return fail(PipecatFailure.close(close))
        }
        socket = nil
        talk.botLeft()
    }

    // MARK: Frames

    private mutating func read(_ bytes: [UInt8]) {
        guard let frame = WireFrame(bytes) else { return failProtocol("the bot sent what is no frame") }
        switch frame {
        case .audio(let data, let rate, let channels): play(data, rate, channels)
        case .message(let json): read(message: json)
        case .interruption:
            isThere()
            words.reset()
            works = []
            talk.botInterrupted()
        // Frames of text say again what RTVI says, and not when it is spoken.
        case .text, .transcription, .unknown: break
        }
    }

    private mutating func play(_ data: ArraySlice<UInt8>, _ rate: UInt64, _ channels: UInt64) {
        guard !data.isEmpty else { return }
        guard Self.rates.contains(rate), (1...8).contains(channels) else {
            return failProtocol("the bot sent audio of \(rate) Hz and \(channels) channels")
        }
        isThere()
        // A bot may put a header before each piece.
        let data = data.starts(with: Self.riff) ? data.dropFirst(Self.riffBytes) : data
        let samples = Self.mono(data, channels: Int(channels))
        do throws(PluginError) {
            if outputConverter == nil || outputConverter?.source != UInt32(rate) {
                outputConverter = try RateConverter(from: UInt32(rate), to: rates.spoken, host: host)
            }
        } catch {
            return fail(error)
        }
        talk.botSpoke(outputConverter?.convert(samples) ?? [])
    }

    private static func mono(_ data: ArraySlice<UInt8>, channels: Int) -> [Int16] {
        data.withUnsafeBytes { raw in
            (0..<raw.count / (2 * channels)).map { frame in
                var sum = 0
                for channel in 0..<channels {
                    let place = 2 * (frame * channels + channel)
                    sum += Int(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: Int16.self)))
                }
                return Int16(clamping: sum / channels)
            }
        }
    }

    // MARK: RTVI

    private mutating func read(message text: String) {
        guard let message = try? JSONValue(parsing: text), message.object != nil else {
            return failProtocol("the bot sent a message that is no JSON object")
        }
        // Other labels are an application's own.
        guard message["label"]?.string == RTVIMessage.label, let type = message["type"]?.string else { return }
        let data = message["data"]
        switch type {
        case "bot-ready":
            checkVersion(data)
            isThere()
        case "error": failed(data)
        case "error-response": refused(message["id"]?.string, data)
        case "metrics": report(data)
        default:
            if readCaller(type, data) || readSpeech(type, data) { return }
            readWork(type, data)
        }
    }

    private mutating func readCaller(_ type: String, _ data: JSONValue?) -> Bool {
        let text = data?["text"]?.string ?? ""
        let isFinal = data?["final"]?.bool ?? true
        switch type {
        case "user-started-speaking": talk.callerStarted()
        case "user-stopped-speaking": talk.callerStopped()
        case "user-input":
            // What was typed comes back here, too.
            guard data?["input_type"]?.string == "transcription" else { return true }
            tellsInput = true
            talk.callerSaid(text, isFinal: isFinal)
        case "user-transcription": if !tellsInput { talk.callerSaid(text, isFinal: isFinal) }
        default: return false
        }
        return true
    }

    private mutating func readSpeech(_ type: String, _ data: JSONValue?) -> Bool {
        let text = data?["text"]?.string ?? ""
        switch type {
        case "bot-started-speaking": talk.botStarted()
        case "bot-stopped-speaking":
            talk.botSaid(words.finish())
            talk.botStopped()
        case "bot-interrupted":
            words.reset()
            works = []
            talk.botInterrupted()
        case "bot-output": talk.botSaid(words.output(data))
        case "bot-tts-text": talk.botSaid(words.spoken(text))
        case "bot-llm-text": words.wrote(text)
        default: return false
        }
        return true
    }

    private mutating func readWork(_ type: String, _ data: JSONValue?) {
        let call = data?["tool_call_id"]?.string ?? ""
        switch type {
        case "bot-llm-started": work("", true)
        case "bot-llm-stopped": work("", false)
        case "llm-function-call": callTool(call, data?["function_name"]?.string, data?["args"])
        case "llm-function-call-in-progress":
            let name = data?["function_name"]?.string ?? ""
            // The bot tells of all its calls; those of the host's tools are meant for the host.
            guard tools.contains(name) else { return work("call " + call, true) }
            callTool(call, name, data?["arguments"])
        case "llm-function-call-stopped":
            if data?["cancelled"]?.bool == true { talk.botForgets(vendorID: call) }
            work("call " + call, false)
        default: break
        }
    }

    private mutating func callTool(_ call: String, _ name: String?, _ arguments: JSONValue?) {
        guard let name, !name.isEmpty else { return }
        guard talk.botCalls(name, arguments, vendorID: call) else {
            return failProtocol("the bot called too many tools")
        }
    }

    private mutating func work(_ what: String, _ isUnderWay: Bool) {
        if isUnderWay, works.count < 64 { works.insert(what) } else { works.remove(what) }
        talk.botWorks(!works.isEmpty)
    }

    // MARK: Errors and usage

    private mutating func failed(_ data: JSONValue?) {
        let what = String((data?["error"]?.string ?? "the bot reported an error").prefix(200))
        guard data?["fatal"]?.bool == true else {
            return host.log(.warning, "the bot reported an error", fields: Self.fields(what))
        }
        fail(PluginError(.unavailable, "Pipecat: \(what)", isRetryable: true))
    }

    private mutating func refused(_ id: String?, _ data: JSONValue?) {
        let what = String((data?["error"]?.string ?? "the bot refused a message").prefix(200))
        host.log(.warning, "the bot did not accept a message", fields: Self.fields(what))
        guard let index = textIDs.firstIndex(where: { $0 == id }) else { return }
        textIDs.remove(at: index)
        talk.botRefused(.invalid("Pipecat: \(what)"))
    }

    private mutating func report(_ data: JSONValue?) {
        var (input, output): (Int64, Int64) = (0, 0)
        for tokens in data?["tokens"]?.array ?? [] {
            input = input.addingReportingOverflow(max(0, tokens["prompt_tokens"]?.int ?? 0)).partialValue
            output = output.addingReportingOverflow(max(0, tokens["completion_tokens"]?.int ?? 0)).partialValue
        }
        guard input > 0 || output > 0 else { return }
        talk.send(.usage(["input_tokens": .int(max(0, input)), "output_tokens": .int(max(0, output))]))
    }

    private static func fields(_ reason: String) -> String { JSONValue.object(["reason": .string(reason)]).text }
}
