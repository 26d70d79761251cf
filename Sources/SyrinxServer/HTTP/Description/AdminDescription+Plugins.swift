// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

extension AdminDescription {
    static let plugins = [
        APIOperation(
            method: "GET", path: "/plugins", id: "listPlugins", tag: "plugins",
            summary: "Every plugin with its generations", access: .operator,
            answers: [
                .ok(
                    "All of them",
                    Schema.object(["plugins": Schema.list(Schema.named("Plugin")), "events": eventCounts]))
            ]),
        APIOperation(
            method: "GET", path: "/plugins/{id}/why", id: "explainPlugin", tag: "plugins",
            summary: "Why a plugin's versions serve or do not", access: .operator, parameters: [pluginID],
            answers: [.ok("It, with its latest events", Schema.named("PluginWithEvents")), noPlugin]),
        APIOperation(
            method: "POST", path: "/plugins/{id}/reload", id: "reloadPlugin", tag: "plugins",
            summary: "Looks at its folders again, and loads what is new", access: .operator, parameters: [pluginID],
            answers: [.ok("What became of it", Schema.named("PluginWithEvents")), noPlugin, busy]),
        APIOperation(
            method: "POST", path: "/plugins/{id}/rollback", id: "rollBackPlugin", tag: "plugins",
            summary: "Goes back to the version before", access: .operator, parameters: [pluginID],
            answers: [
                .ok("What became of it", Schema.named("PluginWithEvents")), noPlugin,
                .problem(409, "plugin.rollback.no_previous"), busy,
            ]),
    ]

    private static let pluginID = APIDescription.path("id", Schema.text("Its id", length: 1...128))
    private static let noPlugin = APIAnswer.problem(404, "plugin.not_found")
    private static let busy = APIAnswer.problem(503, "admin.busy")

    private static let eventNames = PluginEvent.Name.allCases.map(\.rawValue)
    private static let eventCounts = Schema.object(
        Dictionary(uniqueKeysWithValues: eventNames.map { ($0, Schema.whole()) }))

    static let pluginSchemas: [String: JSONValue] = [
        "Plugin": Schema.object(plugin),
        "PluginWithEvents": Schema.object(
            plugin.merging([
                "events": Schema.list(
                    Schema.object([
                        "event": Schema.word(eventNames), "time": Schema.time(),
                        "version": Schema.orNull(Schema.text()), "generation": Schema.orNull(Schema.whole(from: 1)),
                        "detail": Schema.text(),
                    ]), most: 64)
            ]) { $1 }),
        "Generation": Schema.object([
            "generation": Schema.whole(from: 1), "version": Schema.text(), "sha256": Schema.text("Of its code"),
            "folder": Schema.text(), "state": Schema.text("`serving`, `standby`, `canary`, `draining`, …"),
            "reason": Schema.text("Why"), "self_test": Schema.text("How that went"),
            "sessions": Schema.whole("Live"), "sessions_ended": Schema.whole(), "sessions_failed": Schema.whole(),
            "providers": Schema.list(Schema.text("`tts flite@1.0.0`")),
        ]),
        "Refusal": Schema.object(
            ["folder": Schema.text(), "code": Schema.text(), "message": Schema.text()],
            optional: ["fix": Schema.text(), "place": Schema.text()]),
    ]

    private static let plugin: [String: JSONValue] = [
        "plugin": Schema.text("Its id"), "generations": Schema.list(Schema.named("Generation")),
        "refusals": Schema.list(Schema.named("Refusal")),
        "serving": Schema.orNull(Schema.whole("The generation that new sessions get", from: 1)),
        "loaded_builds": Schema.whole(), "max_builds": Schema.whole(),
    ]
}
