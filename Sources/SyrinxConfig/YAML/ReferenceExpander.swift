// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore

/// Replaces `${env:NAME}`, `${env:NAME:-default}` and `${file:path}` in scalars, and `${secret:NAME}` where a tenant's
/// secrets are known; `$${` stands for a literal `${`.
struct ReferenceExpander {
    struct Fault: Equatable {
        var message: String
        var fix: String?
    }

    struct Result {
        var text: String
        /// A reference was replaced: the text came from outside the file and is treated as a secret.
        var isSecret = false
        /// Holds a `${secret:…}` while no secrets are known.
        var isPending = false
        var fault: Fault?
    }

    let environment: [String: String]
    /// Relative paths start here.
    let folder: String
    /// Of the tenant that the text belongs to; nil while they are not known.
    var secrets: [String: String]?

    init(environment: [String: String], folder: String) {
        self.environment = environment
        self.folder = folder
    }

    func expand(_ source: String) -> Result {
        guard source.contains("${") else { return Result(text: source) }
        var result = Result(text: "")
        var rest = Substring(source)
        while let dollar = rest.range(of: "${") {
            let before = rest[..<dollar.lowerBound]
            rest = rest[dollar.upperBound...]
            if before.hasSuffix("$") {
                result.text += before.dropLast() + "${"
                continue
            }
            result.text += before
            guard let end = rest.firstIndex(of: "}") else {
                result.isSecret = true
                result.fault = Fault(
                    message: "the reference `${\(rest.prefix(40))` is not closed",
                    fix: "end it with `}`"
                )
                return result
            }
            result.isSecret = true
            result.isPending = result.isPending || (secrets == nil && rest.hasPrefix("secret:"))
            switch resolve(String(rest[..<end])) {
            case .success(let text): result.text += text
            case .failure(let fault): result.fault = result.fault ?? fault.fault
            }
            rest = rest[rest.index(after: end)...]
        }
        result.text += rest
        return result
    }

    private struct Failure: Error { let fault: Fault }

    private func resolve(_ reference: String) -> Swift.Result<String, Failure> {
        if reference.hasPrefix("env:") { return variable(reference.dropFirst(4)) }
        if reference.hasPrefix("file:") { return contents(ofFile: String(reference.dropFirst(5))) }
        if reference.hasPrefix("secret:") { return secret(String(reference.dropFirst(7))) }
        let message = "unknown reference `${\(reference.prefix(40))}`, it starts with `env:`, `file:` or `secret:`"
        let isName = !reference.isEmpty && reference.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return .failure(
            Failure(
                fault: Fault(
                    message: message,
                    fix: isName ? "write `${env:\(reference)}`" : "write `$${` for a literal `${`"
                )
            )
        )
    }

    /// As in the shell, `:-` stands in for a variable that is unset or empty.
    private func variable(_ reference: Substring) -> Swift.Result<String, Failure> {
        let separator = reference.range(of: ":-")
        let name = String(separator.map { reference[..<$0.lowerBound] } ?? reference)
        let value = environment[name]
        if let value, !value.isEmpty || separator == nil { return .success(value) }
        if let separator { return .success(String(reference[separator.upperBound...])) }
        return .failure(
            Failure(
                fault: Fault(
                    message: "the environment variable `\(name)` is not set",
                    fix: "set it, or write `${env:\(name):-default}`"
                )
            )
        )
    }

    private func secret(_ name: String) -> Swift.Result<String, Failure> {
        guard let secrets else { return .success("") }
        if let value = secrets[name] { return .success(value) }
        let close = DidYouMean.suggestion(for: name, among: secrets.keys.sorted())
        return .failure(
            Failure(
                fault: Fault(
                    message: "the tenant has no secret `\(name.prefix(64))`",
                    fix: close.map { "did you mean `\($0)`?" } ?? "add it to the tenant's `secrets`"
                )
            )
        )
    }

    private func contents(ofFile path: String) -> Swift.Result<String, Failure> {
        let full = path.hasPrefix("/") ? path : folder + "/" + path
        switch TextFile.read(full, limit: Self.largestFile) {
        // Secrets are usually written by editors and `echo`, which end the file with a line break.
        case .success(let text): return .success(String(text.reversed().drop(while: \.isNewline).reversed()))
        case .failure(let problem):
            return .failure(
                Failure(
                    fault: Fault(
                        message: "the file `\(path)` \(problem.reason)",
                        fix: "the path is relative to the configuration file"
                    )
                )
            )
        }
    }

    private static let largestFile = 64 * 1024
}

/// Reads small text files whole.
enum TextFile {
    struct Problem: Error {
        /// Completes the sentence "the file …".
        var reason: String
        /// The place of the first byte that is no UTF-8.
        var place: SourcePlace?
    }

    static func read(_ path: String, limit: Int) -> Result<String, Problem> {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return .failure(Problem(reason: "does not exist"))
        }
        guard !isFolder.boolValue else { return .failure(Problem(reason: "is a folder")) }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            return .failure(Problem(reason: "cannot be read, check its permissions"))
        }
        defer { try? handle.close() }
        // One byte more than allowed, so that a device without end cannot fill the memory.
        guard let data = try? handle.read(upToCount: limit + 1) else { return .success("") }
        guard data.count <= limit else { return .failure(Problem(reason: "is larger than \(limit) bytes")) }
        guard let text = String(validating: data, as: UTF8.self) else {
            return .failure(Problem(reason: "is not valid UTF-8", place: placeOfFault(in: data)))
        }
        return .success(text)
    }

    private static func placeOfFault(in data: Data) -> SourcePlace {
        // The repaired text has U+FFFD where the original has the fault.
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard let fault = line.unicodeScalars.firstIndex(of: "\u{FFFD}") else { continue }
            return SourcePlace(
                line: index + 1,
                column: line.unicodeScalars.distance(from: line.unicodeScalars.startIndex, to: fault) + 1
            )
        }
        return SourcePlace(line: 1, column: 1)
    }
}
