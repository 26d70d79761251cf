// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SyrinxCore
internal import SyrinxHost

/// The way of the caller's frames through filters, the application's processors and the VAD, when one of these runs in
/// a helper process and answers a moment later. Frames stay in order; a station that is late is left out for a frame
/// rather than waited for. Everything on the session's event loop.
final class FramePath {
    /// A frame is waited for so long, at least; and never so that more than `limit` wait behind it.
    static let patience = Duration.milliseconds(40)
    static let limit = 250

    enum Station {
        case filter(StageSession)
        case processor(any AudioProcessor)
        case vad(StageSession)

        var stage: StageSession? {
            switch self {
            case .filter(let stage), .vad(let stage): stage
            case .processor: nil
            }
        }
    }

    private struct Frame {
        var samples: [Int16]
        let pts: Int64
        var station = 0
        var probability: Float = 0
    }

    private var stations: [Station]
    /// By station: answers that will come for frames that went on without them.
    private var overdue: [Int]
    private var frames: Deque<Frame> = []
    /// Since when the first frame is away.
    private var waitingSince: Instant?
    private var isAdvancing = false
    /// Frames that had to do without a station.
    private(set) var late = 0
    private let heard: (UnsafeMutablePointer<Int16>, _ count: Int, _ pts: Int64, Float) -> Void

    private let now: () -> Instant

    init(
        _ stations: [Station], now: @escaping () -> Instant,
        heard: @escaping (UnsafeMutablePointer<Int16>, _ count: Int, _ pts: Int64, Float) -> Void
    ) {
        self.stations = stations
        self.now = now
        overdue = Array(repeating: 0, count: stations.count)
        self.heard = heard
        for station in stations { listen(to: station) }
    }

    private func listen(to station: Station) {
        let path = PathReference(self)
        station.stage?.onFrame = { [weak stage = station.stage] answer in
            guard let stage else { return }
            path.path?.answered(answer, by: stage)
        }
    }

    func take(_ samples: UnsafePointer<Int16>, count: Int, pts: Int64) {
        frames.append(Frame(samples: Array(UnsafeBufferPointer(start: samples, count: count)), pts: pts))
        if let waitingSince, now() - waitingSince > Self.patience || frames.count > Self.limit { goOnWithout() }
        advance()
    }

    private func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        // The frame itself is taken out only at the end: a second reference to its samples would copy them.
        while waitingSince == nil, let station = frames.first?.station {
            if station < stations.count {
                visit()
                continue
            }
            var frame = frames.removeFirst()
            frame.samples.withUnsafeMutableBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                heard(base, samples.count, frame.pts, frame.probability)
            }
        }
        isAdvancing = false
    }

    /// The first frame at its next station.
    private func visit() {
        let index = frames[0].station
        let count = frames[0].samples.count
        let pts = frames[0].pts
        var status: Int32 = 0
        switch stations[index] {
        case .processor(let processor):
            frames[0].samples.withUnsafeMutableBufferPointer { processor.process($0) }
        case .filter(let stage) where overdue[index] == 0:
            frames[0].samples.withUnsafeMutableBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                status = stage.process(base, base, samples: count, pts: pts).status
            }
        case .vad(let stage) where overdue[index] == 0:
            var probability: Float = 0
            frames[0].samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                (status, probability) = stage.process(base, nil, samples: count, pts: pts)
            }
            frames[0].probability = probability
        case .filter, .vad: return skip()
        }
        if status == FrameAnswer.pending {
            waitingSince = now()
        } else if status < 0 {
            skip()
        } else {
            frames[0].station += 1
        }
    }

    private func answered(_ answer: FrameAnswer, by stage: StageSession) {
        guard let index = stations.firstIndex(where: { $0.stage === stage }) else { return }
        guard overdue[index] == 0 else { return overdue[index] -= 1 }
        guard waitingSince != nil, !frames.isEmpty, frames[0].station == index, frames[0].pts == answer.pts else {
            return
        }
        waitingSince = nil
        if answer.status < 0 {
            skip()
        } else {
            if let samples = answer.samples, samples.count == frames[0].samples.count { frames[0].samples = samples }
            frames[0].probability = answer.probability
            frames[0].station += 1
        }
        advance()
    }

    private func goOnWithout() {
        overdue[frames[0].station] += 1
        late += 1
        waitingSince = nil
        skip()
    }

    /// A filter lets the frame through; without its VAD the session listens to loudness.
    private func skip() {
        if case .vad = stations[frames[0].station] { frames[0].probability = Loudness.probability(frames[0].samples) }
        frames[0].station += 1
    }

    /// A station's helper has died and another has taken over.
    func replace(_ old: StageSession, with new: StageSession) {
        guard let index = stations.firstIndex(where: { $0.stage === old }) else { return }
        if case .vad = stations[index] { stations[index] = .vad(new) } else { stations[index] = .filter(new) }
        overdue[index] = 0
        listen(to: stations[index])
        guard waitingSince != nil, !frames.isEmpty, frames[0].station == index else { return }
        waitingSince = nil
        advance()
    }

    func close() {
        for station in stations { station.stage?.onFrame = nil }
        frames.removeAll()
        stations.removeAll()
    }
}

/// Speech or not, when there is no detector: by energy alone.
enum Loudness {
    /// 1 at -40 dBFS and above, 0 below.
    static func probability(_ samples: [Int16]) -> Float {
        let energy = samples.reduce(Int64(0)) { $0 &+ Int64($1) * Int64($1) }
        let mean = Double(energy) / Double(max(1, samples.count))
        return mean > 32768 * 32768 / 10_000 ? 1 : 0
    }
}

/// Crosses into a closure that runs on the same event loop.
private final class PathReference: @unchecked Sendable {
    weak var path: FramePath?

    init(_ path: FramePath) { self.path = path }
}
