// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

@Suite("Restarts of ICE in WebRTC")
struct RestartTests {
    static let credentials = ICECredentials(fragment: "again", password: "another")
    static let username = "again:efgh"

    /// A call whose peer has restarted ICE and not checked yet.
    private func restarted() throws -> LoopCall {
        let line = try LoopCall()
        line.connect()
        line.peer.restart(Self.credentials, remoteFragment: "efgh")
        line.wait(milliseconds: 5)
        return line
    }

    private func destinations(_ line: LoopCall) -> Set<SocketAddress> {
        line.forget()
        line.answer([Int16](repeating: 3_000, count: 320), generation: 1)
        line.wait(milliseconds: 20)
        return Set(line.destinations)
    }

    @Test
    func `until the peer nominates anew, all is as it was`() throws {
        let line = try restarted()
        #expect(line.fragments == ["local", "again"])
        line.forget()
        line.check()
        line.check(username: Self.username, password: "another", from: LoopCall.abroad)
        #expect(line.raw.filter { DatagramKind($0) == .stun }.count == 2)
        #expect(destinations(line) == [LoopCall.home])
        try line.speak()
        #expect(line.peer.jitterCounts.received == 1)
    }

    @Test
    func `with the first nomination media goes the new way, and the old names are forgotten`() throws {
        let line = try restarted()
        line.check(nominates: true, username: Self.username, password: "another", from: LoopCall.abroad)
        #expect(line.fragments == ["again"])
        #expect(destinations(line) == [LoopCall.abroad])
        line.check(nominates: true)
        #expect(line.raw.filter { DatagramKind($0) == .stun }.isEmpty)
        #expect(destinations(line) == [LoopCall.abroad])
        // Keys are those of before: neither DTLS nor SRTP begins anew.
        line.address = LoopCall.abroad
        try line.speak()
        #expect(line.peer.jitterCounts.received == 1)
        #expect(line.end == nil)
    }

    @Test
    func `names and passwords of two sessions do not mix`() throws {
        let line = try restarted()
        line.forget()
        for (username, password) in [
            ("again:efgh", "secret"), ("local:abcd", "another"), ("again:abcd", "another"), ("local:efgh", "secret"),
        ] {
            line.check(nominates: true, username: username, password: password, from: LoopCall.abroad)
        }
        #expect(line.raw.isEmpty)
        #expect(line.peer.counts.checksRefused == 4)
        #expect(destinations(line) == [LoopCall.home])
    }

    @Test
    func `a second restart takes the place of the first`() throws {
        let line = try restarted()
        line.peer.restart(ICECredentials(fragment: "third", password: "more"), remoteFragment: "ijkl")
        line.wait(milliseconds: 5)
        #expect(line.fragments == ["local", "third"])
        line.check(nominates: true, username: Self.username, password: "another", from: LoopCall.abroad)
        #expect(destinations(line) == [LoopCall.home])
        line.check(nominates: true, username: "third:ijkl", password: "more", from: LoopCall.abroad)
        #expect(destinations(line) == [LoopCall.abroad])
    }
}
