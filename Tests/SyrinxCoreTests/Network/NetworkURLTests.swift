// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxCore

@Suite(.tags(.unit)) struct NetworkURLTests {
    @Test(arguments: [
        ("https://api.example.com", "api.example.com", 443, "/", "https://api.example.com"),
        ("HTTPS://API.Example.COM/v1?x=1", "api.example.com", 443, "/v1?x=1", "https://api.example.com"),
        ("wss://h:8443?model=a", "h", 8443, "/?model=a", "wss://h:8443"),
        ("ws://127.0.0.1:80/", "127.0.0.1", 80, "/", "ws://127.0.0.1"),
        ("http://[::1]:9/x", "::1", 9, "/x", "http://[::1]:9"),
        ("https://[2001:DB8::1]", "2001:db8::1", 443, "/", "https://[2001:db8::1]"),
        ("https://h_1.example./a//b/../c", "h_1.example.", 443, "/a//b/../c", "https://h_1.example."),
    ])
    func `a URL is taken apart`(text: String, host: String, port: Int, target: String, origin: String) throws {
        let url = try #require(NetworkURL(text))
        #expect(url.host == host && url.port == port && url.target == target && url.origin == origin)
    }

    @Test(arguments: [
        "", "example.com", "//example.com", "ftp://h", "file:///etc/passwd", "https://", "https:///x", "https://:443",
        "https://user@h", "https://user:pw@h/", "https://h:0", "https://h:65536", "https://h:", "https://h:+1",
        "https://h:1a", "https://h#f", "https://h/#", "https://h/a b", "https://h/\n", "https://h\u{0}/", "https://hé/",
        "https://[::1", "https://[h]", "https://[::1]x", "https://h\\@evil/", "https://h%2f/", "https://a,b/",
        "https://" + String(repeating: "a", count: 256), "https://h/" + String(repeating: "a", count: 8192),
    ])
    func `what is no such URL is refused`(text: String) {
        #expect(NetworkURL(text) == nil)
    }
}
