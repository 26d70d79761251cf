// SPDX-License-Identifier: Apache-2.0
import Foundation
import ScriptAgent
import SyrinxPlugin

/// The built-in demo, compiled.
func demoScript() throws -> CompiledScript {
    try script(Demo.json)
}

/// A script, compiled.
func script(_ json: String) throws -> CompiledScript {
    try CompiledScript(JSON.decode(Script.self, from: json))
}

/// What a caller may say to the demo, as the recogniser gets it.
func readHints() throws -> [String] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.deletingLastPathComponent().appendingPathComponent("Plugins/script-agent/hints.txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
}
