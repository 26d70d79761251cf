// SPDX-License-Identifier: Apache-2.0

/// What a provider does in a conversation; it decides which events the provider gets and may send.
public enum PluginKind: UInt32, Sendable, CaseIterable {
    /// Hosts rooms or carries calls.
    case backend = 1
    /// Carries media between a caller and the host.
    case transport = 2
    /// Speech to text.
    case stt = 3
    /// Text to speech.
    case tts = 4
    /// Speech to speech: hears, thinks and speaks.
    case s2s = 5
    /// Decides what to answer.
    case agent = 6
    /// Tells speech from silence.
    case vad = 7
    /// Decides whether the caller's turn is complete.
    case turn = 8
    /// Changes audio on its way.
    case filter = 9
}
