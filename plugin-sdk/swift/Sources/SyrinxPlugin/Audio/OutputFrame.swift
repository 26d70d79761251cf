// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// Where a filter writes its result; lent for one call, and possibly the input's own memory.
public struct OutputFrame: ~Copyable {
    private let raw: UnsafeMutablePointer<syx_frame>

    init?(_ raw: UnsafeMutablePointer<syx_frame>?) {
        guard let raw, raw.pointee.struct_size >= UInt32(MemoryLayout<syx_frame>.size), raw.pointee.data != nil
        else { return nil }
        self.raw = raw
    }

    /// How many bytes may be written.
    public var capacity: Int { Int(clamping: raw.pointee.bytes) }

    /// Writes 16 bit samples in place and sets the frame's length.
    ///
    /// Never allocates.
    ///
    /// - Parameters:
    ///   - count: How many samples follow, over all channels.
    ///   - body: Fills the memory; what it held before is the input when the filter works in place.
    /// - Returns: False, and nothing written, when the memory is too small or not aligned.
    public func writeInt16(count: Int, _ body: (inout MutableSpan<Int16>) -> Void) -> Bool {
        guard let data = raw.pointee.data, count >= 0, count <= capacity / MemoryLayout<Int16>.stride,
            UInt(bitPattern: data).isMultiple(of: UInt(MemoryLayout<Int16>.alignment))
        else { return false }
        let samples = UnsafeMutableBufferPointer(start: data.assumingMemoryBound(to: Int16.self), count: count)
        var span = samples.mutableSpan
        body(&span)
        raw.pointee.format = SampleEncoding.int16.rawValue
        raw.pointee.bytes = count * MemoryLayout<Int16>.stride
        raw.pointee.samples = UInt32(clamping: count / max(1, Int(raw.pointee.channels)))
        return true
    }
}
