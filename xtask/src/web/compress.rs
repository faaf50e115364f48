//! Compression ahead of time, at the highest levels.
//!
//! Brotli at level 11 takes seconds for the module, too long for the server to do while a browser waits.
//!
//! A compressed form is kept only where it is smaller than the file.

use std::{io::Write as _, panic::resume_unwind, thread};

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::web::file::File;

/// A file with its compressed forms, where those are smaller than the file itself.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) file: File,
    pub(crate) brotli: Option<Vec<u8>>,
    pub(crate) gzip: Option<Vec<u8>>,
}

/// Compresses a file with brotli at level 11 and with gzip at level 9, at the same time.
pub(crate) fn pack(file: File) -> anyhow::Result<Packed> {
    let (brotli, gzip) = thread::scope(|scope| {
        let gzip = scope.spawn(|| gzip(&file.bytes));
        (brotli(&file.bytes), gzip.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let failed = || format!("cannot compress {}", file.name);
    let smaller = |bytes: &Vec<u8>| bytes.len() < file.bytes.len();
    let brotli = Some(brotli.with_context(failed)?).filter(smaller);
    let gzip = Some(gzip.with_context(failed)?).filter(smaller);
    Ok(Packed { file, brotli, gzip })
}

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        // Blocks of 128 KiB, each with statistics of its own: sections and kinds of functions differ.
        lgblock: 17,
        // Tables of numbers, not texts.
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_FONT,
        size_hint: bytes.len(),
        ..brotli::enc::BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn packed(bytes: Vec<u8>) -> Packed {
        pack(File { name: "a.css".to_owned(), bytes }).unwrap()
    }

    #[test]
    fn both_forms_unpack_to_the_file() {
        let bytes = "colour: var(--ink);\n".repeat(200).into_bytes();
        let packed = packed(bytes.clone());

        let mut from_brotli = Vec::new();
        brotli::BrotliDecompress(&mut packed.brotli.unwrap().as_slice(), &mut from_brotli).unwrap();
        assert_eq!(from_brotli, bytes);

        let mut from_gzip = Vec::new();
        flate2::read::GzDecoder::new(packed.gzip.unwrap().as_slice()).read_to_end(&mut from_gzip).unwrap();
        assert_eq!(from_gzip, bytes);
    }

    #[test]
    fn what_does_not_shrink_is_left_out() {
        let packed = packed(b"x".to_vec());
        assert!(packed.brotli.is_none() && packed.gzip.is_none());
    }
}
