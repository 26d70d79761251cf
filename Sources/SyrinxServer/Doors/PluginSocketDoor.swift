// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import SyrinxCore
internal import SyrinxRuntime

/// WebSockets at the doors: the plugin judges the handshake, then gets the messages.
struct PluginSocketDoor: SocketDoor {
    let desk: DoorDesk
    let maxMessage: Int

    func matches(_ uri: String) -> Bool { DoorRequest.matches(uri) }

    func open(_ head: HTTPRequestHead, peer: SocketAddress?, on loop: any EventLoop) -> EventLoopFuture<AcceptedSocket>
    {
        let headers = head.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        guard
            var request = DoorRequest(
                uri: head.uri, method: head.method.rawValue, headers: headers, peer: peer?.ipAddress)
        else { return loop.makeFailedFuture(SyrinxError("door.not_found", "the path names no door")) }
        request.isUpgrade = true
        return desk.ask(request, on: loop).flatMapThrowing { [maxMessage] answer in
            guard answer.reply.status == 101 else { throw answer.reply }
            let socket = DoorSocket(answer.request, of: answer.call.value)
            return AcceptedSocket(
                handler: SocketHandler(owner: socket, maxMessage: maxMessage), headers: answer.reply.headers)
        }
    }
}
