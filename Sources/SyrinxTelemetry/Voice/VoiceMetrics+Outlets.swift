// SPDX-License-Identifier: Apache-2.0

extension VoiceMetrics {
    /// Counts of spans are read from the tracer's buffer.
    package func observe(_ spans: SpanBuffer) {
        let outlets = series.outlets
        outlets.spansExported.observe(value: { Double(spans.counts.exported) })
        outlets.spansDropped.observe(value: { Double(spans.counts.dropped) })
        outlets.spanExportFailures.observe(value: { Double(spans.counts.failures) })
    }

    /// Counts of webhooks are read from their queues. The label `endpoint` is `tenant/name`.
    package func observe(_ webhooks: WebhookHub) {
        series.outlets.webhooks.observe {
            webhooks.queues.flatMap { key, queue in
                queue.counts.byResult.map { ([key, $0.result], Double($0.count)) }
            }
        }
        series.outlets.webhookQueue.observe { webhooks.queues.map { ([$0.key], Double($0.queue.pending)) } }
    }
}
