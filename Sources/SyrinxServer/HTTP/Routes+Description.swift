// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxCore

/// What the API is, for programs.
extension Routes {
    /// The documents never change while the process lives.
    private static let documents = [
        "/openapi.json": APIDescription.document.text + "\n", "/asyncapi.json": TalkDescription.document.text + "\n",
    ]

    func addDescription(to router: Router<APIContext>) {
        for (path, text) in Self.documents {
            router.get(RouterPath(path)) { _, _ in documentAnswer(text) }
        }
    }
}

extension AdminRoutes {
    private static let document = AdminDescription.document.text + "\n"

    func addDescription(to router: Router<APIContext>) {
        router.get("/openapi.json") { _, _ in documentAnswer(Self.document) }
    }
}

private func documentAnswer(_ text: String) -> Response {
    Response(
        status: .ok, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
}
