// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

/// The I/O services as a plugin sees them, in this process and in a helper.
@Suite("Network services") struct NetworkServiceTests {
    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `a secret is put in at the socket and never seen by the plugin`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation)
        defer { bench.end() }
        bench.ask("config")
        bench.ask("get", generation: 2)
        #expect(bench.told == [#"{"api_key":"${secret:api_key}"}"#])
        #expect(bench.environment.hidden == ["canary-1"])
        let request = try #require(bench.exchange?.request)
        #expect(request.method == "GET" && request.url.origin == "https://api.example.com")
        #expect(request.headers.map { "\($0.name): \($0.value)" } == ["authorization: Token canary-1", "x-plain: yes"])
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `a response comes in order and ends once`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation)
        defer { bench.end() }
        bench.ask("get")
        bench.answer(
            .head(status: 200, headers: [("x-a", "1"), ("x-a", "2")]), .data(Array("one".utf8)),
            .data([0xe2, 0x82]), .finished(NetworkEnd()), .data(Array("late".utf8)))
        #expect(bench.told == [#"head 200 {"x-a":"1, 2"}"#, "data 0 one", "end 0 "])
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `a socket opens, talks, and says goodbye with the session`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation)
        bench.ask("socket")
        bench.answer(.opened(subprotocol: "", headers: []), .message(Array("hi".utf8), isText: true, isLast: false))
        #expect(bench.told == ["open 0 {}", "part 0 hi"])
        bench.end()
        let said = bench.network.exchanges.last?.said ?? []
        #expect(said.first == .message(Array("hello".utf8), isText: true, isLast: true))
        #expect(said.contains(.close(1000, "bye")))
    }

    /// How long the host waits for it, in milliseconds, beside the second of real time that it takes.
    @Test(arguments: [0, 1_500])
    func `a goodbye of a helper is waited for; of one that is too slow the socket is closed, not cut`(
        wait: Int
    ) throws {
        let bench = try NetworkBench(.always)
        bench.ask("socket")
        bench.answer(.opened(subprotocol: "", headers: []))
        bench.ask(wait == 0 ? "close slowly" : "close too slowly", generation: 2)
        let isClosed = Mutex(false)
        bench.session.close { isClosed.withLock { $0 = true } }
        let wasClosed = isClosed.withLock(\.self)
        #expect(!wasClosed, "nobody has waited yet")
        bench.pass(.milliseconds(wait))
        if wait == 0 { bench.settle() }
        let isOver = isClosed.withLock(\.self)
        #expect(isOver)
        let said = bench.network.exchanges.last?.said ?? []
        #expect(said.contains(.close(1000, wait == 0 ? "bye" : "")))
        #expect(!said.contains(.abort))
        bench.end()
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `what belongs to a cancelled answer is aborted`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation)
        defer { bench.end() }
        bench.ask("get", generation: 7)
        bench.ask("keep", generation: 7)
        bench.session.cancel(7)
        bench.settle()
        #expect(bench.network.exchanges.map { $0.said.contains(.abort) } == [true, false])
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `a refused upgrade has its class, status and body`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation)
        defer { bench.end() }
        bench.ask("socket")
        var end = NetworkEnd(failure: NetworkFailure(.upgradeRefused, "answered 429"))
        end.status = 429
        end.headers = [("retry-after", "2")]
        end.body = Array("slow down".utf8)
        bench.answer(.finished(end))
        #expect(
            bench.told == [
                #"end -6 answered 429{"body":"slow down","headers":{"retry-after":"2"},"retry_after_ms":2000,"status":429}"#
            ])
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `signatures are made with the secret, not by the plugin`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation)
        defer { bench.end() }
        bench.ask("sign")
        // HMAC-SHA-256 of "20260102" with the key "AWS4canary-1".
        #expect(bench.told == ["digest 804c37741ed80566449b79d3b47d0f8469386126f2c10259f46167709b3268cb"])
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `a secret as Standard Webhooks writes it signs with the bytes behind its prefix`(
        _ isolation: PluginLoading.Isolation
    ) throws {
        let digests = [
            "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY":
                "43b76886df17d246576cbb774ccef71325fbf9286111fbd1ca0dd9f0cdbfb160",
            "canary-1": "4db11156c07616c7068f3dfaee27810e98b9905c5f6bf1df78d727dd22aaed0b",
        ]
        for (key, digest) in digests {
            let bench = try NetworkBench(isolation, key: key)
            bench.ask("sign alone")
            #expect(bench.told == ["digest \(digest)"])
            bench.end()
        }
    }

    @Test func `a secret that is no base64 behind its prefix signs nothing`() throws {
        let bench = try NetworkBench(.never, key: "whsec_***")
        bench.ask("sign alone")
        #expect(bench.told == ["malformed"])
        bench.end()
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `a text with a secret in it is hashed by the host, not by the plugin`(
        _ isolation: PluginLoading.Isolation
    ) throws {
        let bench = try NetworkBench(isolation)
        bench.ask("hash")
        #expect(bench.told == ["digest 2bf3e728713966d81909514bc8f4bd5a6ae677a42c633def97aeeff348d8ef18"])
        bench.end()
    }

    @Test(arguments: [
        ("https://elsewhere.example/", "refused -4"), ("http://api.example.com/", "refused -4"),
        ("https://user@api.example.com/", "refused -1"), ("ftp://api.example.com/", "refused -1"),
        ("https://api.example.com.evil.example/", "refused -4"), ("nonsense", "refused -1"),
    ])
    func `what the manifest does not name is refused`(_ url: String, _ answer: String) throws {
        let bench = try NetworkBench(.never)
        defer { bench.end() }
        bench.ask(url)
        #expect(bench.told.first?.hasPrefix(answer) == true, "\(bench.told)")
        #expect(bench.network.exchanges.isEmpty)
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `a plugin that may reach nothing has no services`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation, net: [])
        defer { bench.end() }
        bench.ask("get")
        #expect(bench.told == ["no network"])
    }

    @Test func `a plugin that does not read holds the other side up`() throws {
        let bench = try NetworkBench(.never)
        defer { bench.end() }
        bench.ask("get")
        bench.ask("pause")
        let piece = [UInt8](repeating: 0x41, count: NetworkLimits.piece)
        for _ in 0..<20 { bench.answer(.data(piece)) }
        #expect(bench.told.isEmpty)
        #expect(bench.exchange?.said == [.read(false)])
        bench.ask("resume")
        #expect(bench.told.count == 20)
        #expect(bench.exchange?.said == [.read(false), .read(true)])
    }

    @Test func `messages without a byte hold the other side up as well`() throws {
        let bench = try NetworkBench(.never)
        defer { bench.end() }
        bench.ask("socket")
        bench.answer(.opened(subprotocol: "", headers: []))
        let socket = try #require(bench.exchange)
        for _ in 0..<2_000 { socket.answer(.message([], isText: false, isLast: true)) }
        #expect(socket.said.last == .read(false))
        bench.settle()
        #expect(socket.said.suffix(2) == [.read(false), .read(true)])
        #expect(bench.told.count == 2_001, "the opening and every message")
    }
}
