// SPDX-License-Identifier: Apache-2.0

//! The plugin ABI as in `syrinx_plugin.h`, by hand; `tests/layout.rs` compares every size and offset with the header.
#![allow(non_camel_case_types, missing_docs)]

use std::os::raw::{c_char, c_void};

#[path = "abi_io.rs"]
mod io;
pub use io::*;

pub const SYX_MAGIC: u32 = 0x3158_5953;
pub const SYX_ABI_MAJOR: u16 = 1;
pub const SYX_ABI_MINOR: u16 = 1;

pub type syx_status = i32;
pub type syx_hprovider = u64;
pub type syx_hsession = u64;

macro_rules! constants {
    ($type:ty: $($name:ident = $value:expr),* $(,)?) => { $(pub const $name: $type = $value;)* };
}

constants!(syx_status: SYX_OK = 0, SYX_PENDING = 1, SYX_SKIP = 2, SYX_EINVAL = -1, SYX_EUNSUPPORTED = -2,
    SYX_ENOTFOUND = -3, SYX_EPERM = -4, SYX_EAUTH = -5, SYX_EQUOTA = -6, SYX_EAGAIN = -7, SYX_ESTALE = -8,
    SYX_EDEADLINE = -9, SYX_EUNAVAILABLE = -10, SYX_EINTERNAL = -11, SYX_ECLOSED = -12, SYX_ENOMEM = -13);
constants!(u32: SYX_ERR_RETRYABLE = 1, SYX_ERR_FATAL_PROVIDER = 2);
constants!(u32: SYX_BACKEND = 1, SYX_TRANSPORT = 2, SYX_STT = 3, SYX_TTS = 4, SYX_S2S = 5, SYX_AGENT = 6, SYX_VAD = 7,
    SYX_TURN = 8, SYX_FILTER = 9);
constants!(u32: SYX_FMT_S16 = 1, SYX_FMT_F32 = 2);
constants!(u32: SYX_FR_SILENCE = 1, SYX_FR_DISCONT = 2, SYX_FR_EOS = 4, SYX_FR_CONCEALED = 8, SYX_FR_ECHO_REF = 16);
constants!(u16: SYX_EV_AUDIO_IN = 1, SYX_EV_SPEAK = 2, SYX_EV_PROMPT = 3, SYX_EV_TOOL_RESULT = 4, SYX_EV_DTMF_IN = 5,
    SYX_EV_END_OF_INPUT = 6, SYX_EV_CONFIG = 7, SYX_EV_WRITABLE = 8, SYX_EV_TIMER = 9, SYX_EV_TASK_DONE = 10,
    SYX_EV_DRAIN = 11, SYX_EV_TRANSCRIPT = 12);
constants!(u16: SYX_EV_READY = 128, SYX_EV_AUDIO_OUT = 129, SYX_EV_PARTIAL = 130, SYX_EV_FINAL = 131,
    SYX_EV_SPEECH_START = 132, SYX_EV_SPEECH_STOP = 133, SYX_EV_TURN_END = 134, SYX_EV_DELTA = 135,
    SYX_EV_TOOL_CALL = 136, SYX_EV_MARK = 137, SYX_EV_DONE = 138, SYX_EV_CANCELLED = 139, SYX_EV_USAGE = 140,
    SYX_EV_STATE = 141, SYX_EV_HEALTH = 142, SYX_EV_ERROR = 143, SYX_EV_DRAINED = 144, SYX_EV_DTMF_OUT = 145,
    SYX_EV_PEER = 146, SYX_EV_HTTP_REPLY = 147, SYX_EV_COMMAND = 148);
constants!(u32: SYX_SPEAK_LAST = 1, SYX_DONE_HANGUP = 1);
constants!(u32: SYX_LOG_TRACE = 0, SYX_LOG_DEBUG = 1, SYX_LOG_INFO = 2, SYX_LOG_NOTICE = 3, SYX_LOG_WARNING = 4,
    SYX_LOG_ERROR = 5);
constants!(u32: SYX_PF_GLOBAL_STATE = 1, SYX_PF_RT_PROCESS = 2, SYX_PF_UNTRUSTED_OK = 4, SYX_PF_NO_UNLOAD = 16);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct syx_str {
    pub ptr: *const c_char,
    pub len: usize,
}

