//! A place in a JSON text, and the steps from there. Nothing here depends on the type that is read, so it is compiled once.

use super::{Unreadable, number};
use std::borrow::Cow;

/// Arrays and objects within each other; `serde_json` has the same limit. It bounds the stack that a text can use.
const MAX_DEPTH: u8 = 127;

/// What is neither text, array nor object.
#[derive(Clone, Copy)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

pub(super) struct Cursor<'de> {
    text: &'de str,
    at: usize,
    depth: u8,
    /// Whether the next item is the first of its array or object, which has no comma before it.
    first: bool,
}

impl<'de> Cursor<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { text, at: 0, depth: 0, first: false }
    }

    fn rest(&self) -> &'de str {
        // Without the branch that panics, which no text reaches: after an error the place may be within a character.
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not white space. It is not consumed.
    pub(super) fn peek(&mut self) -> Result<u8, Unreadable> {
        let rest = self.rest().as_bytes();
        let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.at += space;
        rest.get(space).copied().ok_or(Unreadable)
    }

    /// Whether `byte` is next; if so it is consumed.
    fn take(&mut self, byte: u8) -> Result<bool, Unreadable> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        Ok(found)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.take(byte)? { Ok(()) } else { Err(Unreadable) }
    }

    /// The end of the text.
    pub(super) fn end(&mut self) -> Result<(), Unreadable> {
        if self.peek().is_err() { Ok(()) } else { Err(Unreadable) }
    }

    /// Enters an array or object.
    pub(super) fn open(&mut self, byte: u8) -> Result<(), Unreadable> {
        self.expect(byte)?;
        if self.depth == MAX_DEPTH {
            return Err(Unreadable);
        }
        self.depth += 1;
        self.first = true;
        Ok(())
    }

    /// Leaves an array or object, all items of which were read.
    pub(super) fn close(&mut self, byte: u8) -> Result<(), Unreadable> {
        self.expect(byte)?;
        self.depth -= 1;
        self.first = false;
        Ok(())
    }

    /// Goes to the next item; false before the end `close`.
    pub(super) fn next(&mut self, close: u8) -> Result<bool, Unreadable> {
        if self.peek()? == close {
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// The key of the next entry of an object, and its colon.
    pub(super) fn key(&mut self) -> Result<Option<Cow<'de, str>>, Unreadable> {
        if !self.next(b'}')? {
            return Ok(None);
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Whether null is next; if so it is consumed.
    pub(super) fn null(&mut self) -> Result<bool, Unreadable> {
        Ok(self.peek()? == b'n' && { matches!(self.scalar()?, Scalar::Null) })
    }

    pub(super) fn string(&mut self) -> Result<Cow<'de, str>, Unreadable> {
        self.expect(b'"')?;
        let plain = self.plain();
        if self.text.as_bytes().get(self.at) == Some(&b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            match self.byte()? {
                b'"' => return Ok(Cow::Owned(text)),
                b'\\' => text.push(self.escape()?),
                _ => return Err(Unreadable),
            }
            text.push_str(self.plain());
        }
    }

    /// The part of a string up to its end, an escape, or a control character, which no string has.
    fn plain(&mut self) -> &'de str {
        let rest = self.rest();
        let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        let plain = &rest[..rest.bytes().position(special).unwrap_or(rest.len())];
        self.at += plain.len();
        plain
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        let byte = self.text.as_bytes().get(self.at).copied().ok_or(Unreadable)?;
        self.at += 1;
        Ok(byte)
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<char, Unreadable> {
        Ok(match self.byte()? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.utf16_unit()?;
                if (0xd800..0xdc00).contains(&code) {
                    // The first half of a character beyond the 65,536 that four digits can name.
                    let second = (self.byte()?, self.byte()?, self.utf16_unit()?);
                    let (b'\\', b'u', low @ 0xdc00..0xe000) = second else { return Err(Unreadable) };
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                char::from_u32(code).ok_or(Unreadable)?
            }
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            _ => return Err(Unreadable),
        })
    }

    /// A unit of UTF-16, from four hexadecimal digits.
    fn utf16_unit(&mut self) -> Result<u32, Unreadable> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + char::from(self.byte()?).to_digit(16).ok_or(Unreadable)?;
        }
        Ok(unit)
    }

    pub(super) fn scalar(&mut self) -> Result<Scalar, Unreadable> {
        self.peek()?;
        let rest = self.rest();
        let word = rest.split([' ', '\n', '\r', '\t', ',', ']', '}', ':']).next().unwrap_or(rest);
        self.at += word.len();
        Ok(match word {
            "null" => Scalar::Null,
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            number => number::read(number)?,
        })
    }

    /// Passes over a value; its text.
    pub(super) fn skip(&mut self) -> Result<&'de str, Unreadable> {
        let next = self.peek()?;
        let start = self.at;
        match next {
            b'{' => {
                self.open(b'{')?;
                while self.key()?.is_some() {
                    self.skip()?;
                }
                self.close(b'}')?;
            }
            b'[' => {
                self.open(b'[')?;
                while self.next(b']')? {
                    self.skip()?;
                }
                self.close(b']')?;
            }
            b'"' => drop(self.string()?),
            _ => drop(self.scalar()?),
        }
        self.text.get(start..self.at).ok_or(Unreadable)
    }
}
