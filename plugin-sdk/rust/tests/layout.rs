// SPDX-License-Identifier: Apache-2.0

//! The structs by hand against the C header: a C program prints sizes and offsets, and both must be the same.

use std::fmt::Write as _;
use std::mem::{size_of, MaybeUninit};
use std::path::Path;
use std::process::Command;
use syrinx::abi::*;

/// (C expression, what Rust says) of a struct's size and of each field's offset.
macro_rules! layout {
    ($rows:ident, $type:ident: $($field:ident $(as $c:literal)?),+ $(,)?) => {
        $rows.push((format!("sizeof({})", stringify!($type)), size_of::<$type>()));
        let whole = MaybeUninit::<$type>::uninit();
        let base = whole.as_ptr();
        $(
            let name = [$($c,)? stringify!($field)][0];
            let field = unsafe { std::ptr::addr_of!((*base).$field) } as usize;
            $rows.push((format!("offsetof({}, {name})", stringify!($type)), field - base as usize));
        )+
    };
}

fn expected() -> Vec<(String, usize)> {
    let mut rows = Vec::new();
    layout!(rows, syx_str: ptr, len);
    layout!(rows, syx_err: struct_size, code, flags, retry_after_ms, vendor_code, msg);
    layout!(rows, syx_format: format, rate, channels, samples);
    layout!(rows, syx_frame: struct_size, format, rate, channels, samples, flags, generation, pts, t_ns, bytes, data,
        buf);
    layout!(rows, syx_event: struct_size, space, r#type as "type", flags, stream, generation, id, t_ns, i0, i1, f0, text,
        json, audio);
    layout!(rows, syx_core: struct_size, abi_minor, host_name, host_version, service, emit, emit_provider, now_ns, log,
        metric, buf_alloc, buf_data, buf_retain, buf_release, timer, timer_cancel, run);
    layout!(rows, syx_provider_params: struct_size, tenant, config_json, data_dir, instance_name, descriptor);
    layout!(rows, syx_session_params: struct_size, max_frame_samples, tenant, session, user, traceparent, locale,
        options_json, r#in as "in", out, credit_ms, deadline_ms);
    layout!(rows, syx_result: struct_size, flags, probability, level_dbfs, pts);
    layout!(rows, syx_plugin_vt: struct_size, open, close, reconfigure, health, session_open, session_close, handle,
        process, cancel, reset, extension);
    layout!(rows, syx_plugin_desc: struct_size, kind, flags, max_sessions, id, version, name, vendor, license,
        config_schema, session_schema, caps_json, metrics_json, vt);
    layout!(rows, syx_request: struct_size, flags, connect_ms, silence_ms, generation, method, url, headers, body);
    layout!(rows, syx_http_v1: struct_size, reserved, start, send, read, abort, prewarm);
    layout!(rows, syx_ws_v1: struct_size, reserved, open, send, read, close);
    layout!(rows, syx_secret_v1: struct_size, reserved, hmac_sha256, hmac_sha1, sha256);
    layout!(rows, syx_module: magic, struct_size, abi_major, abi_minor, n_plugins, build_info, plugins, init, deinit);
    rows
}

/// The constants of the header, with what Rust calls the same.
fn constants() -> Vec<(&'static str, i64)> {
    macro_rules! list { ($($name:ident),+ $(,)?) => { vec![$((stringify!($name), $name as i64)),+] }; }
    list!(
        SYX_MAGIC,
        SYX_ABI_MAJOR,
        SYX_ABI_MINOR,
        SYX_PENDING,
        SYX_SKIP,
        SYX_EINVAL,
        SYX_EUNSUPPORTED,
        SYX_ENOTFOUND,
        SYX_EPERM,
        SYX_EAUTH,
        SYX_EQUOTA,
        SYX_EAGAIN,
        SYX_ESTALE,
        SYX_EDEADLINE,
        SYX_EUNAVAILABLE,
        SYX_EINTERNAL,
        SYX_ECLOSED,
        SYX_ENOMEM,
        SYX_BACKEND,
        SYX_STT,
        SYX_TTS,
        SYX_AGENT,
        SYX_VAD,
        SYX_TURN,
        SYX_FILTER,
        SYX_FMT_S16,
        SYX_FMT_F32,
        SYX_FR_SILENCE,
        SYX_FR_ECHO_REF,
        SYX_EV_AUDIO_IN,
        SYX_EV_SPEAK,
        SYX_EV_PROMPT,
        SYX_EV_TOOL_RESULT,
        SYX_EV_END_OF_INPUT,
        SYX_EV_WRITABLE,
        SYX_EV_TIMER,
        SYX_EV_TASK_DONE,
        SYX_EV_DRAIN,
        SYX_EV_TRANSCRIPT,
        SYX_EV_HEARD,
        SYX_EV_HTTP_HEAD,
        SYX_EV_HTTP_DATA,
        SYX_EV_HTTP_DONE,
        SYX_EV_WS_OPEN,
        SYX_EV_WS_DATA,
        SYX_EV_WS_CLOSED,
        SYX_EV_IO_WRITABLE,
        SYX_EV_DIGEST,
        SYX_EV_HTTP_REQUEST,
        SYX_EV_NOTICE,
        SYX_WS_BINARY,
        SYX_WS_PART,
        SYX_REQ_STREAM_BODY,
        SYX_REQ_HTTP2,
        SYX_REQ_KEEP,
        SYX_IO_PIECE,
        SYX_IO_WINDOW,
        SYX_EV_READY,
        SYX_EV_AUDIO_OUT,
        SYX_EV_PARTIAL,
        SYX_EV_FINAL,
        SYX_EV_TURN_END,
        SYX_EV_DELTA,
        SYX_EV_TOOL_CALL,
        SYX_EV_MARK,
        SYX_EV_DONE,
        SYX_EV_CANCELLED,
        SYX_EV_ERROR,
        SYX_EV_DRAINED,
        SYX_EV_PEER,
        SYX_EV_HTTP_REPLY,
        SYX_EV_COMMAND,
        SYX_PF_RT_PROCESS,
        SYX_PF_NO_UNLOAD,
        SYX_LOG_ERROR,
        SYX_DONE_HANGUP,
        SYX_ERR_RETRYABLE
    )
}

#[test]
fn structs_are_those_of_the_header() {
    let mut rows = expected();
    rows.extend(constants().into_iter().map(|(name, value)| (name.to_string(), value as usize)));
    let mut program = String::from("#include <stdio.h>\n#include \"syrinx_plugin.h\"\nint main(void) {\n");
    for (expression, _) in &rows {
        writeln!(program, "    printf(\"%lld\\n\", (long long)({expression}));").unwrap();
    }
    program.push_str("}\n");

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    std::fs::write(&source, program).unwrap();
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let built = Command::new("cc").arg("-I").arg(include).arg(&source).arg("-o").arg(&binary).status().unwrap();
    assert!(built.success());
    let output = String::from_utf8(Command::new(&binary).output().unwrap().stdout).unwrap();
    let found: Vec<usize> = output.lines().map(|line| line.parse::<i64>().unwrap() as usize).collect();
    assert_eq!(found.len(), rows.len());
    for ((expression, rust), c) in rows.iter().zip(found) {
        assert_eq!(*rust, c, "{expression}");
    }
}
