// SPDX-License-Identifier: Apache-2.0

//! A small JSON reader for configuration and options.

use std::str::Chars;

/// A JSON value. Reading never panics: what is absent or of another type gives the fallback.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// null, and what is absent.
    Null,
    /// true or false.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A text.
    Text(String),
    /// The elements in order.
    Array(Vec<Json>),
    /// The members in order.
    Object(Vec<(String, Json)>),
}

const DEPTH: u32 = 32;
static NULL: Json = Json::Null;

impl Json {
    /// Reads exactly one value, `None` when the text is malformed or deeper than 32.
    pub fn parse(text: &str) -> Option<Json> {
        let mut reader = Reader { rest: text.chars() };
        let value = reader.value(DEPTH)?;
        reader.space();
        reader.peek().is_none().then_some(value)
    }

    /// Reads options: an empty text is an empty object, anything but an object is `None`.
    pub fn options(text: &str) -> Option<Json> {
        if text.is_empty() {
            return Some(Json::Object(Vec::new()));
        }
        Json::parse(text).filter(|value| matches!(value, Json::Object(_)))
    }

    /// A member of this object, `Null` when there is none.
    pub fn get(&self, name: &str) -> &Json {
        match self {
            Json::Object(members) => members.iter().find(|(key, _)| key == name).map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }

    /// The elements of this array, else none.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::Array(items) => items,
            _ => &[],
        }
    }

    /// This text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A member that is a number, within its bounds. The host has checked them; so a plugin is safe alone.
    pub fn number(&self, name: &str, low: f64, high: f64, fallback: f64) -> f64 {
        match self.get(name) {
            Json::Number(value) => value.max(low).min(high),
            _ => fallback,
        }
    }

    /// A member that is true or false.
    pub fn boolean(&self, name: &str, fallback: bool) -> bool {
        match self.get(name) {
            Json::Bool(value) => *value,
            _ => fallback,
        }
    }

    /// A member that is a text.
    pub fn string(&self, name: &str, fallback: &str) -> String {
        self.get(name).text().unwrap_or(fallback).to_string()
    }
}

struct Reader<'a> {
    rest: Chars<'a>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.rest.next();
        }
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.space();
        (self.peek()? == wanted).then_some(())?;
        self.rest.next();
        Some(())
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        self.space();
        match self.peek()? {
            '{' => self.object(depth.checked_sub(1)?),
            '[' => self.array(depth.checked_sub(1)?),
            '"' => self.string().map(Json::Text),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: u32) -> Option<Json> {
        let mut members = Vec::new();
        self.take('{')?;
        if self.take('}').is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.take(':')?;
            members.push((key, self.value(depth)?));
            if self.take('}').is_some() {
                return Some(Json::Object(members));
            }
            self.take(',')?;
        }
    }

    fn array(&mut self, depth: u32) -> Option<Json> {
        let mut items = Vec::new();
        self.take('[')?;
        if self.take(']').is_some() {
            return Some(Json::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(']').is_some() {
                return Some(Json::Array(items));
            }
            self.take(',')?;
        }
    }

    fn word(&mut self) -> Option<Json> {
        let text = self.rest.as_str();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest.chars();
        match word {
            "null" => Some(Json::Null),
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            // Rust reads "inf" and "nan" too; JSON's numbers begin with a digit or a minus.
            _ if word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) => {
                word.parse().ok().filter(|n: &f64| n.is_finite()).map(Json::Number)
            }
            _ => None,
        }
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        (self.rest.next()? == '"').then_some(())?;
        loop {
            match self.rest.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                c if (c as u32) < 0x20 => return None,
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.rest.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(),
            c @ ('"' | '\\' | '/') => c,
            _ => return None,
        })
    }

    /// RFC 8259 section 7, pairs of surrogates included; a lone one becomes U+FFFD.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex4()?;
        if (0xD800..0xDC00).contains(&high) && self.rest.as_str().starts_with("\\u") {
            let before = self.rest.clone();
            self.rest.nth(1);
            let low = self.hex4()?;
            if (0xDC00..0xE000).contains(&low) {
                return char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            }
            self.rest = before;
        }
        Some(char::from_u32(high).unwrap_or('\u{FFFD}'))
    }

    fn hex4(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + self.rest.next()?.to_digit(16)?;
        }
        Some(code)
    }
}
