// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxTelemetry

/// Notes the begin, the end and the failures of one session in the log, where traces and records find it. No word of
/// what was said.
final class LogObserver: CallObserver {
    private var logger: Logger
    private let trace: CallTrace?
    private var begunAt: Instant = .zero

    init(_ logger: Logger, trace: CallTrace?) {
        self.logger = logger
        self.trace = trace
    }

    func began(_ call: CallFacts) {
        begunAt = call.begunAt
        logger[metadataKey: "syrinx.session"] = "\(call.id)"
        logger[metadataKey: "syrinx.tenant"] = "\(call.request.tenant)"
        for (key, value) in trace?.context.logMetadata ?? [:] { logger[metadataKey: key] = value }
        logger.info("session started", metadata: ["profile": "\(call.request.profile)"])
    }

    func noted(_ event: SessionEvent, at now: Instant) {
        switch event {
        case .warning(let code, let message): logger.warning("\(message)", metadata: ["code": "\(code)"])
        case .turnEnded(let report):
            guard let failure = report.failure else { return }
            logger.warning("turn failed", metadata: ["turn": "\(report.turn)", "code": "\(failure)"])
        default: break
        }
    }

    func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) {
        logger.info(
            "session ended",
            metadata: [
                "reason": "\(reason.rawValue)", "turns": "\(usage.counters.turns)",
                "duration_ms": "\((now - begunAt).nanoseconds / 1_000_000)",
            ])
    }
}
