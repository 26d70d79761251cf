// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

extension CallStages {
    /// Opens the model of the first provider in line that may be asked and has room.
    /// - Parameter onFailure: told of each that opens no session.
    /// - Throws: what the last one answered; `provider.unavailable` when the breakers of all are open.
    func openSpeechToSpeech(
        _ prepared: PreparedProfile, _ opener: StageOpener, _ rate: Int,
        onFailure: (PreparedProfile.Stage, SyrinxError) -> Void = { _, _ in }
    ) throws(SyrinxError) -> SpeechToSpeech? {
        guard let stage = prepared.s2s else { return nil }
        var chain = StageChain(stage)
        var failure = Self.leftAlone(stage)
        for place in chain.all.indices where opener.admits(chain.all[place]) {
            chain.use(place)
            do {
                return try SpeechToSpeech(chain, opening: opener.linkOpening(chain.all, rate))
            } catch {
                failure = error
                onFailure(chain.all[place], error)
            }
        }
        throw failure
    }
}

extension StageOpener {
    fileprivate func linkOpening(_ stages: [PreparedProfile.Stage], _ rate: Int) -> SpeechToSpeech.Opening {
        { [self] place, number throws(SyrinxError) in
            let stage = stages[place]
            let rates = SpeechToSpeech.Rates(
                stage.provider.descriptor.capabilities, pipeline: rate, client: setup.request.rate)
            return (try open(stage, input: rates.input, output: rates.output, link: number), rates)
        }
    }
}
