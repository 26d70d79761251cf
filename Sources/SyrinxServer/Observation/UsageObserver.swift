// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// Books the time of one session on its tenant's month.
final class UsageObserver: CallObserver {
    private let usage: MonthlyUsage
    private var tenant = ""
    private var begunAt: Instant = .zero
    private var began = UnixTime(milliseconds: 0)

    init(_ usage: MonthlyUsage) { self.usage = usage }

    func began(_ call: CallFacts) {
        tenant = call.request.tenant
        begunAt = call.begunAt
        began = .current
    }

    func noted(_ event: SessionEvent, at now: Instant) {}

    func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) {
        self.usage.add(tenant, from: began, to: began + (now - begunAt))
    }
}
