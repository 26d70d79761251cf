// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The state of a session's connection, and when it is tried again.
struct Link {
    enum State: Equatable {
        /// Not connected, and not about to be.
        case down
        case connecting(NetworkID)
        case open(NetworkID)
        /// Between two tries.
        case waiting
    }

    /// Pauses before the tries after a loss, in milliseconds; one more loss and the session has failed.
    static let pauses: [Double] = [100, 500, 2_000]
    /// A vendor that asks for a longer pause is not waited for: the caller would wait, too.
    static let longestPause: UInt32 = 4_000

    var state = State.down
    /// Why no connection will ever be had: wrong key, wrong model.
    var permanentFailure: PluginError?
    /// Where the connection's own time begins in the stream, in samples.
    var base: Int64 = 0
    /// Why the vendor will close, when it said so before.
    var announcedFailure: PluginError?
    private var losses = 0
    /// Of this series of tries.
    private var lastLoss: PluginError?

    /// The socket, connected or about to be.
    var socket: NetworkID? {
        switch state {
        case .connecting(let id), .open(let id): id
        case .down, .waiting: nil
        }
    }

    /// The vendor works: the next loss is the first one.
    mutating func provedGood() { losses = 0 }

    /// Begins a new series of tries.
    mutating func startOver() {
        losses = 0
        lastLoss = nil
        state = .down
    }

    /// What it is for an utterance that there was no connection for in time.
    var unreachable: PluginError {
        let reason = lastLoss?.message ?? "there was no connection in time"
        return PluginError(
            lastLoss?.status == .quotaExceeded ? .quotaExceeded : .unavailable, "Deepgram cannot be reached: \(reason)",
            vendorCode: lastLoss?.vendorCode ?? 0)
    }

    /// How long to wait before the next try, in milliseconds; nil = there is none.
    mutating func nextPause(after error: PluginError, isPermanent: Bool) -> UInt32? {
        lastLoss = error
        guard !isPermanent, losses < Self.pauses.count, error.retryAfterMilliseconds <= Self.longestPause else {
            return nil
        }
        // Many calls lose their connections at the same moment; they must not all come back at one.
        let pause = UInt32(Self.pauses[losses] * Double.random(in: 0.8...1.2))
        losses += 1
        return max(pause, error.retryAfterMilliseconds)
    }
}

/// What the end of a socket means.
struct Loss {
    let error: PluginError
    /// Another try would end the same way (protocol page, "Client rules": 4xx on upgrade, except 408 and 429).
    let isPermanent: Bool

    init(_ close: SocketClose, announced: PluginError?) {
        if let status = close.httpStatus, status != 101 {
            let vendor = VendorReason(close).text
            error = VendorError.http(
                status: status, message: "Deepgram refused the connection with HTTP \(status)\(vendor)",
                retryAfterMilliseconds: close.retryAfterMilliseconds
            ).advising(key: "api_key")
            isPermanent = (400..<500).contains(status) && status != 408 && status != 429
        } else if let announced {
            error = announced
            isPermanent = !announced.isRetryable
        } else if close.closeCode == 1008 || close.closeCode == 1003 || close.closeCode == 1007 {
            error = PluginError(
                .invalid, "Deepgram could not use what it was sent: \(close.reason)",
                vendorCode: Int64(close.closeCode ?? 0))
            isPermanent = true
        } else if let broken = close.error {
            error = broken
            isPermanent = !broken.isRetryable
        } else {
            let code = close.closeCode.map { " with code \($0)" } ?? ""
            error = PluginError(
                .unavailable, "Deepgram closed the connection\(code): \(close.reason)", isRetryable: true,
                vendorCode: Int64(close.closeCode ?? 0))
            isPermanent = false
        }
    }
}

/// What the vendor wrote about a refusal: `dg-error`, or one of the two JSON forms (protocol page, "Close codes and
/// errors").
private struct VendorReason {
    private struct Body: Decodable {
        var code: String?
        var text: String?
        var category: String?
        var message: String?

        private enum CodingKeys: String, CodingKey {
            case category, message
            case code = "err_code"
            case text = "err_msg"
        }
    }

    let text: String

    init(_ close: SocketClose) {
        let body = try? JSON.decode(Body.self, from: close.body)
        let words =
            [body?.code ?? body?.category, body?.text ?? body?.message].compactMap { $0 }
            .joined(separator: ": ")
        let reason = words.isEmpty ? close.headers["dg-error"] ?? "" : words
        text = reason.isEmpty ? "" : ": " + String(reason.prefix(120))
    }
}
