// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// From folders to generations.
extension LivePlugins {
    func hasChanged(_ found: PluginFolder.Found) -> Bool {
        guard let slot = state.withLock({ $0.slots[found.path] }) else { return true }
        // The rival may be gone by now.
        if slot.refusal?.code == "plugin.duplicate_id" { return true }
        return slot.fingerprint != fingerprint(found)
    }

    private func fingerprint(_ found: PluginFolder.Found) -> PackageFingerprint {
        PackageFingerprint(found.path, entry: try? found.manifest.get().entry)
    }

    // MARK: taking in

    /// Makes a folder's content a generation, unless it is one already.
    /// - Parameters:
    ///   - isStart: it serves untested.
    ///   - isForced: the same bytes are loaded once more.
    func take(_ found: PluginFolder.Found, isStart: Bool = false, isForced: Bool = false) {
        let name = (try? found.manifest.get().id) ?? String(found.path.split(separator: "/").last ?? "")
        // Before reading: a change after it is a change of what was read.
        let fingerprint = fingerprint(found)
        let isNews = state.withLock { state in
            var slot = state.slots[found.path] ?? Slot(plugin: name)
            defer { state.slots[found.path] = slot }
            slot.plugin = name
            let isNews = slot.fingerprint != fingerprint
            slot.fingerprint = fingerprint
            return isNews && !isStart
        }
        do throws(SyrinxError) {
            guard
                let generation = try generation(
                    of: found, isStart: isStart, isForced: isForced, isNews: isNews)
            else { return }
            state.withLock { state in
                state.slots[found.path]?.refusal = nil
                state.slots[found.path]?.generation = generation
            }
            if !isStart { activate(generation) }
        } catch {
            refuse(found, name, error)
        }
    }

    private func refuse(_ found: PluginFolder.Found, _ name: String, _ error: SyrinxError) {
        let isNews = state.withLock { state in
            defer { state.slots[found.path]?.refusal = error }
            return state.slots[found.path]?.refusal?.description != error.description
        }
        let manifest = try? found.manifest.get()
        // An older build of the folder may serve on; the listing then stays with it.
        if !hasLiveGeneration(in: found.path) {
            host.list(
                PluginHost.LoadedPlugin(folder: found.path, manifest: manifest, providers: [], refusal: error))
        }
        guard isNews else { return }
        note(
            PluginEvent(
                .refused, name, version: manifest.map { "\($0.version)" },
                "\(error.code): \(error.message)\(error.place.map { ", at \($0)" } ?? "")"))
    }

    private func hasLiveGeneration(in folder: String) -> Bool {
        state.withLock { $0.records.values.contains { $0.folder == folder && $0.isLive } }
    }

    /// - Returns: the generation that is to be activated; nil = the content is what it was.
    private func generation(
        of found: PluginFolder.Found, isStart: Bool, isForced: Bool, isNews: Bool
    ) throws(SyrinxError) -> Int? {
        _ = try found.manifest.get()
        let package = try source.package(at: found.path)
        let known = state.withLock { $0.records.values.filter { $0.folder == found.path } }
        if !isForced, let same = known.filter({ $0.isBuild(package) }).max(by: { $0.number < $1.number }) {
            source.discard(package)
            return comeBack(same)
        }
        if isNews {
            note(PluginEvent(.discovered, package.manifest.id, version: "\(package.manifest.version)", found.path))
        }
        return try load(package, replaces: Set(known.map(\.number)), isStart: isStart)
    }

    /// The folder holds a build that is loaded already.
    private func comeBack(_ record: GenerationRecord) -> Int? {
        let isCurrent = state.withLock { state in
            defer { state.slots[record.folder]?.refusal = nil }
            return state.slots[record.folder]?.generation == record.number
        }
        let standing = host.registry.routes.standing(of: record.number)
        guard !isCurrent, standing == .replaced || standing == .serving else { return nil }
        if standing == .serving {
            // What came between never served.
            state.withLock { $0.slots[record.folder]?.generation = record.number }
            return nil
        }
        let others = state.withLock {
            Set($0.records.values.filter { $0.folder == record.folder }.map(\.number)).subtracting([record.number])
        }
        host.registry.change { $0.restore(record.number, replacing: others) }
        note(.discovered, record.number, "\(record.folder) holds this build again")
        return record.number
    }

    private func load(
        _ package: PluginPackage, replaces: Set<Int>, isStart: Bool
    ) throws(SyrinxError) -> Int {
        let manifest = package.manifest
        do throws(SyrinxError) {
            if package.mode == .inProcess { try takeImage(manifest.id, place: package.folder) }
            let loaded = try host.providers(of: package)
            let descriptors = try host.registry.add(
                loaded, standing: isStart ? .serving : .candidate, replaces: replaces)
            let number = descriptors.first?.generation ?? 0
            let now = now
            state.withLock { state in
                state.records[number] = GenerationRecord(
                    number: number, plugin: manifest.id, version: manifest.version, hash: package.hash,
                    folder: package.folder, manifest: manifest, mode: package.mode,
                    phase: isStart ? .serving : .testing,
                    reason: isStart ? "loaded at the start" : "", since: now,
                    rule: FailureRule(options.failures, from: now))
            }
            host.list(
                PluginHost.LoadedPlugin(folder: package.folder, manifest: manifest, providers: descriptors))
            note(
                .loaded, number, "sha256 \(package.hash.prefix(16)) from \(package.folder)", isReported: !isStart)
            return number
        } catch {
            source.discard(package)
            throw error
        }
    }

    /// A build that was loaded stays in memory for good.
    private func takeImage(_ plugin: String, place: String) throws(SyrinxError) {
        let limit = options.maxGenerations
        let isTaken = state.withLock { state in
            guard state.images[plugin, default: 0] < limit else { return false }
            state.images[plugin, default: 0] += 1
            return true
        }
        guard isTaken else {
            throw SyrinxError(
                "plugin.generations_exhausted",
                "\(limit) builds of `\(plugin)` were loaded into this process, and none can be unloaded",
                fix: "restart the server when it suits, or raise plugins.max_generations", place: place)
        }
    }

    // MARK: letting go

    func removeMissing(from root: String, except present: Set<String>) {
        let missing = state.withLock { state in
            state.slots.keys.filter { folder in
                folder.hasPrefix(root + "/") && !folder.dropFirst(root.count + 1).contains("/")
                    && !present.contains(folder)
            }
        }
        for folder in missing.sorted() { remove(folder) }
    }

    /// Takes no new sessions for what the folder held; live ones go on.
    private func remove(_ folder: String) {
        let before = inUse
        let gone = state.withLock { state in
            state.slots[folder] = nil
            return state.records.values.filter { $0.folder == folder && $0.phase != .removed }.map(\.number)
        }
        host.registry.change { routes in for generation in gone { routes.set(generation, .out) } }
        host.unlist(folder: folder)
        for generation in gone {
            let wasLive = state.withLock { $0.records[generation]?.isLive ?? false }
            update(generation) { record in
                record.phase = .removed
                record.reason = "its folder is gone"
            }
            if wasLive { note(.removed, generation, folder) }
        }
        _ = state.withLock(\.user)?.followRoutes(keepWorking: false)
        noteMoves(from: before)
    }
}

extension GenerationRecord {
    fileprivate func isBuild(_ package: PluginPackage) -> Bool {
        hash == package.hash && manifest == package.manifest && mode == package.mode && phase != .removed
    }
}
