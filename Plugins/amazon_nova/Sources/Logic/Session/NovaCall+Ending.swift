// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

// Holding the vendor up, draining, failing, closing.

extension NovaCall {
    /// Looks whether the vendor has to wait for the host, and whether a drain is done.
    mutating func settle() {
        holdUp()
        guard isDraining, output.isEmpty else { return }
        switch phase {
        case .open(let id): if dialogue.isIdle { finish(id) }
        case .idle, .keying, .hashing, .refused, .failed: end()
        case .opening: if dialogue.isIdle { end() }
        case .ending, .closed: break
        }
    }

    /// Every open request ends with the error, and so does the session.
    mutating func fail(_ error: PluginError) {
        switch phase {
        case .failed, .closed: return
        case .ending: return end()
        case .idle, .keying, .hashing, .opening, .open, .refused: break
        }
        let lost = stream
        phase = .failed(error)
        // The session first: the host may open another one and ask again there.
        output.send(.failed(error, generation: 0))
        dialogue.fail(error)
        perform()
        if let lost { host.abortRequest(lost) }
    }

    /// Ends the session as far as the stream still takes it. Nothing is told afterwards.
    mutating func close() {
        if case .open(let id) = phase { finish(id) } else if let stream { host.abortRequest(stream) }
        output.close()
        phase = .closed
    }

    /// The vendor, or nobody any more, has ended what was to be ended.
    mutating func end() {
        if let stream { host.abortRequest(stream) }
        phase = .closed
        if isDraining { output.send(.drained) }
        isDraining = false
    }

    private mutating func finish(_ id: NetworkID) {
        phase = .ending(id)
        do throws(PluginError) {
            if isConfigured { try queue.append(ClientEvent.end) }
            queue.appendEnd()
        } catch { return end() }
        startTimer(Self.endingMilliseconds, Cookie.ending)
        pump()
    }

    private mutating func holdUp() {
        guard case .open(let id) = phase else { return }
        let held = dialogue.heldBytes
        let isTooMuch =
            isHeldUp
            ? !output.isRelieved || held > Self.maximumWaiting / 2
            : output.isCongested || held > Self.maximumWaiting
        guard isTooMuch != isHeldUp else { return }
        isHeldUp = isTooMuch
        host.setReading(id, !isTooMuch)
    }
}
