// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SyrinxABI
internal import SyrinxCore

/// One request or socket of a session, and what came of it that the plugin has not seen.
struct StageExchange {
    let isWebSocket: Bool
    let generation: UInt64
    /// Goes on when its generation is cancelled.
    let survives: Bool
    /// Nil for the moment between its number and its beginning.
    var exchange: (any NetworkExchange)?
    private(set) var waiting: Deque<NetworkNotice> = []
    private var bytes = 0
    private var isWanted = true
    private var isHeld = false
    private(set) var isAborted = false
    /// A caller opened it: it is closed, not cut, when the session is over.
    var isAdopted = false
    /// The plugin has said its last: it may end in peace when the session does.
    var isClosing = false

    init(isWebSocket: Bool, generation: UInt64, survives: Bool) {
        self.isWebSocket = isWebSocket
        self.generation = generation
        self.survives = survives
    }

    /// What the exchange is to be told about reading, if anything.
    enum Flow { case asItIs, stop, goOn }

    /// Whether the next notice may go to the plugin now.
    var isReady: Bool { waiting.first.map { isWanted || $0.size == 0 } ?? false }

    mutating func add(_ notice: NetworkNotice) -> Flow {
        guard !isAborted || notice.isEnd else { return .asItIs }
        waiting.append(notice)
        bytes += notice.size
        guard bytes >= NetworkLimits.window, !isHeld else { return .asItIs }
        isHeld = true
        return .stop
    }

    mutating func take() -> (NetworkNotice, Flow)? {
        guard let notice = waiting.popFirst() else { return nil }
        bytes -= notice.size
        return (notice, release())
    }

    /// The plugin could not be given it.
    mutating func putBack(_ notice: NetworkNotice) {
        waiting.prepend(notice)
        bytes += notice.size
    }

    mutating func want(_ isWanted: Bool) -> Flow {
        self.isWanted = isWanted
        guard !isWanted else { return release() }
        guard !isHeld else { return .asItIs }
        isHeld = true
        return .stop
    }

    /// Nothing but the end is to come.
    mutating func abort() {
        isAborted = true
        isWanted = true
        let ends = waiting.filter(\.isEnd)
        waiting = ends
        bytes = 0
    }

    private mutating func release() -> Flow {
        guard isHeld, isWanted, bytes < NetworkLimits.window / 2 else { return .asItIs }
        isHeld = false
        return .goOn
    }
}

extension NetworkNotice {
    var isEnd: Bool { type == SYX_EV_HTTP_DONE || type == SYX_EV_WS_CLOSED }
}
