// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

extension VoiceEvent {
    /// Nil for what is of no use to an application.
    init?(_ event: SessionEvent) {
        switch event {
        case .started: self = .started
        case .userSpeechStarted: self = .userSpeechStarted
        case .userSpeechStopped: self = .userSpeechStopped
        case .userAway: self = .userAway
        case .userReturned: self = .userReturned
        case .keysPressed(let keys): self = .keysPressed(keys)
        case .partialTranscript(let text): self = .partialTranscript(text)
        case .finalTranscript(let text, let confidence, let backchannel):
            self = .finalTranscript(text, confidence: confidence, isBackchannel: backchannel)
        case .turnCommitted(let turn, let text, let delay, _, _):
            self = .turnCommitted(turn: turn, text: text, delay: delay)
        case .agentText(let turn, _, let text): self = .agentText(turn: turn, text: text)
        case .toolCalled(let turn, let name, let arguments):
            self = .toolCalled(turn: turn, name: name, arguments: arguments)
        case .speechStarted(let speech, _): self = .speechStarted(speech: speech)
        case .speechFinished(let speech, _, let heard, let interrupted):
            self = .speechFinished(speech: speech, heard: heard, wasInterrupted: interrupted)
        case .interruptionCandidate: self = .interruptionCandidate
        case .interruptionConfirmed(_, let latency): self = .interruptionConfirmed(latency: latency)
        case .interruptionFalse(let resumed): self = .interruptionFalse(resumed: resumed)
        case .pipelineSwitched(let pipeline, let reason):
            self = .pipelineSwitched(
                to: pipeline == .s2s ? .s2s : .sttTTS,
                reason: PipelineSwitchReason(rawValue: reason.rawValue) ?? .requested)
        case .languageChanged(let language, let old, let source):
            self = .languageChanged(
                to: language, from: old, source: LanguageSource(rawValue: source.rawValue) ?? .requested)
        case .turnEnded(let report): self = .turnEnded(VoiceTurn(report))
        case .warning(let code, let message): self = .warning(code: code, message: message)
        case .closed(let reason): self = .ended(EndReason(reason))
        case .agentState, .speechQueued, .audioClear, .turnHeld: return nil
        }
    }
}

extension VoiceTurn {
    init(_ report: TurnReport) {
        self.init(
            number: report.turn, outcome: Outcome(rawValue: report.outcome.rawValue) ?? .failed, user: report.user,
            agent: report.agent, heard: report.heard,
            failure: report.failure.map(VoiceBackendError.Code.init(runtime:)),
            latency: TurnLatency(report.timeline))
    }
}

extension TurnLatency {
    init(_ timeline: TurnTimeline) {
        guard var last = timeline.speechEnd else {
            self.init()
            return
        }
        func step(_ instant: Instant?) -> Duration? {
            guard let instant else { return nil }
            defer { last = max(last, instant) }
            return max(.zero, instant - last)
        }
        self.init(
            endOfTurn: step(timeline.turnDecided), transcript: step(timeline.finalTranscript),
            agentFirstToken: step(timeline.firstToken), speechFirstByte: step(timeline.firstSpeechByte),
            firstAudio: step(timeline.firstAudio))
    }
}
