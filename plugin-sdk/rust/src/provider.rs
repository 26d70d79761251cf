// SPDX-License-Identifier: Apache-2.0

//! What the sessions of one configuration share, and what a kind of session is.

use crate::abi::*;
use crate::error::Error;
use crate::event::Event;
use crate::host::{Host, SessionHost};
use crate::json::Json;

/// What a provider is opened with.
pub struct ProviderParams {
    /// Whose it is.
    pub tenant: String,
    /// Valid by the description's schema, defaults filled in.
    pub config: Json,
    /// The plugin's own folder: models, voices; read-only.
    pub data_dir: String,
}

/// What a session is opened with.
pub struct SessionParams {
    /// Whose it is.
    pub tenant: String,
    /// Its name in logs.
    pub session: String,
    /// The language that is expected, or empty.
    pub locale: String,
    /// Valid by the description's session schema.
    pub options: Json,
    /// The audio that it gets.
    pub input: syx_format,
    /// The audio that it sends.
    pub output: syx_format,
    /// Samples in the longest frame, 0 = not told.
    pub max_frame_samples: u32,
    /// Audio that may run ahead of playout, in milliseconds.
    pub credit_ms: u32,
}

/// What the host knows of a provider without opening it.
#[derive(Clone, Copy)]
pub struct Description {
    /// A letter, then lower-case letters, digits, `-` and `_`.
    pub id: &'static str,
    /// Semantic version, the manifest's.
    pub version: &'static str,
    /// For people.
    pub name: &'static str,
    /// For people.
    pub vendor: &'static str,
    /// For people.
    pub license: &'static str,
    /// JSON Schema (2020-12) of the configuration.
    pub config_schema: &'static str,
    /// The same for a session's options; `None` = takes none.
    pub session_schema: Option<&'static str>,
    /// An object; docs/PLUGINS.md lists its keys.
    pub capabilities: &'static str,
    /// `[{"name","type","help"}]`, or `None`.
    pub metrics: Option<&'static str>,
    /// `SYX_PF_…`; a kind with frames adds `SYX_PF_RT_PROCESS`.
    pub flags: u32,
    /// 0 = no limit.
    pub max_sessions: u32,
}

impl Description {
    /// A provider without configuration.
    pub const fn new(id: &'static str, version: &'static str, name: &'static str, vendor: &'static str) -> Description {
        Description {
            id,
            version,
            name,
            vendor,
            license: "Apache-2.0",
            config_schema: r#"{"type":"object","additionalProperties":false,"properties":{}}"#,
            session_schema: None,
            capabilities: "{}",
            metrics: None,
            flags: 0,
            max_sessions: 0,
        }
    }
}

/// Exists once per configuration. Its sessions run beside each other, hence `Sync`.
pub trait Provider: Sized + Send + Sync + 'static {
    /// `Vad<MySession>`, `Filter<…>`, `Stt<…>`, `Tts<…>`, `Agent<…>`, `Turn<…>` or `Backend<…>`.
    type Kind: Kind;
    /// Who it is.
    const DESCRIPTION: Description;

    /// Makes it; may load models.
    fn open(host: Host, params: &ProviderParams) -> Result<Self, Error>;
    /// Begins a conversation.
    fn session(&self, host: &SessionHost, params: &SessionParams) -> Result<<Self::Kind as Kind>::Session, Error>;
    /// An error when it cannot work.
    fn health(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// How the events and frames of one kind reach a session. Implemented by this crate.
pub trait Kind: Send + Sized + 'static {
    /// What the plugin's author writes.
    type Session;
    /// One of `SYX_VAD` and so on.
    const KIND: u32;
    /// It gets frames on the media path.
    const PROCESSES: bool = false;
    /// It gets the caller's audio.
    const HEARS: bool = false;
    /// It sends audio.
    const SPEAKS: bool = false;

    /// Takes a session in.
    fn new(session: Self::Session, host: &SessionHost, params: &SessionParams) -> Self;
    /// Called on any thread when a generation is cancelled.
    fn canceller(&self) -> Box<dyn Fn(u64) + Send + Sync>;
    /// Every event.
    fn handle(&mut self, event: &Event) -> Result<syx_status, Error>;
    /// A frame on the media path.
    ///
    /// # Safety
    /// `output` and `result` are null or valid for writing, as `syx_plugin_vt.process` says.
    unsafe fn process(&mut self, _: &syx_frame, _: *mut syx_frame, _: *mut syx_result) -> Result<syx_status, Error> {
        Ok(SYX_EUNSUPPORTED)
    }
    /// Back to the state after opening.
    fn reset(&mut self) {}
    /// The last call.
    fn close(&mut self) {}
}
