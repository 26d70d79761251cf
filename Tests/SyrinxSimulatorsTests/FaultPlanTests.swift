// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxSimulators
internal import Testing

/// The words of `--fault`.
@Suite struct FaultPlanTests {
    private typealias Fault = FaultPlan.Fault

    private static let good: [(String, [FaultPlan.Fault])] = [
        ("", []),
        ("after=audio:3,cut", [Fault(.cut, at: .after("audio", 3))]),
        ("cut", [Fault(.cut, at: .at("connect", nil))]),
        ("at=first_audio,reset", [Fault(.reset, at: .at("audio", 1))]),
        ("at=partial,drop", [Fault(.drop, at: .at("partial", nil))]),
        ("latency=200", [Fault(.latency(milliseconds: 200), at: .everyMessage)]),
        ("drip", [Fault(.drip(milliseconds: 1000), at: .at("connect", nil))]),
        ("drip=5", [Fault(.drip(milliseconds: 5), at: .at("connect", nil))]),
        ("after=final,silence", [Fault(.silence, at: .after("final", 1))]),
        ("at=delta:2,truncate", [Fault(.truncate, at: .at("delta", 2))]),
        ("malformed=half_json", [Fault(.malformed(.half), at: .everyMessage)]),
        (
            "close=1011:NET-0000, times=1",
            [Fault(.close(code: 1011, reason: "NET-0000"), at: .at("connect", nil), times: 1)]
        ),
        (
            "status=429,retry_after=2,code=slow_down,message=not so fast,path=/v1,skip=1",
            [
                Fault(
                    .refuse(
                        SimulatedFailure(
                            status: 429, code: "slow_down", message: "not so fast", retryAfterSeconds: 2)),
                    at: .at("connect", nil), path: "/v1", skip: 1)
            ]
        ),
        (
            "at=delta:2,error=overloaded;cut,skip=2",
            [
                Fault(.error(SimulatedFailure(status: 500, code: "overloaded")), at: .at("delta", 2)),
                Fault(.cut, at: .at("connect", nil), skip: 2),
            ]
        ),
    ]

    @Test(arguments: Self.good)
    func `a plan is read`(text: String, faults: [FaultPlan.Fault]) throws {
        #expect(try FaultPlan(text).faults == faults)
    }

    private static let bad: [(String, String)] = [
        ("explode", "no word of a fault"), ("after=audio", "nothing to do"), ("cut,reset", "two things"),
        ("status=99", "300 to 599"), ("status", "`status` takes a number"), ("close=99", "1000 to 4999"),
        ("malformed=ugly", "half_json"), ("at=,cut", "a point is missing"), ("at=audio:0,cut", "1 to"),
        ("at=audio:x,cut", "1 to"), ("times=0,cut", "1 to"), ("latency=fast", "0 to"),
        ("latency=99999999999999999999", "0 to"),
    ]

    @Test(arguments: Self.bad)
    func `what is no plan is refused, and the words are told`(specification: String, words: String) {
        let error = #expect(throws: SyrinxError.self) { try FaultPlan(specification) }
        #expect(error?.code == "simulator.invalid_fault")
        let text = "\(error?.message ?? "") \(error?.fix ?? "")"
        #expect(text.contains(words))
    }

    @Test
    func `points are those of the simulator`() throws {
        try FaultPlan("at=connect,cut;after=audio,cut").check(points: ["audio"])
        let error = #expect(throws: SyrinxError.self) { try FaultPlan("at=audoi,cut").check(points: ["audio"]) }
        #expect(error?.fix?.contains("audio") ?? false)
    }

    @Test
    func `actions are printed as they are written`() throws {
        for text in ["cut", "close=1011:busy", "latency=20", "malformed=deep", "error=overloaded", "status=429"] {
            #expect(try FaultPlan(text).faults.map { "\($0.action)" } == [text])
        }
    }
}
