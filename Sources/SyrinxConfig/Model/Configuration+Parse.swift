// SPDX-License-Identifier: Apache-2.0

extension Configuration {
    /// The largest file taken.
    static let largestFile = 1 << 23

    /// Reads and checks a file.
    ///
    /// Throws all its errors at once.
    package static func load(path: String, environment: [String: String]) throws(ConfigErrors) -> Configuration {
        switch TextFile.read(path, limit: largestFile) {
        case .success(let text):
            return try parse(text: text, file: path, environment: environment)
        case .failure(let problem):
            let place = problem.place ?? SourcePlace(line: 1, column: 1)
            throw ConfigErrors(issues: [
                ConfigIssue(
                    file: path,
                    line: place.line,
                    column: place.column,
                    message: "the configuration file \(problem.reason)"
                )
            ])
        }
    }

    /// Checks a text.
    ///
    /// `file` stands in the issues, and relative paths start in its folder.
    package static func parse(
        text: String,
        file: String,
        environment: [String: String]
    ) throws(ConfigErrors) -> Configuration {
        // libyaml skips a byte order mark without counting it; here it would shift the first line.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let source = SourceText(text, file: file)
        let folder = Self.folder(of: file)
        var loader = YAMLLoader(source: source, references: ReferenceExpander(environment: environment, folder: folder))
        let root = loader.load(text)
        var checker = SectionChecker(source: source)
        var configuration = Configuration()
        if let root {
            var secrets = TenantSecrets(source: source, references: loader.references)
            let root = secrets.resolve(root)
            checker.issues += secrets.issues
            let checked = checker.check(root, as: .root, name: nil)
            configuration = Configuration(checked, folder: folder)
            configuration.origin = ConfigOrigin(file: file, checked: checked, source: source)
            checker.checkAgreement(of: configuration, in: checked)
            var tenants = TenantChecker(configuration, checked, checker)
            tenants.check()
            checker = tenants.checker
        }
        let issues = loader.issues + checker.issues
        guard issues.isEmpty else { throw ConfigErrors(issues: issues) }
        return configuration
    }

    private static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    private init(_ checked: CheckedSection, folder: String) {
        func resolve(_ path: String) -> String {
            if path.hasPrefix("/") || folder == "." { return path }
            return folder == "/" ? "/" + path : folder + "/" + path
        }
        if let address = checked.text("listen").flatMap(ListenAddress.init) { listen = address }
        plugins = PluginsConfig(checked.section("plugins"))
        plugins.folders = plugins.folders?.map(resolve)
        plugins.trustedKeys = plugins.trustedKeys.map(resolve)
        plugins.lock = plugins.lock.map(resolve)
        plugins.state = plugins.state.map(resolve)
        if let path = checked.section("listeners").text("admin") {
            listeners.admin = path == "none" ? .none : .path(resolve(path))
        }
        if let text = checked.section("listeners").text("admin_http") {
            listeners.adminHTTP = ListenAddress(text).map(ListenersConfig.AdminHTTP.address) ?? .none
        }
        access.operators = checked.section("access").named("operators").mapValues { KeyConfig($0) }
        limits = LimitsConfig(checked.section("limits"))
        network = NetworkConfig(checked.section("network"))
        network.trustedRoots = network.trustedRoots.map(resolve)
        drain = DrainConfig(checked.section("drain"))
        log.level = checked.section("log").word("level") ?? log.level
        log.format = checked.section("log").word("format") ?? log.format
        telemetry = TelemetryConfig(checked.section("telemetry"))
        storage.database = checked.section("storage").text("database").map(resolve)
        storage.recordings = checked.section("storage").text("recordings").map(resolve)
        storage.eventLog = checked.section("storage").text("event_log").map(resolve)
        tenants = checked.named("tenants").mapValues { TenantConfig($0) }
        doors = checked.named("doors").mapValues { DoorConfig($0) }
        profiles = checked.named("profiles").mapValues { ProfileConfig($0) }
    }
}

extension PluginsConfig {
    fileprivate init(_ checked: CheckedSection) {
        folders = checked.texts("folders")
        watch = checked.flag("watch") ?? watch
        selfTest = checked.flag("self_test") ?? selfTest
        maxGenerations = checked.integer("max_generations") ?? maxGenerations
        isolation = Isolation(checked.section("isolation"))
        trustedKeys = checked.section("trust").texts("keys") ?? trustedKeys
        lock = checked.section("trust").text("lock")
        state = checked.text("state")
        let trial = checked.section("canary")
        canary.tenants = trial.texts("tenants") ?? canary.tenants
        canary.percent = trial.integer("percent") ?? canary.percent
        canary.promoteAfter = trial.duration("promote_after") ?? canary.promoteAfter
        canary.promoteSessions = trial.integer("promote_sessions") ?? canary.promoteSessions
    }
}

extension PluginsConfig.Isolation {
    fileprivate init(_ checked: CheckedSection) {
        of = checked.word("of") ?? of
        grouping = checked.word("grouping") ?? grouping
        sessions = checked.integer("sessions") ?? sessions
        spare = checked.flag("spare") ?? spare
        memoryMB = checked.integer("memory_mb") ?? memoryMB
        workers = checked.integer("workers") ?? workers
    }
}
