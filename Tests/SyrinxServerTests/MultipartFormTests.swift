// SPDX-License-Identifier: Apache-2.0

import SyrinxServer
import Testing

@Suite("Forms of several parts")
struct MultipartFormTests {
    private static let type = "multipart/form-data; boundary=ab"
    private static let whole =
        "--ab\r\nContent-Disposition: form-data; name=\"sdp\"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\nx\r\n"
        + "--ab\r\ncontent-disposition: form-data; name=session; filename=\"a.json\"\r\n\r\n\r\n--ab--\r\n"

    private func form(_ text: String, type: String = MultipartFormTests.type) -> MultipartForm? {
        MultipartForm(Array(text.utf8), contentType: type)
    }

    @Test func `parts are found by their names, whatever is in them`() throws {
        let found = try #require(form("something before\r\n" + Self.whole + "something after"))
        #expect(found.text("sdp") == "v=0\r\n\r\nx")
        #expect(found.text("session")?.isEmpty == true)
        #expect(found.text("other") == nil)
        #expect(form(Self.whole, type: "Multipart/Form-Data; charset=x; boundary=\"ab\"") != nil)
        #expect(form("--ab--")?.parts.isEmpty == true)
    }

    @Test(arguments: [
        ("", type), (whole, "multipart/form-data"), (whole, "multipart/form-data; boundary="), (whole, "text/plain"),
        (whole, "multipart/form-data; boundary=\(String(repeating: "b", count: 71))"),
        (String(whole.dropLast(8)), type),
        ("--ab\r\n\r\nx\r\n--ab--", type), ("--ab\r\nContent-Disposition: form-data\r\n\r\nx\r\n--ab--", type),
        ("--ab\r\nContent-Disposition: form-data; name=\"a\"\r\nx\r\n--ab--", type), ("--ab", type), ("--abx", type),
        (whole.replacing("--ab--\r\n", with: "") + whole, type),
    ])
    func `what is no such form is none`(body: String, type: String) { #expect(form(body, type: type) == nil) }

    @Test func `pieces of forms in any order trap nothing`() {
        let pieces = ["--ab", "\r\n", "--", "Content-Disposition: form-data; name=", "\"", "a", ":", ";", "\r\n\r\n"]
        var state: UInt64 = 1
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for _ in 0..<5000 { _ = form((0..<next(20)).map { _ in pieces[next(pieces.count)] }.joined()) }
    }
}
