// SPDX-License-Identifier: Apache-2.0

//! The tables that the host reads, made from types; the guard around every entry is here.

use crate::abi::*;
use crate::error::{entry, Error};
use crate::event::Event;
use crate::host::{Host, SessionHost};
use crate::json::Json;
use crate::provider::{Kind, Provider, ProviderParams, SessionParams};
use std::cell::UnsafeCell;
use std::ffi::CString;
use std::mem::size_of;
use std::os::raw::c_char;
use std::ptr;

struct ProviderBox<P> {
    provider: P,
    host: Host,
}

/// The host's calls never overlap, but for `cancel`, which has a function of its own and touches nothing else.
struct SessionBox<K> {
    kind: UnsafeCell<K>,
    host: SessionHost,
    cancel: Box<dyn Fn(u64) + Send + Sync>,
}

/// One provider's table; made by [`module!`](crate::module).
pub struct Table;

impl Table {
    /// Makes a descriptor, which is never freed: the host keeps pointers to it.
    pub fn descriptor<P: Provider>() -> *const syx_plugin_desc {
        let about = P::DESCRIPTION;
        let vt = Box::leak(Box::new(functions::<P>()));
        Box::leak(Box::new(syx_plugin_desc {
            struct_size: size_of::<syx_plugin_desc>() as u32,
            kind: P::Kind::KIND,
            flags: about.flags | if P::Kind::PROCESSES { SYX_PF_RT_PROCESS } else { 0 },
            max_sessions: about.max_sessions,
            id: text(about.id),
            version: text(about.version),
            name: text(about.name),
            vendor: text(about.vendor),
            license: text(about.license),
            config_schema: text(about.config_schema),
            session_schema: about.session_schema.map_or(ptr::null(), text),
            caps_json: text(about.capabilities),
            metrics_json: about.metrics.map_or(ptr::null(), text),
            vt,
        }))
    }

    /// Makes a module of descriptors, which is never freed.
    pub fn module(plugins: Vec<*const syx_plugin_desc>) -> *const syx_module {
        let plugins = Vec::leak(plugins);
        Box::leak(Box::new(syx_module {
            magic: SYX_MAGIC,
            struct_size: size_of::<syx_module>() as u32,
            abi_major: SYX_ABI_MAJOR,
            abi_minor: SYX_ABI_MINOR,
            n_plugins: plugins.len() as u32,
            build_info: text("rust sdk-1.0.0"),
            plugins: plugins.as_ptr(),
            init: None,
            deinit: None,
        }))
    }
}

/// `syrinx::module!(MyProvider, AnotherProvider);`: the module's one exported function.
#[macro_export]
macro_rules! module {
    ($($provider:ty),+ $(,)?) => {
        /// The plugin's only exported symbol: the same table each time, made at the first call.
        #[no_mangle]
        pub extern "C" fn syrinx_plugin_entry_1() -> *const $crate::abi::syx_module {
            static ONCE: std::sync::Once = std::sync::Once::new();
            static TABLE: std::sync::atomic::AtomicPtr<$crate::abi::syx_module> =
                std::sync::atomic::AtomicPtr::new(std::ptr::null_mut());
            ONCE.call_once(|| {
                let table = $crate::Table::module(vec![$($crate::Table::descriptor::<$provider>()),+]);
                TABLE.store(table as *mut _, std::sync::atomic::Ordering::Release);
            });
            TABLE.load(std::sync::atomic::Ordering::Acquire)
        }
    };
}

/// A constant text for C; one with a NUL inside is cut there.
fn text(words: &str) -> *const c_char {
    let words = words.split('\0').next().unwrap_or("");
    CString::new(words).unwrap_or_default().into_raw()
}

fn functions<P: Provider>() -> syx_plugin_vt {
    syx_plugin_vt {
        struct_size: size_of::<syx_plugin_vt>() as u32,
        reserved: 0,
        open: open::<P>,
        close: close::<P>,
        reconfigure: None,
        health: Some(health::<P>),
        session_open: session_open::<P>,
        session_close: session_close::<P>,
        handle: handle::<P>,
        process: if P::Kind::PROCESSES { Some(process::<P>) } else { None },
        cancel: Some(cancel::<P>),
        reset: Some(reset::<P>),
        extension: None,
    }
}

unsafe fn options(raw: syx_str, what: &str) -> Result<Json, Error> {
    Json::options(&raw.to_text()).ok_or_else(|| Error::invalid(format!("the {what} is not a JSON object")))
}

fn missing() -> Error {
    Error::invalid("a parameter is missing")
}

