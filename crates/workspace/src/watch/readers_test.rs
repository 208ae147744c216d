//! The queues of the application's own watches.

use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};

use super::*;
use crate::watch::pattern::Selection;
use crate::watch::wanted::Kinds;
use crate::watcher::ChangeKind;

fn reader(readers: &Readers, path: &str) -> Arc<Reader> {
    let reader = readers.add(9).expect("a place");
    let wanted = Wanted {
        selection: Selection::read(&[path.to_owned()], &[], [Path::new("/r"); 2]).expect("a path"),
        kinds: Kinds::ALL,
        rules: true,
        tag: None,
    };
    reader.begin(wanted, Vec::new());
    reader
}

fn create(readers: &Readers, name: &str) {
    let change = Change {
        kind: ChangeKind::Created,
        path: PathBuf::from(name),
        old_path: None,
        replaced: false,
        size: 1,
        at: SystemTime::now(),
        is_directory: false,
        hidden: 0,
    };
    readers.tell(&change, &FileChange::new(&change, Path::new("/r")), "/r");
}

fn names(notices: &[FileNotice]) -> Vec<String> {
    let name = |notice: &FileNotice| match notice {
        FileNotice::Changed(change) => change.path.replace(MAIN_SEPARATOR_STR, "/"),
        FileNotice::Overflow { root, .. } => format!("overflow {root}"),
    };
    notices.iter().map(name).collect()
}

#[test]
fn who_does_not_read_is_told_once_that_changes_are_missing() {
    let readers = Readers::default();
    let (slow, other) = (reader(&readers, "a*"), reader(&readers, "b*"));
    for at in 0..2 * MAX_WAITING + 10 {
        create(&readers, &format!("a{at}"));
    }
    create(&readers, "b");
    let next = |reader: &Reader| {
        let mut all = Vec::new();
        while let Some(batch) = reader.take() {
            assert!(batch.len() <= MAX_BATCH);
            all.extend(batch);
        }
        all
    };
    let told = names(&next(&slow));
    assert_eq!(told[0], "overflow /r");
    assert!(told.len() <= MAX_WAITING);
    assert_eq!(
        told.iter()
            .filter(|one| one.starts_with("overflow"))
            .count(),
        1
    );
    // What came behind the overflow is complete.
    let last = 2 * MAX_WAITING + 9;
    assert_eq!(told.last(), Some(&format!("/r/a{last}")));
    assert_eq!(told[1..].len(), last + 1 - (2 * MAX_WAITING - 1));
    assert_eq!(names(&next(&other)), ["/r/b"]);
}

#[test]
fn an_overflow_of_the_system_is_told_to_all_and_two_in_a_row_are_one() {
    let readers = Readers::default();
    let (one, waiting) = (reader(&readers, "."), readers.add(9).expect("a place"));
    readers.overflow("/r");
    readers.overflow("/r");
    create(&readers, "a");
    readers.overflow("/r");
    let told: Vec<_> = one.queue.lock().waiting.drain(..).collect();
    assert_eq!(names(&told), ["overflow /r", "/r/a", "overflow /r"]);
    // It has not begun: it has missed nothing.
    assert!(waiting.queue.lock().waiting.is_empty());
}

#[test]
fn there_are_as_many_as_the_limit_says() {
    let readers = Readers::default();
    let first = readers.add(1).expect("a place");
    assert_eq!(readers.add(1).err().expect("full").code, "TOO_MANY_WATCHES");
    readers.end(&first);
    assert!(readers.add(1).is_ok());
}
