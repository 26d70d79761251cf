// SPDX-License-Identifier: Apache-2.0

//! A backend: where sessions run. The host carries the media, so a backend opens, counts and refuses sessions. Replace
//! `session`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use syrinx::{Backend, Description, Error, Host, Provider, ProviderParams, SessionHost, SessionParams};

/// Belongs to one conversation, and holds a place while it lives.
struct Seat {
    taken: Arc<AtomicUsize>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Exists once per configuration; two sessions may open at once, hence the atomic count.
struct Place {
    limit: usize,
    taken: Arc<AtomicUsize>,
}

impl Provider for Place {
    type Kind = Backend<Seat>;

    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "max_sessions":{"type":"integer","minimum":1,"maximum":100000,"default":100,
                            "description":"Sessions at once"}}}"#,
        capabilities: r#"{"media":"host","transports":["websocket","inproc"]}"#,
        ..Description::new("@ID@", "1.0.0", "@NAME@", "You")
    };

    fn open(_: Host, params: &ProviderParams) -> Result<Self, Error> {
        let limit = params.config.number("max_sessions", 1.0, 100_000.0, 100.0) as usize;
        Ok(Place { limit, taken: Arc::new(AtomicUsize::new(0)) })
    }

    /// Counts and compares in one step; a seat that is refused gives its place back.
    fn session(&self, _: &SessionHost, _: &SessionParams) -> Result<Seat, Error> {
        let before = self.taken.fetch_add(1, Ordering::AcqRel);
        let seat = Seat { taken: self.taken.clone() };
        if before >= self.limit {
            let words = format!("all {} sessions are in use", self.limit);
            return Err(Error::new(syrinx::abi::SYX_EQUOTA, words).retry());
        }
        Ok(seat)
    }
}

syrinx::module!(Place);
