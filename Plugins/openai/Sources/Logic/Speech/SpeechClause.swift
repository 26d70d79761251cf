// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

/// A clause from SPEAK to its terminal event: its request, and the audio that nobody has taken yet.
struct SpeechClause {
    let generation: UInt64
    let id: UInt64
    let text: String
    let voice: String?

    var request: NetworkID?
    /// The host was asked to let no more data come.
    var isPaused = false
    /// All audio has come, or what went wrong behind it.
    private(set) var isComplete = false
    private(set) var failure: PluginError?
    private var status = 0
    private var headers: [String: String] = [:]
    private var errorBody: [UInt8] = []
    private var audio: [UInt8] = []
    private var taken = 0
    private var hasBegun = false

    init(generation: UInt64, id: UInt64, text: String, voice: String?) {
        self.generation = generation
        self.id = id
        self.text = text
        self.voice = voice
        // Nothing to say is said at once.
        isComplete = text.allSatisfy(\.isWhitespace)
    }

    /// Bytes that wait.
    var waiting: Int { audio.count - taken }

    mutating func head(status: Int, headers: [String: String]) {
        self.status = status
        self.headers = headers
        let type = headers["content-type"]?.lowercased() ?? ""
        let isText = type.hasPrefix("text/") || type.hasPrefix("application/json")
        if (200...299).contains(status), isText { fail(OpenAIFailure.malformed("it is \(type.prefix(60)), not audio")) }
    }

    mutating func data(_ bytes: [UInt8]) {
        guard (200...299).contains(status) else {
            errorBody += bytes.prefix(OpenAIFailure.maximumBody - errorBody.count)
            return
        }
        guard !isComplete else { return }
        // Played as samples, a file would be noise.
        let marks = [Array("RIFF".utf8), Array("ID3".utf8), Array("OggS".utf8), Array("fLaC".utf8)]
        if !hasBegun, marks.contains(where: { bytes.starts(with: $0) }) {
            return fail(OpenAIFailure.malformed("it is a file, not plain samples"))
        }
        hasBegun = hasBegun || !bytes.isEmpty
        audio += bytes
    }

    mutating func done(_ error: PluginError?) {
        request = nil
        guard !isComplete else { return }
        if status != 0, !(200...299).contains(status) {
            fail(OpenAIFailure.http(status: status, headers: headers, body: errorBody))
        } else if let error {
            fail(error)
        } else {
            isComplete = true
        }
    }

    mutating func fail(_ error: PluginError) {
        guard !isComplete else { return }
        isComplete = true
        failure = error
    }

    /// The next samples, at most `count`; half of one waits for its other half.
    func samples(_ count: Int) -> [Int16] {
        let count = min(count, waiting / 2)
        return (0..<count).map { index in
            let place = taken + 2 * index
            return Int16(bitPattern: UInt16(audio[place]) | UInt16(audio[place + 1]) << 8)
        }
    }

    /// Samples were sent.
    mutating func take(_ count: Int) {
        taken += 2 * count
        guard waiting < 2 || taken > 1 << 16 else { return }
        audio.removeFirst(taken)
        taken = 0
    }
}
