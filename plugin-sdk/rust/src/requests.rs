// SPDX-License-Identifier: Apache-2.0

//! The kinds that answer requests with text: agents, recognisers, turn detectors; and backends.

use crate::abi::*;
use crate::error::{caught, Error};
use crate::event::{Event, Frame, OutEvent};
use crate::host::SessionHost;
use crate::json::Json;
use crate::network::{Inbox, NetworkEvent};
use crate::outbox::{Outbox, RequestKey};
use crate::provider::{Kind, SessionParams};
use std::sync::Arc;

/// How a request went, from the function that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is answered.
    Done,
    /// An agent's answer, after which the call ends.
    HangUp,
    /// A recogniser's text.
    Text(String),
    /// It is answered later, by [`Answer::work`] or [`Answer::finish`].
    Later,
}

/// The way out of one request; clones are the same request. Any thread.
#[derive(Clone)]
pub struct Answer {
    outbox: Arc<Outbox>,
    host: SessionHost,
    key: RequestKey,
    kind: u16,
}

impl Answer {
    /// The response or utterance.
    pub fn generation(&self) -> u64 {
        self.key.generation
    }

    /// True when nobody waits for it any more.
    pub fn is_cancelled(&self) -> bool {
        self.host.is_cancelled(self.key.generation)
    }

    /// Sends the next piece of an agent's answer; false when nobody listens any more.
    pub fn delta(&self, text: &str) -> bool {
        self.outbox.send(OutEvent::new(SYX_EV_DELTA, self.key.generation, 0).with_text(text)) >= 0
    }

    /// Sends a recogniser's text so far; its first `stable` bytes will not change.
    pub fn partial(&self, text: &str, stable: usize) {
        let mut event = OutEvent::new(SYX_EV_PARTIAL, self.key.generation, 0).with_text(text);
        event.i0 = stable as i64;
        self.outbox.send(event);
    }

    /// Calls a tool of the host; its result comes to [`AgentSession::tool_result`] with this id.
    pub fn call_tool(&self, id: u64, name: &str, arguments: &str) {
        let mut event = OutEvent::new(SYX_EV_TOOL_CALL, self.key.generation, id).with_text(name);
        event.json = arguments.to_string();
        self.outbox.send(event);
    }

    /// Ends the request; the first end counts.
    pub fn finish(&self, reply: Result<Reply, Error>) {
        let mut event = OutEvent::new(self.kind, self.key.generation, self.key.id);
        match reply {
            Ok(Reply::Later) => return,
            Ok(Reply::Done) => (),
            Ok(Reply::HangUp) => event.flags = SYX_DONE_HANGUP,
            Ok(Reply::Text(text)) => event.text = text,
            Err(error) => return self.outbox.fail(self.key, &error),
        }
        event.f0 = 1.0;
        self.outbox.finish(event)
    }

    /// Answers on a worker of the host, where blocking is allowed; an error or a panic ends the request as failed.
    pub fn work(&self, body: impl FnOnce(&Answer) -> Result<Reply, Error> + Send + 'static) -> Result<Reply, Error> {
        let answer = self.clone();
        self.host.run(0, move || answer.finish(caught(|| body(&answer))))?;
        Ok(Reply::Later)
    }
}

/// What all of them have.
struct Desk {
    outbox: Arc<Outbox>,
    host: SessionHost,
    /// Of the audio that comes in.
    rate: u32,
    draining: bool,
    inbox: Inbox,
}

impl Desk {
    fn new(host: &SessionHost, params: &SessionParams) -> Desk {
        let outbox = Arc::new(Outbox::new(host.clone()));
        Desk { outbox, host: host.clone(), rate: params.input.rate, draining: false, inbox: Inbox::default() }
    }

    /// What came over the network, if that is what it is; `None` in it = a piece of something.
    fn network(&mut self, event: &Event) -> Option<Option<NetworkEvent>> {
        let is_network = (SYX_EV_HTTP_HEAD..=SYX_EV_DIGEST).contains(&event.kind());
        is_network.then(|| self.inbox.read(event, &self.host))
    }

    fn canceller(&self) -> Box<dyn Fn(u64) + Send + Sync> {
        let outbox = self.outbox.clone();
        Box::new(move |generation| outbox.cancel(generation))
    }

    /// Accepts a request and asks for its answer.
    fn accept(
        &self,
        event: &Event,
        kind: u16,
        ask: impl FnOnce(&Answer) -> Result<Reply, Error>,
    ) -> Result<syx_status, Error> {
        let id = if kind == SYX_EV_FINAL { 0 } else { event.id() };
        let key = RequestKey { generation: event.generation(), id };
        if self.host.is_cancelled(key.generation) {
            return Ok(SYX_ESTALE);
        }
        self.outbox.begin(key)?;
        let answer = Answer { outbox: self.outbox.clone(), host: self.host.clone(), key, kind };
        answer.finish(caught(|| ask(&answer)));
        Ok(SYX_OK)
    }

    /// WRITABLE and DRAIN; anything else is skipped.
    fn other(&mut self, event: &Event) -> syx_status {
        match event.kind() {
            SYX_EV_WRITABLE => self.outbox.flush(),
            SYX_EV_DRAIN => self.draining = true,
            _ if !self.draining => return SYX_SKIP,
            _ => (),
        }
        if self.draining && self.outbox.is_idle() {
            self.draining = false;
            self.outbox.send(OutEvent::new(SYX_EV_DRAINED, 0, 0));
        }
        SYX_OK
    }
}

