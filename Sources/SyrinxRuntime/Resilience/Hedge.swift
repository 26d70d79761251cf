// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

/// A request for which a second provider was asked, too, because the one at work is slow. Who answers first goes on.
final class Hedge {
    let stage: PreparedProfile.Stage
    /// Its place in the chain.
    let index: Int
    let generation: UInt64
    let asked: Instant
    let ticket: HedgeTicket
    let session: StageSession
    /// The session as an agent.
    let agent: PluginAgent?

    init(
        _ stage: PreparedProfile.Stage, index: Int, generation: UInt64, asked: Instant, ticket: HedgeTicket,
        session: StageSession
    ) {
        self.stage = stage
        self.index = index
        self.generation = generation
        self.asked = asked
        self.ticket = ticket
        self.session = session
        agent = stage.provider.descriptor.kind == .agent ? PluginAgent(session) : nil
    }
}

/// By which the events of a second provider are told from those of the one at work.
final class HedgeTicket {
    /// It has taken the stage over.
    var isAtWork = false
}

/// How the races of one kind of stage ended.
package struct HedgeCounts: Sendable, Equatable {
    /// The second provider was the first to answer.
    package var won = 0
    package var lost = 0
    package var failed = 0

    package init() {}
}
