// SPDX-License-Identifier: Apache-2.0

//! An agent behind a socket, through the C table: what it asks reaches the host, what comes back reaches it.

use std::ffi::CStr;
use std::mem::{size_of, zeroed};
use std::os::raw::{c_char, c_void};
use std::ptr;
use std::sync::Mutex;
use syrinx::abi::*;
use syrinx::*;

struct Line {
    host: SessionHost,
    socket: u64,
    waiting: Option<Answer>,
}

impl AgentSession for Line {
    fn prompt(&mut self, prompt: &Prompt, answer: &Answer) -> Result<Reply, Error> {
        let request = Request::new("wss://agent.example/v1").header("Authorization", "Bearer ${secret:key}");
        self.socket = self.host.open_socket(&request)?;
        self.host.send_text(self.socket, &prompt.text);
        self.waiting = Some(answer.clone());
        Ok(Reply::Later)
    }

    fn network(&mut self, event: &NetworkEvent) {
        let answer = self.waiting.take();
        match (event, answer) {
            (NetworkEvent::Text(_, text), Some(answer)) => {
                answer.delta(text);
                answer.finish(Ok(Reply::Done));
                self.host.close_socket(self.socket, 1000, "");
            }
            (NetworkEvent::Closed(_, _, _, Some(error)), Some(answer)) => answer.finish(Err(error.clone())),
            (_, answer) => self.waiting = answer,
        }
    }
}

struct LineProvider;

impl Provider for LineProvider {
    type Kind = Agent<Line>;
    const DESCRIPTION: Description = Description::new("line", "1.0.0", "Line", "Syrinx");
    fn open(host: Host, _: &ProviderParams) -> Result<Self, Error> {
        host.prewarm("wss://agent.example");
        Ok(LineProvider)
    }
    fn session(&self, host: &SessionHost, _: &SessionParams) -> Result<Line, Error> {
        Ok(Line { host: host.clone(), socket: 0, waiting: None })
    }
}

syrinx::module!(LineProvider);

/// What the plugin did, a line each.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(line: String) {
    SEEN.lock().unwrap().push(line);
}

unsafe extern "C" fn open(_: u64, request: *const syx_request, error: *mut syx_err) -> u64 {
    if (*request).generation == 0 && SEEN.lock().unwrap().iter().any(|line| line == "refuse") {
        (*error).code = SYX_EPERM;
        return 0;
    }
    note(format!("open {} {}", (*request).url.to_text(), (*request).headers.to_text().trim_end()));
    9
}
unsafe extern "C" fn send(_: u64, id: u64, flags: u32, bytes: *const c_void, count: usize) -> syx_status {
    note(format!("send {id} {flags} {}", syx_str { ptr: bytes as *const c_char, len: count }.to_text()));
    SYX_OK
}
unsafe extern "C" fn read(_: u64, _: u64, _: u32) -> syx_status {
    SYX_OK
}
unsafe extern "C" fn close(_: u64, id: u64, code: u32, _: syx_str) {
    note(format!("close {id} {code}"))
}
unsafe extern "C" fn http_send(_: u64, _: u64, _: *const c_void, _: usize, _: u32) -> syx_status {
    SYX_OK
}
unsafe extern "C" fn abort(_: u64, _: u64) {}
unsafe extern "C" fn prewarm(_: u64, url: syx_str) -> syx_status {
    note(format!("prewarm {}", url.to_text()));
    SYX_OK
}

static WS: syx_ws_v1 = syx_ws_v1 { struct_size: size_of::<syx_ws_v1>() as u32, reserved: 0, open, send, read, close };
static HTTP: syx_http_v1 = syx_http_v1 {
    struct_size: size_of::<syx_http_v1>() as u32,
    reserved: 0,
    start: open,
    send: http_send,
    read,
    abort,
    prewarm,
};

