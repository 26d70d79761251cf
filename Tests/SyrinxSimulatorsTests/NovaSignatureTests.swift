// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import Testing

@testable import SyrinxSimulators

/// The test vector of the protocol page, seen from the server.
@Suite("Simulated Amazon Nova: signatures and frames")
struct NovaSignatureTests {
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    private static let signature = "3dc83e4c7b768ce28f9b28c2081d6bdc6452c184dffa9619aaf2ef88eba32a34"
    private static let now = Date(timeIntervalSince1970: 1_767_323_045)
    private static let inner =
        "0000008b0000004b421ac6f20d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000563"
        + "68756e6b0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b226279746573223a226579"
        + "4a6c646d56756443493665794a7a5a584e7a615739755257356b496a703766583139227d8f5d6513"

    private func request(
        signature: String = NovaSignatureTests.signature, date: String = "20260102T030405Z"
    )
        -> SimulatedRequest
    {
        let credential = "Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request"
        let signed = "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date"
        return SimulatedRequest(
            method: "POST", target: "/model/amazon.nova-2-sonic-v1%3A0/invoke-with-bidirectional-stream?",
            headers: [
                ("host", "bedrock-runtime.us-east-1.amazonaws.com"),
                ("content-type", "application/vnd.amazon.eventstream"),
                ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-EVENTS"), ("x-amz-date", date),
                ("authorization", "AWS4-HMAC-SHA256 \(credential), \(signed), Signature=\(signature)"),
            ], isHTTP2: true)
    }

    private static let tokenSignature = "a6b00f90174e14e8253cd77c097daaa02689a143d5f52bbb6a144384d047f037"
    private static let token = "IQoJb3JpZ2luX2Vj/token+=="

    /// The vector's request with a session token; `signs` = the token is among what is signed.
    private func request(token: String, signs: Bool) -> SimulatedRequest {
        let plain = request(signature: signs ? Self.tokenSignature : Self.signature)
        let headers = plain.headers.map { name, value in
            let isSigned = signs && name == "authorization"
            return (name, isSigned ? value.replacing("x-amz-date,", with: "x-amz-date;x-amz-security-token,") : value)
        }
        return SimulatedRequest(
            method: "POST", target: plain.target, headers: headers + [("x-amz-security-token", token)], isHTTP2: true)
    }

    private func key(_ text: String) throws -> NovaSignatures.Key { try #require(NovaSignatures.Key(text)) }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private func frame(_ signature: String, _ payload: [UInt8]) -> NovaFrame {
        NovaFrame(
            headers: [(":date", .timestamp(1_767_323_045_000)), (":chunk-signature", .bytes(bytes(signature)))],
            payload: payload)
    }

    @Test func `takes the vector's request and chain of events`() throws {
        let key = try key("AKIDEXAMPLE:\(Self.secret)")
        var signatures = try #require(NovaSignatures(request(), key: key, now: Self.now))
        let event = frame("e0fd21474556c7c2fdcbfb7a5b725c1a925e758c8f182ea91030b79e87a914fa", bytes(Self.inner))
        #expect(event.encoded.suffix(4) == [0xa0, 0xc5, 0xc4, 0xa5])
        let end = frame("1e5f8753fec9c676386d5db99775b27e1a264fcda2278e3ac90028f2207d937d", [])
        var impatient = signatures
        let inOrder = [signatures.accepts(event), signatures.accepts(end)]
        #expect(inOrder == [true, true])
        let twice = signatures.accepts(end)
        #expect(!twice)
        let outOfOrder = impatient.accepts(end)
        #expect(!outOfOrder)
    }

    @Test func `refuses another key, another signature, another time`() throws {
        let key = try key("AKIDEXAMPLE:\(Self.secret)")
        #expect(NovaSignatures(request(), key: try self.key("AKIDEXAMPLE:x"), now: Self.now) == nil)
        #expect(NovaSignatures(request(), key: try self.key("OTHER:\(Self.secret)"), now: Self.now) == nil)
        #expect(NovaSignatures(request(signature: "00"), key: key, now: Self.now) == nil)
        #expect(NovaSignatures(request(date: "20260102T030406Z"), key: key, now: Self.now) == nil)
        #expect(NovaSignatures(request(), key: key, now: Self.now + 301) == nil)
        #expect(NovaSignatures(SimulatedRequest(method: "POST", target: "/"), key: key, now: Self.now) == nil)
        #expect(NovaSignatures.Key("no secret") == nil)
    }

    @Test func `takes temporary credentials only with their token, signed`() throws {
        let temporary = try key("AKIDEXAMPLE:\(Self.secret):\(Self.token)")
        #expect(NovaSignatures(request(token: Self.token, signs: true), key: temporary, now: Self.now) != nil)
        #expect(NovaSignatures(request(token: Self.token, signs: false), key: temporary, now: Self.now) == nil)
        #expect(NovaSignatures(request(token: "another", signs: true), key: temporary, now: Self.now) == nil)
        #expect(NovaSignatures(request(), key: temporary, now: Self.now) == nil)
        let lasting = try key("AKIDEXAMPLE:\(Self.secret)")
        #expect(NovaSignatures(request(token: Self.token, signs: true), key: lasting, now: Self.now) == nil)
    }

    @Test func `reads frames however they are cut, and nothing else`() throws {
        let frame = frame("00ff", Array("payload".utf8))
        var reader = NovaFrameReader()
        var frames: [NovaFrame] = []
        for byte in frame.encoded + frame.encoded { frames += try reader.feed([byte]) }
        #expect(frames == [frame, frame])
        for place in frame.encoded.indices {
            var broken = frame.encoded
            broken[place] ^= 1
            var reader = NovaFrameReader()
            #expect(throws: NovaFrameReader.Malformed.self, "\(place)") { try reader.feed(broken + broken) }
        }
    }
}
