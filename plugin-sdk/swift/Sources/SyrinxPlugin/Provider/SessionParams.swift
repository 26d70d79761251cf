// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// Who talks in a session, in which formats and within which limits.
public struct SessionParams: Hashable, Sendable {
    /// The tenant.
    public let tenant: String
    /// The session's id in logs and APIs.
    public let session: String
    /// The user, when known.
    public let user: String
    /// The W3C `traceparent` of the session, or empty.
    public let traceParent: String
    /// The language tag that the user speaks, such as "en-GB", or empty.
    public let locale: String
    /// The format of the audio that the session gets; a rate of 0 when it gets none.
    public let input: AudioFormat
    /// The format of the audio that the session has to send; a rate of 0 when it sends none.
    public let output: AudioFormat
    /// The longest frame that `process` gets, in samples a channel; 0 = not known.
    public let maximumFrameSamples: Int
    /// How far audio may run ahead of playout before ``Status/again``, in milliseconds.
    public let creditMilliseconds: Int
    /// The time for one answer, in milliseconds; 0 = none.
    public let deadlineMilliseconds: Int

    /// Refuses to open a session whose input is anything but 16 bit mono.
    ///
    /// - Throws: ``PluginError`` with ``Status/unsupported``.
    public func requireMonoInput() throws(PluginError) {
        guard input.encoding == .int16, input.channels == 1, input.sampleRate > 0 else {
            throw .unsupported("needs 16 bit mono audio")
        }
    }

    init(_ raw: syx_session_params) {
        tenant = String(raw.tenant)
        session = String(raw.session)
        user = String(raw.user)
        traceParent = String(raw.traceparent)
        locale = String(raw.locale)
        input = AudioFormat(raw.in)
        output = AudioFormat(raw.out)
        maximumFrameSamples = Int(raw.max_frame_samples)
        creditMilliseconds = Int(raw.credit_ms)
        deadlineMilliseconds = Int(raw.deadline_ms)
    }
}
