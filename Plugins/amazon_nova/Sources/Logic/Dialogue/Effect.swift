// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What a ``Dialogue`` wants done, in order.
enum Effect: Hashable, Sendable {
    /// Send these events to the model.
    case send([String])
    /// Tell the host at once, ahead of audio that waits for credit.
    case tell(OutgoingEvent)
    /// Give the host the next piece of a response.
    case say(ResponseLedger.Item, generation: UInt64)
    /// The caller interrupts: what the host has not taken of the response is of no use, but its end.
    case cut(generation: UInt64)
}
