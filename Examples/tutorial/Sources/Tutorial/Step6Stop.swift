// SPDX-License-Identifier: Apache-2.0

import VoiceBackend

/// Step 6: a stop refuses new sessions at once, lets the live ones finish what they are saying, and closes the rest at
/// the deadline.
func stopGracefully(_ backend: VoiceBackend) async {
    step(6, "Stop with a drain")

    show("draining \(backend.activeSessionCount) session")
    let stopping = Task { await backend.stop(drain: .seconds(10)) }
    for session in backend.sessions {
        let playout = try? await session.say("Goodbye, and thank you for calling.").waitForPlayout()
        show("\(session.userID) heard: \(playout?.heard ?? "nothing")")
        await session.stop()
    }
    let forced = await stopping.value
    show(
        "stopped: \(forced) sessions had to be closed, \(backend.activeSessionCount) active, \(backend.connectionState.rawValue)"
    )
}
