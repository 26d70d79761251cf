// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI

/// What a provider is. Kinds differ by the events they take and send, not by functions of their own.
package enum PluginKind: UInt32, Sendable, CaseIterable, Comparable {
    case backend = 1
    case transport, stt, tts, s2s, agent, vad, turn, filter

    package init?(name: String) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    package var name: String { String(describing: self) }

    package static var names: String { allCases.map(\.name).joined(separator: ", ") }

    package static func < (left: PluginKind, right: PluginKind) -> Bool { left.rawValue < right.rawValue }

    /// Kinds that bring callers: they get what comes in at their door, wherever else they may reach.
    var isCallersSide: Bool { self == .transport || self == .backend }

    /// Kinds whose work is `process()` on the media path; all others work by `handle()`.
    var worksOnMediaPath: Bool { self == .vad || self == .filter }

    /// The events that a plugin of this kind may emit; all may send READY, ERROR, USAGE, STATE, HEALTH, DRAINED.
    func mayEmit(_ type: UInt16) -> Bool {
        let type = Int(type)
        switch type {
        case SYX_EV_READY, SYX_EV_ERROR, SYX_EV_USAGE, SYX_EV_STATE, SYX_EV_HEALTH, SYX_EV_DRAINED, SYX_EV_CANCELLED:
            return true
        case SYX_EV_AUDIO_OUT: return self == .tts || self == .s2s || isCallersSide
        case SYX_EV_PARTIAL, SYX_EV_FINAL: return self == .stt || self == .s2s
        case SYX_EV_SPEECH_START, SYX_EV_SPEECH_STOP: return self == .stt || self == .s2s || self == .vad
        case SYX_EV_TURN_END: return self == .turn || self == .stt || self == .s2s
        case SYX_EV_DELTA, SYX_EV_TOOL_CALL: return self == .agent || self == .s2s
        case SYX_EV_MARK: return self == .tts || self == .s2s || isCallersSide
        case SYX_EV_DONE: return self == .tts || self == .agent || self == .s2s || isCallersSide
        case SYX_EV_DTMF_OUT, SYX_EV_PEER, SYX_EV_HTTP_REPLY, SYX_EV_COMMAND: return isCallersSide
        default: return false
        }
    }
}
