// SPDX-License-Identifier: Apache-2.0

internal import SyrinxRuntime

/// The application's code on the media path, for every frame of 20 ms.
///
/// It runs on the session's event loop, between two frames of this and of other sessions: it must be quick, must not
/// block and must not take a lock that is ever held for long. One processor may serve many sessions at once, on several
/// threads; one that keeps state belongs into a single ``SessionConfig/customProcessors``.
public protocol CustomProcessor: AnyObject, Sendable {
    /// For people.
    var name: String { get }
    /// Where it works.
    var stage: ProcessorStage { get }
    /// Lower ones work first.
    var order: Int { get }
    /// Changes a frame in place.
    /// - Parameters:
    ///   - frame: 20 ms of 16-bit mono audio.
    ///   - context: which session it belongs to.
    func process(_ frame: inout MutableSpan<Int16>, context: ProcessorContext)
}

/// Where a ``CustomProcessor`` works.
public enum ProcessorStage: String, Sendable, Hashable, Codable, CaseIterable {
    /// On the caller's audio, after noise suppression, before voice activity detection and recognition.
    case preSTT = "pre_stt"
    /// On the agent's audio, at the session's rate, as it leaves.
    case postTTS = "post_tts"
}

/// Which session a frame belongs to.
public struct ProcessorContext: Sendable, Hashable {
    /// The session.
    public var sessionID: String
    /// The session's user.
    public var userID: String
}

/// A processor as the runtime calls it.
final class ProcessorAdapter: AudioProcessor {
    let stage: AudioProcessorStage
    let order: Int
    private let processor: any CustomProcessor
    private let context: ProcessorContext

    init(_ processor: any CustomProcessor, _ context: ProcessorContext) {
        self.processor = processor
        self.context = context
        stage = processor.stage == .preSTT ? .preSTT : .postTTS
        order = processor.order
    }

    func process(_ frame: UnsafeMutableBufferPointer<Int16>) {
        var span = frame.mutableSpan
        processor.process(&span, context: context)
    }
}
