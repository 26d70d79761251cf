// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI

/// A frame that a VAD or filter has answered later than `process` returned.
package struct FrameAnswer: Sendable {
    /// `process` answers it when the frame went to a helper.
    package static let pending = Int32(SYX_PENDING)

    package var pts: Int64
    package var status: Int32
    /// 0 to 1.
    package var probability: Float
    /// What a filter wrote; nil when it wrote nothing.
    package var samples: [Int16]?

    /// - Parameter audio: 16-bit samples, untrusted: an odd byte at the end is dropped.
    init(pts: Int64, status: Int32, probability: Float, audio: UnsafeRawBufferPointer?) {
        self.pts = pts
        self.status = status
        self.probability = probability >= 0 ? min(probability, 1) : 0
        samples = audio.map { bytes in
            (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self) }
        }
    }
}
