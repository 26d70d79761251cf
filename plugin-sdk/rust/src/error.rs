// SPDX-License-Identifier: Apache-2.0

//! Errors, and the guard that no panic passes.

use crate::abi::*;
use std::any::Any;
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Why a call failed: one of the `SYX_E…` codes and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Always negative.
    pub status: syx_status,
    /// What happened, in a sentence.
    pub message: String,
    /// The same call may succeed later.
    pub retryable: bool,
}

impl Error {
    /// An error with this code; a code that is none counts as `SYX_EINTERNAL`.
    pub fn new(status: syx_status, message: impl Into<String>) -> Error {
        let status = if status < 0 { status } else { SYX_EINTERNAL };
        Error { status, message: message.into(), retryable: false }
    }

    /// A configuration or an option that cannot work.
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new(SYX_EINVAL, message)
    }

    /// Something that this plugin does not do.
    pub fn unsupported(message: impl Into<String>) -> Error {
        Error::new(SYX_EUNSUPPORTED, message)
    }

    /// Something that may work later.
    pub fn unavailable(message: impl Into<String>) -> Error {
        Error::new(SYX_EUNAVAILABLE, message).retry()
    }

    /// Says that the same call may succeed later.
    pub fn retry(mut self) -> Error {
        self.retryable = true;
        self
    }

    pub(crate) fn flags(&self) -> u32 {
        if self.retryable {
            SYX_ERR_RETRYABLE
        } else {
            0
        }
    }

    /// Writes into the host's memory, cut between characters.
    ///
    /// # Safety
    /// `err` is null or points at a `syx_err` of the size that it states.
    pub(crate) unsafe fn write(&self, err: *mut syx_err) {
        if err.is_null() || ((*err).struct_size as usize) < std::mem::size_of::<syx_err>() {
            return;
        }
        let err = &mut *err;
        let mut end = self.message.len().min(err.msg.len() - 1);
        while !self.message.is_char_boundary(end) {
            end -= 1;
        }
        for (slot, byte) in err.msg.iter_mut().zip(self.message.as_bytes()[..end].iter().chain(Some(&0))) {
            *slot = *byte as _;
        }
        err.code = self.status;
        err.flags = self.flags();
        err.retry_after_ms = 0;
        err.vendor_code = 0;
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.message)
    }
}

impl std::error::Error for Error {}

/// Runs `body`; a panic is an error like any other.
pub(crate) fn caught<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // What a panic leaves half done is the plugin's own; the host closes such a session.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(Error::new(SYX_EINTERNAL, words(&*panic))))
}

/// The same, for an entry: the status is the answer, the words go into `err`.
///
/// # Safety
/// As [`Error::write`].
pub(crate) unsafe fn entry(err: *mut syx_err, body: impl FnOnce() -> Result<syx_status, Error>) -> syx_status {
    match caught(body) {
        Ok(status) => status,
        Err(error) => {
            error.write(err);
            error.status
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return format!("panic: {text}");
    }
    match panic.downcast_ref::<String>() {
        Some(text) => format!("panic: {text}"),
        None => "a panic".to_string(),
    }
}
