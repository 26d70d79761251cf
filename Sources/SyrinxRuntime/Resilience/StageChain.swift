// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

/// The providers of one stage of a session, in the order in which they take over, and the one at work.
struct StageChain {
    let all: [PreparedProfile.Stage]
    private(set) var index = 0
    /// Those that failed since one of them last did what it was asked.
    private var tried: Set<Int> = []

    init(_ first: PreparedProfile.Stage) { all = [first] + first.fallback }

    var current: PreparedProfile.Stage { all[index] }
    var hasOthers: Bool { all.count > 1 }

    /// Those that may be tried now: after the current one first, then from the beginning.
    var candidates: [Int] {
        let others = Array(index + 1..<all.count) + Array(0..<index)
        return others.filter { !tried.contains($0) }
    }

    mutating func use(_ index: Int) { self.index = index }

    mutating func failed() { failed(index) }

    mutating func failed(_ index: Int) { tried.insert(index) }

    mutating func succeeded() {
        if !tried.isEmpty { tried = [] }
    }
}

extension PreparedProfile.Stage {
    /// Under which its breaker stands.
    func breakerKey(tenant: String) -> BreakerBoard.Key {
        let descriptor = provider.descriptor
        return BreakerBoard.Key(tenant: tenant, kind: descriptor.kind.name, provider: descriptor.reference)
    }
}
