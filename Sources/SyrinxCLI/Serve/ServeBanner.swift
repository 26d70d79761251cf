// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxServer

/// What `syrinx serve` prints once it listens.
struct ServeBanner {
    let server: VoiceServer
    let host: String
    let port: Int

    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Where this machine reaches a server that listens on every address.
    var localURL: String {
        switch host {
        case "0.0.0.0": "ws://127.0.0.1:\(port)"
        case "::": "ws://[::1]:\(port)"
        default: "ws://\(authority)"
        }
    }

    var text: String {
        let other = port == 8080 ? "" : " --url \(localURL)"
        return """
            Syrinx \(SyrinxVersion.current) listens on http://\(authority)

              talk       ws://\(authority)/v1/talk?rate=16000
              health     http://\(authority)/healthz\(admin)
            \(profiles)
            \(plugins)

            Try   syrinx demo\(other)
            Stop  press Ctrl-C to drain: live calls end by themselves, again to cut them
            """
    }

    private var admin: String {
        guard let port = server.adminPort, let host = server.adminHost else { return "" }
        let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return "\n  admin      http://\(authority)/status and /metrics"
    }

    private var profiles: String {
        let all = server.manager.profiles.all
        let ready = all.filter { (try? $0.result.get()) != nil }.map(\.name)
        let broken = all.compactMap { name, result in
            if case .failure(let error) = result { "             `\(name)` is unavailable: \(error)" } else { nil }
        }
        let head = "  profiles   \(ready.isEmpty ? "none is usable" : ready.joined(separator: ", "))"
        return ([head] + broken).joined(separator: "\n")
    }

    private var plugins: String {
        let all = server.host.plugins
        let loaded = all.filter { $0.refusal == nil }.compactMap { $0.manifest?.id }
        let refused = all.compactMap { plugin in
            plugin.refusal.map { "             refused \(plugin.manifest?.id ?? plugin.folder): \($0)" }
        }
        let head = "  plugins    \(loaded.isEmpty ? "none" : loaded.sorted().joined(separator: ", "))"
        return ([head] + refused).joined(separator: "\n")
    }
}
