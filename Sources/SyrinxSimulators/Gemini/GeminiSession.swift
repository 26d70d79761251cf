// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One BidiGenerateContent socket: dispatches what the client sends.
///
/// Its parts: `+Input` hears and ends turns, ``GeminiTurn`` answers. What it sends are binary frames, as the vendor's.
final class GeminiSession: SimulatedSession {
    /// A connection lasts ten minutes, and its end is told ten seconds ahead.
    private static let connectionMilliseconds = 600_000
    static let noticeMilliseconds = 10_000

    let socket: SimulatedSocket
    private let memory: GeminiMemory
    var setup: GeminiSetup?
    /// What callers and model said, as far as it is remembered.
    var said: [String] = []
    var recogniser: SimulatedRecogniser?
    /// The rate that audio comes at, in hertz, and how much of the transcript was sent.
    var rate = 16_000
    var transcribed = ""
    var turn: GeminiTurn?
    /// Calls without a response, by id.
    var calls: [String: JSONValue] = [:]
    private var results: [String] = []
    private var count = 0
    private var isLeaving = false

    init(_ socket: SimulatedSocket, _ memory: GeminiMemory) {
        self.socket = socket
        self.memory = memory
    }

    func closed() {
        turn?.stop()
        turn = nil
    }

    func received(text: String) { receive(Array(text.utf8)) }

    func received(binary: [UInt8]) { receive(binary) }

    private func receive(_ bytes: [UInt8]) {
        guard let parsed = try? JSONValue(parsing: bytes, maximumBytes: 16 << 20), parsed.object != nil else {
            return refuse(GeminiRefusal(1_007, "Request contains an invalid argument."))
        }
        do throws(GeminiRefusal) {
            try handle(GeminiKeys.camelCased(parsed))
        } catch {
            refuse(error)
        }
    }

    private func handle(_ message: JSONValue) throws(GeminiRefusal) {
        guard let members = message.object, members.count == 1, let (key, value) = members.first else {
            throw GeminiRefusal(1_007, "A message has exactly one of its fields.")
        }
        guard setup != nil || key == "setup" else {
            throw GeminiRefusal(1_007, "The first message must be setup.")
        }
        switch key {
        case "setup": try begin(value)
        case "realtimeInput": try hear(value)
        case "clientContent": read(value)
        case "toolResponse": try answered(value)
        default: throw GeminiRefusal(1_007, "Invalid JSON payload received. Unknown name \"\(key.prefix(32))\"")
        }
    }

    private func begin(_ json: JSONValue) throws(GeminiRefusal) {
        guard setup == nil else { throw GeminiRefusal(1_007, "setup may be sent only once.") }
        let setup = try GeminiSetup(json)
        if let handle = setup.handle {
            guard let said = memory.recall(handle) else { throw GeminiRefusal(1_008, "The session is not found.") }
            self.said = said
        }
        self.setup = setup
        send(["setupComplete": ["sessionId": .string("session-\(socket.request.connection)")]], at: "ready")
        tellHandle(isResumable: true)
        socket.after(Self.connectionMilliseconds - Self.noticeMilliseconds) { [weak self] in self?.leave() }
    }

    private func refuse(_ refusal: GeminiRefusal) { socket.close(refusal.code, refusal.reason) }

    // MARK: tools

    private func answered(_ value: JSONValue) throws(GeminiRefusal) {
        for response in value["functionResponses"]?.array ?? [] {
            guard let id = response["id"]?.string, calls.removeValue(forKey: id) != nil else {
                throw GeminiRefusal(1_007, "A function response belongs to no call.")
            }
            let object = response["response"] ?? [:]
            results.append((object["result"] ?? object["output"])?.string ?? object.text)
        }
        guard calls.isEmpty, !results.isEmpty else { return }
        let answer = socket.settings.mind.answer(toolResults: results)
        results = []
        begin(answer)
    }

    // MARK: ends

    /// Tells that the connection ends, and ends it.
    func leave() {
        guard !isLeaving else { return }
        isLeaving = true
        send(["goAway": ["timeLeft": "10s"]], at: "go_away")
        socket.after(Self.noticeMilliseconds) { [weak self] in self?.socket.close(1_001, "The connection is too old.") }
    }

    func tellHandle(isResumable: Bool) {
        guard setup?.isResumable == true else { return }
        var update: [String: JSONValue] = ["resumable": .bool(isResumable)]
        if isResumable { update["newHandle"] = .string(memory.remember(said)) }
        send(["sessionResumptionUpdate": .object(update)], at: "resumption")
    }

    // MARK: sending

    func id(_ prefix: String) -> String {
        count += 1
        return "\(prefix)-\(socket.request.connection)-\(count)"
    }

    func send(_ message: JSONValue, at point: String? = nil) {
        socket.note(point ?? "message")
        socket.send(binary: Array(message.text.utf8), at: point)
    }

    func content(_ members: [String: JSONValue], at point: String) {
        send(["serverContent": .object(members)], at: point)
    }
}
