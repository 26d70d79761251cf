// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A content block of the client, while it is open.
struct NovaBlock {
    enum Kind {
        case text(role: String, isInteractive: Bool)
        case audio(rate: Int)
        case tool(use: String)
    }

    let kind: Kind
    var content = ""

    /// Nil when a field is missing or wrong.
    init?(_ body: JSONValue) {
        switch body["type"]?.string {
        case "TEXT":
            guard let role = body["role"]?.string, ["SYSTEM", "USER", "ASSISTANT"].contains(role),
                body["textInputConfiguration"]?["mediaType"]?.string == "text/plain",
                let isInteractive = body["interactive"]?.bool
            else { return nil }
            kind = .text(role: role, isInteractive: isInteractive)
        case "AUDIO":
            let format = body["audioInputConfiguration"]
            guard body["role"]?.string == "USER", body["interactive"]?.bool == true, let rate = Self.rate(format)
            else { return nil }
            kind = .audio(rate: rate)
        case "TOOL":
            let configuration = body["toolResultInputConfiguration"]
            guard body["role"]?.string == "TOOL", let use = configuration?["toolUseId"]?.string,
                configuration?["type"]?.string == "TEXT"
            else { return nil }
            kind = .tool(use: use)
        default: return nil
        }
    }

    /// Of a configuration of audio; nil when the model does not take it.
    static func rate(_ format: JSONValue?) -> Int? {
        guard let format, format["mediaType"]?.string == "audio/lpcm", format["sampleSizeBits"]?.int == 16,
            format["channelCount"]?.int == 1, format["encoding"]?.string == "base64",
            format["audioType"]?.string == "SPEECH", let rate = format["sampleRateHertz"]?.int,
            [8_000, 16_000, 24_000].contains(rate)
        else { return nil }
        return Int(rate)
    }
}
