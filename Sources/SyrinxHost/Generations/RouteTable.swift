// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Which generation a reference means for a session that begins now. A value; the registry swaps it in one step.
package struct RouteTable: Sendable {
    /// A provider of one generation.
    package struct Offer: Hashable, Sendable {
        package var kind: PluginKind
        package var id: String
        package var version: SemanticVersion
        package var generation: Int

        package init(_ kind: PluginKind, _ id: String, _ version: SemanticVersion, generation: Int) {
            self.kind = kind
            self.id = id
            self.version = version
            self.generation = generation
        }

        package var reference: String { "\(id)@\(version)" }
    }

    /// How a generation stands to new sessions.
    package enum Standing: Sendable, Equatable {
        /// Loaded, not tested: nobody gets it.
        case candidate
        /// Some sessions try it.
        case canary(CanaryPlan)
        case serving
        /// Its folder holds another build by now. It still serves pins to its version, and is what a rollback goes to.
        case replaced
        /// Failed, rolled back, or its folder is gone: nobody gets it.
        case out
    }

    /// What a session may get: the generation for all, and the one that some try.
    package struct Route: Sendable {
        package var stable: Offer?
        package var canary: (offer: Offer, plan: CanaryPlan)?
    }

    private struct Generation {
        var offers: [Offer]
        var standing: Standing
        /// Builds that its folder held before.
        var replaces: Set<Int>

        /// Nil = no reference means it.
        var rank: Int? {
            switch standing {
            case .serving: 1
            case .replaced: 0
            case .candidate, .canary, .out: nil
            }
        }

        /// Its folder holds it.
        var isPresent: Bool {
            switch standing {
            case .serving, .candidate, .canary: true
            case .replaced, .out: false
            }
        }
    }

    private var generations: [Int: Generation] = [:]

    package init() {}

    // MARK: changing

    /// - Parameter replaces: generations that stop to be their folder's content when this one serves.
    package mutating func add(
        _ offers: [Offer], generation: Int, standing: Standing, replaces: Set<Int> = []
    ) {
        generations[generation] = Generation(offers: offers, standing: standing, replaces: replaces)
    }

    package mutating func set(_ generation: Int, _ standing: Standing) {
        generations[generation]?.standing = standing
    }

    /// The generation serves, and what was in its folder before is replaced: one change.
    package mutating func promote(_ generation: Int) {
        guard let replaced = generations[generation]?.replaces else { return }
        generations[generation]?.standing = .serving
        for older in replaced where generations[older]?.standing == .serving {
            generations[older]?.standing = .replaced
        }
    }

    /// A generation that was replaced is its folder's content again, instead of `others`.
    package mutating func restore(_ generation: Int, replacing others: Set<Int>) {
        generations[generation]?.standing = .candidate
        generations[generation]?.replaces = others
    }

    // MARK: looking

    package func standing(of generation: Int) -> Standing? { generations[generation]?.standing }

    package func offers(of generation: Int) -> [Offer] { generations[generation]?.offers ?? [] }

    /// Every (kind, id, version) that some reference can mean, as its best build, in no order.
    package var routable: [Offer] {
        var best: [Offer: (rank: Int, offer: Offer)] = [:]
        for generation in generations.values {
            guard let rank = generation.rank else { continue }
            for offer in generation.offers {
                let name = Offer(offer.kind, offer.id, offer.version, generation: 0)
                if let known = best[name], !Self.isBetter((rank, offer), than: known) { continue }
                best[name] = (rank, offer)
            }
        }
        return best.values.map(\.offer)
    }

    /// An offer of the same kind, id and version that a folder holds now, apart from these generations.
    package func current(
        _ kind: PluginKind, _ id: String, _ version: SemanticVersion, except: Set<Int> = []
    ) -> Offer? {
        generations.filter { !except.contains($0.key) && $0.value.isPresent }.values.flatMap(\.offers).first {
            $0.kind == kind && $0.id == id && $0.version == version
        }
    }

    package func route(_ kind: PluginKind, _ reference: ProviderReference) -> Route {
        Route(stable: stable(kind, reference), canary: canary(kind, reference))
    }

    /// What the folders hold comes before what they held, then the newest version, then the newest build.
    private func stable(_ kind: PluginKind, _ reference: ProviderReference) -> Offer? {
        var best: (rank: Int, offer: Offer)?
        for generation in generations.values {
            guard let rank = generation.rank else { continue }
            for offer in generation.offers where offer.kind == kind && reference.matches(offer) {
                if let known = best, !Self.isBetter((rank, offer), than: known) { continue }
                best = (rank, offer)
            }
        }
        return best?.offer
    }

    private static func isBetter(_ left: (rank: Int, offer: Offer), than right: (rank: Int, offer: Offer)) -> Bool {
        (left.rank, left.offer.version, left.offer.generation)
            > (right.rank, right.offer.version, right.offer.generation)
    }

    /// The newest generation on trial that would be the answer if it served.
    private func canary(_ kind: PluginKind, _ reference: ProviderReference) -> (Offer, CanaryPlan)? {
        for (number, generation) in generations.sorted(by: { $0.key > $1.key }) {
            guard case .canary(let plan) = generation.standing else { continue }
            guard let offer = promoting(number).stable(kind, reference), offer.generation == number else { continue }
            return (offer, plan)
        }
        return nil
    }

    /// The table as it will be when a generation serves.
    package func promoting(_ generation: Int) -> RouteTable {
        var table = self
        table.promote(generation)
        return table
    }

    /// The table as it will be without a generation.
    package func without(_ generation: Int) -> RouteTable {
        var table = self
        table.set(generation, .out)
        return table
    }
}

extension ProviderReference {
    fileprivate func matches(_ offer: RouteTable.Offer) -> Bool {
        let theirs = [offer.version.major, offer.version.minor, offer.version.patch]
        return offer.id == id && zip(version, theirs).allSatisfy(==)
    }
}
