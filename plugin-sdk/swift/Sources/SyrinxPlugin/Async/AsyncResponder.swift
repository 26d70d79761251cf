// SPDX-License-Identifier: Apache-2.0

/// Answers requests with async code; wrap it in an ``AsyncSession``.
public protocol AsyncResponder: AnyObject, Sendable {
    /// ``Prompt`` for an agent, ``Clause`` for a speaker.
    associatedtype Request: AsyncRequest

    /// Answers one request through `sink`. Returning ends it as done, throwing as failed; a cancelled response ends by
    /// itself, and the task is cancelled.
    ///
    /// Runs on Swift's shared threads: never block here, use ``SessionHost/run(cookie:_:)`` for that. Two requests of
    /// the same generation run one after another, those of different generations may overlap.
    func respond(to request: Request, sink: ResponseSink) async throws
}