#[repr(C)]
pub struct syx_buf {
    _opaque: [u8; 0],
}
#[repr(C)]
pub struct syx_provider {
    _opaque: [u8; 0],
}
#[repr(C)]
pub struct syx_session {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct syx_err {
    pub struct_size: u32,
    pub code: syx_status,
    pub flags: u32,
    pub retry_after_ms: u32,
    pub vendor_code: i64,
    pub msg: [c_char; 232],
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct syx_format {
    pub format: u32,
    pub rate: u32,
    pub channels: u32,
    pub samples: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct syx_frame {
    pub struct_size: u32,
    pub format: u32,
    pub rate: u32,
    pub channels: u32,
    pub samples: u32,
    pub flags: u32,
    pub generation: u64,
    pub pts: i64,
    pub t_ns: i64,
    pub bytes: usize,
    pub data: *mut c_void,
    pub buf: *mut syx_buf,
}

#[repr(C)]
pub struct syx_event {
    pub struct_size: u32,
    pub space: u16,
    pub r#type: u16,
    pub flags: u32,
    pub stream: u32,
    pub generation: u64,
    pub id: u64,
    pub t_ns: i64,
    pub i0: i64,
    pub i1: i64,
    pub f0: f64,
    pub text: syx_str,
    pub json: syx_str,
    pub audio: *const syx_frame,
}

#[repr(C)]
pub struct syx_core {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub host_name: *const c_char,
    pub host_version: *const c_char,
    pub service: unsafe extern "C" fn(syx_hprovider, *const c_char) -> *const c_void,
    pub emit: unsafe extern "C" fn(syx_hsession, *const syx_event) -> syx_status,
    pub emit_provider: unsafe extern "C" fn(syx_hprovider, *const syx_event) -> syx_status,
    pub now_ns: unsafe extern "C" fn(syx_hprovider) -> i64,
    pub log: unsafe extern "C" fn(syx_hprovider, syx_hsession, u32, syx_str, syx_str),
    pub metric: unsafe extern "C" fn(syx_hprovider, syx_hsession, u32, f64),
    pub buf_alloc: unsafe extern "C" fn(syx_hprovider, usize) -> *mut syx_buf,
    pub buf_data: unsafe extern "C" fn(*mut syx_buf, *mut usize) -> *mut c_void,
    pub buf_retain: unsafe extern "C" fn(*mut syx_buf),
    pub buf_release: unsafe extern "C" fn(*mut syx_buf),
    pub timer: unsafe extern "C" fn(syx_hsession, u32, u64) -> u64,
    pub timer_cancel: unsafe extern "C" fn(syx_hsession, u64),
    pub run: unsafe extern "C" fn(syx_hsession, unsafe extern "C" fn(*mut c_void), *mut c_void, u64) -> syx_status,
}

#[repr(C)]
pub struct syx_provider_params {
    pub struct_size: u32,
    pub reserved: u32,
    pub tenant: syx_str,
    pub config_json: syx_str,
    pub data_dir: syx_str,
    pub instance_name: syx_str,
    pub descriptor: *const syx_plugin_desc,
}

#[repr(C)]
pub struct syx_session_params {
    pub struct_size: u32,
    pub max_frame_samples: u32,
    pub tenant: syx_str,
    pub session: syx_str,
    pub user: syx_str,
    pub traceparent: syx_str,
    pub locale: syx_str,
    pub options_json: syx_str,
    pub r#in: syx_format,
    pub out: syx_format,
    pub credit_ms: u32,
    pub deadline_ms: u32,
}

#[repr(C)]
pub struct syx_result {
    pub struct_size: u32,
    pub flags: u32,
    pub probability: f32,
    pub level_dbfs: f32,
    pub pts: i64,
}

type open_fn = unsafe extern "C" fn(
    *const syx_core,
    syx_hprovider,
    *const syx_provider_params,
    *mut *mut syx_provider,
    *mut syx_err,
) -> syx_status;
type session_open_fn = unsafe extern "C" fn(
    *mut syx_provider,
    syx_hsession,
    *const syx_session_params,
    *mut *mut syx_session,
    *mut syx_err,
) -> syx_status;
type process_fn =
    unsafe extern "C" fn(*mut syx_session, *const syx_frame, *mut syx_frame, *mut syx_result) -> syx_status;

#[repr(C)]
pub struct syx_plugin_vt {
    pub struct_size: u32,
    pub reserved: u32,
    pub open: open_fn,
    pub close: unsafe extern "C" fn(*mut syx_provider),
    pub reconfigure: Option<unsafe extern "C" fn(*mut syx_provider, syx_str, *mut syx_err) -> syx_status>,
    pub health: Option<unsafe extern "C" fn(*mut syx_provider, u64, *mut syx_err) -> syx_status>,
    pub session_open: session_open_fn,
    pub session_close: unsafe extern "C" fn(*mut syx_session),
    pub handle: unsafe extern "C" fn(*mut syx_session, *const syx_event) -> syx_status,
    pub process: Option<process_fn>,
    pub cancel: Option<unsafe extern "C" fn(*mut syx_session, u64)>,
    pub reset: Option<unsafe extern "C" fn(*mut syx_session)>,
    pub extension: Option<unsafe extern "C" fn(*mut syx_provider, *const c_char) -> *const c_void>,
}

#[repr(C)]
pub struct syx_plugin_desc {
    pub struct_size: u32,
    pub kind: u32,
    pub flags: u32,
    pub max_sessions: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub name: *const c_char,
    pub vendor: *const c_char,
    pub license: *const c_char,
    pub config_schema: *const c_char,
    pub session_schema: *const c_char,
    pub caps_json: *const c_char,
    pub metrics_json: *const c_char,
    pub vt: *const syx_plugin_vt,
}

#[repr(C)]
pub struct syx_module {
    pub magic: u32,
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub n_plugins: u32,
    pub build_info: *const c_char,
    pub plugins: *const *const syx_plugin_desc,
    pub init: Option<unsafe extern "C" fn(*const syx_core, *mut syx_err) -> syx_status>,
    pub deinit: Option<unsafe extern "C" fn()>,
}

// The host's table is immutable and its functions may be called on any thread.
unsafe impl Send for syx_core {}
unsafe impl Sync for syx_core {}

impl syx_str {
    /// Lends a text for one call.
    pub fn lend(text: &str) -> syx_str {
        syx_str { ptr: text.as_ptr() as *const c_char, len: text.len() }
    }

    /// Copies a borrowed text; what is no UTF-8 in it is replaced.
    ///
    /// # Safety
    /// `ptr` is null or points at `len` readable bytes.
    pub unsafe fn to_text(self) -> String {
        if self.ptr.is_null() || self.len > isize::MAX as usize {
            return String::new();
        }
        String::from_utf8_lossy(std::slice::from_raw_parts(self.ptr as *const u8, self.len)).into_owned()
    }
}
