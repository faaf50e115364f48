//! Undoes the compression of a body.
//!
//! Requests accept `identity` only, but some proxies compress all the same. The first bytes decide and not the header
//! alone, because other proxies decompress a body and leave the header, or the reverse. Some compress each frame by itself:
//! gzip may have several members (RFC 1952, section 2.2).
//!
//! **Invariant:** one piece of input expands to [`MAX_EXPANDED`] bytes at most.

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::{
    fmt,
    io::{self, Write},
    mem,
};

/// Bytes that one piece of a compressed body may expand to. Pieces have some kilobytes, and text compresses by ten.
const MAX_EXPANDED: usize = 8 * 1024 * 1024;
const BROTLI_BUFFER_BYTES: usize = 4096;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// First bytes that decide about a body which is said to be `br` or `deflate`: those have no magic number.
const PROBED: usize = 6;
/// How plain bodies begin: the fields of events, JSON, and a page.
const PLAIN_BEGINNINGS: [&[u8]; 8] = [b"data", b"event", b"id:", b"retry", b":", b"{", b"[", b"<"];
/// The low half of the first byte of a zlib stream (RFC 1950, section 2.2).
const ZLIB_METHOD: u8 = 8;

/// The output of a decoder, which refuses more than [`MAX_EXPANDED`] bytes at once.
#[derive(Debug, Default)]
struct Sink(Vec<u8>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_EXPANDED {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A decoder of one body, fed in pieces.
pub(crate) struct Decoder {
    state: State,
    /// The value of `Content-Encoding`, in lower case.
    declared: String,
}

enum State {
    /// Too few bytes have come, so the compression is not known.
    Undecided(Vec<u8>),
    Identity,
    Gzip(Box<MultiGzDecoder<Sink>>),
    Zlib(Box<ZlibDecoder<Sink>>),
    Deflate(Box<DeflateDecoder<Sink>>),
    Brotli(Box<DecompressorWriter<Sink>>),
}

impl Decoder {
    /// A decoder for a body with this `Content-Encoding`.
    pub(crate) fn new(declared: &str) -> Self {
        Self { state: State::Undecided(Vec::new()), declared: declared.trim().to_ascii_lowercase() }
    }

    /// Appends the plain form of the next bytes.
    ///
    /// # Errors
    /// When the bytes are not compressed as the body began, or expand to more than [`MAX_EXPANDED`]. What was decoded
    /// before has been appended.
    pub(crate) fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        if let State::Undecided(first) = &mut self.state {
            first.extend_from_slice(bytes);
            let is_gzip = first.starts_with(&GZIP_MAGIC);
            let probed = if has_magic(&self.declared) || is_gzip { GZIP_MAGIC.len() } else { PROBED };
            if first.len() < probed {
                return Ok(());
            }
            let first = mem::take(first);
            self.state = choose(&self.declared, &first);
            return self.decode(&first, out);
        }
        match &mut self.state {
            State::Undecided(_) | State::Identity => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            State::Gzip(decoder) => run(decoder.as_mut(), MultiGzDecoder::get_mut, bytes, out),
            State::Zlib(decoder) => run(decoder.as_mut(), ZlibDecoder::get_mut, bytes, out),
            State::Deflate(decoder) => run(decoder.as_mut(), DeflateDecoder::get_mut, bytes, out),
            State::Brotli(decoder) => run(decoder.as_mut(), DecompressorWriter::get_mut, bytes, out),
        }
    }

    /// Returns what is left of a body that was too short to decide about.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        match &mut self.state {
            State::Undecided(first) => mem::take(first),
            _ => Vec::new(),
        }
    }
}

fn choose(declared: &str, first: &[u8]) -> State {
    let sink = Sink::default();
    match declared {
        _ if first.starts_with(&GZIP_MAGIC) => State::Gzip(Box::new(MultiGzDecoder::new(sink))),
        _ if has_magic(declared) || is_plain(first) => State::Identity,
        "br" => State::Brotli(Box::new(DecompressorWriter::new(sink, BROTLI_BUFFER_BYTES))),
        // By its name deflate is zlib (RFC 9110, section 8.4.1.2), but some servers send it without that frame.
        "deflate" if first[0] & 0x0f == ZLIB_METHOD => State::Zlib(Box::new(ZlibDecoder::new(sink))),
        _ => State::Deflate(Box::new(DeflateDecoder::new(sink))),
    }
}

