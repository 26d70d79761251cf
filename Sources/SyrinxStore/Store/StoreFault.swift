// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import SyrinxCore

/// SQLite's errors in our words.
enum StoreFault {
    static func error(_ error: any Error, path: String) -> SyrinxError {
        if let known = error as? SyrinxError { return known }
        guard let fault = error as? DatabaseError else {
            return error is CancellationError
                ? SyrinxError("store.cancelled", "who asked did not wait for the answer", retryable: true)
                : failed(String(describing: type(of: error)), path)
        }
        switch fault.resultCode {
        case .SQLITE_FULL: return full(path)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return SyrinxError(
                "store.busy", "another program holds the database of records", fix: "end the program that holds it",
                place: path, retryable: true)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return SyrinxError(
                "store.corrupt", "the database of records is damaged",
                fix: "it is set aside as `\(path).corrupt-N`; look at the disk", place: path)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH, .SQLITE_IOERR, .SQLITE_NOLFS:
            return unavailable(path, fault.message ?? "\(fault.resultCode)")
        default: return failed("\(fault.extendedResultCode): \(fault.message ?? "")", path)
        }
    }

    /// Whether the same write may succeed later, so that it should wait.
    static func isPassing(_ error: SyrinxError) -> Bool {
        ["store.full", "store.busy", "store.unavailable"].contains(error.code)
    }

    static func unavailable(_ path: String, _ why: String) -> SyrinxError {
        SyrinxError(
            "store.unavailable", "the database of records cannot be used: \(why)",
            fix: "see that the folder exists, belongs to the server and can be written to", place: path,
            retryable: true)
    }

    private static func full(_ path: String) -> SyrinxError {
        SyrinxError(
            "store.full", "there is no room for the database of records", fix: "free space, or keep records less long",
            place: path, retryable: true)
    }

    private static func failed(_ why: String, _ path: String) -> SyrinxError {
        SyrinxError("store.failed", "the database of records refused: \(why)", fix: "report it", place: path)
    }
}
