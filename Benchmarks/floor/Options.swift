// SPDX-License-Identifier: Apache-2.0

/// The command line: `nio-echo --listen HOST:PORT [--raw]`.
struct Options {
    var host = "127.0.0.1"
    var port = 8090
    var raw = false

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--listen": (host, port) = try Self.endpoint(rest.next())
            case "--raw": raw = true
            default: throw UsageError(argument: argument)
            }
        }
    }

    private static func endpoint(_ text: String?) throws(UsageError) -> (String, Int) {
        guard let text, let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
        else { throw UsageError(argument: text ?? "--listen") }
        return (String(text[..<colon]), Int(port))
    }
}

struct UsageError: Error, CustomStringConvertible {
    var argument: String
    var description: String { "usage: nio-echo --listen HOST:PORT [--raw]; cannot read '\(argument)'" }
}
