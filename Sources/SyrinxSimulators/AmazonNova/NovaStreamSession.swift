// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One bidirectional stream: checks what the client sends as strictly as the page tells, hears, answers.
///
/// The stream holds it by its closures.
final class NovaStreamSession {
    struct Violation: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    /// The vendor ends a session without audio after so long, and every session after eight minutes.
    private static let inactivityMilliseconds = 55_000
    private static let limitMilliseconds = 480_000
    private static let maximumMessage = 50 << 10
    private static let maximumHistory = 200 << 10

    private let stream: SimulatedStream
    private let isFirstModel: Bool
    private let speaker: NovaSpeaker
    private var signatures: NovaSignatures?
    private var reader = NovaFrameReader()
    private var recogniser: SimulatedRecogniser?
    private var tools: [SimulatedTool] = []
    private var prompt: String?
    private var hasStarted = false
    private var hasEnded = false
    private var blocks: [String: NovaBlock] = [:]
    private var names: Set<String> = []
    private var historyBytes = 0
    private var hasUserLine = false
    private var inactivity: SimulatedTimer?
    /// Calls of the model, in their order, and what came of them.
    private var uses: [String] = []
    private var results: [String: String] = [:]
    private var useCount = 0

    init(_ stream: SimulatedStream, model: String, signatures: NovaSignatures?) {
        self.stream = stream
        self.signatures = signatures
        isFirstModel = model.contains("nova-sonic-v1")
        speaker = NovaSpeaker(stream)
    }

    func begin() {
        stream.onBody = { [self] bytes, isLast in receive(bytes, isLast) }
        stream.errorFrame = { NovaFrame.exception($0["type"]?.string ?? "", $0["message"]?.string ?? "") }
        stream.after(Self.limitMilliseconds) { [weak self] in self?.stream.finish() }
        watch()
        stream.point("ready")
    }

    private func receive(_ bytes: [UInt8], _ isLast: Bool) {
        do {
            for frame in try reader.feed(bytes) { try receive(frame) }
            if isLast {
                if !hasEnded { stream.note("the client ended the stream without an empty frame") }
                stream.finish()
            }
        } catch let error as NovaFrameReader.Malformed {
            fail("Invalid event stream: \(error.reason)")
        } catch let error as Violation {
            fail(error.message)
        } catch {
            fail("\(error)")
        }
    }

    private func fail(_ message: String) {
        guard stream.isOpen else { return }
        stream.send(NovaFrame.exception("validationException", message), at: "error")
        stream.finish()
    }

    private func receive(_ frame: NovaFrame) throws {
        if signatures?.accepts(frame) == false { throw Violation("The event signature we calculated does not match") }
        guard !hasEnded else { throw Violation("An event follows the end of the stream") }
        guard !frame.payload.isEmpty else {
            hasEnded = true
            return
        }
        var inner = NovaFrameReader()
        guard let message = try inner.feed(frame.payload).first, message.header(":event-type") == .string("chunk"),
            let payload = try? JSONValue(parsing: message.payload),
            let bytes = payload["bytes"]?.string.flatMap(Base64Text.decode),
            let event = try? JSONValue(parsing: bytes)["event"]?.object, let (name, body) = event.first,
            event.count == 1
        else { throw Violation("Invalid input request, please fix your input and try again") }
        try handle(name, body)
    }

    // MARK: events

    private func handle(_ name: String, _ body: JSONValue) throws {
        if name != "audioInput" { stream.note("\(name) \(body.text.prefix(200))") }
        switch name {
        case "sessionStart":
            guard !hasStarted, body["inferenceConfiguration"]?["maxTokens"]?.int != nil else {
                throw Violation("sessionStart is wrong, or comes twice")
            }
            hasStarted = true
        case "promptStart": try startPrompt(body)
        case "contentStart": try startContent(body)
        case "textInput", "toolResult": try add(body, to: try open(body))
        case "audioInput": try hear(body)
        case "contentEnd": try endContent(try open(body))
        case "promptEnd":
            try check(body)
            guard blocks.isEmpty else { throw Violation("promptEnd comes before the end of a content") }
            prompt = nil
        case "sessionEnd": guard prompt == nil else { throw Violation("sessionEnd comes before promptEnd") }
        default: throw Violation("Unknown event \(name)")
        }
    }

