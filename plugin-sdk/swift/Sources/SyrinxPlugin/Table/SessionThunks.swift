// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

// What the session's half of the C table points to. Every pointer is checked: a wrong call must be an error, not a trap.

@Sendable
func closeSession(_ session: OpaquePointer?) {
    guard let session else { return }
    Unmanaged<SessionBox>.fromOpaque(UnsafeRawPointer(session)).takeRetainedValue().session.close()
}

@Sendable
func handleEvent(_ session: OpaquePointer?, _ event: UnsafePointer<syx_event>?) -> Int32 {
    guard let box = SessionBox.borrowed(session), let event = Event(event) else { return Status.invalid.rawValue }
    do throws(PluginError) {
        return try box.session.handle(event).rawValue
    } catch {
        // `handle` has no room for a message, so it goes to the log.
        box.host.log(.warning, error.message)
        return error.status.rawValue
    }
}

@Sendable
func cancelGeneration(_ session: OpaquePointer?, _ generation: UInt64) {
    guard let box = SessionBox.borrowed(session) else { return }
    box.host.noteCancelled(generation)
    box.session.cancel(generation)
}

@Sendable
func resetSession(_ session: OpaquePointer?) {
    (SessionBox.borrowed(session)?.session as? any ResettableSession)?.reset()
}

@Sendable
func processFrame(
    _ session: OpaquePointer?,
    _ input: UnsafePointer<syx_frame>?,
    _ output: UnsafeMutablePointer<syx_frame>?,
    _ result: UnsafeMutablePointer<syx_result>?
) -> Int32 {
    guard let box = SessionBox.borrowed(session), let frame = AudioFrame(input), frame.isWhole
    else { return Status.invalid.rawValue }
    if let analyser = box.analyser {
        let analysis = analyser.process(frame)
        write(analysis, at: frame.presentationTime, to: result)
        return Status.ok.rawValue
    }
    guard let filter = box.filter else { return Status.unsupported.rawValue }
    return filter.process(frame, into: OutputFrame(output)).rawValue
}

private func write(_ analysis: FrameAnalysis, at time: Int64, to result: UnsafeMutablePointer<syx_result>?) {
    guard let result, result.pointee.struct_size >= UInt32(MemoryLayout<syx_result>.size) else { return }
    result.pointee.flags = 0
    result.pointee.probability = analysis.probability
    result.pointee.level_dbfs = analysis.level
    result.pointee.pts = time
}

extension SessionBox {
    fileprivate static func borrowed(_ pointer: OpaquePointer?) -> SessionBox? {
        pointer.map { Unmanaged<SessionBox>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }
}
