// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCLI

@main
enum Main {
    static func main() async {
        exit(await CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
    }
}
