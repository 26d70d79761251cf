// SPDX-License-Identifier: Apache-2.0

/// The counters of one session's audio, looked up once: counting a frame takes two atomic additions.
package struct AudioMeter: Sendable {
    let framesIn: Counter
    let framesOut: Counter
    let timeIn: Counter
    let timeOut: Counter
    let late: Counter

    /// Audio of the caller came.
    package func received(frames: Int = 1, _ time: Duration = .milliseconds(20)) {
        framesIn.add(frames)
        timeIn.add(time)
    }

    /// Audio of the agent was sent.
    package func sent(frames: Int = 1, _ time: Duration = .milliseconds(20)) {
        framesOut.add(frames)
        timeOut.add(time)
    }

    /// The caller ran out of audio that should have come.
    package func wasLate(frames: Int = 1) { late.add(frames) }
}
