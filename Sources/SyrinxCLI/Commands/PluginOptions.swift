// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `--plugins`, the same everywhere.
struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("plugins"),
        help: ArgumentHelp(
            "Folder that holds one folder a plugin; may repeat. Default: plugins beside the binary's folder.",
            valueName: "dir"))
    var named: [String] = []

    var folders: [String] { named.isEmpty ? [InstallPaths.pluginFolder] : named }
}
