// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Foundation
internal import Synchronization

/// A thread that notices when plugin folders change, and that looks after them once a second.
///
/// A burst of changes is waited out: it calls after a quiet moment, or after some seconds of unrest. Where inotify is not
/// to be had it calls every two seconds instead.
package final class FolderWatcher: Sendable {
    private static let quiet: Int32 = 300
    private static let longestBurst = Duration.seconds(5)
    private static let tick: Int32 = 1000

    private let roots: [String]
    private let stopped = Mutex(false)
    private let onChange: @Sendable () -> Void
    private let onTick: @Sendable () -> Void

    /// - Parameters:
    ///   - onChange: the folders may have changed; on the watcher's thread.
    ///   - onTick: about once a second, there too.
    package init(
        _ roots: [String], onChange: @escaping @Sendable () -> Void, onTick: @escaping @Sendable () -> Void
    ) {
        self.roots = roots
        self.onChange = onChange
        self.onTick = onTick
    }

    package func start() {
        let context = Unmanaged.passRetained(self).toOpaque()
        let failure = syrinx_thread_start(
            "syrinx-plugins",
            { context in
                guard let context else { return }
                Unmanaged<FolderWatcher>.fromOpaque(context).takeRetainedValue().run()
            }, context)
        if failure != 0 { Unmanaged<FolderWatcher>.fromOpaque(context).release() }
    }

    /// Its thread ends within a second.
    package func stop() { stopped.withLock { $0 = true } }

    private func run() {
        let watch = syrinx_watch_open()
        defer { if watch >= 0 { syrinx_watch_close(watch) } }
        var isWatching = watch >= 0 && cover(watch)
        var ticks = 0
        // What changed since the folders were read at the start.
        onChange()
        while !stopped.withLock({ $0 }) {
            ticks += 1
            if isWatching {
                if syrinx_watch_wait(watch, Self.tick) > 0 {
                    settle(watch)
                    // First the watches, then the look: what comes between is noticed.
                    isWatching = cover(watch)
                    onChange()
                }
            } else {
                Thread.sleep(forTimeInterval: 1)
                if ticks.isMultiple(of: 2) { onChange() }
            }
            onTick()
        }
    }

    private func settle(_ watch: Int32) {
        let end = ContinuousClock.now + Self.longestBurst
        while ContinuousClock.now < end, !stopped.withLock({ $0 }) {
            guard syrinx_watch_wait(watch, Self.quiet) > 0 else { return }
        }
    }

    /// Watches the folders and each folder in them.
    /// - Returns: false when one cannot be watched.
    private func cover(_ watch: Int32) -> Bool {
        var isComplete = true
        for root in roots {
            isComplete = syrinx_watch_add(watch, root) == 0 && isComplete
            for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] {
                let failure = syrinx_watch_add(watch, "\(root)/\(name)")
                // Files are not watched; what is gone already was noticed by its parent.
                if failure != 0, failure != ENOTDIR, failure != ENOENT { isComplete = false }
            }
        }
        return isComplete
    }
}
