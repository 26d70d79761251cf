// SPDX-License-Identifier: Apache-2.0

//! What a plugin does wrong stays in it: panics, errors and requests that nobody ends, through the C table.

use std::mem::{size_of, zeroed};
use std::os::raw::{c_char, c_void};
use std::ptr;
use std::sync::Mutex;
use syrinx::abi::*;
use syrinx::*;

struct Clumsy;

impl AgentSession for Clumsy {
    fn prompt(&mut self, prompt: &Prompt, answer: &Answer) -> Result<Reply, Error> {
        match prompt.text.as_str() {
            "panic" => panic!("as asked"),
            "fail" => Err(Error::unavailable("not today")),
            "late" => answer.work(|_| panic!("on the worker")),
            "flood" => {
                (0..3000).for_each(|_| assert!(answer.delta("x") || prompt.generation > 0));
                Ok(Reply::Done)
            }
            _ => Ok(Reply::Later),
        }
    }
}

struct ClumsyProvider;

impl Provider for ClumsyProvider {
    type Kind = Agent<Clumsy>;
    const DESCRIPTION: Description = Description::new("clumsy", "1.0.0", "Clumsy", "Syrinx");
    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        assert!(!params.config.boolean("panic", false), "{}", "ä".repeat(300));
        Ok(ClumsyProvider)
    }
    fn session(&self, _: &SessionHost, params: &SessionParams) -> Result<Clumsy, Error> {
        assert!(!params.options.boolean("panic", false), "no session");
        Ok(Clumsy)
    }
}

syrinx::module!(ClumsyProvider);

/// (type, generation, i0) of what was sent, the events that there is room for, and the tasks that wait.
static HOST: Mutex<(Vec<(u16, u64, i64)>, usize)> = Mutex::new((Vec::new(), usize::MAX));
static ALONE: Mutex<()> = Mutex::new(());