/// What the caller said.
pub struct Prompt {
    /// The words.
    pub text: String,
    /// `history`, `tools`, `language`.
    pub extras: Json,
    /// The response that is asked for.
    pub generation: u64,
}

/// Answers the caller.
pub trait AgentSession: Send + 'static {
    /// Answer with [`Answer::delta`], as small as the pieces come.
    fn prompt(&mut self, prompt: &Prompt, answer: &Answer) -> Result<Reply, Error>;
    /// What a tool answered; a negative status is an error.
    fn tool_result(&mut self, _id: u64, _status: syx_status, _text: &str) {}
    /// What came of requests and sockets that it started.
    fn network(&mut self, _event: &NetworkEvent) {}
    /// Back to the state after opening.
    fn reset(&mut self) {}
}

/// Turns utterances into text.
pub trait SttSession: Send + 'static {
    /// Audio; the frame's generation is its utterance, 0 between two.
    fn hear(&mut self, frame: &Frame);
    /// The utterance is complete: its text, or later.
    fn transcribe(&mut self, utterance: u64, answer: &Answer) -> Result<Reply, Error>;
    /// What came of requests and sockets that it started.
    fn network(&mut self, _event: &NetworkEvent) {}
    /// Back to the state after opening.
    fn reset(&mut self) {}
}

/// Says whether the caller has finished.
pub trait TurnSession: Send + 'static {
    /// The probability, 0 to 1, that the turn is complete; `silence` in seconds so far.
    fn complete(&mut self, text: &str, silence: f64) -> f64;
    /// Back to the state after opening.
    fn reset(&mut self) {}
}

macro_rules! request_kind {
    ($(#[$doc:meta])* $name:ident: $bound:path, $constant:expr, $hears:expr, reset: $reset:expr, $handle:expr) => {
        $(#[$doc])*
        pub struct $name<S> {
            session: S,
            desk: Desk,
        }

        impl<S: $bound> Kind for $name<S> {
            type Session = S;
            const KIND: u32 = $constant;
            const HEARS: bool = $hears;

            fn new(session: S, host: &SessionHost, params: &SessionParams) -> Self {
                $name { session, desk: Desk::new(host, params) }
            }
            fn canceller(&self) -> Box<dyn Fn(u64) + Send + Sync> {
                self.desk.canceller()
            }
            fn handle(&mut self, event: &Event) -> Result<syx_status, Error> {
                let handle: fn(&mut Self, &Event) -> Result<syx_status, Error> = $handle;
                handle(self, event)
            }
            fn reset(&mut self) {
                let reset: fn(&mut S) = $reset;
                self.desk.outbox.reset();
                reset(&mut self.session)
            }
            fn close(&mut self) {
                self.desk.outbox.close()
            }
        }
    };
}

request_kind!(
    /// The kind of an [`AgentSession`].
    Agent: AgentSession, SYX_AGENT, false, reset: S::reset, |this, event| match event.kind() {
        SYX_EV_PROMPT => {
            let prompt = Prompt { text: event.text(), extras: event.json(), generation: event.generation() };
            let session = &mut this.session;
            this.desk.accept(event, SYX_EV_DONE, |answer| session.prompt(&prompt, answer))
        }
        SYX_EV_TOOL_RESULT => {
            this.session.tool_result(event.id(), event.integer() as syx_status, &event.text());
            Ok(SYX_OK)
        }
        _ => Ok(match this.desk.network(event) {
            Some(found) => {
                found.iter().for_each(|event| this.session.network(event));
                SYX_OK
            }
            None => this.desk.other(event),
        }),
    }
);

request_kind!(
    /// The kind of an [`SttSession`].
    Stt: SttSession, SYX_STT, true, reset: S::reset, |this, event| match event.kind() {
        SYX_EV_AUDIO_IN => match event.frame(this.desk.rate) {
            Some(frame) => {
                this.session.hear(&frame);
                Ok(SYX_OK)
            }
            None => Ok(SYX_EINVAL),
        },
        SYX_EV_END_OF_INPUT => {
            let (session, utterance) = (&mut this.session, event.generation());
            this.desk.accept(event, SYX_EV_FINAL, |answer| session.transcribe(utterance, answer))
        }
        _ => Ok(match this.desk.network(event) {
            Some(found) => {
                found.iter().for_each(|event| this.session.network(event));
                SYX_OK
            }
            None => this.desk.other(event),
        }),
    }
);

request_kind!(
    /// The kind of a [`TurnSession`].
    Turn: TurnSession, SYX_TURN, false, reset: S::reset, |this, event| match event.kind() {
        SYX_EV_TRANSCRIPT => {
            let mut verdict = OutEvent::new(SYX_EV_TURN_END, event.generation(), 0);
            verdict.f0 = this.session.complete(&event.text(), event.number());
            Ok(this.desk.outbox.send(verdict))
        }
        _ => Ok(this.desk.other(event)),
    }
);

/// A place where sessions run; the host carries the media, so any type will do: its drop is the session's end.
pub struct Backend<S> {
    _session: S,
    desk: Desk,
}

impl<S: Send + 'static> Kind for Backend<S> {
    type Session = S;
    const KIND: u32 = SYX_BACKEND;

    fn new(session: S, host: &SessionHost, params: &SessionParams) -> Self {
        Backend { _session: session, desk: Desk::new(host, params) }
    }
    fn canceller(&self) -> Box<dyn Fn(u64) + Send + Sync> {
        self.desk.canceller()
    }
    fn handle(&mut self, event: &Event) -> Result<syx_status, Error> {
        Ok(self.desk.other(event))
    }
    fn close(&mut self) {
        self.desk.outbox.close()
    }
}
