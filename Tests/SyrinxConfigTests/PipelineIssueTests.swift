// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import Testing

/// What goes with which pipeline.
@Suite(.tags(.unit)) struct PipelineIssueTests {
    @Test(arguments: [
        (
            "profiles:\n  a:\n    pipeline: s2s\n",
            "3:15: `pipeline: s2s` needs a stage `s2s`"
        ),
        (
            "profiles:\n  a:\n    pipeline: s2s\n    s2s: mock\n    turn_taking: { mode: vad }\n",
            "5:26: turn mode `vad` does not go with this pipeline"
        ),
        (
            "profiles:\n  a:\n    turn_taking: { mode: s2s }\n",
            "3:26: turn mode `s2s` does not go with this pipeline"
        ),
    ])
    func `what a model cannot do is said at its place`(file: String, issue: String) {
        #expect(headlines(file) == [issue])
    }

    @Test(arguments: [
        "profiles: { a: { pipeline: s2s, s2s: mock } }",
        "profiles: { a: { pipeline: s2s, s2s: mock, turn_taking: { mode: s2s } } }",
        "profiles: { a: { pipeline: s2s, s2s: mock, vad: energy, filters: [speexdsp], stt: x, agent: y, tts: z } }",
        "profiles: { a: { s2s: mock }, b: { extends: a, pipeline: s2s } }",
        "profiles: { a: { pipeline: s2s } }\ntenants: { t: { providers: { s2s: mock } } }",
    ])
    func `a model is configured like any stage`(file: String) {
        #expect(headlines(file).isEmpty)
    }
}
