// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import SyrinxCore

/// Whoever a response is for. All on the loop of the connection.
protocol HTTPReceiver: AnyObject {
    /// Some bytes came from the other side, whatever they are.
    func heard()
    func received(_ head: HTTPResponseHead)
    func received(_ body: ByteBuffer)
    /// The response is complete.
    func receivedEnd()
    /// It will not be completed; nothing more comes.
    /// - Parameter isUnprocessed: the other side has certainly not acted upon the request.
    func lost(_ failure: NetworkFailure, isUnprocessed: Bool)
}
