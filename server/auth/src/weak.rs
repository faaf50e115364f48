//! Recognising secrets that can be guessed although they are long: those that a person types only to fill the field.

/// A random key of 32 hexadecimal digits has about 14 different ones.
const MIN_DISTINCT: usize = 8;
/// The largest distance at which letters are compared, so that `aabbcc…` and `a1b2c3…` count as sequences, too.
const MAX_STRIDE: usize = 4;
/// The share of equal steps, in percent, from which a text is a sequence.
const SAME_STEPS: usize = 75;

/// Whether a secret can be guessed although it is long: few different letters, a repeated piece, or a sequence such as
/// `0123456789abcdef`. Keys in examples are of these kinds.
pub fn is_weak(secret: &str) -> bool {
    let letters: Vec<u8> = secret.bytes().map(|letter| letter.to_ascii_lowercase()).collect();
    has_few(&letters) || repeats(&letters) || is_row(&letters)
}

fn has_few(letters: &[u8]) -> bool {
    let distinct: std::collections::HashSet<u8> = letters.iter().copied().collect();
    distinct.len() < MIN_DISTINCT
}

/// Whether a piece is repeated. The last one may be cut off, and two thirds of the text are the longest piece.
fn repeats(letters: &[u8]) -> bool {
    // A text has a period when it is equal to itself, shifted by that.
    (1..=letters.len() * 2 / 3).any(|period| letters.iter().zip(&letters[period..]).all(|(one, next)| one == next))
}

/// Whether most letters differ by the same step from the one `stride` before.
fn is_row(letters: &[u8]) -> bool {
    (1..=MAX_STRIDE.min(letters.len().saturating_sub(1))).any(|stride| {
        let mut counts = [0_usize; 256];
        for (one, next) in letters.iter().zip(&letters[stride..]) {
            counts[usize::from(next.wrapping_sub(*one))] += 1;
        }
        let steps = letters.len() - stride;
        counts.iter().any(|count| count * 100 >= steps * SAME_STEPS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn what_a_person_types_to_have_something_there_is_weak() {
        for weak in [
            "",
            "a",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababababababababababab",
            "00000000000000000000000000000001",
            "0123456789abcdef0123456789abcdef",
            "0123456789ABCDEF0123456789abcdef0123456789abcdef",
            "abcdefghijklmnopqrstuvwxyz012345",
            "zyxwvutsrqponmlkjihgfedcba987654",
            "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
            "changeme-changeme-changeme-changeme",
            "correct horse battery staple, correct horse battery staple",
        ] {
            assert!(is_weak(weak), "{weak:?} is taken");
        }
    }

    #[test]
    fn what_is_random_is_not_weak() {
        for _ in 0..2_000 {
            let secret = Secret::random("");
            assert!(!is_weak(secret.reveal()), "{}", secret.reveal());
            let hex: String = secret.hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
            assert!(!is_weak(&hex), "{hex}");
        }
        assert!(!is_weak("acceptance-secret-0123456789abcdef-0123456789"));
    }

    #[test]
    fn the_key_of_the_example_is_weak() {
        let example = include_str!("../../../tandem.example.toml");
        let line = example.lines().find_map(|line| line.strip_prefix("#jwt_secrets = ")).expect("it shows a key");
        let (_, secret) = line.trim_matches('"').split_once(':').expect("it is kid:secret");
        assert!(is_weak(secret), "{secret}");
    }
}