    private func startPrompt(_ body: JSONValue) throws {
        guard hasStarted, prompt == nil, let name = body["promptName"]?.string, !name.isEmpty,
            let rate = NovaBlock.rate(body["audioOutputConfiguration"]),
            body["audioOutputConfiguration"]?["voiceId"]?.string?.isEmpty == false,
            body["textOutputConfiguration"]?["mediaType"]?.string == "text/plain"
        else { throw Violation("promptStart is wrong, or in the wrong place") }
        prompt = name
        speaker.prompt = name
        speaker.rate = rate
        tools = try (body["toolConfiguration"]?["tools"]?.array ?? []).map { tool in
            guard let spec = tool["toolSpec"], let name = spec["name"]?.string, spec["description"]?.string != nil,
                let schema = spec["inputSchema"]?["json"]?.string, let parameters = try? JSONValue(parsing: schema)
            else { throw Violation("A toolSpec is wrong: its schema has to be a text") }
            return SimulatedTool(name: name, parameters: parameters)
        }
    }

    private func startContent(_ body: JSONValue) throws {
        try check(body)
        guard let name = body["contentName"]?.string, names.insert(name).inserted else {
            throw Violation("A contentName is missing, or used twice")
        }
        guard let block = NovaBlock(body) else { throw Violation("contentStart \(name) is wrong") }
        if case .text(let role, let isInteractive) = block.kind { try checkText(role, isInteractive) }
        if case .audio(let rate) = block.kind {
            guard recogniser == nil else { throw Violation("There is one audio content a session") }
            recogniser = SimulatedRecogniser(rate: rate, lines: stream.settings.lines)
        }
        if case .tool(let use) = block.kind, !uses.contains(use) { throw Violation("Nobody called \(use)") }
        blocks[name] = block
    }

    private func checkText(_ role: String, _ isInteractive: Bool) throws {
        if isInteractive {
            guard role == "USER", !isFirstModel else { throw Violation("This model takes no interactive text") }
            return
        }
        guard recogniser == nil else { throw Violation("The history has to come before the audio") }
        if role == "USER" { hasUserLine = true }
        guard role != "ASSISTANT" || hasUserLine else { throw Violation("The history has to begin with the user") }
    }

    private func add(_ body: JSONValue, to name: String) throws {
        guard let content = body["content"]?.string else { throw Violation("'content' is missing") }
        switch blocks[name]?.kind {
        case .text(_, isInteractive: false): historyBytes += content.utf8.count
        case .audio: throw Violation("\(name) is an audio content")
        default: break
        }
        guard content.utf8.count <= Self.maximumMessage, historyBytes <= Self.maximumHistory else {
            throw Violation("The text is too long")
        }
        blocks[name]?.content += content
    }

    private func endContent(_ name: String) throws {
        guard let block = blocks.removeValue(forKey: name) else { return }
        switch block.kind {
        case .text(_, let isInteractive): if isInteractive { answer(block.content) }
        case .audio: break
        case .tool(let use): try finish(use, block.content)
        }
    }

    private func check(_ body: JSONValue) throws {
        guard let prompt, body["promptName"]?.string == prompt else { throw Violation("'promptName' is wrong") }
    }

    private func open(_ body: JSONValue) throws -> String {
        try check(body)
        guard let name = body["contentName"]?.string, blocks[name] != nil else {
            throw Violation("The content is not open")
        }
        return name
    }

    // MARK: hearing and answering

    private func hear(_ body: JSONValue) throws {
        guard case .audio? = blocks[try open(body)]?.kind,
            let bytes = body["content"]?.string.flatMap(Base64Text.decode), bytes.count.isMultiple(of: 2)
        else { throw Violation("audioInput is wrong, or in no audio content") }
        watch()
        for event in recogniser?.feed(PCM.samples(bytes)) ?? [] {
            switch event {
            case .started: speaker.interrupt()
            case .partial: break
            case .final(let text, _, _):
                speaker.heard(text)
                answer(text)
            }
        }
    }

    private func watch() {
        inactivity?.cancel()
        inactivity = stream.after(Self.inactivityMilliseconds) { [weak self] in
            self?.fail("Timed out waiting for audio bytes or interactive content")
        }
    }

    private func answer(_ text: String) {
        watch()
        speaker.interrupt()
        switch stream.settings.mind.answer(text, tools: tools) {
        case .text(let answer): speaker.speak(answer)
        case .calls(let wanted):
            for call in wanted {
                useCount += 1
                let use = "use-\(useCount)"
                uses.append(use)
                speaker.call(call.name, call.arguments, use: use)
            }
        }
    }

    private func finish(_ use: String, _ result: String) throws {
        guard let value = try? JSONValue(parsing: result), let object = value.object else {
            throw Violation("A toolResult has to be a JSON object, as text")
        }
        results[use] = object["result"]?.string ?? object["error"]?.string ?? result
        let told = uses.compactMap { results[$0] }
        guard told.count == uses.count else { return }
        uses = []
        results = [:]
        if case .text(let answer) = stream.settings.mind.answer(toolResults: told) { speaker.speak(answer) }
    }
}
