// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

extension CallStages {
    /// Opens the next provider of a chain beside the one at work.
    /// - Returns: nil when none can be had.
    mutating func openHedge(_ kind: PluginKind, _ generation: UInt64, at now: Instant) -> Hedge? {
        guard let opener, let chain = chains[kind] else { return nil }
        let ticket = HedgeTicket()
        for index in chain.candidates where opener.admits(chain.all[index]) {
            guard let session = try? open(chain.all[index], opener, hedge: ticket) else { continue }
            let hedge = Hedge(
                chain.all[index], index: index, generation: generation, asked: now, ticket: ticket, session: session)
            hedges[kind] = hedge
            return hedge
        }
        return nil
    }

    /// The second provider has the stage from here on; the session of the first is closed.
    mutating func take(_ hedge: Hedge) {
        let kind = hedge.stage.provider.descriptor.kind
        hedges[kind] = nil
        hedge.ticket.isAtWork = true
        chains[kind]?.use(hedge.index)
        put(hedge.session, in: kind, as: hedge.agent)
    }
}
