// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// What is known of a session when it begins.
package struct CallFacts: Sendable {
    package var id: String
    package var request: CallRequest
    /// Kind of stage and the provider that serves it, `tts` and `flite@1.0.0`.
    package var providers: [String: String]
    /// In which it begins.
    package var pipeline: Pipeline
    package var begunAt: Instant
}

/// What one session used.
package struct CallUsage: Sendable, Equatable {
    /// The caller's audio that came, and the agent's that was sent.
    package var callerAudio = Duration.zero
    package var agentAudio = Duration.zero
    /// Characters that were given to the synthesiser.
    package var spokenCharacters = 0
    package var toolCalls = 0
    /// Races of a slow provider with a second one, by kind of stage.
    package var hedges: [String: HedgeCounts] = [:]
    /// As the providers say.
    package var inputTokens: Int64 = 0
    package var outputTokens: Int64 = 0
    package var counters = Counters()

    package init() {}
}

/// Watches one session: for records, metrics, traces, webhooks. Called on the session's event loop; must be quick, and
/// may not wait for anything. `ended` comes exactly once, after `began`.
package protocol CallObserver: AnyObject {
    func began(_ call: CallFacts)
    func noted(_ event: SessionEvent, at now: Instant)
    /// Nothing of what is said is to be kept from now on, or it is again.
    func wordsPaused(_ isPaused: Bool, at now: Instant)
    /// Another provider serves a stage from here on.
    func served(kind: String, by provider: String)
    /// A provider did not do what it was asked, whoever did it then.
    func failed(kind: String, provider: String, code: String)
    func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant)
}

extension CallObserver {
    package func served(kind: String, by provider: String) {}
    package func failed(kind: String, provider: String, code: String) {}
}

/// Hears both sides of one session, at the session's rate. Called on the session's event loop for every frame, before
/// the observers' `ended` for the last time.
package protocol CallListener: AnyObject {
    /// s16le samples as they came, any whole number.
    func caller(_ bytes: UnsafeRawBufferPointer, at now: Instant)
    /// A frame that was sent; the client may play it up to the output lead later.
    func agent(_ samples: UnsafeBufferPointer<Int16>, at now: Instant)
    /// What was sent and not played yet is dropped by the client.
    func cleared(at now: Instant)
    /// As ``CallObserver/wordsPaused(_:at:)``.
    func audioPaused(_ isPaused: Bool, at now: Instant)
    func ended(at now: Instant)
}

extension CallObserver {
    package func wordsPaused(_ isPaused: Bool, at now: Instant) {}
}

extension CallListener {
    package func audioPaused(_ isPaused: Bool, at now: Instant) {}
}
