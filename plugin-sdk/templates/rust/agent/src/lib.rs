// SPDX-License-Identifier: Apache-2.0

//! An agent: the caller's words come in, the answer goes out piece by piece. This one repeats them; replace `prompt`.

use syrinx::{Agent, AgentSession, Answer, Description, Error, Host, Prompt, Provider, ProviderParams, Reply};
use syrinx::{SessionHost, SessionParams};

/// Belongs to one conversation; its calls never overlap.
struct Repeater {
    prefix: String,
}

impl AgentSession for Repeater {
    /// Pieces as small as they come: the speaker starts with the first. What blocks belongs into
    /// `answer.work(move |answer| ...)`.
    fn prompt(&mut self, prompt: &Prompt, answer: &Answer) -> Result<Reply, Error> {
        answer.delta(&self.prefix);
        for word in prompt.text.split(' ') {
            if !answer.delta(&format!(" {word}")) {
                break;
            }
        }
        Ok(Reply::Done)
    }
}

/// Exists once per configuration and holds what its sessions share.
struct RepeaterProvider {
    prefix: String,
}

impl Provider for RepeaterProvider {
    type Kind = Agent<Repeater>;

    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "prefix":{"type":"string","maxLength":127,"default":"You said:",
                      "description":"What the answer begins with"}}}"#,
        capabilities: r#"{"streaming":true,"languages":["*"]}"#,
        ..Description::new("@ID@", "1.0.0", "@NAME@", "You")
    };

    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        Ok(RepeaterProvider { prefix: params.config.string("prefix", "You said:") })
    }

    fn session(&self, _: &SessionHost, _: &SessionParams) -> Result<Repeater, Error> {
        Ok(Repeater { prefix: self.prefix.clone() })
    }
}

syrinx::module!(RepeaterProvider);
