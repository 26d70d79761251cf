// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import Testing

@Suite("URLs with a query")
struct QueryURLTests {
    @Test func `grow by encoded parameters`() {
        var url = QueryURL("wss://api.example.com//", path: "/v1/listen")
        url.add("model", "nova-3")
        url.add("language", nil as String?)
        url.add("keyterm", "Käse & Brot/50%")
        url.add("punctuate", false)
        url.add("numerals", nil as Bool?)
        let query = "model=nova-3&keyterm=K%C3%A4se%20%26%20Brot%2F50%25&punctuate=false"
        #expect(url.text == "wss://api.example.com/v1/listen?" + query)
    }

    @Test(arguments: [
        ("ws://127.0.0.1:9000", "ws://127.0.0.1:9000/v1/realtime"),
        ("ws://127.0.0.1:9000/", "ws://127.0.0.1:9000/v1/realtime"),
        ("wss://example.com/own/path", "wss://example.com/own/path"),
        ("wss://example.com?token=a", "wss://example.com?token=a"),
        ("no url", "no url"),
    ])
    func `an origin alone gets the vendor's path`(url: String, expected: String) {
        #expect(QueryURL.endpoint(url, path: "/v1/realtime") == expected)
    }
}

@Suite("Samples of a stream")
struct SampleDecoderTests {
    @Test(arguments: [1, 2, 3, 5])
    func `may be cut anywhere`(step: Int) {
        let bytes: [UInt8] = [1, 0, 0xFF, 0xFF, 0, 0x80, 0xFF, 0x7F]
        var decoder = SampleDecoder()
        var samples: [Int16] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            samples += decoder.decode(Array(bytes[start..<min(start + step, bytes.count)]))
        }
        #expect(samples == [1, -1, .min, .max])
    }
}
