// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Closes the door while the host is too busy to serve another session well. Pure; fed with samples.
///
/// It closes when a measure has been over its limit for `patience`, and opens when all have been below `recover` times
/// their limits for as long: a host at its edge does not flap.
package struct LoadGate: Sendable {
    package struct Limits: Sendable, Equatable {
        /// Share of all cores, 0...1; 0 = not looked at.
        package var cpu: Double
        /// How late an event loop may be; zero = not looked at.
        package var loopLag: Duration
        /// Resident bytes of the process; 0 = not looked at.
        package var memory: Int
        package var recover: Double
        package var patience: Duration

        package init(
            cpu: Double = 0, loopLag: Duration = .zero, memory: Int = 0, recover: Double = 0.8,
            patience: Duration = .seconds(1)
        ) {
            self.cpu = cpu
            self.loopLag = loopLag
            self.memory = memory
            self.recover = recover
            self.patience = patience
        }
    }

    /// What was measured since the last sample.
    package struct Sample: Sendable, Equatable {
        package var cpu: Double
        /// The latest of all event loops.
        package var loopLag: Duration
        package var memory: Int

        package init(cpu: Double = 0, loopLag: Duration = .zero, memory: Int = 0) {
            self.cpu = cpu
            self.loopLag = loopLag
            self.memory = memory
        }
    }

    package var limits: Limits
    package private(set) var latest = Sample()
    /// Why no session is taken; nil while the gate is open.
    package private(set) var closedBy: String?
    /// Since when the samples have spoken for the other state.
    private var changingSince: Instant?

    package init(limits: Limits = Limits()) { self.limits = limits }

    package mutating func take(_ sample: Sample, at now: Instant) {
        latest = sample
        let reason = reason(sample, factor: closedBy == nil ? 1 : limits.recover)
        guard (reason == nil) != (closedBy == nil) else {
            changingSince = nil
            if let reason { closedBy = reason }
            return
        }
        let since = changingSince ?? now
        changingSince = since
        guard now - since >= limits.patience else { return }
        closedBy = reason
        changingSince = nil
    }

    private func reason(_ sample: Sample, factor: Double) -> String? {
        if limits.loopLag > .zero, sample.loopLag > limits.loopLag * factor { return "loop_lag" }
        if limits.cpu > 0, sample.cpu > limits.cpu * factor { return "cpu" }
        if limits.memory > 0, Double(sample.memory) > Double(limits.memory) * factor { return "memory" }
        return nil
    }

    /// - Throws: `session.overloaded`.
    package func check() throws(SyrinxError) {
        guard let closedBy else { return }
        throw SyrinxError(
            "session.overloaded", "this host is too busy for another session (\(closedBy))", fix: "ask another host",
            retryable: true, retryAfter: .seconds(5))
    }
}
