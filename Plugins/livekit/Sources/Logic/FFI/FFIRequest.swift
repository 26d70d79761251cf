// SPDX-License-Identifier: Apache-2.0

/// What is asked of the library, as an FfiRequest; `id` names the event that answers it later.
enum FFIRequest {
    case connect(url: String, token: String, singleConnection: Bool?, id: UInt64)
    case disconnect(room: UInt64, id: UInt64)
    /// Room events wait for this.
    case readyForEvents(room: UInt64)
    case makeSource(rate: UInt32, queueMilliseconds: UInt32)
    case makeTrack(name: String, source: UInt64)
    case publish(participant: UInt64, track: UInt64, id: UInt64)
    case setSubscribed(publication: UInt64, Bool)
    case makeStream(track: UInt64, rate: UInt32)
    /// 10 ms; the memory belongs to the library until the event with this id.
    case capture(source: UInt64, samples: UnsafePointer<Int16>, count: Int, rate: UInt32, id: UInt64)
    case clear(source: UInt64)
    case publishData(participant: UInt64, UnsafeRawBufferPointer, topic: String, to: String, id: UInt64)
    case publishDTMF(participant: UInt64, code: UInt32, digit: String, to: String, id: UInt64)

    /// SOURCE_MICROPHONE of TrackSource.
    private static let microphone: UInt64 = 2
    /// Frames that wait for us; beyond it the library drops the oldest.
    private static let streamFrames: UInt64 = 20

    var bytes: [UInt8] {
        ProtobufWriter.message { writer in
            switch self {
            case .connect, .disconnect, .readyForEvents: writeRoom(&writer)
            case .makeSource, .makeTrack, .publish, .setSubscribed, .makeStream: writeTrack(&writer)
            case .capture, .clear: writeAudio(&writer)
            case .publishData, .publishDTMF: writeData(&writer)
            }
        }
    }

    private func writeRoom(_ writer: inout ProtobufWriter) {
        switch self {
        case .connect(let url, let token, let singleConnection, let id):
            writer.write(3) { request in
                request.write(1, url)
                request.write(2, token)
                request.write(3) { options in
                    // What is subscribed is chosen: an agent has no use for pictures.
                    options.write(1, false)
                    options.write(2, false)
                    if let singleConnection { options.write(8, singleConnection) }
                }
                request.write(4, id)
            }
        case .disconnect(let room, let id):
            writer.write(4) { request in
                request.write(1, room)
                request.write(2, id)
            }
        case .readyForEvents(let room): writer.write(83) { $0.write(1, room) }
        default: break
        }
    }

    private func writeTrack(_ writer: inout ProtobufWriter) {
        switch self {
        case .makeSource(let rate, let queueMilliseconds):
            writer.write(26) { request in
                request.write(1, 0 as UInt64)
                request.write(3, UInt64(rate))
                request.write(4, 1 as UInt64)
                request.write(5, UInt64(queueMilliseconds))
            }
        case .makeTrack(let name, let source):
            writer.write(16) { request in
                request.write(1, name)
                request.write(2, source)
            }
        case .publish(let participant, let track, let id):
            writer.write(5) { request in
                request.write(1, participant)
                request.write(2, track)
                request.write(3) { $0.write(7, Self.microphone) }
                request.write(4, id)
            }
        case .setSubscribed(let publication, let isSubscribed):
            writer.write(8) { request in
                request.write(1, isSubscribed)
                request.write(2, publication)
            }
        case .makeStream(let track, let rate):
            writer.write(25) { request in
                request.write(1, track)
                request.write(2, 0 as UInt64)
                request.write(3, UInt64(rate))
                request.write(4, 1 as UInt64)
                request.write(7, 20 as UInt64)
                request.write(8, Self.streamFrames)
            }
        default: break
        }
    }

    private func writeAudio(_ writer: inout ProtobufWriter) {
        switch self {
        case .capture(let source, let samples, let count, let rate, let id):
            writer.write(27) { request in
                request.write(1, source)
                request.write(2) { buffer in
                    buffer.write(1, UInt64(UInt(bitPattern: samples)))
                    buffer.write(2, 1 as UInt64)
                    buffer.write(3, UInt64(rate))
                    buffer.write(4, UInt64(truncatingIfNeeded: count))
                }
                request.write(3, id)
            }
        case .clear(let source): writer.write(28) { $0.write(1, source) }
        default: break
        }
    }

    private func writeData(_ writer: inout ProtobufWriter) {
        switch self {
        case .publishData(let participant, let data, let topic, let identity, let id):
            writer.write(7) { request in
                request.write(1, participant)
                request.write(2, UInt64(UInt(bitPattern: data.baseAddress)))
                request.write(3, UInt64(truncatingIfNeeded: data.count))
                request.write(4, true)
                request.write(6, topic)
                request.write(7, identity)
                request.write(8, id)
            }
        case .publishDTMF(let participant, let code, let digit, let identity, let id):
            writer.write(14) { request in
                request.write(1, participant)
                request.write(2, UInt64(code))
                request.write(3, digit)
                request.write(4, identity)
                request.write(5, id)
            }
        default: break
        }
    }
}

/// What the library answered at once.
struct FFIReply {
    private let message: ProtobufMessage

    init?(_ bytes: [UInt8]) {
        guard let message = ProtobufMessage(bytes) else { return nil }
        self.message = message
    }

    /// The handle that a `make…` request made: {owned1{handle1{id1}}} under the request's number.
    var handle: UInt64? {
        for field in [16, 25, 26] as [UInt64] {
            if let id = message.message(field)?.message(1)?.message(1)?.number(1), id != 0 { return id }
        }
        return nil
    }
}
