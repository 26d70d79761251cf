// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxCLI

/// A call in virtual time: the clock moves in 20 ms steps, the server is the test.
private struct Rehearsal {
    var script: CallScript
    var now = Instant.zero
    /// The first sample of each frame that was sent.
    var sent: [Int16] = []
    var notes: [CallNote] = []

    init(lines: [CallerLine] = [line("first", 7)], timeout: Duration = .seconds(5)) {
        var options = CallScript.Options()
        options.rate = 8000
        options.timeout = timeout
        script = CallScript(lines: lines, options: options, at: now)
    }

    mutating func wait(_ milliseconds: Int64) {
        for _ in 0..<milliseconds / 20 {
            now = now + .milliseconds(20)
            if let frame = script.step(at: now).frame { sent.append(frame[0]) }
        }
    }

    mutating func event(_ type: String, _ fields: [String: JSONValue] = [:]) {
        let event = JSONValue.object(fields.merging(["type": .string(type)]) { $1 })
        notes += script.receive(event: event, at: now)
    }

    mutating func ready() {
        event("session.started", ["session": "ses_1"])
        event("session.ready")
    }

    /// The server's side of an answered turn; the answer sounds for 40 ms.
    mutating func answer(_ number: Int64, outcome: String = "answered") {
        event("user.speech_started")
        event("user.speech_stopped")
        event("turn.committed", ["turn": .int(number), "text": "question"])
        event("agent.text", ["turn": .int(number), "generation": .int(number), "text": "answer"])
        event("speech.started", ["speech": .int(number), "generation": .int(number)])
        script.receive(audio: [Int16](repeating: 1, count: 320), at: now)
        wait(40)
        event(
            "speech.finished",
            ["speech": .int(number), "generation": .int(number), "heard": "answer", "interrupted": false])
        event(
            "turn.ended",
            [
                "turn": .int(number), "outcome": .string(outcome), "user": "question", "agent": "answer",
                "heard": "answer",
                "latency_ms": ["end_of_turn": 300, "total": 310.5],
            ])
    }
}

/// 100 ms of one value at 8 kHz.
private func line(_ name: String, _ value: Int16) -> CallerLine {
    CallerLine(name: name, samples: [Int16](repeating: value, count: 800))
}

@Suite(.tags(.unit))
struct CallScriptTests {
    @Test
    func `the microphone is open and silent until the session is ready`() {
        var call = Rehearsal()
        call.wait(2000)
        #expect(call.sent == [Int16](repeating: 0, count: 100))
    }

    @Test
    func `without a greeting the caller begins after a moment`() {
        var call = Rehearsal()
        call.ready()
        call.wait(600)
        #expect(!call.sent.contains(7))
        call.wait(600)
        #expect(call.sent.count { $0 == 7 } == 5)
    }

    @Test
    func `a greeting is heard to its end`() {
        var call = Rehearsal()
        call.ready()
        call.event("speech.queued", ["speech": 1])
        call.event("speech.started", ["speech": 1, "generation": 1])
        call.wait(3000)
        #expect(!call.sent.contains(7))
        call.event("speech.finished", ["speech": 1, "generation": 1, "heard": "hello", "interrupted": false])
        call.wait(300)
        #expect(!call.sent.contains(7))
        call.wait(300)
        #expect(call.sent.contains(7))
        #expect(call.notes == [.agent("hello", heard: nil)])
    }

