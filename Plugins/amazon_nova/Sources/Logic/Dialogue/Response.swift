// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// One answer of the model.
struct Response: Sendable {
    /// What the host calls it; nil until its PROMPT has come.
    var generation: UInt64?
    /// The model has not ended it.
    var isProducing = true
    /// The host cancelled it: what still comes of it is dropped.
    var isDiscarded = false
    /// The vendor's id of the completion that it is.
    let completion: String?
    /// Its planned text came, so what was really spoken is a repetition.
    var hasPlan = false
    /// The last letter of its text was white space, or there is none yet.
    var endsInSpace = true
    /// What waits for the name.
    private(set) var held: [ResponseLedger.Item] = []
    private(set) var heldBytes = 0
    /// The host's clock when it began, in nanoseconds.
    let openedAt: Int64

    init(generation: UInt64?, completion: String?, openedAt: Int64) {
        self.generation = generation
        self.completion = completion
        self.openedAt = openedAt
    }

    mutating func hold(_ item: ResponseLedger.Item) {
        held.append(item)
        switch item {
        case .delta(let text): heldBytes += text.utf8.count + 64
        case .audio(let samples): heldBytes += samples.count * 2 + 64
        case .toolCall(let name, let arguments, _): heldBytes += name.utf8.count + arguments.utf8.count + 64
        case .end, .hangUp: heldBytes += 64
        }
    }

    /// Hands out what waited for the name.
    mutating func takeHeld() -> [ResponseLedger.Item] {
        defer { forgetHeld() }
        return held
    }

    mutating func forgetHeld() {
        held = []
        heldBytes = 0
    }

    /// The next sentence, apart from the one before it: the vendor sends them bare.
    mutating func joined(_ text: String) -> String {
        guard let first = text.first, let last = text.last else { return "" }
        defer { endsInSpace = last.isWhitespace }
        return endsInSpace || first.isWhitespace ? text : " \(text)"
    }
}
