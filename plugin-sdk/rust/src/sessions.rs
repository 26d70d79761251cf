// SPDX-License-Identifier: Apache-2.0

//! The kinds on the media path: no allocation, no lock, no system call in what they call.

use crate::abi::*;
use crate::error::Error;
use crate::event::{level, Event, Frame};
use crate::host::SessionHost;
use crate::provider::{Kind, SessionParams};
use std::mem::size_of;

/// Says how likely speech is in each frame.
pub trait VadSession: Send + 'static {
    /// Speech, 0 to 1; media path.
    fn probability(&mut self, frame: &Frame) -> f32;
    /// Back to the state after opening.
    fn reset(&mut self) {}
}

/// Changes every frame of the caller.
pub trait FilterSession: Send + 'static {
    /// Changes the samples in place; media path.
    fn apply(&mut self, samples: &mut [i16], frame: &Frame);
    /// What the agent plays, for echo cancellers; media path.
    fn echo_reference(&mut self, _frame: &Frame) {}
    /// Back to the state after opening.
    fn reset(&mut self) {}
}

/// The kind of a [`VadSession`].
pub struct Vad<S> {
    session: S,
    rate: u32,
}

impl<S: VadSession> Kind for Vad<S> {
    type Session = S;
    const KIND: u32 = SYX_VAD;
    const PROCESSES: bool = true;
    const HEARS: bool = true;

    fn new(session: S, _: &SessionHost, params: &SessionParams) -> Self {
        Vad { session, rate: params.input.rate }
    }
    fn canceller(&self) -> Box<dyn Fn(u64) + Send + Sync> {
        Box::new(|_| ())
    }
    fn handle(&mut self, _: &Event) -> Result<syx_status, Error> {
        Ok(SYX_SKIP)
    }
    unsafe fn process(
        &mut self,
        input: &syx_frame,
        _: *mut syx_frame,
        result: *mut syx_result,
    ) -> Result<syx_status, Error> {
        let frame = match Frame::checked(input, self.rate) {
            Some(frame) => frame,
            None => return Ok(SYX_EINVAL),
        };
        if input.flags & SYX_FR_ECHO_REF != 0 {
            return Ok(SYX_SKIP);
        }
        fill(result, self.session.probability(&frame), frame.level(), input.pts);
        Ok(SYX_OK)
    }
    fn reset(&mut self) {
        self.session.reset()
    }
}

/// The kind of a [`FilterSession`].
pub struct Filter<S> {
    session: S,
    rate: u32,
}

impl<S: FilterSession> Kind for Filter<S> {
    type Session = S;
    const KIND: u32 = SYX_FILTER;
    const PROCESSES: bool = true;
    const HEARS: bool = true;

    fn new(session: S, _: &SessionHost, params: &SessionParams) -> Self {
        Filter { session, rate: params.input.rate }
    }
    fn canceller(&self) -> Box<dyn Fn(u64) + Send + Sync> {
        Box::new(|_| ())
    }
    fn handle(&mut self, _: &Event) -> Result<syx_status, Error> {
        Ok(SYX_SKIP)
    }
    unsafe fn process(
        &mut self,
        input: &syx_frame,
        output: *mut syx_frame,
        result: *mut syx_result,
    ) -> Result<syx_status, Error> {
        // The output may be the input's memory, so the input is only described from here on, not read.
        let described = syx_frame { flags: input.flags | SYX_FR_SILENCE, data: std::ptr::null_mut(), ..*input };
        let frame = match (Frame::checked(input, self.rate), Frame::checked(&described, self.rate)) {
            (Some(frame), _) if input.flags & SYX_FR_ECHO_REF != 0 => {
                self.session.echo_reference(&frame);
                return Ok(SYX_OK);
            }
            (Some(_), Some(described)) => described,
            _ => return Ok(SYX_EINVAL),
        };
        let samples = match copy(input, output) {
            Some(samples) => samples,
            None => return Ok(SYX_EINVAL),
        };
        self.session.apply(samples, &frame);
        fill(result, 0.0, level(samples), input.pts);
        Ok(SYX_OK)
    }
    fn reset(&mut self) {
        self.session.reset()
    }
}

/// Prepares a filter's output: the input's description and data; silence without data is written out as zeros.
unsafe fn copy<'a>(input: &syx_frame, output: *mut syx_frame) -> Option<&'a mut [i16]> {
    let output = output.as_mut()?;
    let (count, bytes) = (input.samples as usize, input.samples as usize * 2);
    let room = output.struct_size as usize >= size_of::<syx_frame>() && output.bytes >= bytes;
    if !room || output.data.is_null() || output.data as usize % 2 != 0 {
        return None;
    }
    let data = output.data as *mut i16;
    if input.data.is_null() {
        std::ptr::write_bytes(data, 0, count);
    } else {
        std::ptr::copy(input.data as *const i16, data, count);
    }
    let (data_kept, buf) = (output.data, output.buf);
    *output = syx_frame { data: data_kept, buf, bytes, flags: input.flags & !SYX_FR_SILENCE, ..*input };
    Some(std::slice::from_raw_parts_mut(data, count))
}

unsafe fn fill(result: *mut syx_result, probability: f32, level_dbfs: f32, pts: i64) {
    match result.as_mut() {
        Some(result) if result.struct_size as usize >= size_of::<syx_result>() => {
            *result = syx_result { struct_size: result.struct_size, flags: 0, probability, level_dbfs, pts };
        }
        _ => (),
    }
}
