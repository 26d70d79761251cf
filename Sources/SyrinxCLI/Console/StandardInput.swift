// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Foundation

/// What comes in at the standard input, read on a thread of its own: nothing else may wait for a person. No more is
/// read ahead than a little.
enum StandardInput {
    private static let ahead = 64

    static var isTerminal: Bool { isatty(FileHandle.standardInput.fileDescriptor) == 1 }

    /// Pipes and terminals have no place to go back to.
    static var isFile: Bool { lseek(FileHandle.standardInput.fileDescriptor, 0, SEEK_CUR) >= 0 }

    /// Lines without their ends; empty ones are left out.
    static var lines: Reading<String> {
        Reading {
            while let line = readLine() {
                let text = line.trimmingCharacters(in: .whitespaces)
                if !text.isEmpty { return text }
            }
            return nil
        }
    }

    /// Pieces of so many bytes; the last may be shorter.
    static func pieces(of count: Int) -> Reading<[UInt8]> {
        Reading {
            let piece = bytes(count)
            return piece.isEmpty ? nil : piece
        }
    }

    /// So many bytes, fewer only at the end. Blocks.
    static func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count,
            let more = try? FileHandle.standardInput.read(upToCount: count - bytes.count), !more.isEmpty
        {
            bytes += more
        }
        return bytes
    }

    /// Elements as a blocking function gives them, until it gives none.
    struct Reading<Element: Sendable>: AsyncSequence, Sendable {
        let next: @Sendable () -> Element?

        func makeAsyncIterator() -> Iterator {
            let (stream, continuation) = AsyncStream.makeStream(of: Element.self)
            let room = DispatchSemaphore(value: ahead)
            let next = next
            Thread.detachNewThread {
                while let element = next() {
                    room.wait()
                    if case .terminated = continuation.yield(element) { return }
                }
                continuation.finish()
            }
            return Iterator(stream: stream.makeAsyncIterator(), room: room)
        }

        struct Iterator: AsyncIteratorProtocol {
            var stream: AsyncStream<Element>.Iterator
            let room: DispatchSemaphore

            mutating func next() async -> Element? {
                defer { room.signal() }
                return await stream.next()
            }
        }
    }
}
