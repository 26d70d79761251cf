// SPDX-License-Identifier: Apache-2.0

//! The host's I/O services: HTTP, WebSockets, signatures. They answer at once; what comes back are [`NetworkEvent`]s.

use crate::abi::*;
use crate::error::Error;
use crate::event::Event;
use crate::host::{Host, SessionHost};
use crate::json::Json;
use std::collections::HashMap;
use std::mem::{size_of, zeroed};
use std::os::raw::{c_char, c_void};

/// An HTTP request, or the upgrade to a WebSocket.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// http, https, ws or wss.
    pub url: String,
    /// Empty = GET, or POST with a body.
    pub method: String,
    /// In order. `${secret:NAME}` stands for a secret: write what the configuration says.
    pub headers: Vec<(String, String)>,
    /// HTTP only.
    pub body: Vec<u8>,
    /// The response or utterance that it belongs to: it ends when that is cancelled. 0 = of none.
    pub generation: u64,
    /// `SYX_REQ_…`.
    pub flags: u32,
    /// For the connection, in milliseconds; 0 = the host's default.
    pub connect_ms: u32,
    /// Without a byte from the other side, in milliseconds; 0 = the host's default.
    pub silence_ms: u32,
}

impl Request {
    /// A request without headers and body.
    pub fn new(url: impl Into<String>) -> Request {
        Request { url: url.into(), ..Request::default() }
    }

    /// The same with one more header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn send(&self, start: impl FnOnce(*const syx_request, *mut syx_err) -> u64) -> Result<u64, Error> {
        let mut headers = String::new();
        for (name, value) in &self.headers {
            if name.is_empty() || name.contains(['\n', '\r']) || value.contains(['\n', '\r']) {
                return Err(Error::invalid("a header has a line break, or no name"));
            }
            headers.push_str(&format!("{name}: {value}\n"));
        }
        let raw = syx_request {
            struct_size: size_of::<syx_request>() as u32,
            flags: self.flags,
            connect_ms: self.connect_ms,
            silence_ms: self.silence_ms,
            generation: self.generation,
            method: syx_str::lend(&self.method),
            url: syx_str::lend(&self.url),
            headers: syx_str::lend(&headers),
            body: syx_str { ptr: self.body.as_ptr() as *const c_char, len: self.body.len() },
        };
        let mut error: syx_err = unsafe { zeroed() };
        error.struct_size = size_of::<syx_err>() as u32;
        match start(&raw, &mut error) {
            0 => Err(refusal(&error)),
            id => Ok(id),
        }
    }
}

fn refusal(raw: &syx_err) -> Error {
    let words: Vec<u8> = raw.msg.iter().take_while(|byte| **byte != 0).map(|byte| *byte as u8).collect();
    let mut error = Error::new(raw.code, String::from_utf8_lossy(&words));
    error.retryable = raw.flags & SYX_ERR_RETRYABLE != 0;
    error
}

fn no_network<T>() -> Result<T, Error> {
    Err(Error::unsupported("the host lets this plugin reach no network: permissions.net has to name where"))
}

impl SessionHost {
    fn http(&self) -> Option<&'static syx_http_v1> {
        unsafe { self.service("syrinx.http/1\0", size_of::<syx_http_v1>()) }
    }

    fn ws(&self) -> Option<&'static syx_ws_v1> {
        unsafe { self.service("syrinx.ws/1\0", size_of::<syx_ws_v1>()) }
    }

    /// Starts an HTTP request; `Head`, `Data` and one `Done` follow.
    pub fn start_request(&self, request: &Request) -> Result<u64, Error> {
        match self.http() {
            Some(http) => request.send(|raw, error| unsafe { (http.start)(self.handle(), raw, error) }),
            None => no_network(),
        }
    }

    /// Sends more of a streamed body. `SYX_EAGAIN` = nothing was taken, wait for `Writable`.
    pub fn send_body(&self, id: u64, bytes: &[u8], last: bool) -> syx_status {
        let (at, count) = (bytes.as_ptr() as *const c_void, bytes.len());
        self.http().map_or(SYX_EUNSUPPORTED, |http| unsafe { (http.send)(self.handle(), id, at, count, last.into()) })
    }

    /// Ends a request; `Done` with `SYX_ESTALE` follows.
    pub fn abort_request(&self, id: u64) {
        if let Some(http) = self.http() {
            unsafe { (http.abort)(self.handle(), id) }
        }
    }

    /// Opens a WebSocket; `Opened` or `Closed` follows.
    pub fn open_socket(&self, request: &Request) -> Result<u64, Error> {
        match self.ws() {
            Some(ws) => request.send(|raw, error| unsafe { (ws.open)(self.handle(), raw, error) }),
            None => no_network(),
        }
    }

    /// Sends a text message. `SYX_EAGAIN` = nothing was taken, wait for `Writable`.
    pub fn send_text(&self, id: u64, text: &str) -> syx_status {
        self.send_message(id, text.as_bytes(), 0)
    }

    /// Sends a binary message, as [`SessionHost::send_text`].
    pub fn send_binary(&self, id: u64, bytes: &[u8]) -> syx_status {
        self.send_message(id, bytes, SYX_WS_BINARY)
    }

    fn send_message(&self, id: u64, bytes: &[u8], flags: u32) -> syx_status {
        let (at, count) = (bytes.as_ptr() as *const c_void, bytes.len());
        self.ws().map_or(SYX_EUNSUPPORTED, |ws| unsafe { (ws.send)(self.handle(), id, flags, at, count) })
    }

    /// Sends what waits, then closes; code 0 cuts. `Closed` follows.
    pub fn close_socket(&self, id: u64, code: u16, reason: &str) {
        if let Some(ws) = self.ws() {
            unsafe { (ws.close)(self.handle(), id, code.into(), syx_str::lend(reason)) }
        }
    }

    /// Asks for an HMAC-SHA-256; `Digest` with this cookie follows. `${secret:NAME}` in the key stands for a secret.
    pub fn request_hmac(&self, key: &str, bytes: &[u8], cookie: u64) -> syx_status {
        let table: Option<&syx_secret_v1> = unsafe { self.service("syrinx.secret/1\0", size_of::<syx_secret_v1>()) };
        let (at, count) = (bytes.as_ptr() as *const c_void, bytes.len());
        table.map_or(SYX_EUNSUPPORTED, |table| unsafe {
            (table.hmac_sha256)(self.handle(), syx_str::lend(key), at, count, cookie)
        })
    }
}

