// SPDX-License-Identifier: Apache-2.0

//! Syrinx plugins in Rust, without a dependency: traits over the C ABI.
//!
//! A provider says who it is and opens sessions; a session is a type with the trait of its kind. No panic leaves a
//! plugin: every entry catches it, and the request that it belonged to ends as failed.
//!
//! ```
//! use syrinx::{Agent, AgentSession, Answer, Description, Error, Host, Prompt, Provider, ProviderParams, Reply};
//! use syrinx::{SessionHost, SessionParams};
//!
//! struct Echo;
//! impl AgentSession for Echo {
//!     fn prompt(&mut self, prompt: &Prompt, answer: &Answer) -> Result<Reply, Error> {
//!         answer.delta(&prompt.text);
//!         Ok(Reply::Done)
//!     }
//! }
//!
//! struct EchoProvider;
//! impl Provider for EchoProvider {
//!     type Kind = Agent<Echo>;
//!     const DESCRIPTION: Description = Description::new("echo", "1.0.0", "Echo", "You");
//!     fn open(_: Host, _: &ProviderParams) -> Result<Self, Error> {
//!         Ok(EchoProvider)
//!     }
//!     fn session(&self, _: &SessionHost, _: &SessionParams) -> Result<Echo, Error> {
//!         Ok(Echo)
//!     }
//! }
//! syrinx::module!(EchoProvider);
//! # fn main() {}
//! ```
#![warn(missing_docs)]

#[cfg(panic = "abort")]
compile_error!("a plugin needs panic = \"unwind\": a panic must not end the host");

pub mod abi;
mod error;
mod event;
mod host;
mod json;
mod module;
mod network;
mod outbox;
mod provider;
mod requests;
mod sessions;
mod speaker;

pub use error::Error;
pub use event::{level, Event, Frame, OutEvent};
pub use host::{Host, SessionHost};
pub use json::Json;
pub use module::Table;
pub use network::{NetworkEvent, Request};
pub use outbox::{Outbox, RequestKey};
pub use provider::{Description, Kind, Provider, ProviderParams, SessionParams};
pub use requests::{Agent, AgentSession, Answer, Backend, Prompt, Reply, Stt, SttSession, Turn, TurnSession};
pub use sessions::{Filter, FilterSession, Vad, VadSession};
pub use speaker::{Clause, Tts, TtsSession, Voice};
