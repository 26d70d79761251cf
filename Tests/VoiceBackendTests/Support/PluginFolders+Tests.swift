// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import VoiceBackend

extension PluginFolders {
    /// Where the tests find the built plugins: as everybody else, else beside the test binary. Empty = nowhere, and the
    /// suites that need plugins say so by failing to make a backend.
    static var forTests: [String] {
        if !standard.isEmpty { return standard }
        let besides = Bundle.main.bundleURL.appendingPathComponent("plugins").path
        return FileManager.default.fileExists(atPath: besides) ? [besides] : []
    }
}
