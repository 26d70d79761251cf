// SPDX-License-Identifier: Apache-2.0

package import Logging

extension SpanContext {
    /// What ties a record to its span.
    package var logMetadata: Logger.Metadata { ["trace_id": "\(trace)", "span_id": "\(span)"] }
}
