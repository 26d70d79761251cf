// SPDX-License-Identifier: Apache-2.0

//! A TTS session: clauses are spoken in order on a worker, audio over credit waits in its clause, each clause ends once.

use crate::abi::*;
use crate::error::{caught, Error};
use crate::event::{Event, OutEvent};
use crate::host::SessionHost;
use crate::provider::{Kind, SessionParams};
use std::collections::VecDeque;
use std::mem::size_of;
use std::sync::{Arc, Mutex, MutexGuard};

/// A piece of text to speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// What to say.
    pub text: String,
    /// The language tag, or empty.
    pub language: String,
    /// The voice, or empty.
    pub voice: String,
    /// The response that it belongs to.
    pub generation: u64,
    /// Its number.
    pub id: u64,
}

/// Speaks.
pub trait TtsSession: Send + 'static {
    /// Speaks a clause on a worker of the host, where it may block. An error or a panic ends the clause as failed.
    fn speak(&mut self, clause: &Clause, voice: &Voice) -> Result<(), Error>;
}

/// Where a clause's audio goes.
pub struct Voice {
    queue: Arc<Queue>,
    key: (u64, u64),
}

impl Voice {
    /// Takes 16-bit mono samples at the session's rate; false = stop, nobody listens any more.
    pub fn write(&self, samples: &[i16]) -> bool {
        let mut state = self.queue.lock();
        let front = state.clauses.front().map(Spoken::key) == Some(self.key);
        let clause = match state.running(self.key) {
            Some(clause) if clause.outcome.is_ok() && !self.queue.is_stale(clause) => clause,
            _ => return false,
        };
        clause.pcm.extend_from_slice(samples);
        if front {
            self.queue.send_front(&mut state);
        }
        state.running(self.key).map_or(false, |clause| clause.outcome.is_ok())
    }

    /// The word at this byte of the text begins with the next sample; makes exact what an interrupted caller heard.
    pub fn mark(&self, text_offset: usize) {
        if let Some(clause) = self.queue.lock().running(self.key) {
            let sample = clause.pcm.len();
            clause.marks.push_back((text_offset, sample));
        }
    }

    /// Of the audio.
    pub fn rate(&self) -> u32 {
        self.queue.rate
    }
}

#[derive(PartialEq)]
enum Stage {
    Waiting,
    Running,
    Finished,
}

struct Spoken {
    clause: Clause,
    stage: Stage,
    pcm: Vec<i16>,
    marks: VecDeque<(usize, usize)>,
    sent: usize,
    outcome: Result<(), Error>,
}

impl Spoken {
    fn key(&self) -> (u64, u64) {
        (self.clause.generation, self.clause.id)
    }
}

#[derive(Default)]
struct State {
    clauses: VecDeque<Spoken>,
    busy: bool,
    draining: bool,
    pts: i64,
}

impl State {
    fn running(&mut self, key: (u64, u64)) -> Option<&mut Spoken> {
        self.clauses.iter_mut().find(|clause| clause.stage == Stage::Running && clause.key() == key)
    }
}

/// The clauses of one session. The lock is held for list work and emit, which never blocks, never while speaking.
struct Queue {
    host: SessionHost,
    rate: u32,
    piece: usize,
    state: Mutex<State>,
}

