// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
package import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A thread that can be waited for.
package final class WorkerThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: Mutex<pthread_t?>

    /// - Throws: `SYX_EUNAVAILABLE` when the system gives none.
    package init(_ body: @escaping @Sendable () -> Void) throws(PluginError) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body)).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        guard status == 0 else {
            Unmanaged<Body>.fromOpaque(argument).release()
            throw .unavailable("no thread can be started: \(String(cString: strerror(status)))")
        }
        self.thread = Mutex(thread)
    }

    /// Waits until it has ended; once.
    package func join() {
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }
}
