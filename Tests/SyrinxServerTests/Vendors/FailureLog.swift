// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// What the server's log tells of the failures of each session's providers.
final class FailureLog: Sendable {
    private let codes = Mutex<[String: Set<String>]>([:])

    func codes(of session: String) -> Set<String> { codes.withLock { $0[session] ?? [] } }

    var logger: Logger {
        ListeningLog.logger { [self] event in
            let words = "\(event.message)".split(separator: " ")
            guard words.count > 2, words[1] == "failed:" else { return }
            guard let session = event.metadata?["syrinx.session"] else { return }
            codes.withLock { _ = $0["\(session)", default: []].insert(String(words[2])) }
        }
    }
}
