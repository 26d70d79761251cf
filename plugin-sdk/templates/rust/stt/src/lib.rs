// SPDX-License-Identifier: Apache-2.0

//! A recogniser: audio of an utterance comes in, its text goes out. This one tells how long the utterance was; replace
//! `hear` and `transcribe`.

use syrinx::{Answer, Description, Error, Frame, Host, Provider, ProviderParams, Reply, SessionHost, SessionParams};
use syrinx::{Stt, SttSession};

/// Belongs to one conversation; its calls never overlap.
struct Recogniser {
    unit: String,
    rate: u32,
    utterance: u64,
    samples: usize,
}

impl SttSession for Recogniser {
    fn hear(&mut self, frame: &Frame) {
        if frame.generation() == 0 {
            return; // between two utterances
        }
        if frame.generation() != self.utterance {
            self.samples = 0;
        }
        self.utterance = frame.generation();
        self.samples += frame.len();
    }

    /// A decoder that blocks belongs into `answer.work(move |answer| ...)`.
    fn transcribe(&mut self, utterance: u64, _: &Answer) -> Result<Reply, Error> {
        let samples = if utterance == self.utterance { self.samples } else { 0 };
        Ok(Reply::Text(format!("{:.1} {}", samples as f64 / f64::from(self.rate), self.unit)))
    }
}

/// Exists once per configuration and holds what its sessions share: the model.
struct RecogniserProvider {
    unit: String,
}

impl Provider for RecogniserProvider {
    type Kind = Stt<Recogniser>;

    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "unit":{"type":"string","maxLength":31,"default":"seconds","description":"The word behind the number"}}}"#,
        capabilities: r#"{"formats":[{"format":"s16","rates":[8000,16000],"channels":[1]}],
            "audio":"utterance","streaming":false,"languages":["*"]}"#,
        ..Description::new("@ID@", "1.0.0", "@NAME@", "You")
    };

    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        Ok(RecogniserProvider { unit: params.config.string("unit", "seconds") })
    }

    fn session(&self, _: &SessionHost, params: &SessionParams) -> Result<Recogniser, Error> {
        Ok(Recogniser { unit: self.unit.clone(), rate: params.input.rate, utterance: 0, samples: 0 })
    }
}

syrinx::module!(RecogniserProvider);
