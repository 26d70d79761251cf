// SPDX-License-Identifier: Apache-2.0

//! Events of both directions, and audio frames.

use crate::abi::*;
use crate::error::Error;
use crate::json::Json;
use std::mem::size_of;

/// An event that the host lends for one call.
pub struct Event<'a> {
    raw: &'a syx_event,
}

impl<'a> Event<'a> {
    pub(crate) fn new(raw: &'a syx_event) -> Event<'a> {
        Event { raw }
    }

    /// One of `SYX_EV_…`.
    pub fn kind(&self) -> u16 {
        self.raw.r#type
    }
    /// The response or utterance that it belongs to.
    pub fn generation(&self) -> u64 {
        self.raw.generation
    }
    /// A clause, timer, task or tool call.
    pub fn id(&self) -> u64 {
        self.raw.id
    }
    /// `i0`.
    pub fn integer(&self) -> i64 {
        self.raw.i0
    }
    /// `i1`.
    pub fn second_integer(&self) -> i64 {
        self.raw.i1
    }
    /// The bytes of its text, as they came.
    pub fn bytes(&self) -> &'a [u8] {
        let text = self.raw.text;
        if text.ptr.is_null() || text.len > isize::MAX as usize {
            return &[];
        }
        unsafe { std::slice::from_raw_parts(text.ptr as *const u8, text.len) }
    }
    /// `f0`.
    pub fn number(&self) -> f64 {
        self.raw.f0
    }
    /// `SYX_SPEAK_LAST` and the like.
    pub fn flags(&self) -> u32 {
        self.raw.flags
    }
    /// The length of its text in bytes, without copying it.
    pub fn text_len(&self) -> usize {
        self.raw.text.len
    }
    /// Its text.
    pub fn text(&self) -> String {
        unsafe { self.raw.text.to_text() }
    }
    /// Its extras, an empty object when there are none or they are malformed.
    pub fn json(&self) -> Json {
        Json::options(&unsafe { self.raw.json.to_text() }).unwrap_or(Json::Null)
    }
    /// Its audio, when that is 16-bit mono at this rate.
    pub fn frame(&self, rate: u32) -> Option<Frame<'a>> {
        unsafe { self.raw.audio.as_ref() }.and_then(|raw| Frame::checked(raw, rate)).map(|mut frame| {
            frame.generation = self.raw.generation;
            frame
        })
    }
}

/// An event to send.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OutEvent {
    /// One of `SYX_EV_…`.
    pub kind: u16,
    /// `SYX_DONE_HANGUP` and the like.
    pub flags: u32,
    /// The response or utterance that it belongs to.
    pub generation: u64,
    /// A clause or tool call.
    pub id: u64,
    /// `i0`.
    pub i0: i64,
    /// `i1`.
    pub i1: i64,
    /// `f0`.
    pub f0: f64,
    /// Its text.
    pub text: String,
    /// Its extras: an object, or empty.
    pub json: String,
}

impl OutEvent {
    /// An event without a text.
    pub fn new(kind: u16, generation: u64, id: u64) -> OutEvent {
        OutEvent { kind, generation, id, ..OutEvent::default() }
    }

    /// The same with a text.
    pub fn with_text(mut self, text: impl Into<String>) -> OutEvent {
        self.text = text.into();
        self
    }

    pub(crate) fn error(generation: u64, id: u64, error: &Error) -> OutEvent {
        let mut event = OutEvent::new(SYX_EV_ERROR, generation, id).with_text(error.message.as_str());
        event.i0 = error.status.into();
        event.i1 = error.flags().into();
        event
    }

    pub(crate) fn ends(&self) -> bool {
        matches!(self.kind, SYX_EV_DONE | SYX_EV_FINAL | SYX_EV_CANCELLED | SYX_EV_ERROR)
    }

    pub(crate) fn with_raw<T>(&self, body: impl FnOnce(&syx_event) -> T) -> T {
        body(&syx_event {
            struct_size: size_of::<syx_event>() as u32,
            space: 0,
            r#type: self.kind,
            flags: self.flags,
            stream: 0,
            generation: self.generation,
            id: self.id,
            t_ns: 0,
            i0: self.i0,
            i1: self.i1,
            f0: self.f0,
            text: syx_str::lend(&self.text),
            json: syx_str::lend(&self.json),
            audio: std::ptr::null(),
        })
    }
}

/// Checked audio that the host lends for one call: 16-bit, mono, at the session's rate.
pub struct Frame<'a> {
    samples: Option<&'a [i16]>,
    len: usize,
    generation: u64,
    /// The first sample's place since the session began.
    pub pts: i64,
    /// Audio is missing before this frame.
    pub after_a_gap: bool,
}

impl<'a> Frame<'a> {
    /// `None` when it is not whole 16-bit mono PCM at `rate` with as many bytes as it claims.
    pub(crate) fn checked(raw: &'a syx_frame, rate: u32) -> Option<Frame<'a>> {
        let fits = raw.struct_size as usize >= size_of::<syx_frame>()
            && raw.format == SYX_FMT_S16
            && raw.channels == 1
            && raw.rate == rate
            && raw.samples > 0;
        let len = raw.samples as usize;
        let samples = if raw.data.is_null() {
            (raw.flags & SYX_FR_SILENCE != 0).then_some(None)?
        } else {
            let whole = len.checked_mul(2) == Some(raw.bytes) && raw.data as usize % 2 == 0;
            whole.then(|| Some(unsafe { std::slice::from_raw_parts(raw.data as *const i16, len) }))?
        };
        let after_a_gap = raw.flags & SYX_FR_DISCONT != 0;
        fits.then_some(Frame { samples, len, generation: raw.generation, pts: raw.pts, after_a_gap })
    }

    /// The samples; `None` for digital silence without data.
    pub fn samples(&self) -> Option<&'a [i16]> {
        self.samples
    }
    /// How many samples it has.
    pub fn len(&self) -> usize {
        self.len
    }
    /// Never: an empty frame is refused.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// The utterance that it belongs to, 0 between two.
    pub fn generation(&self) -> u64 {
        self.generation
    }
    /// In dB relative to full scale, -120 for silence.
    pub fn level(&self) -> f32 {
        level(self.samples.unwrap_or(&[]))
    }
}

/// Level of the AC part in dB relative to a full-scale square wave, -120 for silence.
pub fn level(samples: &[i16]) -> f32 {
    let count = samples.len().max(1) as f64;
    let sum: i64 = samples.iter().map(|x| i64::from(*x)).sum();
    let squares: i64 = samples.iter().map(|x| i64::from(*x) * i64::from(*x)).sum();
    let power = squares as f64 / count - (sum as f64 / count).powi(2);
    if power < 1e-3 {
        return -120.0;
    }
    (10.0 * (power / (32768.0 * 32768.0)).log10()) as f32
}
