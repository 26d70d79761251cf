// SPDX-License-Identifier: Apache-2.0

/// Who sends requests for this module, which has no HTTP client of its own.
package protocol HTTPPoster: Sendable {
    /// Sends one request and waits for the head of its answer. Must not follow redirects: a redirect would lead where
    /// no operator has pointed to.
    /// - Returns: the status, and how long the answer's `Retry-After` asks to wait.
    /// - Throws: when there is no answer, or none in time.
    func post(
        _ url: String, headers: [(String, String)], body: [UInt8], timeout: Duration
    ) async throws -> (status: Int, retryAfter: Duration?)
}
