// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The JSON Schemas of ``RealtimeConfig``.
enum RealtimeSchema {
    static let config = ProviderDescription.schema(connection + model(defaults: true) + hearing + extras)
    static let session = ProviderDescription.schema(model(defaults: false) + hearing + extras)

    private static let connection = [
        #""url":{"type":"string","format":"uri","default":"\#(RealtimeConfig.defaultURL)","description":"The endpoint; the model is appended as a query."}"#,
        #""api_key":{"type":"string","x-secret":true,"description":"The key of the vendor."}"#,
        #""organization":{"type":"string","description":"Sent as OpenAI-Organization."}"#,
        #""project":{"type":"string","description":"Sent as OpenAI-Project."}"#,
    ]

    private static func model(defaults: Bool) -> [String] {
        let preset = defaults ? #","default":"\#(RealtimeConfig.defaultModel)""# : ""
        return [
            #""model":{"type":"string","minLength":1\#(preset),"description":"The model; cannot change in a session."}"#,
            #""voice":{"type":"string","minLength":1,"description":"The voice; the vendor's own choice without it."}"#,
            #""speed":{"type":"number","minimum":0.25,"maximum":1.5,"description":"Of the voice; 1 is normal."}"#,
            #""instructions":{"type":"string","description":"Used where the profile has no prompt of its own."}"#,
            #""max_output_tokens":{"type":"integer","minimum":1,"maximum":4096,"description":"The longest answer."}"#,
            #""reasoning_effort":{"enum":["minimal","low","medium","high"],"description":"For models that reason."}"#,
        ]
    }

    private static let hearing = [
        #"""
        "turn_detection":{"type":"object","additionalProperties":false,
          "description":"Who says when the caller has finished; server_vad with the vendor's defaults unless told.",
          "properties":{"type":{"enum":["server_vad","semantic_vad"]},
            "threshold":{"type":"number","minimum":0,"maximum":1},
            "prefix_padding_ms":{"type":"integer","minimum":0,"maximum":5000},
            "silence_duration_ms":{"type":"integer","minimum":0,"maximum":10000},
            "idle_timeout_ms":{"type":"integer","minimum":1000,"maximum":60000},
            "eagerness":{"enum":["low","medium","high","auto"]},
            "interrupt_response":{"type":"boolean"}}}
        """#,
        #"""
        "transcription":{"type":"object","additionalProperties":false,
          "description":"The model that writes down what the caller said, for the history.",
          "properties":{"model":{"type":"string","minLength":1},"language":{"type":"string"},
            "prompt":{"type":"string"}}}
        """#,
        #""noise_reduction":{"enum":["near_field","far_field","off"],"description":"Before the model hears."}"#,
    ]

    private static let extras = [
        #""tool_choice":{"description":"auto, none, required, or an object that names a tool.","type":["string","object"]}"#,
        #""session":{"type":"object","description":"Further fields of the vendor's session object, as they are."}"#,
    ]
}
