// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxTestKit

// What the host's own way to a plugin costs: StageSession.process, with its accounting, against the plugin's bare
// function.   usage: host-call PLUGINS BARE.so   (the null detector of ../plugin-call, as a plugin and as a library)

typealias Bare = @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Int16>, UInt32) -> Float

let calls = 200_000
let batches = 50

/// Nanoseconds of one call: the best of many batches, which is the least disturbed one.
func best(_ call: (Int) -> Float) -> Double {
    var sum: Float = 0
    let times = (0..<batches).map { _ in
        let start = ContinuousClock.now
        for index in 0..<calls { sum += call(index) }
        return Double((ContinuousClock.now - start).nanoseconds) / Double(calls)
    }
    precondition(sum.isFinite)
    return times.min() ?? 0
}

let host = PluginHost(environment: FakeHostEnvironment())
try host.load(folder: CommandLine.arguments[1])
let provider = try host.provider(.vad, ProviderReference(id: "null"), configuration: [:])
let parameters = StageParameters(session: "bench", inputRate: 16_000, outputRate: 16_000)
let session = try provider.openSession(parameters, executor: FakeExecutor()) { _ in }
let frame = UnsafeMutablePointer<Int16>.allocate(capacity: 320)
frame.initialize(repeating: 1, count: 320)
var gain: Float = 1

let library = dlopen(CommandLine.arguments[2], RTLD_NOW | RTLD_LOCAL)
let bare = unsafeBitCast(dlsym(library, "null_vad_bare"), to: Bare.self)
let bareTime = best { _ in bare(&gain, frame, 320) }
let hostTime = best { session.process(frame, nil, samples: 320, pts: Int64($0)).probability }
print("{\"bare_ns\": \(bareTime), \"host_ns\": \(hostTime)}")
