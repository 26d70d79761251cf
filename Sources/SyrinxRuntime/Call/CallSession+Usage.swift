// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension CallSession {
    private static var longestUsage: Int { 16_384 }

    /// A provider says what its work cost; of its counters the tokens are summed, whichever stage they come from.
    func note(usage json: String) {
        guard json.utf8.count <= Self.longestUsage, let counters = try? JSONValue(parsing: json) else { return }
        usage.add(tokens: counters["input_tokens"]?.int, to: \.inputTokens)
        usage.add(tokens: counters["output_tokens"]?.int, to: \.outputTokens)
    }
}

extension CallUsage {
    /// What one call of a provider can cost; more is a plugin's mistake.
    private static let most: Int64 = 1 << 40

    mutating func add(tokens: Int64?, to total: WritableKeyPath<CallUsage, Int64>) {
        guard let tokens, (0...Self.most).contains(tokens) else { return }
        self[keyPath: total] = min(self[keyPath: total] + tokens, Self.most)
    }
}
