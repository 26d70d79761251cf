// SPDX-License-Identifier: Apache-2.0

/// Hears by its level that the caller speaks: the vendor tells only when a turn is over, and until then the host would
/// take the caller for silent, and might change over to another session in the middle of a word.
///
/// Coarse on purpose: it decides no turn.
struct CallerActivity {
    /// Mean power of a piece; the level is about -35 dB below full scale.
    private static let threshold = 600 * 600
    /// Pieces of ``CallerAudio/pieceMilliseconds``: 160 ms and 640 ms.
    private static let piecesToBegin = 5
    private static let piecesToEnd = 20

    private(set) var isSpeaking = false
    private var run = 0

    /// - Returns: whether the caller speaks now, if that is new.
    mutating func hear(_ piece: [Int16]) -> Bool? {
        let power = piece.reduce(0) { $0 + Int($1) * Int($1) } / max(1, piece.count)
        let isLoud = power >= Self.threshold
        run = isLoud == isSpeaking ? 0 : run + 1
        guard run >= (isSpeaking ? Self.piecesToEnd : Self.piecesToBegin) else { return nil }
        run = 0
        isSpeaking.toggle()
        return isSpeaking
    }
}
