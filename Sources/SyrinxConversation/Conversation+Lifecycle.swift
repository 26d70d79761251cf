// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

extension Conversation {
    /// Inputs after the end do nothing; before the start only the application is heard.
    func accepts(_ input: Input) -> Bool {
        switch (sessionState, input) {
        case (.closed, _): false
        case (.closing, .stagesClosed), (.closing, .tick): true
        case (.closing, _): false
        case (.active, .start), (.active, .stagesClosed): false
        case (.active, _): true
        case (.created, .start), (.created, .say), (.created, .cancelSpeech), (.created, .close), (.created, .tick),
            (.created, .callerLost), (.created, .callerBack), (.created, .providerReplaced):
            true
        case (.starting, .start), (.starting, .say), (.starting, .cancelSpeech), (.starting, .close),
            (.starting, .tick), (.starting, .callerLost), (.starting, .callerBack), (.starting, .providerReplaced):
            true
        case (.created, _), (.starting, _): false
        }
    }

    mutating func start() {
        sessionState = .active
        if let maxDuration = options.timeouts.maxDuration { endDeadline = now + maxDuration }
        emit(.started)
        guard let greeting = options.greeting, options.pipeline != .loopback else { return }
        sayByCore(greeting)
    }

    /// What waited is said from where it stopped.
    mutating func callerCameBack() {
        isCallerLost = false
        callerIsActive()
    }

    /// Legal from any state; the first reason stays.
    mutating func close(_ reason: CloseReason) {
        guard !sessionState.isOver else { return }
        silence(dropping: { _ in true })
        endTurn(.interrupted)
        abandonSpeculation()
        dropUtterances()
        bargeIn.reset()
        sessionState = .closing(reason)
        stateDeadline = now + options.timeouts.close
        emit(.closeStages)
    }

    mutating func stagesClosed() { finishClosing(leaked: false) }

    /// Start and close are bounded, whatever the stages do.
    mutating func checkLifecycle() {
        switch sessionState {
        case .created:
            sessionState = .starting
            stateDeadline = now + options.timeouts.start
        case .starting where now >= stateDeadline: close(.startTimeout)
        case .closing where now >= stateDeadline: finishClosing(leaked: true)
        case .active where now >= endDeadline: close(.maxDuration)
        case .starting, .active, .closing, .closed: break
        }
    }

    /// Nobody is there any more: first the caller is away, then the session ends.
    mutating func checkIdleness() {
        guard sessionState == .active else { return }
        let isQuiet = !isResponding && userState != .speaking && !mayEndTurn
        timers.update(isQuiet: isQuiet, isAway: userState == .away, at: now)
        if now >= timers.idleDeadline { return close(.idleTimeout) }
        guard userState == .listening, now >= timers.awayDeadline else { return }
        userState = .away
        emit(.userAway)
    }

    mutating func callerIsActive() {
        timers.touch(at: now)
        guard userState == .away else { return }
        userState = .listening
        emit(.userReturned)
    }

    mutating func reportAgentState() {
        guard sessionState == .active else { return }
        let state = currentAgentState
        guard state != agentState else { return }
        agentState = state
        emit(.agentState(state))
    }

    private var currentAgentState: AgentState {
        if isSounding { return bargeIn.isPaused ? .paused : .speaking }
        if turn != nil { return .thinking }
        return options.pipeline == .loopback ? .idle : .listening
    }

    private mutating func finishClosing(leaked: Bool) {
        guard case .closing(let reason) = sessionState else { return }
        sessionState = .closed(reason)
        emit(.closed(reason: reason))
        emit(.closed(reason, leaked: leaked))
    }
}
