// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Does something with any bytes: traps where an invariant of the format does not hold, and where the code does.
typealias Target = @Sendable ([UInt8]) -> Void

/// All targets by name.
private let targets: [String: Target] = [
    "config": ConfigTarget.run,
    "manifest": ManifestTarget.run,
    "sdp": SDPTarget.run,
    "stun": STUNTarget.run,
    "rtp": RTPTarget.run,
    "rtcp": RTCPTarget.run,
    "media": MediaTarget.run,
    "dtls": DTLSTarget.run,
    "opus": OpusTarget.run,
    "livekit": LiveKitTarget.run,
    "livekit-token": LiveKitTokenTarget.run,
    "pipecat": PipecatTarget.run,
    "pipecat-bot": PipecatBotTarget.run,
    "audiosocket": AudioSocketTarget.run,
    "phone": PhoneTarget.run,
    "phone-form": PhoneFormTarget.run,
    "realtime": RealtimeTarget.run,
    "talk": TalkTarget.run,
    "utf8": UTF8Target.run,
    "socket": SocketTarget.run,
    "provider-socket": ProviderSocketTarget.run,
    "door": DoorTarget.run,
    "multipart": MultipartTarget.run,
    "sdk-json": SDKJSONTarget.run,
    "sse": ServerSentEventsTarget.run,
    "base64": Base64Target.run,
    "json": JSONTarget.run,
    "schema": SchemaTarget.run,
    "url": URLTarget.run,
    "wav": WAVTarget.run,
]

/// The one that the environment's `FUZZ_TARGET` names.
private let chosen: Target = {
    guard let target = getenv("FUZZ_TARGET").flatMap({ targets[String(cString: $0)] }) else {
        fatalError("FUZZ_TARGET has to name a target")
    }
    return target
}()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    chosen(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
