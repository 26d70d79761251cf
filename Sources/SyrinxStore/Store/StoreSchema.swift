// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// The tables. A released migration is never changed; a new one is added below it.
enum StoreSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 sessions, turns, usage") { try $0.execute(sql: first) }
        migrator.registerMigration("2 outbox") { try $0.execute(sql: OutboxRows.table) }
        migrator.registerMigration("3 changes") { try $0.execute(sql: changes) }
        return migrator
    }

    /// `…Until` are the times after which something is to go. A session that is erased while it is open is only emptied
    /// then; the row goes when it ends. `usage` names no session and no user, and outlives both.
    private static let first = """
        CREATE TABLE hostRun (
            id TEXT NOT NULL PRIMARY KEY, startedAt INTEGER NOT NULL, endedAt INTEGER) STRICT;
        CREATE TABLE session (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, user TEXT,
            profile TEXT NOT NULL, providers TEXT NOT NULL, traceparent TEXT, peer TEXT, hostRun TEXT NOT NULL,
            startedAt INTEGER NOT NULL, endedAt INTEGER, reason TEXT, errorCode TEXT,
            turns INTEGER NOT NULL DEFAULT 0, callerAudio INTEGER NOT NULL DEFAULT 0,
            agentAudio INTEGER NOT NULL DEFAULT 0, characters INTEGER NOT NULL DEFAULT 0,
            inputTokens INTEGER NOT NULL DEFAULT 0, outputTokens INTEGER NOT NULL DEFAULT 0,
            toolCalls INTEGER NOT NULL DEFAULT 0,
            keepsTranscripts INTEGER NOT NULL, erased INTEGER NOT NULL DEFAULT 0,
            recordUntil INTEGER, transcriptUntil INTEGER, recordingUntil INTEGER,
            recordingReason TEXT, recordingDuration INTEGER, recordingBytes INTEGER) STRICT;
        CREATE INDEX sessionByStart ON session(startedAt, id);
        CREATE INDEX sessionByTenant ON session(tenant, startedAt, id);
        CREATE INDEX sessionByUser ON session(tenant, user, startedAt, id) WHERE user IS NOT NULL;
        CREATE INDEX sessionOpen ON session(key) WHERE endedAt IS NULL;
        CREATE INDEX sessionRecordUntil ON session(recordUntil) WHERE recordUntil IS NOT NULL;
        CREATE INDEX sessionTranscriptUntil ON session(transcriptUntil) WHERE transcriptUntil IS NOT NULL;
        CREATE INDEX sessionRecordingUntil ON session(recordingUntil) WHERE recordingUntil IS NOT NULL;
        CREATE TABLE turn (
            session INTEGER NOT NULL REFERENCES session(key) ON DELETE CASCADE, number INTEGER NOT NULL,
            user TEXT, heard TEXT, outcome TEXT NOT NULL, failure TEXT, steps TEXT NOT NULL, usage TEXT NOT NULL,
            startedAt INTEGER NOT NULL, endedAt INTEGER NOT NULL, UNIQUE (session, number)) STRICT;
        CREATE TABLE usage (
            tenant TEXT NOT NULL, day INTEGER NOT NULL, sessions INTEGER NOT NULL, duration INTEGER NOT NULL,
            turns INTEGER NOT NULL, callerAudio INTEGER NOT NULL, agentAudio INTEGER NOT NULL,
            characters INTEGER NOT NULL, inputTokens INTEGER NOT NULL, outputTokens INTEGER NOT NULL,
            toolCalls INTEGER NOT NULL, PRIMARY KEY (tenant, day)) STRICT, WITHOUT ROWID;
        """

    /// Go with their session.
    private static let changes = """
        CREATE TABLE change (
            session INTEGER NOT NULL REFERENCES session(key) ON DELETE CASCADE, number INTEGER NOT NULL,
            subject TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, cause TEXT NOT NULL, at INTEGER NOT NULL,
            UNIQUE (session, number)) STRICT;
        """
}
