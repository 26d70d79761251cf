// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore
internal import SyrinxSimulators

/// Gathers what a simulator logs into one line a connection, printed when it ends; before it, if that is wanted, what
/// the client sent. Called from event loops.
final class ConnectionPrinter: Sendable {
    private struct Line {
        var request: String
        var began = ContinuousClock.now
        var status = "no answer"
        var received = 0
        var sent = 0
        var faults: [String] = []
    }

    private static let limit = 10_000
    private static let faultLimit = 20

    private let isJSON: Bool
    private let showsMessages: Bool
    private let lines = Mutex<[Int: Line]>([:])

    init(isJSON: Bool, showsMessages: Bool) {
        self.isJSON = isJSON
        self.showsMessages = showsMessages
    }

    func take(_ entry: SimulatorLog.Entry) {
        if showsMessages, [.body, .received].contains(entry.kind) { show(entry) }
        let ended = lines.withLock { lines -> Line? in
            switch entry.kind {
            case .request where lines.count < Self.limit: lines[entry.connection] = Line(request: entry.text)
            case .opened: lines[entry.connection]?.status = entry.text.isEmpty ? "101" : entry.text
            case .received: lines[entry.connection]?.received += 1
            case .sent: lines[entry.connection]?.sent += 1
            case .fault where (lines[entry.connection]?.faults.count ?? 0) < Self.faultLimit:
                lines[entry.connection]?.faults.append(entry.text)
            case .closed: return lines.removeValue(forKey: entry.connection)
            case .request, .body, .fault, .note: break
            }
            return nil
        }
        guard let ended else { return }
        let duration = ended.began.duration(to: .now)
        Terminal.print(isJSON ? json(ended, entry, duration).text : text(ended, entry, duration))
    }

    private func show(_ entry: SimulatorLog.Entry) {
        let message: JSONValue = [
            "event": "message", "number": .int(Int64(entry.connection)), "text": .string(entry.text),
        ]
        Terminal.print(isJSON ? message.text : "#\(entry.connection) < \(entry.text)")
    }

    private func text(_ line: Line, _ entry: SimulatorLog.Entry, _ duration: Duration) -> String {
        let faults = line.faults.isEmpty ? "" : ", faults: \(line.faults.joined(separator: " "))"
        return "#\(entry.connection) \(line.request) \(line.status), \(duration.formatted), \(line.received) in, "
            + "\(line.sent) out, \(entry.text)\(faults)"
    }

    private func json(_ line: Line, _ entry: SimulatorLog.Entry, _ duration: Duration) -> JSONValue {
        let (seconds, attoseconds) = duration.components
        return [
            "event": "connection", "number": .int(Int64(entry.connection)), "request": .string(line.request),
            "status": .string(line.status), "milliseconds": .int(seconds * 1000 + attoseconds / 1_000_000_000_000_000),
            "received": .int(Int64(line.received)), "sent": .int(Int64(line.sent)), "end": .string(entry.text),
            "faults": .array(line.faults.map { .string($0) }),
        ]
    }
}
