// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Where the sessions of a provider go: to its one place in this process, or to one of several helpers. Thread-safe.
protocol ProviderMembers: AnyObject, Sendable {
    /// Opens the first. Blocks.
    func open() throws(SyrinxError)
    /// A place with room, counted in. Does not block.
    func take() throws(SyrinxError) -> ProviderMember
    func giveBack(_ member: ProviderMember)
    /// Starts one if none that lives has room. Blocks then.
    func makeRoom() throws(SyrinxError)
    /// Somebody to ask how the provider is.
    var anyMember: ProviderMember? { get }
    /// Ends all; no session is left.
    func close()
}

/// In this process.
final class OwnMember: ProviderMembers, @unchecked Sendable {
    private let descriptor: RawDescriptor
    private let opening: ProviderMember.Opening
    private var member: ProviderMember?

    init(_ descriptor: RawDescriptor, _ opening: ProviderMember.Opening) {
        self.descriptor = descriptor
        self.opening = opening
    }

    func open() throws(SyrinxError) { member = try ProviderMember.open(descriptor.pointer, opening) }

    func take() throws(SyrinxError) -> ProviderMember {
        guard let member, member.take(limit: .max) else {
            throw SyrinxError("provider.closed", "the provider is closed", place: opening.place)
        }
        return member
    }

    func giveBack(_ member: ProviderMember) { _ = member.giveBack() }

    func makeRoom() {}

    var anyMember: ProviderMember? { member }

    func close() { member?.close() }
}
