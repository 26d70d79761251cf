// SPDX-License-Identifier: Apache-2.0

//! What a plugin may ask of its host.

use crate::abi::*;
use crate::error::{caught, Error};
use crate::event::OutEvent;
use std::os::raw::{c_char, c_void};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;

/// The host as a provider sees it; any thread.
#[derive(Clone, Copy)]
pub struct Host {
    core: &'static syx_core,
    handle: syx_hprovider,
}

impl Host {
    pub(crate) fn new(core: &'static syx_core, handle: syx_hprovider) -> Host {
        Host { core, handle }
    }

    /// Monotonic nanoseconds, virtual in tests: never read a clock of your own.
    pub fn now_ns(&self) -> i64 {
        unsafe { (self.core.now_ns)(self.handle) }
    }

    /// Logs; `level` is one of `SYX_LOG_…`.
    pub fn log(&self, level: u32, message: &str) {
        self.log_in(0, level, message)
    }

    /// Adds to a counter or observes a histogram, by its place in the description's metrics.
    pub fn metric(&self, index: u32, value: f64) {
        unsafe { (self.core.metric)(self.handle, 0, index, value) }
    }

    pub(crate) fn handle(&self) -> syx_hprovider {
        self.handle
    }

    /// # Safety
    /// `id` ends with a NUL, and its table is a `T` of `size` bytes, which begins with its `struct_size`.
    pub(crate) unsafe fn service<T>(&self, id: &str, size: usize) -> Option<&'static T> {
        let table = (self.core.service)(self.handle, id.as_ptr() as *const c_char);
        match (table as *const u32).as_ref() {
            Some(stated) if *stated as usize >= size => (table as *const T).as_ref(),
            _ => None,
        }
    }

    fn log_in(&self, session: syx_hsession, level: u32, message: &str) {
        unsafe { (self.core.log)(self.handle, session, level, syx_str::lend(message), syx_str::lend("")) }
    }
}

/// Cancelled generations, remembered without a lock: exactly, for an older one may be spoken still.
struct CancelSet {
    slots: [AtomicU64; 64],
    next: AtomicUsize,
}

impl CancelSet {
    fn contains(&self, generation: u64) -> bool {
        self.slots.iter().any(|slot| slot.load(Ordering::Acquire) == generation)
    }

    fn insert(&self, generation: u64) {
        if !self.contains(generation) {
            let slot = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len();
            self.slots[slot].store(generation, Ordering::Release);
        }
    }
}

/// The host as a session sees it; any thread, until the session is closed. Clones are the same host.
#[derive(Clone)]
pub struct SessionHost {
    host: Host,
    handle: syx_hsession,
    cancels: Arc<CancelSet>,
}

impl SessionHost {
    pub(crate) fn new(host: Host, handle: syx_hsession) -> SessionHost {
        const EMPTY: AtomicU64 = AtomicU64::new(u64::MAX);
        let cancels = Arc::new(CancelSet { slots: [EMPTY; 64], next: AtomicUsize::new(0) });
        SessionHost { host, handle, cancels }
    }

    pub(crate) fn handle(&self) -> syx_hsession {
        self.handle
    }

    /// # Safety
    /// As [`Host::service`].
    pub(crate) unsafe fn service<T>(&self, id: &str, size: usize) -> Option<&'static T> {
        self.host.service(id, size)
    }

    /// Sends as it is; most sessions have an outbox, which waits for room.
    pub fn emit(&self, event: &OutEvent) -> syx_status {
        event.with_raw(|raw| self.emit_raw(raw))
    }

    pub(crate) fn emit_raw(&self, event: &syx_event) -> syx_status {
        unsafe { (self.host.core.emit)(self.handle, event) }
    }

    /// True once the host has cancelled this generation; cheap, to be asked between pieces of work.
    pub fn is_cancelled(&self, generation: u64) -> bool {
        self.cancels.contains(generation)
    }

    pub(crate) fn note_cancelled(&self, generation: u64) {
        self.cancels.insert(generation)
    }

    /// Logs in this session's name.
    pub fn log(&self, level: u32, message: &str) {
        self.host.log_in(self.handle, level, message)
    }

    /// As [`Host::metric`], in this session's name.
    pub fn metric(&self, index: u32, value: f64) {
        unsafe { (self.host.core.metric)(self.host.handle, self.handle, index, value) }
    }

    /// As [`Host::now_ns`].
    pub fn now_ns(&self) -> i64 {
        self.host.now_ns()
    }

    /// A TIMER event with `cookie` as its id comes after `delay_ms`; 0 = refused.
    pub fn timer(&self, delay_ms: u32, cookie: u64) -> u64 {
        unsafe { (self.host.core.timer)(self.handle, delay_ms, cookie) }
    }

    /// Runs `work` on a worker of the host, where it may block. The tasks of a session run one after another, and its
    /// close waits for them. A panic is logged. Fails when 64 wait, or the session is closing.
    pub fn run(&self, cookie: u64, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let task = Box::into_raw(Box::new(Task { host: self.clone(), work: Some(Box::new(work)) }));
        let status = unsafe { (self.host.core.run)(self.handle, start, task as *mut c_void, cookie) };
        if status < 0 {
            drop(unsafe { Box::from_raw(task) });
            return Err(Error::new(status, "the host takes no more work").retry());
        }
        Ok(())
    }
}

struct Task {
    host: SessionHost,
    work: Option<Box<dyn FnOnce() + Send>>,
}

unsafe extern "C" fn start(task: *mut c_void) {
    let mut task = Box::from_raw(task as *mut Task);
    let work = task.work.take();
    if let Err(error) = caught(|| {
        let _: () = if let Some(work) = work {
            work()
        };
        Ok(())
    }) {
        task.host.log(SYX_LOG_ERROR, &error.message);
    }
}
