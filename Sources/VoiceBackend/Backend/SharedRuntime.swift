// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import SyrinxNet
internal import SyrinxRuntime

/// What all backends of a process share: threads are the machine's, not a backend's. Nothing of it ever ends, so a
/// backend that is dropped without a stop leaks none.
enum SharedRuntime {
    /// One event loop a core.
    static let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    static let environment = RuntimeEnvironment(
        logger: Logger(label: "syrinx.plugins"), network: try? NetClient(group: group))

    /// Runs work that blocks, such as loading a model, away from event loops and Swift's own threads.
    static func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(work)
    }
}
