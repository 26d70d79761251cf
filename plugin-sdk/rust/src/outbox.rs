// SPDX-License-Identifier: Apache-2.0

//! Order, room and terminals.

use crate::abi::*;
use crate::error::Error;
use crate::event::OutEvent;
use crate::host::SessionHost;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

/// What one event answers: a generation, and a clause's number where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestKey {
    /// The response or utterance.
    pub generation: u64,
    /// The clause, else 0.
    pub id: u64,
}

/// A session's way out: what the host cannot take yet is kept and sent on WRITABLE, and every request that was accepted
/// ends exactly once. Any thread.
pub struct Outbox {
    host: SessionHost,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<OutEvent>,
    open: Vec<RequestKey>,
    closed: bool,
}

impl Outbox {
    /// Events that may wait; further ones answer `SYX_EAGAIN`. Terminals are kept beyond it: there are few requests.
    pub const CAPACITY: usize = 1024;
    /// Requests that may be under way.
    pub const REQUESTS: usize = 64;

    pub(crate) fn new(host: SessionHost) -> Outbox {
        Outbox { host, state: Mutex::new(State::default()) }
    }

    // Held while emitting, so that order and "nothing after close" hold; the host never calls back (R3). A panic
    // elsewhere leaves nothing half done in here.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Accepts a request, which from now on must end.
    pub fn begin(&self, key: RequestKey) -> Result<(), Error> {
        let mut state = self.lock();
        if state.open.len() >= Self::REQUESTS {
            return Err(Error::new(SYX_EQUOTA, "too many requests are under way").retry());
        }
        state.open.push(key);
        Ok(())
    }

    /// Sends or keeps an event that ends nothing; negative when nobody will hear it.
    pub fn send(&self, event: OutEvent) -> syx_status {
        let mut state = self.lock();
        if state.closed {
            return SYX_ECLOSED;
        }
        if event.generation != 0 && self.host.is_cancelled(event.generation) {
            return SYX_ESTALE;
        }
        let status = if state.waiting.is_empty() { self.deliver(&event) } else { SYX_EAGAIN };
        if status != SYX_EAGAIN || state.waiting.len() >= Self::CAPACITY {
            return status;
        }
        state.waiting.push_back(event);
        SYX_OK
    }

    /// Ends a request with this event; does nothing when it has ended already, by cancellation for example.
    pub fn finish(&self, event: OutEvent) {
        let mut state = self.lock();
        if forget(&mut state, RequestKey { generation: event.generation, id: event.id }) {
            self.end(&mut state, event);
        }
    }

    /// Ends a request that failed.
    pub fn fail(&self, key: RequestKey, error: &Error) {
        self.finish(OutEvent::error(key.generation, key.id, error))
    }

    /// Drops what waits of this generation; each of its requests ends as cancelled.
    pub fn cancel(&self, generation: u64) {
        let mut state = self.lock();
        state.waiting.retain(|event| event.generation != generation || event.ends());
        for event in state.waiting.iter_mut().filter(|event| event.generation == generation) {
            *event = OutEvent::new(SYX_EV_CANCELLED, event.generation, event.id);
        }
        let ended: Vec<RequestKey> = state.open.iter().filter(|key| key.generation == generation).copied().collect();
        for key in ended {
            forget(&mut state, key);
            self.end(&mut state, OutEvent::new(SYX_EV_CANCELLED, key.generation, key.id));
        }
        self.flush_locked(&mut state);
    }

    /// Sends what waits, as far as there is room.
    pub fn flush(&self) {
        self.flush_locked(&mut self.lock())
    }

    /// Back to the beginning, without a word about what was under way.
    pub fn reset(&self) {
        let mut state = self.lock();
        state.waiting.clear();
        state.open.clear();
    }

    /// Nothing is sent any more.
    pub fn close(&self) {
        self.reset();
        self.lock().closed = true;
    }

    /// No request is under way and nothing waits.
    pub fn is_idle(&self) -> bool {
        let state = self.lock();
        state.open.is_empty() && state.waiting.is_empty()
    }

    fn end(&self, state: &mut State, event: OutEvent) {
        if !state.closed && (!state.waiting.is_empty() || self.deliver(&event) == SYX_EAGAIN) {
            state.waiting.push_back(event);
        }
    }

    /// A terminal that comes too late for its generation is told as cancelled.
    fn deliver(&self, event: &OutEvent) -> syx_status {
        let status = self.host.emit(event);
        if status != SYX_ESTALE || !event.ends() || event.kind == SYX_EV_CANCELLED {
            return status;
        }
        self.host.emit(&OutEvent::new(SYX_EV_CANCELLED, event.generation, event.id))
    }

    fn flush_locked(&self, state: &mut State) {
        while let Some(first) = state.waiting.front() {
            if self.deliver(first) == SYX_EAGAIN {
                return;
            }
            state.waiting.pop_front();
        }
    }
}

fn forget(state: &mut State, key: RequestKey) -> bool {
    let found = state.open.iter().position(|open| *open == key);
    found.map(|index| state.open.remove(index)).is_some()
}
