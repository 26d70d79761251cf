// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

extension FaultPlan {
    /// Where: `at=POINT[:N]`, `after=POINT[:N]`, `path=/PREFIX`, `times=K`, `skip=K`; `first_POINT` is `POINT:1`.
    /// What: `cut`, `reset`, `close=CODE[:REASON]`, `status=CODE`, `latency=MS`, `drip[=MS]`, `drop`, `silence`,
    /// `error=CODE`, `malformed=KIND`, `truncate`; with `status` and `error` also `code=`, `message=` and `retry_after=` (seconds).
    ///
    /// Without a point `latency`, `malformed`, `truncate` and `drop` act on each message, all else at `connect`.
    ///
    /// - Throws: `simulator.invalid_fault` with the words that there are.
    package init(_ text: String) throws(SyrinxError) {
        var faults: [Fault] = []
        for specification in text.split(separator: ";") {
            var reader = FaultReader(specification)
            faults.append(try reader.read())
        }
        self.init(faults)
    }

    /// - Throws: `simulator.invalid_fault` for a point that the simulator does not have.
    package func check(points: [String]) throws(SyrinxError) {
        let all = ["connect", "response"] + points
        for case let point? in faults.map(\.trigger.point) where !all.contains(point) {
            throw FaultReader.invalid("there is no point `\(point)`", "points: \(all.joined(separator: ", "))")
        }
    }
}

/// Reads one fault.
private struct FaultReader {
    private let text: Substring
    private var trigger: FaultPlan.Trigger?
    private var action: FaultPlan.Action?
    private var fault = FaultPlan.Fault(.cut, at: .at("connect", nil))
    private var failure: (code: String?, message: String?, retryAfter: Int?) = (nil, nil, nil)

    init(_ text: Substring) { self.text = text }

    mutating func read() throws(SyrinxError) -> FaultPlan.Fault {
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let word = Self.trimmed(pair[0])
            let value = pair.count > 1 ? Self.trimmed(pair[1]) : nil
            if try readPlace(word, value) { continue }
            if try readFailure(word, value) { continue }
            guard action == nil else { throw Self.invalid("`\(text)` has two things to do", "divide faults by `;`") }
            action = try Self.action(word, value)
        }
        guard let action else { throw Self.invalid("`\(text)` has nothing to do", Self.actions) }
        fault.action = completed(action)
        fault.trigger = trigger ?? Self.usualTrigger(action)
        return fault
    }

    private mutating func readPlace(_ word: String, _ value: String?) throws(SyrinxError) -> Bool {
        switch word {
        case "at":
            let (point, count) = try Self.point(value)
            trigger = .at(point, count)
        case "after":
            let (point, count) = try Self.point(value)
            trigger = .after(point, count ?? 1)
        case "path": fault.path = value ?? ""
        case "times": fault.times = try Self.number(word, value, 1...1_000_000)
        case "skip": fault.skip = try Self.number(word, value, 0...1_000_000)
        default: return false
        }
        return true
    }

    private mutating func readFailure(_ word: String, _ value: String?) throws(SyrinxError) -> Bool {
        switch word {
        case "code": failure.code = value
        case "message": failure.message = value
        case "retry_after": failure.retryAfter = try Self.number(word, value, 0...86_400)
        default: return false
        }
        return true
    }

    private func completed(_ action: FaultPlan.Action) -> FaultPlan.Action {
        func complete(_ given: SimulatedFailure) -> SimulatedFailure {
            SimulatedFailure(
                status: given.status, code: failure.code ?? given.code, message: failure.message ?? "",
                retryAfterSeconds: failure.retryAfter)
        }
        return switch action {
        case .refuse(let given): .refuse(complete(given))
        case .error(let given): .error(complete(given))
        default: action
        }
    }

    private static func action(_ word: String, _ value: String?) throws(SyrinxError) -> FaultPlan.Action {
        switch word {
        case "cut": return .cut
        case "reset": return .reset
        case "drop": return .drop
        case "truncate": return .truncate
        case "silence": return .silence
        case "close":
            let parts = (value ?? "").split(separator: ":", maxSplits: 1)
            let code = try number(word, parts.first.map(String.init), 1000...4999)
            return .close(code: code, reason: parts.count > 1 ? String(parts[1]) : "")
        case "status": return .refuse(SimulatedFailure(status: try number(word, value, 300...599)))
        case "latency": return .latency(milliseconds: try number(word, value, 0...600_000))
        case "drip":
            return .drip(
                milliseconds: try value.map { value throws(SyrinxError) in
                    try number(word, value, 1...60_000)
                } ?? 1000)
        case "error": return .error(SimulatedFailure(status: 500, code: value ?? "server_error"))
        case "malformed":
            guard let value, let kind = Malformation(rawValue: value) else {
                let kinds = Malformation.allCases.map(\.rawValue).joined(separator: ", ")
                throw invalid("`malformed` takes a kind", kinds)
            }
            return .malformed(kind)
        default: throw invalid("`\(word)` is no word of a fault", "\(actions); at, after, path, times, skip")
        }
    }

    private static let actions =
        "cut, reset, close=CODE:REASON, status=CODE, latency=MS, drip, drop, silence, error=CODE, malformed=KIND, truncate"

    private static func usualTrigger(_ action: FaultPlan.Action) -> FaultPlan.Trigger {
        switch action {
        case .latency, .malformed, .drop, .truncate: .everyMessage
        case .cut, .reset, .close, .refuse, .drip, .silence, .error: .at("connect", nil)
        }
    }

    /// `audio:3`, `audio`, `first_audio`.
    private static func point(_ value: String?) throws(SyrinxError) -> (String, Int?) {
        guard let value, !value.isEmpty else { throw invalid("a point is missing", "at=audio:3, after=final") }
        if value.hasPrefix("first_") { return (String(value.dropFirst(6)), 1) }
        let parts = value.split(separator: ":", maxSplits: 1).map(String.init)
        return (parts[0], parts.count > 1 ? try number("at", parts[1], 1...1_000_000) : nil)
    }

    private static func number(
        _ word: String, _ value: String?, _ range: ClosedRange<Int>
    ) throws(SyrinxError) -> Int {
        guard let value, let number = Int(value), range.contains(number) else {
            throw invalid("`\(word)` takes a number", "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    static func invalid(_ message: String, _ fix: String) -> SyrinxError {
        SyrinxError("simulator.invalid_fault", message, fix: fix)
    }
}
