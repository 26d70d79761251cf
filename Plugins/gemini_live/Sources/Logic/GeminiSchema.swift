// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The JSON Schemas of ``GeminiConfig``.
enum GeminiSchema {
    static let config = ProviderDescription.schema(connection + model(defaults: true) + hearing)
    static let session = ProviderDescription.schema(model(defaults: false) + hearing)

    private static let connection = [
        #""url":{"type":"string","format":"uri","default":"\#(GeminiConfig.defaultURL)","description":"The endpoint."}"#,
        #""api_key":{"type":"string","x-secret":true,"description":"The key of the vendor."}"#,
    ]

    private static func model(defaults: Bool) -> [String] {
        let preset = defaults ? #","default":"\#(GeminiConfig.defaultModel)""# : ""
        return [
            #""model":{"type":"string","minLength":1\#(preset),"description":"A model that speaks the Live API."}"#,
            #""voice":{"type":"string","minLength":1,"description":"The voice; the vendor's own choice without it."}"#,
            #""language_code":{"type":"string","description":"BCP 47, for models that do not choose by themselves."}"#,
            #""instructions":{"type":"string","description":"Used where the profile has no prompt of its own."}"#,
            #""temperature":{"type":"number","minimum":0,"maximum":2,"description":"How varied the answers are."}"#,
            #""max_output_tokens":{"type":"integer","minimum":1,"maximum":65536,"description":"The longest answer."}"#,
            #""setup":{"type":"object","description":"Further fields of the vendor's setup, as they are."}"#,
        ]
    }

    private static let hearing = [
        #"""
        "activity_detection":{"type":"object","additionalProperties":false,
          "description":"Who says when the caller speaks; the vendor's defaults unless told.",
          "properties":{
            "startOfSpeechSensitivity":{"enum":["START_SENSITIVITY_HIGH","START_SENSITIVITY_LOW"]},
            "endOfSpeechSensitivity":{"enum":["END_SENSITIVITY_HIGH","END_SENSITIVITY_LOW"]},
            "prefixPaddingMs":{"type":"integer","minimum":0,"maximum":5000},
            "silenceDurationMs":{"type":"integer","minimum":0,"maximum":10000}}}
        """#,
        #""interruptions":{"type":"boolean","description":"Whether speech of the caller stops an answer; true."}"#,
        #""context_compression":{"type":"boolean","description":"For calls of more than 15 minutes; true."}"#,
        #""resumption":{"type":"boolean","description":"Whether a connection that ends is renewed; true."}"#,
    ]
}
