// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What the server sent, with the instant at which it came from the socket.
package enum TalkMessage: Sendable, Equatable {
    /// The agent's audio, s16le mono.
    case audio([Int16], at: Instant)
    /// A JSON event; `docs/PROTOCOL.md` lists them.
    case event(JSONValue, at: Instant)
    /// The server's close frame; nothing follows.
    case closed(code: Int?)
}

/// What the client sends.
package enum TalkSend: Sendable, Equatable {
    case audio([Int16])
    case event(JSONValue)
    /// A close frame with code 1000.
    case close
}
