// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The JSON Schemas of ``VapiConfig``.
enum VapiSchema {
    static let config = ProviderDescription.schema(connection + call)
    static let session = ProviderDescription.schema(call)

    private static let connection = [
        #"""
        "base_url":{"type":"string","format":"uri","default":"\#(VapiConfig.defaultURL)","description":"The API."}
        """#,
        #""api_key":{"type":"string","x-secret":true,"description":"The private key."}"#,
        #"""
        "audio_format":{"enum":["pcm_s16le","mulaw"],"default":"pcm_s16le","description":"What the socket carries."}
        """#,
        #"""
        "sample_rate":{"type":"integer","minimum":8000,"maximum":48000,
          "description":"Of the socket, in hertz; 16000, of mulaw 8000."}
        """#,
    ]

    private static let call = [
        #""assistant_id":{"type":"string","minLength":1,"description":"An assistant of the account."}"#,
        #""assistant":{"type":"object","description":"An assistant for this call only, in the vendor's words."}"#,
        #""squad_id":{"type":"string","minLength":1,"description":"A squad of the account."}"#,
        #""overrides":{"type":"object","description":"The vendor's assistantOverrides: variableValues, …"}"#,
        #""name":{"type":"string","maxLength":40,"description":"Of the call, in the vendor's lists."}"#,
        #""metadata":{"type":"object","description":"assistantOverrides.metadata: for the vendor's webhooks."}"#,
    ]
}
