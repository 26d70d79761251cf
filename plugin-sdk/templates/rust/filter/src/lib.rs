// SPDX-License-Identifier: Apache-2.0

//! An audio filter: every frame of the caller passes through it. Replace `apply`.

use syrinx::{Description, Error, Filter, FilterSession, Frame, Host, Provider, ProviderParams};
use syrinx::{SessionHost, SessionParams};

/// Belongs to one conversation; its calls never overlap.
struct Gain {
    gain: f32,
}

impl FilterSession for Gain {
    /// The media path: no allocation, no lock, no system call.
    fn apply(&mut self, samples: &mut [i16], _: &Frame) {
        for sample in samples {
            // A cast to i16 saturates.
            *sample = (f32::from(*sample) * self.gain) as i16;
        }
    }
}

/// Exists once per configuration and holds what its sessions share.
struct GainProvider {
    gain: f32,
}

impl Provider for GainProvider {
    type Kind = Filter<Gain>;

    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "gain_db":{"type":"number","minimum":-40,"maximum":20,"default":0,
                       "description":"How much louder the caller becomes"}}}"#,
        capabilities: r#"{"formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}]}"#,
        ..Description::new("@ID@", "1.0.0", "@NAME@", "You")
    };

    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        let gain_db = params.config.number("gain_db", -40.0, 20.0, 0.0);
        Ok(GainProvider { gain: 10f64.powf(gain_db / 20.0) as f32 })
    }

    fn session(&self, _: &SessionHost, _: &SessionParams) -> Result<Gain, Error> {
        Ok(Gain { gain: self.gain })
    }
}

syrinx::module!(GainProvider);