const CLAUSES: usize = 48;
const CLAUSE_BYTES: usize = 4096;

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn is_stale(&self, clause: &Spoken) -> bool {
        matches!(&clause.outcome, Err(error) if error.status == SYX_ESTALE)
            || self.host.is_cancelled(clause.clause.generation)
    }

    /// Sends what there is and ends what has ended; true when the next clause may be begun.
    fn pump(&self, state: &mut State) -> bool {
        let mut index = 0;
        while let Some(clause) = state.clauses.get(index) {
            if self.is_stale(clause) && clause.stage != Stage::Running {
                if !self.send_end(clause) {
                    return false;
                }
                state.clauses.remove(index);
            } else {
                index += 1;
            }
        }
        while self.send_front(state) {
            match state.clauses.front() {
                Some(clause) if clause.stage == Stage::Finished && self.send_end(clause) => state.clauses.pop_front(),
                _ => break,
            };
        }
        if state.draining && state.clauses.is_empty() {
            state.draining = self.host.emit(&OutEvent::new(SYX_EV_DRAINED, 0, 0)) == SYX_EAGAIN;
        }
        // Little finished audio waits before the next clause is begun: a barge-in wastes little, memory is bounded.
        let unsent: usize = state.clauses.iter().map(|clause| clause.pcm.len() - clause.sent).sum();
        let waits = state.clauses.iter().any(|clause| clause.stage == Stage::Waiting);
        let begins = waits && !state.busy && unsent <= 2 * self.rate as usize;
        state.busy = state.busy || begins;
        begins
    }

    /// Each mark before the audio it points at; false when the host has no room, or nothing is there.
    fn send_front(&self, state: &mut State) -> bool {
        let pts = &mut state.pts;
        let clause = match state.clauses.front_mut() {
            Some(clause) => clause,
            None => return false,
        };
        loop {
            if let Some((text, sample)) = clause.marks.front().copied().filter(|mark| mark.1 <= clause.sent) {
                let mut event = OutEvent::new(SYX_EV_MARK, clause.clause.generation, clause.clause.id);
                event.i0 = text as i64;
                event.i1 = sample as i64;
                if self.host.emit(&event) == SYX_EAGAIN {
                    return false;
                }
                clause.marks.pop_front();
                continue;
            }
            let rest = &clause.pcm[clause.sent..];
            if rest.is_empty() || (rest.len() < self.piece && clause.stage != Stage::Finished) {
                return true;
            }
            let count = rest.len().min(self.piece);
            match self.send_frame(&clause.clause, &rest[..count], *pts) {
                SYX_EAGAIN => return false,
                status if status < 0 => {
                    // Stale, closed or refused: nobody will hear the rest.
                    clause.outcome = Err(Error::new(status, "the host refused the audio"));
                    clause.sent = clause.pcm.len();
                }
                _ => {
                    clause.sent += count;
                    *pts += count as i64;
                }
            }
        }
    }

    fn send_frame(&self, clause: &Clause, samples: &[i16], pts: i64) -> syx_status {
        let frame = syx_frame {
            struct_size: size_of::<syx_frame>() as u32,
            format: SYX_FMT_S16,
            rate: self.rate,
            channels: 1,
            samples: samples.len() as u32,
            flags: 0,
            generation: clause.generation,
            pts,
            t_ns: self.host.now_ns(),
            bytes: samples.len() * 2,
            data: samples.as_ptr() as *mut _,
            buf: std::ptr::null_mut(),
        };
        OutEvent::new(SYX_EV_AUDIO_OUT, clause.generation, clause.id)
            .with_raw(|raw| self.host.emit_raw(&syx_event { audio: &frame, t_ns: frame.t_ns, ..*raw }))
    }

    /// The clause's one terminal; false when the host has no room.
    fn send_end(&self, clause: &Spoken) -> bool {
        let (generation, id) = clause.key();
        let cancelled = OutEvent::new(SYX_EV_CANCELLED, generation, id);
        let event = match &clause.outcome {
            _ if self.is_stale(clause) => cancelled.clone(),
            Err(error) => OutEvent::error(generation, id, error),
            Ok(()) => OutEvent::new(SYX_EV_DONE, generation, id),
        };
        let mut status = self.host.emit(&event);
        if status == SYX_ESTALE && event != cancelled {
            status = self.host.emit(&cancelled);
        }
        status != SYX_EAGAIN
    }
}

/// The kind of a [`TtsSession`].
pub struct Tts<S> {
    session: Arc<Mutex<S>>,
    queue: Arc<Queue>,
}

