// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
package import SyrinxCore

/// Sessions of transports: who asks at their door, and the sockets that came in by it.
extension StageSession {
    /// Gives the plugin a request; on the executor. It answers with `StageEvent.Kind.httpReply` and the same id.
    /// - Parameters:
    ///   - body: at most `SYX_IO_PIECE` bytes.
    ///   - json: what the header says of HTTP_REQUEST.
    /// - Returns: the request's id; nil when the plugin refuses it or has no network tables.
    package func ask(body: [UInt8], json: String) -> UInt64? {
        guard let id = network?.reserveID() else { return nil }
        var notice = NetworkNotice(SYX_EV_HTTP_REQUEST, id: id, generation: 0)
        notice.bytes = body
        notice.json = json
        return give(notice) >= 0 ? id : nil
    }

    /// A socket that a caller opened by the request of this id. From here on the plugin sends on it by that id.
    /// - Returns: takes what happens on it, from any thread, beginning with `opened`; nil when the session is over.
    package func adopt(_ socket: any NetworkExchange, id: UInt64) -> (@Sendable (NetworkEvent) -> Void)? {
        network?.adopt(socket, id: id, session: self)
    }

    /// Bytes of a request's body at most.
    package static let bodyLimit = Int(SYX_IO_PIECE)
}
