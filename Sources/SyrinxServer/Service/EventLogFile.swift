// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// Writes a call's event log to `FOLDER/<session>.jsonl`, for `syrinx replay`. Encoding and writing happen on a queue of
/// its own; a call never waits for a disk. A disk that fails, or falls behind by `limit` entries or `largest` bytes, and a
/// file of `largestFile` bytes end the log with a warning, never the call.
final class EventLogFile: CallRecorder {
    static let queue = DispatchQueue(label: "syrinx.event-log", qos: .utility)
    private static let batch = 64
    private static let limit = 10_000
    private static let largest = 16 << 20
    private static let largestFile = 1 << 30

    private let path: String
    private let logger: Logger
    private var entries: [LogEntry] = []
    /// Of the texts in them.
    private var bytes = 0
    private var sink: Sink?

    init(folder: String, session: String, logger: Logger) {
        path = "\(folder)/\(session).jsonl"
        self.logger = logger
    }

    func begin(_ options: Options) {
        sink = Sink(path: path, writer: EventLogWriter(options: options), logger: logger)
    }

    func record(_ input: Input, at now: Instant, actions: [Action]) {
        guard let sink, !sink.isFailed else { return }
        entries.append(LogEntry(at: now, input: input, actions: actions))
        if case .history(let items) = input { bytes += items.reduce(0) { $0 + $1.text.utf8.count } }
        guard entries.count >= Self.batch || bytes >= Self.largest / 4 else { return }
        flush(last: false)
    }

    func end() { flush(last: true) }

    private func flush(last: Bool) {
        guard let sink else { return }
        let (batch, size) = (entries, bytes)
        entries.removeAll(keepingCapacity: true)
        bytes = 0
        guard sink.reserve(batch.count, size) else { return }
        Self.queue.async { sink.write(batch, size, last: last) }
    }

    /// The file, on the queue.
    private final class Sink: @unchecked Sendable {
        private let path: String
        private let logger: Logger
        private var writer: EventLogWriter
        private var file: FileHandle?
        private let lock = NSLock()
        private var waiting = 0
        private var waitingBytes = 0
        private var written = 0
        private var failed = false

        init(path: String, writer: EventLogWriter, logger: Logger) {
            self.path = path
            self.writer = writer
            self.logger = logger
        }

        var isFailed: Bool { lock.withLock { failed } }

        func reserve(_ count: Int, _ bytes: Int) -> Bool {
            let taken = lock.withLock { () -> Bool in
                guard !failed, waiting + count <= limit, waitingBytes + bytes <= largest else { return false }
                waiting += count
                waitingBytes += bytes
                return true
            }
            if !taken { fail("the disk is too slow") }
            return taken
        }

        func write(_ entries: [LogEntry], _ bytes: Int, last: Bool) {
            lock.withLock {
                waiting -= entries.count
                waitingBytes -= bytes
            }
            guard !isFailed else { return }
            for entry in entries { writer.record(entry) }
            let text = writer.takeLines(flush: last).map { $0 + "\n" }.joined()
            written += text.utf8.count
            guard written <= largestFile else { return fail("it is as large as it may become") }
            do {
                try opened().write(contentsOf: Data(text.utf8))
                if last { try file?.close() }
            } catch {
                fail(String(describing: error))
            }
        }

        private func opened() throws -> FileHandle {
            if let file { return file }
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: path))
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            file = handle
            return handle
        }

        private func fail(_ reason: String) {
            let first = lock.withLock { () -> Bool in
                defer { failed = true }
                return !failed
            }
            if first { logger.warning("event log ended", metadata: ["path": "\(path)", "error": "\(reason)"]) }
        }
    }
}
