// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxTelemetry

/// Answers by a script and remembers what was sent.
final class FakePoster: HTTPPoster {
    struct Sent: Sendable {
        var url: String
        var headers: [String: String]
        var body: [UInt8]
        var timeout: Duration

        var json: JSONValue { get throws { try JSONValue(parsing: body) } }
    }

    enum Reply: Sendable {
        case status(Int, after: Duration? = nil)
        case nothing
    }

    private let state: Mutex<(replies: [Reply], sent: [Sent])>
    private let otherwise: Reply

    init(_ replies: [Reply], otherwise: Reply = .status(200)) {
        state = Mutex((replies, []))
        self.otherwise = otherwise
    }

    var sent: [Sent] { state.withLock(\.sent) }

    func post(
        _ url: String, headers: [(String, String)], body: [UInt8], timeout: Duration
    ) async throws -> (status: Int, retryAfter: Duration?) {
        let reply = state.withLock { state in
            let fields = Dictionary(headers, uniquingKeysWith: { $1 })
            state.sent.append(Sent(url: url, headers: fields, body: body, timeout: timeout))
            return state.replies.isEmpty ? otherwise : state.replies.removeFirst()
        }
        switch reply {
        case .status(let status, let after): return (status, after)
        case .nothing: throw SyrinxError("test.no_answer", "nobody is there")
        }
    }
}
