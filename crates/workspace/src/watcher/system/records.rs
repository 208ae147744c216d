//! What Windows tells of a directory: records in a buffer, each with the length of the way to the next one.

/// What comes before the name: the way to the next record, what happened, and the length of the name in bytes.
const HEAD_BYTES: usize = 12;

/// What may have happened: a name was added, removed, changed, or is the old or the new one of a rename.
const ACTIONS: std::ops::RangeInclusive<u32> = 1..=5;

/// The names in a buffer, relative to the watched directory. `None` if it holds something else: then nobody knows what has
/// happened. An empty buffer is such a one, since the system says so that it had more to tell than it could keep.
pub(super) fn names(mut buffer: &[u8]) -> Option<Vec<Vec<u16>>> {
    let mut names = Vec::new();
    loop {
        let [next, action, len] = [0, 4, 8].map(|at| number(buffer, at));
        let (next, len) = (usize::try_from(next?).ok()?, usize::try_from(len?).ok()?);
        let name = buffer.get(HEAD_BYTES..HEAD_BYTES.checked_add(len)?)?;
        if !ACTIONS.contains(&action?) || len % 2 != 0 || name.is_empty() {
            return None;
        }
        let units = name
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        names.push(units.collect());
        match next {
            0 => return Some(names),
            next if next < HEAD_BYTES => return None,
            next => buffer = buffer.get(next..)?,
        }
    }
}

fn number(buffer: &[u8], at: usize) -> Option<u32> {
    let bytes = buffer.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(next: u32, action: u32, name: &str) -> Vec<u8> {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let len = u32::try_from(name.len()).expect("short");
        let mut record = [next, action, len].map(u32::to_le_bytes).concat();
        record.extend(name);
        record
    }

    #[test]
    fn all_names_of_a_buffer_are_told() {
        let mut buffer = record(20, 1, "äb");
        buffer.resize(20, 0);
        buffer.extend(record(0, 5, r"sub\c"));
        buffer.extend([0xff; 8]);
        let names = names(&buffer).expect("names");
        let names: Vec<_> = names
            .iter()
            .map(|name| String::from_utf16_lossy(name))
            .collect();
        assert_eq!(names, ["äb", r"sub\c"]);
    }

    #[test]
    fn what_cannot_be_read_is_no_news_of_nothing() {
        assert_eq!(names(&[]), None, "the system had too much to tell");
        assert_eq!(names(&[0; 64]), None);
        assert_eq!(names(&record(0, 6, "x")), None);
        assert_eq!(names(&record(0, 1, "")), None);
        // It ends within a record, or leads out of the buffer, or nowhere.
        assert_eq!(names(&record(0, 1, "name")[..14]), None);
        assert_eq!(names(&record(200, 1, "name")), None);
        assert_eq!(names(&record(4, 1, "name")), None);
        assert_eq!(names(&record(u32::MAX, 1, "name")), None);
        let mut odd = record(0, 1, "ab");
        odd[8] = 3;
        assert_eq!(names(&odd), None);
        let mut long = record(0, 1, "ab");
        long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(names(&long), None);
    }
}
