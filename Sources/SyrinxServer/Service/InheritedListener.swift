// SPDX-License-Identifier: Apache-2.0

@preconcurrency internal import Dispatch
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Takes connections from a socket that others hold as well. Once told to stop it leaves them to the others: no
/// connection is refused or reset for it, as the socket itself stays open.
///
/// It accepts by itself: NIO's own listener takes for granted that a connection it was told of is still there.
final class InheritedListener: Service {
    private struct State {
        var source: (any DispatchSourceRead)?
        var hasStopped = false
        var children: [ObjectIdentifier: any Channel] = [:]
    }

    private let socket: InheritedSocket
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    private let queue = DispatchQueue(label: "syrinx.accept")
    private let state = Mutex(State())
    private let door = AsyncStream.makeStream(of: TalkChannel.self, bufferingPolicy: .bufferingOldest(1))
    private let accepted = AsyncStream.makeStream(of: Int32.self)
    /// Opens when connections are taken, or never will be.
    let ready = ReadyGate()

    init(_ socket: InheritedSocket, group: MultiThreadedEventLoopGroup, logger: Logger) {
        self.socket = socket
        self.group = group
        self.logger = logger
    }

    var port: Int { socket.port }

    /// What is behind it.
    func open(_ talk: TalkChannel) {
        door.continuation.yield(talk)
        door.continuation.finish()
    }

    /// Takes no more connections; those that were taken go on.
    func stopAccepting() {
        let source = state.withLock { state in
            state.hasStopped = true
            return state.source
        }
        source?.cancel()
    }

    func run() async throws {
        defer { ready.open() }
        guard let talk = await door.stream.first(where: { _ in true }) else { return }
        startAccepting()
        ready.open()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { tasks in
                for await connection in accepted.stream { tasks.addTask { await self.serve(connection, talk) } }
            }
        } onGracefulShutdown: {
            self.stopAccepting()
            self.quiesce()
        }
        // A service that ends would end the others with it.
        try? await gracefulShutdown()
    }

    // MARK: connections

    private func startAccepting() {
        let listening = socket.descriptor
        _ = fcntl(listening, F_SETFL, fcntl(listening, F_GETFL) | O_NONBLOCK)
        let source = DispatchSource.makeReadSource(fileDescriptor: listening, queue: queue)
        let taken = accepted.continuation
        source.setEventHandler { [weak self] in self?.accept(listening, taken) }
        source.setCancelHandler { taken.finish() }
        source.resume()
        let isLate = state.withLock { state in
            state.source = source
            return state.hasStopped
        }
        if isLate { source.cancel() }
    }

    /// Whatever waits, until told to stop; another process may have been quicker.
    private func accept(_ listening: Int32, _ taken: AsyncStream<Int32>.Continuation) {
        while !state.withLock(\.hasStopped) {
            let connection = Glibc.accept(listening, nil, nil)
            if connection >= 0 {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                _ = fcntl(connection, F_SETFL, O_NONBLOCK)
                if case .terminated = taken.yield(connection) { close(connection) }
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO: continue
            // Out of descriptors or memory: others may give some back. This queue has nothing else to do.
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                usleep(50_000)
                return
            default: return
            }
        }
    }

    private func serve(_ connection: Int32, _ talk: TalkChannel) async {
        do {
            let value = try await ClientBootstrap(group: group)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .withConnectedSocket(connection) { [logger] child in
                    self.enter(child)
                    return talk.setup(channel: child, logger: logger)
                }
            await talk.handle(value: value, logger: logger)
        } catch {
            logger.debug("a connection was lost before it was served", metadata: ["error": "\(error)"])
        }
    }

    private func enter(_ child: any Channel) {
        let id = ObjectIdentifier(child)
        state.withLock { $0.children[id] = child }
        child.closeFuture.whenComplete { _ in self.state.withLock { $0.children[id] = nil } }
    }

    /// Requests that are under way are answered; idle connections close.
    private func quiesce() {
        for child in state.withLock({ Array($0.children.values) }) {
            child.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }
}
