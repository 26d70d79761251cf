// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// POST /audio/transcriptions (OpenAI, API reference, "Create transcription").
enum TranscriptionRequest {
    /// - Parameters:
    ///   - audio: 16 bit little-endian mono.
    ///   - boundary: At most 70 characters that are nowhere in the parts.
    static func make(
        _ settings: TranscriptionSettings, audio: [UInt8], boundary: String, generation: UInt64
    ) -> NetworkRequest {
        var form = MultipartForm(boundary: boundary, capacity: audio.count + 2_048)
        for field in settings.fields { form.add(field.name, field.value) }
        form.add(
            "file", fileName: "utterance.wav", contentType: "audio/wav",
            WAVFile.header(dataBytes: audio.count, sampleRate: settings.sampleRate), audio
        )
        return settings.server.post(
            "/audio/transcriptions",
            contentType: "multipart/form-data; boundary=\(boundary)",
            accept: "application/json, text/event-stream",
            body: form.finish(),
            generation: generation
        )
    }

    /// 128 random bits: what a caller says cannot hold it.
    static func boundary() -> String {
        "syrinx-" + String(UInt64.random(in: .min ... .max), radix: 16)
            + String(UInt64.random(in: .min ... .max), radix: 16)
    }
}

/// A body of multipart/form-data (RFC 7578).
struct MultipartForm {
    private let boundary: String
    private var bytes: [UInt8] = []

    init(boundary: String, capacity: Int) {
        self.boundary = boundary
        bytes.reserveCapacity(capacity)
    }

    mutating func add(_ name: String, _ value: String) {
        open(name, more: "")
        bytes += Array(value.utf8)
        bytes += [0x0D, 0x0A]
    }

    mutating func add(_ name: String, fileName: String, contentType: String, _ parts: [UInt8]...) {
        open(name, more: "; filename=\"\(fileName)\"\r\nContent-Type: \(contentType)")
        for part in parts { bytes += part }
        bytes += [0x0D, 0x0A]
    }

    mutating func finish() -> [UInt8] {
        bytes += Array("--\(boundary)--\r\n".utf8)
        return bytes
    }

    /// Quotes and line breaks in a name are written as browsers do (WHATWG HTML, 4.10.21.8).
    private mutating func open(_ name: String, more: String) {
        var escaped = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": escaped += "%22"
            case "\r": escaped += "%0D"
            case "\n": escaped += "%0A"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        bytes += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(escaped)\"\(more)\r\n\r\n".utf8)
    }
}

/// A WAV file of 16 bit mono PCM.
enum WAVFile {
    /// The 44 bytes before the samples.
    static func header(dataBytes: Int, sampleRate: UInt32) -> [UInt8] {
        let size = UInt32(clamping: dataBytes)
        var bytes = Array("RIFF".utf8)
        bytes += little(size.addingReportingOverflow(36).partialValue)
        bytes += Array("WAVEfmt ".utf8)
        bytes += little(UInt32(16)) + little(UInt16(1)) + little(UInt16(1))
        bytes += little(sampleRate) + little(sampleRate.multipliedReportingOverflow(by: 2).partialValue)
        bytes += little(UInt16(2)) + little(UInt16(16))
        bytes += Array("data".utf8) + little(size)
        return bytes
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
