// SPDX-License-Identifier: Apache-2.0

extension Conversation {
    /// The caller pressed keys: the agent is interrupted as by a typed turn when they are complete, not by each.
    mutating func press(_ keys: String) {
        guard options.pipeline != .loopback else { return }
        let pressed = String(keys.filter(KeyCollector.isKey))
        guard !pressed.isEmpty else { return }
        callerIsActive()
        emit(.keysPressed(keys: pressed))
        if let input = keyCollector.press(pressed, at: now) { type(input) }
    }

    mutating func checkKeys() {
        if let input = keyCollector.tick(at: now) { type(input) }
    }
}