    @Test
    func `each line waits for the answer to the one before`() {
        var call = Rehearsal(lines: [line("first", 7), line("second", 9)])
        call.ready()
        call.wait(1300)
        #expect(call.sent.contains(7))
        call.wait(2000)
        #expect(!call.sent.contains(9))
        call.answer(1)
        call.wait(1000)
        #expect(call.sent.contains(9))
        call.answer(2)
        call.wait(1000)
        #expect(call.script.isOver)
        #expect(call.script.failures.isEmpty)
        #expect(
            call.notes == [
                .user("question"), .agent("answer", heard: nil), .user("question"), .agent("answer", heard: nil),
            ])
    }

    @Test
    func `what a model tells late of the caller's words stands before its answer`() {
        var call = Rehearsal()
        call.event("turn.committed", ["turn": 1, "text": ""])
        call.event("turn.ended", ["turn": 1, "outcome": "answered", "user": "question", "agent": "answer"])
        #expect(call.notes == [.user("question"), .agent("answer", heard: nil)])
    }

    @Test
    func `a line without a turn is given up with the reason, and the next is said`() {
        var call = Rehearsal(lines: [line("first", 7), line("second", 9)])
        call.ready()
        call.wait(8000)
        #expect(call.script.failures == [0: "no turn came of it within 5 s"])
        #expect(call.sent.contains(9))
    }

    @Test
    func `a failed turn is no answer`() {
        var call = Rehearsal()
        call.ready()
        call.wait(1300)
        call.answer(1, outcome: "failed")
        call.wait(1000)
        #expect(call.script.failures == [0: "its turn failed"])
    }

    @Test
    func `a line that became two turns counts when the last is answered`() {
        var call = Rehearsal()
        call.ready()
        call.wait(1300)
        call.answer(1, outcome: "interrupted")
        call.answer(2)
        call.wait(1000)
        #expect(call.script.isOver)
        #expect(call.script.failures.isEmpty)
        #expect(call.script.turns.map(\.line) == [0, 0])
    }

    @Test
    func `speech that no turn was made of holds the caller back for a while`() {
        var call = Rehearsal()
        call.ready()
        call.wait(1300)
        call.answer(1, outcome: "interrupted")
        call.event("user.speech_started")
        call.event("user.speech_stopped")
        call.wait(1000)
        #expect(!call.script.isOver)
        call.answer(2)
        call.wait(1000)
        #expect(call.script.failures.isEmpty)
    }

    @Test
    func `a session that ends early tells which lines were not said`() {
        var call = Rehearsal(lines: [line("first", 7), line("second", 9)])
        call.ready()
        call.wait(1300)
        call.event("session.closed", ["reason": "agent_ended"])
        call.script.disconnected()
        #expect(
            call.script.failures == [
                0: "the session ended (agent_ended)", 1: "the session ended (agent_ended) before it was said",
            ])
        #expect(call.script.isOver)
    }

    @Test
    func `an agent that hangs up after its last answer is no failure`() {
        var call = Rehearsal()
        call.ready()
        call.wait(1300)
        call.answer(1)
        call.event("session.closed", ["reason": "agent_ended"])
        call.script.disconnected()
        #expect(CallReport(call.script, replyFile: nil).error == nil)
    }

    @Test
    func `latency counts from the last sound that was sent to the first that was heard`() throws {
        var call = Rehearsal()
        call.ready()
        call.wait(1700)
        let spoken = try #require(call.script.progress.spokenAt)
        let before = call.now
        call.answer(1)
        #expect(call.script.turns[0].audioHeard == (before - spoken).milliseconds)
    }

    @Test
    func `audio clear silences the model at once`() {
        var call = Rehearsal()
        call.ready()
        call.script.receive(audio: [Int16](repeating: 1, count: 8000), at: call.now)
        #expect(!call.script.playout.isSilent(at: call.now))
        call.event("audio.clear", ["generation": 1])
        #expect(call.script.playout.isSilent(at: call.now))
    }
}

@Suite(.tags(.unit))
struct CallReportTests {
    @Test
    func `the report has the documented shape`() throws {
        var call = Rehearsal()
        call.ready()
        call.wait(1300)
        call.answer(1)
        call.wait(1000)
        let json = CallReport(call.script, replyFile: "a.wav").json
        #expect(Set(json.object?.keys.map(\.self) ?? []) == ["session", "turns", "reply_wav"])
        #expect(json["session"] == "ses_1")
        #expect(json["reply_wav"] == "a.wav")
        let turn = try #require(json["turns"]?[0])
        #expect(Set(turn.object?.keys.map(\.self) ?? []) == ["user", "agent", "heard", "interrupted", "latency_ms"])
        #expect(turn["interrupted"] == false)
        #expect(turn["latency_ms"]?["end_of_turn"]?.double == 300)
        #expect(turn["latency_ms"]?["audio_heard"]?.double != nil)
        #expect(!json.text.contains("\n"))
    }

    @Test
    func `a call without session or recording has nulls`() {
        let json = CallReport(Rehearsal().script, replyFile: nil).json
        #expect(json == ["session": nil, "turns": [], "reply_wav": nil])
    }

    @Test
    func `what happened to all lines is told once`() {
        var call = Rehearsal(lines: [line("a", 1), line("b", 2), line("c", 3)])
        call.script.disconnected()
        let report = CallReport(call.script, replyFile: nil)
        #expect(report.failures == ["all 3 lines: the connection ended before it was said"])
        #expect(report.error?.code == "call.unanswered")
    }

    @Test
    func `the latency table lines up and fits`() {
        var turn = CallTurn(number: 1, line: 0, user: "")
        turn.steps = ["end_of_turn": 300, "transcript": 0.4, "first_audio": 1234.6]
        let lines = LatencyTable.text([turn]).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines.last?.split(separator: " ") == ["1", "300", "0", "-", "-", "1235", "-"])
    }
}