impl Host {
    /// Connects ahead of time. May do nothing.
    pub fn prewarm(&self, url: &str) {
        let http: Option<&syx_http_v1> = unsafe { self.service("syrinx.http/1\0", size_of::<syx_http_v1>()) };
        if let Some(http) = http {
            unsafe { (http.prewarm)(self.handle(), syx_str::lend(url)) };
        }
    }
}

/// What came over the network; messages are whole.
#[derive(Debug, Clone, PartialEq)]
pub enum NetworkEvent {
    /// A response began: id, status, headers.
    Head(u64, i64, Json),
    /// A piece of its body.
    Data(u64, Vec<u8>),
    /// Its end, once.
    Done(u64, Option<Error>),
    /// A socket is open: id, subprotocol, headers.
    Opened(u64, String, Json),
    /// A text message; what is no UTF-8 in it is replaced.
    Text(u64, String),
    /// A binary message.
    Binary(u64, Vec<u8>),
    /// A socket's end, once: id, reason, extras (`close_code`, `status`, `body`, `headers`, `retry_after_ms`).
    Closed(u64, String, Json, Option<Error>),
    /// Sending is possible again.
    Writable(u64),
    /// A signature: its cookie; `None` = there is no such secret.
    Digest(u64, Option<Vec<u8>>),
}

/// Puts the pieces of messages together.
#[derive(Default)]
pub(crate) struct Inbox {
    messages: HashMap<u64, (bool, Vec<u8>)>,
}

/// Of one message.
const LARGEST: usize = 4 << 20;

impl Inbox {
    /// `None`: not of the network, or a piece whose rest is to come. A message that is too large cuts its socket.
    pub(crate) fn read(&mut self, event: &Event, host: &SessionHost) -> Option<NetworkEvent> {
        let id = event.id();
        Some(match event.kind() {
            SYX_EV_HTTP_HEAD => NetworkEvent::Head(id, event.integer(), event.json()),
            SYX_EV_HTTP_DATA => NetworkEvent::Data(id, event.bytes().to_vec()),
            SYX_EV_HTTP_DONE => NetworkEvent::Done(id, failure(event)),
            SYX_EV_WS_OPEN => NetworkEvent::Opened(id, event.text(), event.json()),
            SYX_EV_WS_DATA => return self.message(event, host),
            SYX_EV_WS_CLOSED => {
                self.messages.remove(&id);
                NetworkEvent::Closed(id, event.text(), event.json(), failure(event))
            }
            SYX_EV_IO_WRITABLE => NetworkEvent::Writable(id),
            SYX_EV_DIGEST => NetworkEvent::Digest(id, (event.integer() == 0).then(|| event.bytes().to_vec())),
            _ => return None,
        })
    }

    fn message(&mut self, event: &Event, host: &SessionHost) -> Option<NetworkEvent> {
        let id = event.id();
        let (_, bytes) = self.messages.entry(id).or_insert_with(|| (event.flags() & SYX_WS_BINARY != 0, Vec::new()));
        if bytes.len() + event.bytes().len() > LARGEST {
            self.messages.remove(&id);
            host.close_socket(id, 0, "");
            return None;
        }
        bytes.extend_from_slice(event.bytes());
        if event.flags() & SYX_WS_PART != 0 {
            return None;
        }
        self.messages.remove(&id).map(|(binary, bytes)| match binary {
            true => NetworkEvent::Binary(id, bytes),
            false => NetworkEvent::Text(id, String::from_utf8_lossy(&bytes).into_owned()),
        })
    }
}

fn failure(event: &Event) -> Option<Error> {
    let status = event.integer();
    (status < 0).then(|| {
        let mut error = Error::new(status as syx_status, event.text());
        error.retryable = event.second_integer() & i64::from(SYX_ERR_RETRYABLE) != 0;
        error
    })
}
