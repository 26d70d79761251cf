// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
package import SyrinxCore

extension CallSession {
    /// Below the core's own ids, above what clients count.
    private static let farewellID: UInt64 = 1 << 51

    /// Says a last line, which nothing interrupts, and closes when it was heard. Whoever calls sees to it that a line
    /// which does not come to its end does not hold the session.
    package func leave(saying line: String, reason: CloseReason) {
        guard farewell == nil, !isLoopback else { return submit(.close(reason)) }
        let request = SayRequest(
            id: Self.farewellID, text: line, priority: .high, interruptible: false, addToHistory: false)
        farewell = (request.id, reason)
        submit(.interrupt)
        submit(.say(request))
    }
}
