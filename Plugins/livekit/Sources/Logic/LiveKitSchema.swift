// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The JSON Schemas of ``LiveKitConfig`` and ``LiveKitOptions``.
enum LiveKitSchema {
    static let backend = ProviderDescription.schema(connection, required: required)
    static let door = ProviderDescription.schema(connection + webhooks, required: required)
    static let session = ProviderDescription.schema(
        [
            #""room":{"type":"string","minLength":1,"maxLength":256,"description":"The room to join; made by the server when it is not there."}"#,
            #""identity":{"type":"string","minLength":1,"maxLength":256,"description":"As whom, exactly; must be nobody else's in the room."}"#,
            #""name":{"type":"string","maxLength":256,"description":"The name that others see."}"#,
            #""metadata":{"type":"string","maxLength":4096,"description":"The agent's metadata."}"#,
            #""caller":{"type":"string","minLength":1,"maxLength":256,"description":"The identity to listen to; without it the first that publishes sound and is no agent."}"#,
        ], required: ["room"])

    private static let required = ["url", "api_key", "api_secret", "library"]

    private static let connection = [
        #""url":{"type":"string","minLength":1,"description":"LiveKit's address: wss://HOST, or ws, https, http."}"#,
        #""api_key":{"type":"string","minLength":1,"description":"The API key."}"#,
        #""api_secret":{"type":"string","minLength":1,"x-secret":true,"description":"Its secret; the plugin never sees it."}"#,
        #""library":{"type":"string","minLength":1,"description":"The absolute path of liblivekit_ffi.so; scripts/setup-livekit installs it. One for the whole process."}"#,
        #""single_peer_connection":{"type":"boolean","description":"Signalling v1 (true) or v0 (false); the library's own choice without it."}"#,
        #""token_seconds":{"type":"integer","minimum":10,"maximum":86400,"default":\#(LiveKitConfig.defaultTokenSeconds),"description":"How long an access token may be used to join."}"#,
        #""identity":{"type":"string","minLength":1,"maxLength":128,"default":"agent","description":"The agent's identity begins with it; '-' and the session's id follow."}"#,
        #""name":{"type":"string","maxLength":256,"description":"The name that others see."}"#,
        #""metadata":{"type":"string","maxLength":4096,"description":"The agent's metadata."}"#,
    ]

    private static let webhooks = [
        #""rooms":{"type":"string","minLength":1,"maxLength":256,"default":"*","description":"Which rooms an agent joins: * is any text, ? any letter."}"#,
        #""events":{"type":"array","minItems":1,"uniqueItems":true,"items":{"enum":["room_started","participant_joined"]},"default":["participant_joined"],"description":"On which webhooks; one agent a room."}"#,
    ]
}