unsafe extern "C" fn service(_: u64, id: *const c_char) -> *const c_void {
    match CStr::from_ptr(id).to_str() {
        Ok("syrinx.http/1") => &HTTP as *const syx_http_v1 as *const c_void,
        Ok("syrinx.ws/1") => &WS as *const syx_ws_v1 as *const c_void,
        _ => ptr::null(),
    }
}
unsafe extern "C" fn emit(_: u64, event: *const syx_event) -> syx_status {
    note(format!("event {} {} {}", (*event).r#type, (*event).i0, (*event).text.to_text()));
    SYX_OK
}
unsafe extern "C" fn now(_: u64) -> i64 {
    0
}
unsafe extern "C" fn log(_: u64, _: u64, _: u32, _: syx_str, _: syx_str) {}
unsafe extern "C" fn metric(_: u64, _: u64, _: u32, _: f64) {}
unsafe extern "C" fn alloc(_: u64, _: usize) -> *mut syx_buf {
    ptr::null_mut()
}
unsafe extern "C" fn data(_: *mut syx_buf, _: *mut usize) -> *mut c_void {
    ptr::null_mut()
}
unsafe extern "C" fn buf(_: *mut syx_buf) {}
unsafe extern "C" fn timer(_: u64, _: u32, _: u64) -> u64 {
    0
}
unsafe extern "C" fn timer_cancel(_: u64, _: u64) {}
unsafe extern "C" fn run(_: u64, _: unsafe extern "C" fn(*mut c_void), _: *mut c_void, _: u64) -> syx_status {
    SYX_EPERM
}

static CORE: syx_core = syx_core {
    struct_size: size_of::<syx_core>() as u32,
    abi_minor: SYX_ABI_MINOR as u32,
    host_name: ptr::null(),
    host_version: ptr::null(),
    service,
    emit,
    emit_provider: emit,
    now_ns: now,
    log,
    metric,
    buf_alloc: alloc,
    buf_data: data,
    buf_retain: buf,
    buf_release: buf,
    timer,
    timer_cancel,
    run,
};

unsafe fn tell(session: *mut syx_session, kind: u16, id: u64, flags: u32, i0: i64, text: &[u8]) {
    let mut event: syx_event = zeroed();
    event.struct_size = size_of::<syx_event>() as u32;
    event.r#type = kind;
    event.id = id;
    event.generation = if kind == SYX_EV_PROMPT { flags.into() } else { 0 };
    event.flags = if kind == SYX_EV_PROMPT { 0 } else { flags };
    event.i0 = i0;
    event.text = syx_str { ptr: text.as_ptr() as *const c_char, len: text.len() };
    ((*(**(*syrinx_plugin_entry_1()).plugins).vt).handle)(session, &event);
}

fn taken() -> Vec<String> {
    std::mem::take(&mut *SEEN.lock().unwrap())
}

#[test]
fn an_agent_talks_over_a_socket() {
    unsafe {
        let vt = &*(**(*syrinx_plugin_entry_1()).plugins).vt;
        let (mut provider, mut session, mut error): (_, _, syx_err) = (ptr::null_mut(), ptr::null_mut(), zeroed());
        error.struct_size = size_of::<syx_err>() as u32;
        let mut params: syx_provider_params = zeroed();
        params.struct_size = size_of::<syx_provider_params>() as u32;
        assert_eq!((vt.open)(&CORE, 1, &params, &mut provider, &mut error), SYX_OK);
        let mut opening: syx_session_params = zeroed();
        opening.struct_size = size_of::<syx_session_params>() as u32;
        assert_eq!((vt.session_open)(provider, 2, &opening, &mut session, &mut error), SYX_OK);
        assert_eq!(taken(), ["prewarm wss://agent.example"]);

        tell(session, SYX_EV_PROMPT, 0, 1, 0, b"hello");
        assert_eq!(taken(), ["open wss://agent.example/v1 Authorization: Bearer ${secret:key}", "send 9 0 hello"]);
        // A character may be cut in two between pieces.
        tell(session, SYX_EV_WS_DATA, 9, SYX_WS_PART, 0, b"gr\xc3");
        assert!(taken().is_empty());
        tell(session, SYX_EV_WS_DATA, 9, 0, 0, b"\xbcn");
        assert_eq!(taken(), ["event 135 0 grün", "event 138 0 ", "close 9 1000"]);

        tell(session, SYX_EV_PROMPT, 0, 2, 0, b"again");
        taken();
        tell(session, SYX_EV_WS_CLOSED, 9, 0, SYX_EUNAVAILABLE.into(), b"reset");
        assert_eq!(taken(), ["event 143 -10 reset"]);

        note("refuse".to_string());
        tell(session, SYX_EV_PROMPT, 0, 3, 0, b"once more");
        assert!(taken().contains(&"event 143 -4 ".to_string()));
        (vt.session_close)(session);
        (vt.close)(provider);
    }
}
