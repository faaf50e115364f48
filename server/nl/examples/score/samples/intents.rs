use crate::Score;
use std::path::Path;
pub(crate) fn scores(_folder: &Path) -> Vec<Score> {
    Vec::new()
}
