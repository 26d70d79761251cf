// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxStore
internal import SyrinxTelemetry

/// Removes each hour what has been kept for long enough.
struct RecordKeeping {
    let store: RecordStore
    let webhooks: WebhookHub
    let logger: Logger

    func run() async {
        while !Task.isCancelled {
            do throws(SyrinxError) {
                let gone = try await store.purge(now: CallClock.wall() / 1_000_000) { [webhooks] tenant, events in
                    webhooks.forget(tenant: tenant, events: events)
                }
                if gone.sessions + gone.turns + gone.recordings > 0 {
                    logger.info(
                        "records purged",
                        metadata: [
                            "sessions": "\(gone.sessions)", "turns": "\(gone.turns)",
                            "recordings": "\(gone.recordings)",
                        ])
                }
            } catch {
                logger.warning("records not purged", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(3600))
        }
    }
}
