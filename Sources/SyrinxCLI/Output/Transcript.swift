// SPDX-License-Identifier: Apache-2.0

/// The lines that a person reads while a call goes on.
package enum Transcript {
    package static func line(_ note: CallNote) -> String {
        switch note {
        case .user(let text): "  you:   \(text)"
        case .agent(let text, nil): "  agent: \(text)"
        case .agent(let text, let heard?):
            "  agent: \(text)\n         (interrupted; heard: \(heard.isEmpty ? "nothing" : heard))"
        case .warning(let text): "  ! \(text)"
        }
    }
}
