// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxSimulators
internal import Testing

/// What simulated callers say, and simulated models and voices answer.
@Suite struct ScriptTests {
    private func tone(_ milliseconds: Int, rate: Int = 16_000) -> [Int16] {
        (0..<rate * milliseconds / 1000).map { $0 / 20 % 2 == 0 ? 8000 : -8000 }
    }

    private func silence(_ milliseconds: Int, rate: Int = 16_000) -> [Int16] {
        Array(repeating: 0, count: rate * milliseconds / 1000)
    }

    @Test
    func `utterances are heard in turn`() {
        var recogniser = SimulatedRecogniser(
            rate: 16_000, lines: SimulatedLines(["book a table", "bye"]), silenceMilliseconds: 300)
        let audio = silence(200) + tone(1000) + silence(400) + tone(400) + silence(400)
        var events: [SimulatedRecogniser.Event] = []
        // Packets of any size are heard alike.
        for start in stride(from: 0, to: audio.count, by: 777) {
            events += recogniser.feed(Array(audio[start..<min(start + 777, audio.count)]))
        }
        #expect(
            events == [
                .started(milliseconds: 200), .partial("book"), .partial("book a"), .partial("book a table"),
                .final("book a table", start: 200, end: 1200), .started(milliseconds: 1600), .partial("bye"),
                .final("bye", start: 1600, end: 2000),
            ])
    }

    @Test
    func `speech ends when asked`() {
        var recogniser = SimulatedRecogniser(rate: 8000, lines: SimulatedLines(["yes"]))
        #expect(recogniser.feed(tone(200, rate: 8000)) == [.started(milliseconds: 0)])
        #expect(recogniser.finish() == [.final("yes", start: 0, end: 200)])
        #expect(recogniser.finish().isEmpty)
    }

    @Test
    func `a click is no speech`() {
        var detector = SpeechDetector(rate: 16_000)
        #expect(detector.feed(tone(40) + silence(1000)).isEmpty)
    }

    @Test
    func `lines start again`() {
        let lines = SimulatedLines(["a", "b"])
        #expect((0..<3).map { _ in lines.next() } == ["a", "b", "a"])
    }

    @Test
    func `a line may say its language, and keeps it when it is given back`() {
        let lines = SimulatedLines(["[de] Guten Tag", "[laughs] hello", "[de]x", "plain"])
        #expect(lines.nextLine() == SimulatedLine(text: "Guten Tag", language: "de"))
        #expect((0..<3).map { _ in lines.nextLine().language } == [nil, nil, nil])
        #expect(SimulatedLines(["[laughs] hello"]).next() == "[laughs] hello")
        var recogniser = SimulatedRecogniser(rate: 16_000, lines: SimulatedLines(["[fr] bon jour", "yes"]))
        _ = recogniser.feed(tone(400))
        #expect(recogniser.language == "fr")
        recogniser.abandon(butFor: 1)
        #expect(recogniser.feed(silence(1000) + tone(400)).contains(.partial("jour")))
        #expect(recogniser.language == "fr")
    }

    @Test
    func `words are the text`() {
        for text in ["", "one", "one two ", " one  two\nthree"] {
            #expect(SimulatedText.words(text).joined() == text)
        }
        #expect(SimulatedText.words("one two") == ["one ", "two"])
    }

    @Test
    func `speech takes sixty milliseconds a letter`() {
        let speech = SimulatedVoice().speak("hi you", rate: 8000)
        #expect(speech.count == 6 * 480)
        #expect(speech[960..<1440].allSatisfy { $0 == 0 })
        #expect(speech == SimulatedVoice().speak("hi you", rate: 8000))
    }

    private static let tools = [
        SimulatedTool(
            name: "get_weather",
            parameters: [
                "properties": ["city": ["type": "string"], "days": ["type": "integer"], "note": ["type": "string"]],
                "required": ["city", "days"],
            ]),
        SimulatedTool(name: "get_time", parameters: ["properties": ["zone": ["enum": ["UTC"]]]]),
    ]

    private static let prompts: [(String, String)] = [
        ("hello", "You said: hello"), ("", "Hello, how can I help?"), ("say One, two.", "One, two."),
        ("count to 3", "1, 2, 3."), ("is it raining?", "No."),
        ("get weather for 3 days in Berlin", "get_weather{\"city\":\"Berlin\",\"days\":3}"),
        ("get_weather, get time", "get_weather{\"city\":\"time\",\"days\":1}get_time{\"zone\":\"UTC\"}"),
    ]

    @Test(arguments: Self.prompts)
    func `the model answers by its rules`(prompt: String, answer: String) {
        let mind = SimulatedMind(replies: [("rain", "No.")])
        switch mind.answer(prompt, tools: Self.tools) {
        case .text(let text): #expect(text == answer)
        case .calls(let calls): #expect(calls.map { $0.name + $0.arguments.text }.joined() == answer)
        }
    }

    @Test
    func `companded samples are near`() {
        for sample: Int16 in [-32768, -8000, -1, 0, 1, 300, 12_345, 32_767] {
            let allowed = max(40, abs(Int(sample)) / 16)
            #expect(abs(Int(PCM.fromMulaw(PCM.mulaw([sample]))[0]) - Int(sample)) <= allowed * 2)
            #expect(abs(Int(PCM.fromAlaw(PCM.alaw([sample]))[0]) - Int(sample)) <= allowed * 2)
        }
        #expect(PCM.mulaw([0]) == [0xFF] && PCM.alaw([0]) == [0xD5])
    }

    @Test
    func `files are read as written`() throws {
        let file = PCM.wav([1, -2, 3], rate: 24_000)
        let (samples, rate) = try #require(PCM.samples(ofWAV: file))
        #expect(samples == [1, -2, 3] && rate == 24_000)
        #expect(PCM.samples(ofWAV: Array(file.prefix(20)))?.samples ?? [] == [])
    }

    @Test
    func `forms are read`() {
        let body = [
            "--X", "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"", "Content-Type: audio/wav", "",
            "R\r\nIFF", "--X", "Content-Disposition: form-data; name=\"model\"", "", "m", "--X--", "",
        ].joined(separator: "\r\n")
        let request = SimulatedRequest(
            method: "POST", target: "/x", headers: [("Content-Type", "multipart/form-data; boundary=X")],
            body: Array(body.utf8))
        #expect(request.form.map(\.name) == ["file", "model"])
        #expect(request.form.map(\.text) == ["R\r\nIFF", "m"])
        #expect(request.form.first?.filename == "a.wav" && request.form.first?.type == "audio/wav")
    }
}
