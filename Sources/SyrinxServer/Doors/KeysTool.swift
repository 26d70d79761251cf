// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxCore
internal import SyrinxRuntime

/// The agent's tool `send_keys`, with which it finds its way through another machine's menu.
enum KeysTool {
    static let name = "send_keys"

    static func add(to extras: inout SessionExtras, of transport: any CallTransport, on loop: any EventLoop) {
        extras.toolDescriptions.append(
            ToolDescription(
                name: name, about: "Presses keys of the telephone, for a menu or an extension at the other end.",
                parameters: [
                    "type": "object", "required": ["keys"], "additionalProperties": false,
                    "properties": [
                        "keys": [
                            "type": "string", "pattern": "^[0-9*#A-D]{1,32}$",
                            "description": "One after another: 0 to 9, *, #, A to D",
                        ]
                    ],
                ]))
        let line = LoopBound(WeakLine(transport))
        extras.tools[name] = { arguments in
            let keys = try ClientMessage.keys(arguments)
            guard try await loop.submit({ line.value.transport?.send(keys: keys) ?? false }).get() else {
                throw SyrinxError("session.keys_refused", "the far end takes no keys, or no more of them now")
            }
            return "pressed \(keys)"
        }
    }
}

/// A tool does not keep its call alive.
private final class WeakLine {
    private(set) weak var transport: (any CallTransport)?

    init(_ transport: any CallTransport) { self.transport = transport }
}
