// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

/// Follows one request of a traced session to its end.
final class RequestTrace: Sendable {
    private let span: RequestSpan
    private let isWebSocket: Bool
    private let environment: any HostEnvironment
    private let status = Mutex<Int?>(nil)

    /// Adds to the request what tells the other side of the trace, unless the plugin wrote that itself.
    init(_ trace: any SessionTrace, _ request: inout NetworkRequest, of provider: ProviderInstance) {
        environment = provider.environment
        isWebSocket = request.url.scheme.isWebSocket
        let descriptor = provider.descriptor
        let facts = RequestFacts(
            stage: descriptor.kind.name, provider: descriptor.reference, method: request.method, url: request.url)
        span = trace.began(facts, at: environment.now())
        guard !request.headers.contains(where: { $0.name == "traceparent" }) else { return }
        request.headers.removeAll { $0.name == "tracestate" }
        request.headers += span.headers
    }

    func note(_ event: NetworkEvent) {
        switch event {
        case .head(let status, _): self.status.withLock { $0 = status }
        case .opened: status.withLock { $0 = 101 }
        case .finished(let end): span.end(outcome(end), environment.now())
        default: break
        }
    }

    private func outcome(_ end: NetworkEnd) -> RequestOutcome {
        var outcome = RequestOutcome(status: end.status ?? status.withLock(\.self))
        outcome.isAborted = end.failure?.kind == .aborted
        if let failure = end.failure {
            outcome.failure = failure.kind.rawValue
            outcome.isRetryable = NetworkNotice.class(of: end).isRetryable
            return outcome
        }
        let answer = isWebSocket ? NetworkClass.close(end.closeCode) : outcome.status.map(NetworkClass.http)
        guard let answer, answer.code != SYX_OK else { return outcome }
        outcome.failure = (isWebSocket ? end.closeCode : outcome.status).map(String.init)
        outcome.isRetryable = answer.isRetryable
        return outcome
    }
}
