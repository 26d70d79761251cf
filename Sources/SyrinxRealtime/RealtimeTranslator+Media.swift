// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Audio that travels beside the events, as in WebRTC: it is counted, and told when it begins and ends.
extension RealtimeTranslator {
    static let otherWay = "has no use here: the caller's audio comes by the call's own media"

    /// The session has been given so many samples of the caller, at its rate.
    package mutating func heard(_ samples: Int) {
        heardSamples += samples
        bufferedSamples += samples
    }

    /// The agent's audio begins to leave.
    mutating func startOutput() {
        guard let response, !response.isPlaying else { return }
        self.response?.isPlaying = true
        send("output_audio_buffer.started", ["response_id": .string(response.id)])
    }

    /// Audio is paced: what has ended has been played, what was cancelled has not.
    mutating func endOutput(of response: RealtimeResponse, _ status: RealtimeResponse.Status) {
        guard response.isPlaying else { return }
        let isCleared = status == .cancelled || status == .failed
        let event = isCleared ? "output_audio_buffer.cleared" : "output_audio_buffer.stopped"
        send(event, ["response_id": .string(response.id)])
    }

    /// The client wants to hear no more of what plays; where nothing does, there is nothing to clear.
    mutating func clearOutput() throws(RealtimeError) {
        guard setup.hasMedia else {
            throw .unsupported("type", "has no use here: audio goes in events, and none of it waits")
        }
        guard let response, response.isPlaying, !response.isCancelledByClient else { return }
        try cancel(response.id)
    }
}
