// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// The line of a session, as the caller's socket sees it: on the same event loop, or on another.
struct TalkPort: Sendable {
    let id: String
    /// Hz of both sides.
    let rate: Int
    /// The pipeline echoes the caller's messages; the socket does it.
    let isLoopback: Bool
    /// The caller may come back by another socket.
    let isResumable: Bool
    let loop: any EventLoop
    let line: LoopBound<TalkLine>
    /// Told how many frames of the agent found no room in a socket.
    let onDropped: @Sendable (Int) -> Void

    func receive(audio bytes: ByteBuffer, on here: any EventLoop) {
        if here === loop { line.value.receive(bytes) } else { loop.execute { [line] in line.value.receive(bytes) } }
    }

    func submit(_ input: Input, on here: any EventLoop) {
        if here === loop { line.value.submit(input) } else { loop.execute { [line] in line.value.submit(input) } }
    }

    func say(_ request: SayRequest, on here: any EventLoop) {
        if here === loop { line.value.say(request) } else { loop.execute { [line] in line.value.say(request) } }
    }

    func run(on here: any EventLoop, _ body: @escaping @Sendable (TalkLine) -> Void) {
        if here === loop { body(line.value) } else { loop.execute { [line] in body(line.value) } }
    }
}