unsafe extern "C" fn service(_: u64, _: *const c_char) -> *const c_void {
    ptr::null()
}
unsafe extern "C" fn emit(_: u64, event: *const syx_event) -> syx_status {
    let mut host = HOST.lock().unwrap();
    if host.1 == 0 {
        return SYX_EAGAIN;
    }
    host.1 -= 1;
    host.0.push(((*event).r#type, (*event).generation, (*event).i0));
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
    1
}
unsafe extern "C" fn timer_cancel(_: u64, _: u64) {}
unsafe extern "C" fn run(_: u64, work: unsafe extern "C" fn(*mut c_void), arg: *mut c_void, _: u64) -> syx_status {
    work(arg);
    SYX_OK
}

static CORE: syx_core = syx_core {
    struct_size: size_of::<syx_core>() as u32,
    abi_minor: 0,
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

fn vt() -> &'static syx_plugin_vt {
    unsafe { &*(**(*syrinx_plugin_entry_1()).plugins).vt }
}

unsafe fn open(config: &str) -> (syx_status, *mut syx_provider, String) {
    let (mut out, mut err): (_, syx_err) = (ptr::null_mut(), zeroed());
    err.struct_size = size_of::<syx_err>() as u32;
    let mut params: syx_provider_params = zeroed();
    params.struct_size = size_of::<syx_provider_params>() as u32;
    params.config_json = syx_str::lend(config);
    let status = (vt().open)(&CORE, 1, &params, &mut out, &mut err);
    let words = err.msg.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
    (status, out, String::from_utf8(words).unwrap())
}

/// One session, its events in order.
unsafe fn converse(options: &str, body: impl FnOnce(*mut syx_session)) -> (syx_status, Vec<(u16, u64, i64)>) {
    let _alone = ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *HOST.lock().unwrap() = (Vec::new(), usize::MAX);
    let (_, provider, _) = open("{}");
    let mut params: syx_session_params = zeroed();
    params.struct_size = size_of::<syx_session_params>() as u32;
    params.options_json = syx_str::lend(options);
    let mut session = ptr::null_mut();
    let status = (vt().session_open)(provider, 1, &params, &mut session, ptr::null_mut());
    if status >= 0 {
        body(session);
        (vt().session_close)(session);
    }
    (vt().close)(provider);
    let events = HOST.lock().unwrap().0.clone();
    (status, events)
}

unsafe fn send(session: *mut syx_session, kind: u16, generation: u64, text: &str) -> syx_status {
    let mut event: syx_event = zeroed();
    event.struct_size = size_of::<syx_event>() as u32;
    event.r#type = kind;
    event.generation = generation;
    event.text = syx_str::lend(text);
    (vt().handle)(session, &event)
}

#[test]
fn a_panic_in_open_is_an_error_with_words_cut_between_characters() {
    let (status, _, words) = unsafe { open(r#"{"panic":true}"#) };
    assert_eq!(status, SYX_EINTERNAL);
    assert!(words.starts_with("panic: ää") && words.len() <= 231, "{words}");
}

#[test]
fn a_broken_configuration_is_refused() {
    for config in ["[", "1", "{\"a\":}", "\u{0}", &"[".repeat(100_000)] {
        assert_eq!(unsafe { open(config) }.0, SYX_EINVAL, "{config:.20}");
    }
}

#[test]
fn a_panic_in_session_open_leaves_no_session() {
    let (status, events) = unsafe { converse(r#"{"panic":true}"#, |_| unreachable!()) };
    assert_eq!((status, events.len()), (SYX_EINTERNAL, 0));
}

#[test]
fn a_request_that_panics_or_fails_ends_once_with_its_error() {
    for (text, status) in [("panic", SYX_EINTERNAL), ("fail", SYX_EUNAVAILABLE), ("late", SYX_EINTERNAL)] {
        let (_, events) = unsafe { converse("{}", |s| assert_eq!(send(s, SYX_EV_PROMPT, 4, text), SYX_OK)) };
        assert_eq!(events, [(SYX_EV_ERROR, 4, i64::from(status))], "{text}");
    }
}

#[test]
fn a_cancelled_request_ends_once_and_stays_silent() {
    let (_, events) = unsafe {
        converse("{}", |s| {
            send(s, SYX_EV_PROMPT, 4, "never");
            (vt().cancel.unwrap())(s, 4);
            (vt().cancel.unwrap())(s, 4);
            assert_eq!(send(s, SYX_EV_PROMPT, 4, "again"), SYX_ESTALE);
        })
    };
    assert_eq!(events, [(SYX_EV_CANCELLED, 4, 0)]);
}

#[test]
fn what_has_no_room_is_bounded_and_its_terminal_is_kept() {
    let (_, events) = unsafe {
        converse("{}", |s| {
            HOST.lock().unwrap().1 = 0;
            send(s, SYX_EV_PROMPT, 4, "flood");
            HOST.lock().unwrap().1 = usize::MAX;
            send(s, SYX_EV_WRITABLE, 0, "");
        })
    };
    assert_eq!(events.len(), Outbox::CAPACITY + 1);
    assert_eq!(events.last(), Some(&(SYX_EV_DONE, 4, 0)));
}

#[test]
fn requests_that_are_never_answered_are_bounded() {
    unsafe {
        converse("{}", |s| {
            for generation in 1..=Outbox::REQUESTS as u64 {
                assert_eq!(send(s, SYX_EV_PROMPT, generation, "never"), SYX_OK);
            }
            assert_eq!(send(s, SYX_EV_PROMPT, 1000, "never"), SYX_EQUOTA);
        })
    };
}

#[test]
fn calls_that_no_host_makes_are_refused() {
    unsafe {
        assert!((vt().open)(ptr::null(), 0, ptr::null(), ptr::null_mut(), ptr::null_mut()) < 0);
        assert!((vt().session_open)(ptr::null_mut(), 0, ptr::null(), ptr::null_mut(), ptr::null_mut()) < 0);
        assert!((vt().handle)(ptr::null_mut(), ptr::null()) < 0);
        (vt().cancel.unwrap())(ptr::null_mut(), 1);
        (vt().session_close)(ptr::null_mut());
        (vt().close)(ptr::null_mut());
        let mut short: syx_event = zeroed();
        short.struct_size = 8;
        converse("{}", |s| assert_eq!((vt().handle)(s, &short), SYX_EINVAL));
    }
    assert!(vt().process.is_none());
}

#[test]
fn json_reads_what_rfc_8259_allows() {
    let json = Json::parse(r#" {"a":[1,-2.5e1,"x\n\u00e4\ud83d\ude00\ud800"],"b":true,"n":null} "#).unwrap();
    assert_eq!(json.get("a").items()[1], Json::Number(-25.0));
    assert_eq!(json.get("a").items()[2].text(), Some("x\nä😀\u{FFFD}"));
    assert!(json.boolean("b", false));
    for broken in ["", "{", "{\"a\"}", "[1,]", "01x", "\"\u{1}\"", "nan", "-", "1 2", "\"\\u12\""] {
        assert_eq!(Json::parse(broken), None, "{broken}");
    }
}
