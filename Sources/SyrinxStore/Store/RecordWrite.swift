// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import SyrinxCore

/// One thing to be written.
enum RecordWrite: Sendable {
    case begin(SessionStart)
    case turn(TurnRecord)
    case end(SessionEnd)
    case recording(session: String, RecordingResult)

    static let maximumText = 64 << 10

    /// Without it a session has no record, or one that never ends.
    var isVital: Bool {
        switch self {
        case .begin, .end: true
        case .turn, .recording: false
        }
    }

    /// About how many bytes of text it holds.
    var bytes: Int {
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
        case .end, .recording: return self
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
