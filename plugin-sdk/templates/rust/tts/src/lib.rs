// SPDX-License-Identifier: Apache-2.0

//! A speaker: clauses come in, audio goes out. This one sings a tone for each word; replace `speak`.

use std::f64::consts::TAU;
use syrinx::{Clause, Description, Error, Host, Provider, ProviderParams, SessionHost, SessionParams};
use syrinx::{Tts, TtsSession, Voice};

/// Belongs to one conversation.
struct Singer {
    pitch: f64,
}

impl TtsSession for Singer {
    /// Runs on a worker and may block; 60 ms a letter, in steps of 20, so that it stops as soon as nobody listens.
    fn speak(&mut self, clause: &Clause, voice: &Voice) -> Result<(), Error> {
        let step = voice.rate() as usize / 50;
        let mut at = 0;
        for word in clause.text.split(' ') {
            voice.mark(at);
            let hz = self.pitch * (1.0 + (word.len() % 5) as f64 / 8.0);
            let sounding = (word.len() * 3 + 2) * step;
            for from in (0..sounding + step).step_by(step) {
                let piece: Vec<i16> = (from..from + step).map(|n| sample(n, sounding, hz / f64::from(voice.rate()))).collect();
                if !voice.write(&piece) {
                    return Ok(());
                }
            }
            at += word.len() + 1;
        }
        Ok(())
    }
}

fn sample(n: usize, sounding: usize, cycles: f64) -> i16 {
    let fade = if n < sounding { 1.0 - n as f64 / sounding as f64 } else { 0.0 };
    (8000.0 * fade * (TAU * cycles * n as f64).sin()) as i16
}

/// Exists once per configuration and holds what its sessions share: the model, the voices.
struct SingerProvider {
    pitch: f64,
}

impl Provider for SingerProvider {
    type Kind = Tts<Singer>;

    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "pitch":{"type":"number","minimum":80,"maximum":1000,"default":220,
                     "description":"Of the lowest tone, in Hz"}}}"#,
        capabilities: r#"{"formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}],
            "streaming":true,"marks":"word","languages":["*"]}"#,
        ..Description::new("@ID@", "1.0.0", "@NAME@", "You")
    };

    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        Ok(SingerProvider { pitch: params.config.number("pitch", 80.0, 1000.0, 220.0) })
    }

    fn session(&self, _: &SessionHost, _: &SessionParams) -> Result<Singer, Error> {
        Ok(Singer { pitch: self.pitch })
    }
}

syrinx::module!(SingerProvider);
