// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Glibc
internal import Synchronization
internal import SyrinxCore

/// Verified bytes in sealed memory, loadable by a path of this process. Nobody can change them, not even this process.
///
/// The loader knows an object by its path. A descriptor whose path was loaded must therefore never be closed: its number
/// would be given to the next image, and the loader would answer with the old one. So images stay until `discard`.
package final class SealedImage: Sendable {
    package let descriptor: Int32
    package let hash: ContentHash

    /// `/proc/self/fd/N`. A helper process has to inherit the descriptor, which is close-on-exec.
    package var path: String { "/proc/self/fd/\(descriptor)" }

    /// By hash, so that looking at a package again costs nothing.
    private static let images = Mutex<[ContentHash: SealedImage]>([:])

    private init(descriptor: Int32, hash: ContentHash) {
        self.descriptor = descriptor
        self.hash = hash
    }

    /// - Throws: `plugin.store.write_failed` when memory or descriptors are out.
    static func make(_ bytes: [UInt8], hash: ContentHash) throws(SyrinxError) -> SealedImage {
        try Result { () throws(SyrinxError) in
            try images.withLock { images throws(SyrinxError) in
                if let known = images[hash] { return known }
                let descriptor = bytes.withUnsafeBytes {
                    syrinx_sealed_memory("syrinx-plugin", $0.baseAddress, $0.count)
                }
                guard descriptor >= 0 else {
                    throw SyrinxError(
                        "plugin.store.write_failed",
                        "no sealed memory for the plugin: \(String(cString: strerror(-descriptor)))",
                        fix: "name a store folder, or allow more memory and files")
                }
                let image = SealedImage(descriptor: descriptor, hash: hash)
                images[hash] = image
                return image
            }
        }.get()
    }

    /// Gives the memory back. Only for an image that no `dlopen` of this process has seen.
    package func discard() {
        let isMine = Self.images.withLock { images in
            guard images[hash] === self else { return false }
            images[hash] = nil
            return true
        }
        if isMine { close(descriptor) }
    }
}
