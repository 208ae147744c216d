//! The sizes of objects, which a difference does not say.

use std::collections::HashMap;

use loopwire_channel::CommandError;

use crate::snapshot::store::Store;

/// The size of each of these objects.
pub(super) async fn sizes(
    store: &Store,
    objects: &[&[u8]],
) -> Result<HashMap<Vec<u8>, u64>, CommandError> {
    let mut input = Vec::new();
    for object in objects {
        input.extend_from_slice(object);
        input.push(b'\n');
    }
    if input.is_empty() {
        return Ok(HashMap::new());
    }
    let arguments = ["cat-file", "--batch-check=%(objectname) %(objectsize)"];
    let told = store.run_with(&arguments, &input).await?;
    let told = String::from_utf8_lossy(&told);
    let one = |line: &str| {
        let (object, size) = line.split_once(' ')?;
        Some((object.as_bytes().to_vec(), size.parse().ok()?))
    };
    Ok(told.lines().filter_map(one).collect())
}
