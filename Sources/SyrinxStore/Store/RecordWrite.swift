// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import SyrinxCore

/// One thing to be written.
enum RecordWrite: Sendable {
    case begin(SessionStart)
    case turn(TurnRecord)
    case change(ChangeRecord)
    case end(SessionEnd)
    case recording(session: String, RecordingResult)
    case outbox(tenant: String, endpoint: String, OutboxChange)

    static let maximumText = 64 << 10

    /// Without it a session has no record, or one that never ends; or an event is told again that was taken.
    var isVital: Bool {
        switch self {
        case .begin, .end, .outbox(_, _, .gone), .outbox(_, _, .endpointGone): true
        case .turn, .change, .recording, .outbox: false
        }
    }

    /// Whether it is about a record: only those are counted.
    var isOfRecord: Bool {
        if case .outbox = self { false } else { true }
    }

    /// About how many bytes of text it holds.
    var bytes: Int {
        if case .outbox(_, _, .added(let event)) = self { return 512 + event.body.count }
        guard case .turn(let turn) = self else { return 512 }
        return 512 + min(Self.maximumText, turn.user?.utf8.count ?? 0)
            + min(Self.maximumText, turn.heard?.utf8.count ?? 0)
    }

    /// What may be kept of it; nil if nothing may.
    var checked: RecordWrite? {
        switch self {
        case .begin(var start):
            guard RecordID.isValid(start.id), RecordID.isValid(start.tenant) else { return nil }
            if let user = start.user, !SessionStart.isValidUser(user) { start.user = nil }
            return .begin(start)
        case .turn(var turn):
            turn.user = turn.user.map { Self.clipped($0, to: Self.maximumText) }
            turn.heard = turn.heard.map { Self.clipped($0, to: Self.maximumText) }
            return .turn(turn)
        case .change(let change): return (1...ChangeRecord.limit).contains(change.number) ? self : nil
        case .end, .recording, .outbox: return self
        }
    }

    /// SQLite would end a text at a NUL.
    static func clipped(_ text: String, to bytes: Int = 1024) -> String {
        var text = text
        if text.utf8.count > bytes {
            var end = text.utf8.index(text.startIndex, offsetBy: bytes)
            while end > text.startIndex, end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
            text = String(text[..<end])
        }
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