impl<S: TtsSession> Tts<S> {
    /// Begins the next clause where that is due.
    fn advance(session: &Arc<Mutex<S>>, queue: &Arc<Queue>) {
        if !queue.pump(&mut queue.lock()) {
            return;
        }
        let (worker, clauses) = (session.clone(), queue.clone());
        if queue.host.run(0, move || Self::speak_next(&worker, &clauses)).is_err() {
            queue.lock().busy = false;
            queue.host.timer(20, 0);
        }
    }

    fn speak_next(session: &Arc<Mutex<S>>, queue: &Arc<Queue>) {
        let next = queue.lock().clauses.iter_mut().find(|clause| clause.stage == Stage::Waiting).map(|clause| {
            clause.stage = Stage::Running;
            clause.clause.clone()
        });
        if let Some(clause) = next {
            let voice = Voice { queue: queue.clone(), key: (clause.generation, clause.id) };
            let outcome =
                caught(|| session.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).speak(&clause, &voice));
            if let Some(spoken) = queue.lock().running(voice.key) {
                spoken.stage = Stage::Finished;
                if spoken.outcome.is_ok() {
                    spoken.outcome = outcome;
                }
            }
        }
        queue.lock().busy = false;
        Self::advance(session, queue)
    }
}

impl<S: TtsSession> Kind for Tts<S> {
    type Session = S;
    const KIND: u32 = SYX_TTS;
    const SPEAKS: bool = true;

    fn new(session: S, host: &SessionHost, params: &SessionParams) -> Self {
        let rate = params.output.rate;
        let limit = if params.max_frame_samples > 0 { params.max_frame_samples } else { u32::MAX };
        let piece = (rate / 50).min(limit).max(1) as usize;
        let queue = Queue { host: host.clone(), rate, piece, state: Mutex::new(State::default()) };
        Tts { session: Arc::new(Mutex::new(session)), queue: Arc::new(queue) }
    }

    /// The worker sees the flag at its next write; the timer brings us to [ctl] at once, for clauses that none holds.
    fn canceller(&self) -> Box<dyn Fn(u64) + Send + Sync> {
        let host = self.queue.host.clone();
        Box::new(move |_| {
            host.timer(0, 0);
        })
    }

    fn handle(&mut self, event: &Event) -> Result<syx_status, Error> {
        match event.kind() {
            SYX_EV_SPEAK => self.take(event)?,
            SYX_EV_DRAIN => self.queue.lock().draining = true,
            SYX_EV_WRITABLE | SYX_EV_TIMER | SYX_EV_TASK_DONE => (),
            _ => return Ok(SYX_SKIP),
        }
        Self::advance(&self.session, &self.queue);
        Ok(SYX_OK)
    }

    fn reset(&mut self) {
        for clause in self.queue.lock().clauses.iter() {
            self.queue.host.note_cancelled(clause.clause.generation);
        }
        Self::advance(&self.session, &self.queue)
    }

    fn close(&mut self) {
        self.queue.lock().clauses.clear()
    }
}

impl<S: TtsSession> Tts<S> {
    fn take(&self, event: &Event) -> Result<(), Error> {
        if event.text_len() > CLAUSE_BYTES {
            return Err(Error::invalid("a clause is longer than 4096 bytes"));
        }
        let (generation, id) = (event.generation(), event.id());
        if self.queue.host.is_cancelled(generation) {
            return Err(Error::new(SYX_ESTALE, "its generation was cancelled"));
        }
        let extras = event.json();
        let (language, voice) = (extras.string("language", ""), extras.string("voice", ""));
        let clause = Clause { text: event.text(), language, voice, generation, id };
        let mut state = self.queue.lock();
        if state.clauses.len() >= CLAUSES {
            return Err(Error::new(SYX_EQUOTA, "too many clauses wait").retry());
        }
        let (pcm, marks) = (Vec::new(), VecDeque::new());
        state.clauses.push_back(Spoken { clause, stage: Stage::Waiting, pcm, marks, sent: 0, outcome: Ok(()) });
        Ok(())
    }
}
