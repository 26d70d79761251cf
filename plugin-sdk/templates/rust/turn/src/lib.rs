// SPDX-License-Identifier: Apache-2.0

//! A turn detector: has the caller finished? This one trusts silence, and less so behind a word that wants another;
//! replace `complete`. An answer later than 300 ms is not waited for.

use syrinx::{Description, Error, Host, Provider, ProviderParams, SessionHost, SessionParams, Turn, TurnSession};

/// Belongs to one conversation; its calls never overlap.
struct Judge {
    patience: f64,
}

impl TurnSession for Judge {
    fn complete(&mut self, text: &str, silence: f64) -> f64 {
        if [" and", " but", " the", ","].iter().any(|word| text.ends_with(word)) {
            return if silence >= self.patience { 1.0 } else { 0.1 };
        }
        if text.is_empty() {
            0.0
        } else {
            0.9
        }
    }
}

/// Exists once per configuration and holds what its sessions share.
struct JudgeProvider {
    patience: f64,
}

impl Provider for JudgeProvider {
    type Kind = Turn<Judge>;

    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "patience":{"type":"number","minimum":0.1,"maximum":5,"default":1,
                        "description":"Seconds of silence that end even an open sentence"}}}"#,
        capabilities: r#"{"languages":["en"]}"#,
        ..Description::new("@ID@", "1.0.0", "@NAME@", "You")
    };

    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        Ok(JudgeProvider { patience: params.config.number("patience", 0.1, 5.0, 1.0) })
    }

    fn session(&self, _: &SessionHost, _: &SessionParams) -> Result<Judge, Error> {
        Ok(Judge { patience: self.patience })
    }
}

syrinx::module!(JudgeProvider);
