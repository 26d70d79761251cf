// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Foundation
internal import FoundationNetworking
internal import Synchronization
internal import SyrinxTelemetry

/// Sends for webhooks and traces. Redirects are not followed, and of an answer no more than its head is kept.
final class URLPoster: HTTPPoster {
    private let session: URLSession
    private let heads = Heads()

    init() { session = URLSession(configuration: Self.configuration, delegate: heads, delegateQueue: nil) }

    private static var configuration: URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.httpMaximumConnectionsPerHost = 4
        return configuration
    }

    func post(
        _ url: String, headers: [(String, String)], body: [UInt8], timeout: Duration
    ) async throws -> (status: Int, retryAfter: Duration?) {
        guard let address = URL(string: url) else { throw URLError(.badURL) }
        // The library's timer begins anew with each byte and counts whole seconds; ours is to be the first to end.
        var request = URLRequest(url: address, timeoutInterval: (timeout / .seconds(1)).rounded(.up) + 1)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (status, retryAfter) = try await heads.head(of: session.dataTask(with: request), within: timeout)
        return (status, retryAfter.flatMap { RetryAfter.parse($0) })
    }

    deinit { session.invalidateAndCancel() }
}

/// Waits for the heads of answers. A short body is read and thrown away, so that its connection can be used again; a
/// long one ends together with its connection, and so does one that is still coming when the request's time is over.
private final class Heads: NSObject, URLSessionDataDelegate {
    typealias Head = (status: Int, retryAfter: String?)

    private struct Exchange {
        /// Nil once the head is there.
        var waiter: CheckedContinuation<Head, any Error>?
        let alarm: Task<Void, Never>
        var bytes = 0
    }

    /// To read so much costs less than another connection.
    private static let shortBody = 64 << 10

    /// What is under way, by the identifier of its task.
    private let exchanges = Mutex<[Int: Exchange]>([:])

    func head(of task: URLSessionDataTask, within time: Duration) async throws -> Head {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let alarm = Task {
                    guard (try? await Task.sleep(for: time)) != nil else { return }
                    self.giveUp(task, .timedOut)
                }
                exchanges.withLock { $0[task.taskIdentifier] = Exchange(waiter: waiter, alarm: alarm) }
                task.resume()
                // Whoever cancelled before there was an exchange has found none.
                if Task.isCancelled { giveUp(task, .cancelled) }
            }
        } onCancel: {
            giveUp(task, .cancelled)
        }
    }

    /// Whoever waits is told at once, and the library on another thread: its `cancel` waits for the queue on which it
    /// reads, which a flood keeps busy.
    private func giveUp(_ task: URLSessionTask, _ code: URLError.Code) {
        finish(task, .failure(URLError(code)))
        DispatchQueue.global().async { task.cancel() }
    }

    private func finish(_ task: URLSessionTask, _ result: Result<Head, any Error>) {
        let exchange = exchanges.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        exchange?.alarm.cancel()
        exchange?.waiter?.resume(with: result)
    }

    private static func head(_ response: URLResponse?) -> Head? {
        (response as? HTTPURLResponse).map { ($0.statusCode, $0.value(forHTTPHeaderField: "Retry-After")) }
    }

    // MARK: on the session's queue

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        // On Linux the library goes on, whatever it is told here.
        completionHandler(.allow)
        // An interim answer (1xx) is not the one that is waited for.
        guard let head = Self.head(response), head.status >= 200 else { return }
        guard response.expectedContentLength <= Int64(Self.shortBody) else {
            finish(dataTask, .success(head))
            return dataTask.cancel()
        }
        let waiter = exchanges.withLock { exchanges in
            defer { exchanges[dataTask.taskIdentifier]?.waiter = nil }
            return exchanges[dataTask.taskIdentifier]?.waiter
        }
        waiter?.resume(returning: head)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let bytes = exchanges.withLock { exchanges in
            exchanges[dataTask.taskIdentifier]?.bytes += data.count
            return exchanges[dataTask.taskIdentifier]?.bytes
        }
        if let bytes, bytes <= Self.shortBody { return }
        finish(dataTask, .failure(URLError(.dataLengthExceedsMaximum)))
        // With each further piece again: to wait for the library's queue here gives the one before its turn there.
        dataTask.cancel()
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        // Of what might be a redirect, but names no place, the library shows the head only here.
        let head = Self.head(task.response).map { Result<Head, any Error>.success($0) }
        finish(task, error.map { .failure($0) } ?? head ?? .failure(URLError(.badServerResponse)))
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) { completionHandler(nil) }
}
