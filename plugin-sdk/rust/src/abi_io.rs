// SPDX-License-Identifier: Apache-2.0

//! The I/O services of ABI 1.1, by hand as `abi.rs`.

use super::{syx_err, syx_hprovider, syx_hsession, syx_status, syx_str};
use std::os::raw::c_void;

macro_rules! constants {
    ($type:ty: $($name:ident = $value:expr),* $(,)?) => { $(pub const $name: $type = $value;)* };
}

constants!(u16: SYX_EV_HEARD = 13, SYX_EV_HTTP_HEAD = 32, SYX_EV_HTTP_DATA = 33, SYX_EV_HTTP_DONE = 34,
    SYX_EV_WS_OPEN = 35, SYX_EV_WS_DATA = 36, SYX_EV_WS_CLOSED = 37, SYX_EV_IO_WRITABLE = 38, SYX_EV_DIGEST = 39,
    SYX_EV_HTTP_REQUEST = 40, SYX_EV_NOTICE = 41);
constants!(u32: SYX_WS_BINARY = 1, SYX_WS_PART = 2);
constants!(u32: SYX_REQ_STREAM_BODY = 1, SYX_REQ_HTTP2 = 2, SYX_REQ_KEEP = 4);
constants!(usize: SYX_IO_PIECE = 16384, SYX_IO_WINDOW = 262144);

#[repr(C)]
pub struct syx_request {
    pub struct_size: u32,
    pub flags: u32,
    pub connect_ms: u32,
    pub silence_ms: u32,
    pub generation: u64,
    pub method: syx_str,
    pub url: syx_str,
    pub headers: syx_str,
    pub body: syx_str,
}

type start_fn = unsafe extern "C" fn(syx_hsession, *const syx_request, *mut syx_err) -> u64;
type read_fn = unsafe extern "C" fn(syx_hsession, u64, u32) -> syx_status;

#[repr(C)]
pub struct syx_http_v1 {
    pub struct_size: u32,
    pub reserved: u32,
    pub start: start_fn,
    pub send: unsafe extern "C" fn(syx_hsession, u64, *const c_void, usize, u32) -> syx_status,
    pub read: read_fn,
    pub abort: unsafe extern "C" fn(syx_hsession, u64),
    pub prewarm: unsafe extern "C" fn(syx_hprovider, syx_str) -> syx_status,
}

#[repr(C)]
pub struct syx_ws_v1 {
    pub struct_size: u32,
    pub reserved: u32,
    pub open: start_fn,
    pub send: unsafe extern "C" fn(syx_hsession, u64, u32, *const c_void, usize) -> syx_status,
    pub read: read_fn,
    pub close: unsafe extern "C" fn(syx_hsession, u64, u32, syx_str),
}

#[repr(C)]
pub struct syx_secret_v1 {
    pub struct_size: u32,
    pub reserved: u32,
    pub hmac_sha256: unsafe extern "C" fn(syx_hsession, syx_str, *const c_void, usize, u64) -> syx_status,
    pub hmac_sha1: Option<unsafe extern "C" fn(syx_hsession, syx_str, *const c_void, usize, u64) -> syx_status>,
    pub sha256: Option<unsafe extern "C" fn(syx_hsession, syx_str, u64) -> syx_status>,
}
