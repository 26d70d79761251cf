// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The provider's configuration and, key by key over it, the session's options; the keys are those of the schema.
public struct VapiConfig: CheckedConfiguration {
    enum Encoding: String, Decodable, Sendable {
        case pcm = "pcm_s16le"
        case mulaw
    }

    /// Where and as whom.
    var baseURL: String?
    var apiKey: String?
    /// What the socket carries.
    var audioFormat: Encoding?
    var sampleRate: UInt32?
    /// Who answers: one of these.
    var assistantID: String?
    var assistant: JSONValue?
    var squadID: String?
    /// What the call is called, and what is different in it.
    var overrides: JSONValue?
    var name: String?
    var metadata: JSONValue?

    private enum CodingKeys: String, CodingKey {
        case assistant, overrides, name, metadata
        case baseURL = "base_url"
        case apiKey = "api_key"
        case audioFormat = "audio_format"
        case sampleRate = "sample_rate"
        case assistantID = "assistant_id"
        case squadID = "squad_id"
    }

    static let defaultURL = "https://api.vapi.ai"
    /// Of the host's audio unless it says so, in hertz.
    static let hostRate: UInt32 = 16_000

    var encoding: Encoding { audioFormat ?? .pcm }
    /// Of the socket, in hertz.
    var wireRate: UInt32 { sampleRate ?? (encoding == .mulaw ? 8_000 : 16_000) }

    /// Where calls are created.
    var callsURL: String {
        let url = baseURL ?? Self.defaultURL
        return (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/call"
    }

    /// The session's options count before the provider's; who answers is said once.
    func merged(with options: VapiConfig) -> VapiConfig {
        var result = self
        if options.hasAnswerer {
            result.assistantID = options.assistantID
            result.assistant = options.assistant
            result.squadID = options.squadID
        }
        result.overrides = options.overrides ?? overrides
        result.name = options.name ?? name
        let members = (metadata?.object ?? [:]).merging(options.metadata?.object ?? [:]) { $1 }
        result.metadata = members.isEmpty ? nil : .object(members)
        return result
    }

    private var answerers: Int { (assistantID == nil ? 0 : 1) + (assistant == nil ? 0 : 1) + (squadID == nil ? 0 : 1) }
    private var hasAnswerer: Bool { answerers > 0 }

    /// Throws what is wrong with where it goes.
    public func check() throws(PluginError) {
        let url = baseURL ?? Self.defaultURL
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? ""
        guard url.lowercased().hasPrefix("http"), !rest.isEmpty, !rest.hasPrefix("/") else {
            throw .invalid("'\(url)' is no URL of Vapi: base_url begins with https:// or http://")
        }
    }

    /// Throws when it is not clear who answers. A call for which nobody is named is the vendor's to refuse.
    func checkAnswerer() throws(PluginError) {
        guard answerers < 2 else {
            throw .invalid("Vapi takes one of assistant_id, assistant and squad_id: who shall answer the call")
        }
    }
}
