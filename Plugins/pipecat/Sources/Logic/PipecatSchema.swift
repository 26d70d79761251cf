// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The JSON Schemas of ``PipecatConfig`` and ``PipecatOptions``.
enum PipecatSchema {
    static let config = ProviderDescription.schema(properties)
    static let session = ProviderDescription.schema([body])

    private static let body = #""body":{"type":"object","description":"What the start endpoint is sent."}"#

    private static let properties = [
        #"""
        "url":{"type":"string","format":"uri","default":"\#(PipecatConfig.defaultURL)",
          "description":"The bot's socket (ws, wss), or an endpoint that starts a bot (http, https)."}
        """#,
        #""api_key":{"type":"string","x-secret":true,"description":"For the start endpoint, as bearer."}"#,
        #""token":{"type":"string","x-secret":true,"description":"For the bot's socket, as bearer."}"#,
        #"""
        "token_in":{"enum":["header","query","path","none"],"default":"header",
          "description":"Where the token goes that the start endpoint answers."}
        """#,
        body,
        #""url_key":{"type":"string","minLength":1,"description":"Where in the answer the socket's URL is."}"#,
        #""token_key":{"type":"string","minLength":1,"default":"token","description":"Where its token is."}"#,
        #"""
        "hosts":{"type":"array","maxItems":16,"items":{"type":"string","format":"uri"},
          "description":"URLs that the start endpoint may lead to."}
        """#,
        #"""
        "input_rate":{"type":"integer","minimum":8000,"maximum":48000,"default":16000,
          "description":"What the bot hears, in hertz: its audio_in_sample_rate."}
        """#,
        #""disconnect_bot":{"type":"boolean","default":true,"description":"Whether a bot is told that a call ends."}"#,
        #"""
        "reconnect":{"type":"boolean","default":false,
          "description":"Whether a bot that closes properly is connected again instead of ending the call."}
        """#,
    ]
}
