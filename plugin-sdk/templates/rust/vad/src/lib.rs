// SPDX-License-Identifier: Apache-2.0

//! A voice activity detector: how likely is speech in each frame? Replace `probability`.

use syrinx::{Description, Error, Frame, Host, Provider, ProviderParams, SessionHost, SessionParams, Vad, VadSession};

/// Belongs to one conversation; its calls never overlap.
struct Detector {
    threshold: f32,
}

impl VadSession for Detector {
    /// 0.5 at the threshold, 0.73 at 3 dB above it. The media path: no allocation, no lock, no system call.
    fn probability(&mut self, frame: &Frame) -> f32 {
        1.0 / (1.0 + ((self.threshold - frame.level()) / 3.0).exp())
    }
}

/// Exists once per configuration and holds what its sessions share.
struct DetectorProvider {
    threshold: f32,
}

impl Provider for DetectorProvider {
    type Kind = Vad<Detector>;

    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "threshold_dbfs":{"type":"number","minimum":-90,"maximum":0,"default":-40,
                              "description":"Level at which the probability of speech is 0.5"}}}"#,
        capabilities: r#"{"formats":[{"format":"s16","rates":[8000,16000,24000,48000],"channels":[1]}]}"#,
        ..Description::new("@ID@", "1.0.0", "@NAME@", "You")
    };

    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        Ok(DetectorProvider { threshold: params.config.number("threshold_dbfs", -90.0, 0.0, -40.0) as f32 })
    }

    fn session(&self, _: &SessionHost, _: &SessionParams) -> Result<Detector, Error> {
        Ok(Detector { threshold: self.threshold })
    }
}

syrinx::module!(DetectorProvider);