unsafe extern "C" fn open<P: Provider>(
    core: *const syx_core,
    handle: syx_hprovider,
    params: *const syx_provider_params,
    out: *mut *mut syx_provider,
    err: *mut syx_err,
) -> syx_status {
    entry(err, || {
        // The core is valid until close, and nothing outlives that.
        let core: &'static syx_core = core.as_ref().ok_or_else(missing)?;
        if (core.struct_size as usize) < size_of::<syx_core>() {
            return Err(Error::unsupported("the host is older than ABI 1.0"));
        }
        let raw = params.as_ref().filter(|_| !out.is_null()).ok_or_else(missing)?;
        let params = ProviderParams {
            tenant: raw.tenant.to_text(),
            config: options(raw.config_json, "configuration")?,
            data_dir: raw.data_dir.to_text(),
        };
        let host = Host::new(core, handle);
        let provider = P::open(host, &params)?;
        *out = Box::into_raw(Box::new(ProviderBox { provider, host })) as *mut syx_provider;
        Ok(SYX_OK)
    })
}

unsafe extern "C" fn close<P: Provider>(provider: *mut syx_provider) {
    if !provider.is_null() {
        entry(ptr::null_mut(), || {
            drop(Box::from_raw(provider as *mut ProviderBox<P>));
            Ok(SYX_OK)
        });
    }
}

unsafe extern "C" fn health<P: Provider>(provider: *mut syx_provider, _: u64, err: *mut syx_err) -> syx_status {
    entry(err, || {
        let provider = (provider as *const ProviderBox<P>).as_ref().ok_or_else(missing)?;
        provider.provider.health().map(|()| SYX_OK)
    })
}

unsafe extern "C" fn session_open<P: Provider>(
    provider: *mut syx_provider,
    handle: syx_hsession,
    params: *const syx_session_params,
    out: *mut *mut syx_session,
    err: *mut syx_err,
) -> syx_status {
    entry(err, || {
        let provider = (provider as *const ProviderBox<P>).as_ref().ok_or_else(missing)?;
        let raw = params.as_ref().filter(|_| !out.is_null()).ok_or_else(missing)?;
        let params = SessionParams {
            tenant: raw.tenant.to_text(),
            session: raw.session.to_text(),
            locale: raw.locale.to_text(),
            options: options(raw.options_json, "session's options")?,
            input: raw.r#in,
            output: raw.out,
            max_frame_samples: raw.max_frame_samples,
            credit_ms: raw.credit_ms,
        };
        let fits = |format: syx_format| format.format == SYX_FMT_S16 && format.channels == 1 && format.rate > 0;
        if (P::Kind::HEARS && !fits(params.input)) || (P::Kind::SPEAKS && !fits(params.output)) {
            return Err(Error::unsupported("needs 16-bit mono audio"));
        }
        let host = SessionHost::new(provider.host, handle);
        let kind = P::Kind::new(provider.provider.session(&host, &params)?, &host, &params);
        let cancel = kind.canceller();
        *out = Box::into_raw(Box::new(SessionBox { kind: UnsafeCell::new(kind), host, cancel })) as *mut syx_session;
        Ok(SYX_OK)
    })
}

type BoxOf<P> = SessionBox<<P as Provider>::Kind>;

unsafe fn session<'a, P: Provider>(raw: *mut syx_session) -> Result<&'a BoxOf<P>, Error> {
    (raw as *const BoxOf<P>).as_ref().ok_or_else(missing)
}

unsafe extern "C" fn session_close<P: Provider>(raw: *mut syx_session) {
    entry(ptr::null_mut(), || {
        (*session::<P>(raw)?.kind.get()).close();
        drop(Box::from_raw(raw as *mut BoxOf<P>));
        Ok(SYX_OK)
    });
}

unsafe extern "C" fn handle<P: Provider>(raw: *mut syx_session, event: *const syx_event) -> syx_status {
    entry(ptr::null_mut(), || {
        let session = session::<P>(raw)?;
        let event = event.as_ref().ok_or_else(missing)?;
        if (event.struct_size as usize) < size_of::<syx_event>() {
            return Ok(SYX_EINVAL);
        }
        if event.space != 0 {
            return Ok(SYX_SKIP);
        }
        (*session.kind.get()).handle(&Event::new(event)).map_err(|error| {
            // A status has no room for words; the request is refused with it.
            session.host.log(SYX_LOG_ERROR, &error.message);
            error
        })
    })
}

unsafe extern "C" fn process<P: Provider>(
    raw: *mut syx_session,
    input: *const syx_frame,
    output: *mut syx_frame,
    result: *mut syx_result,
) -> syx_status {
    entry(ptr::null_mut(), || {
        let input = input.as_ref().ok_or_else(missing)?;
        if (input.struct_size as usize) < size_of::<syx_frame>() {
            return Ok(SYX_EINVAL);
        }
        (*session::<P>(raw)?.kind.get()).process(input, output, result)
    })
}

unsafe extern "C" fn cancel<P: Provider>(raw: *mut syx_session, generation: u64) {
    entry(ptr::null_mut(), || {
        let raw = (raw as *const BoxOf<P>).as_ref().ok_or_else(missing)?;
        raw.host.note_cancelled(generation);
        (raw.cancel)(generation);
        Ok(SYX_OK)
    });
}

unsafe extern "C" fn reset<P: Provider>(raw: *mut syx_session) {
    entry(ptr::null_mut(), || {
        (*session::<P>(raw)?.kind.get()).reset();
        Ok(SYX_OK)
    });
}
