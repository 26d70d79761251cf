// SPDX-License-Identifier: Apache-2.0

extension Conversation {
    /// The caller pressed keys. The first one of an input interrupts the agent; the input becomes a turn when it is complete.
    mutating func press(_ keys: String) {
        guard options.pipeline != .loopback else { return }
        let pressed = String(keys.filter(KeyCollector.isKey))
        guard !pressed.isEmpty else { return }
        callerIsActive()
        emit(.keysPressed(keys: pressed))
        let isFirst = keyCollector.isEmpty
        let inputs = keyCollector.press(pressed, at: now)
        let isInput = !inputs.isEmpty || !keyCollector.isEmpty
        if isFirst, isInput, isInterruptible { confirmInterruption() }
        for input in inputs { type(input) }
    }

    mutating func checkKeys() {
        if let input = keyCollector.tick(at: now) { type(input) }
    }
}
