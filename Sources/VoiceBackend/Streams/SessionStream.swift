// SPDX-License-Identifier: Apache-2.0

/// What a session sends to the application, one reader at a time.
///
/// Two tasks that read the same stream would each get half of it; so the second one gets the error `stream_error` at its
/// first step. Once the first has ended its loop, another may begin where it stopped. The stream is bounded: while
/// nobody reads, the oldest elements go. It ends with the session, or when the reading task is cancelled.
public struct SessionStream<Element: Sendable>: AsyncSequence, Sendable {
    let buffer: BoundedBuffer<Element>
    let name: String

    /// The reading end.
    public func makeAsyncIterator() -> Iterator { Iterator(lease: Lease(buffer), name: name) }

    /// Reads the stream; for one task.
    public struct Iterator: AsyncIteratorProtocol {
        let lease: Lease
        let name: String

        /// The next element; nil at the end.
        /// - Throws: `stream_error` when another task reads this stream.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(VoiceBackendError) -> Element? {
            guard lease.isOurs else {
                throw VoiceBackendError(
                    name, .streamError, "another task reads this stream; share its elements inside the application")
            }
            return await lease.buffer.next()
        }
    }

    /// The right to read, for as long as an iterator lives.
    final class Lease {
        let buffer: BoundedBuffer<Element>
        let isOurs: Bool

        init(_ buffer: BoundedBuffer<Element>) {
            self.buffer = buffer
            isOurs = buffer.lease()
        }

        deinit { if isOurs { buffer.giveBack() } }
    }
}