/// Whether the first two bytes of a body with this encoding decide about it.
fn has_magic(declared: &str) -> bool {
    !matches!(declared, "br" | "deflate")
}

/// Whether a body begins like a plain one. The characters after the beginning count as well: `{` alone begins Brotli, too.
fn is_plain(first: &[u8]) -> bool {
    let first = first.strip_prefix("\u{feff}".as_bytes()).unwrap_or(first).trim_ascii_start();
    let probed = &first[..first.len().min(PROBED)];
    let is_text = probed.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
    is_text
        && (first.is_empty()
            || PLAIN_BEGINNINGS.iter().any(|beginning| {
                let length = beginning.len().min(first.len());
                first[..length] == beginning[..length]
            }))
}

fn run<D: Write>(decoder: &mut D, sink: fn(&mut D) -> &mut Sink, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    // Without the flush a token would wait in the decoder until its buffer is full.
    let decoded = decoder.write_all(bytes).and_then(|()| decoder.flush());
    out.append(&mut sink(decoder).0);
    decoded
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("declared", &self.declared).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write};

    const PLAIN: &[u8] = b"data: {\"choices\":[]}\n\ndata: [DONE]\n\n";

    fn decoded(declared: &str, body: &[u8], piece: usize) -> Vec<u8> {
        let mut decoder = Decoder::new(declared);
        let mut plain = Vec::new();
        body.chunks(piece).for_each(|piece| decoder.decode(piece, &mut plain).unwrap());
        plain.extend(decoder.finish());
        plain
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = write::GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_compression_is_undone_in_pieces_of_any_size() {
        let mut zlib = write::ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(PLAIN).unwrap();
        let mut raw = write::DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(PLAIN).unwrap();
        let mut brotli = Vec::new();
        brotli::BrotliCompress(&mut &PLAIN[..], &mut brotli, &brotli::enc::BrotliEncoderParams::default()).unwrap();
        let bodies = [
            ("gzip", gzip(PLAIN)),
            ("", gzip(PLAIN)),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("br", brotli),
            ("gzip", [&PLAIN[..9], &PLAIN[9..20], &PLAIN[20..]].map(gzip).concat()),
            ("gzip", PLAIN.to_vec()),
            ("br", PLAIN.to_vec()),
            ("deflate", PLAIN.to_vec()),
            ("identity", PLAIN.to_vec()),
        ];
        for (declared, body) in bodies {
            for piece in [1, 2, 7, 4096] {
                assert_eq!(decoded(declared, &body, piece), PLAIN, "{declared}, {piece}");
            }
        }
        assert_eq!(decoded("gzip", b"x", 1), b"x");
        assert_eq!(decoded("br", b"{}", 1), b"{}");
    }

    #[test]
    fn plain_bodies_are_known_by_their_first_characters() {
        for plain in
            ["data: {}", ": ping\n", "{\n \"a\"", "[{\"a\":", "\u{feff}data: ", "\n\ndata:{", "event: x", "<html>"]
        {
            assert!(is_plain(plain.as_bytes()), "{plain:?}");
        }
        for packed in [&b"\x78\x9c\x4b\x4c"[..], b"\x5b\x11\x00\xf8\x45", b"{\x00\x00data", b"\x0b\x02\x80x"] {
            assert!(!is_plain(packed), "{packed:?}");
        }
    }

    #[test]
    fn a_body_that_expands_without_bound_is_an_error() {
        let body = gzip(&vec![b' '; MAX_EXPANDED + 1]);
        assert!(Decoder::new("gzip").decode(&body, &mut Vec::new()).is_err());
    }

    #[test]
    fn what_comes_before_damage_is_kept() {
        let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        // A block that is not compressed, then one of a type that does not exist (RFC 1951, section 3.2.3).
        let stored = [&[0, 2, 0, 0xfd, 0xff][..], b"ok", &[7]].concat();
        let (mut decoder, mut plain) = (Decoder::new("gzip"), Vec::new());
        let body = [&header[..], &stored].concat();
        let damaged = body.chunks(1).any(|piece| decoder.decode(piece, &mut plain).is_err());
        assert_eq!((damaged, plain.as_slice()), (true, &b"ok"[..]));
    }
}
