//! One directory, one holder.

use super::*;

#[tokio::test]
async fn a_second_store_of_one_process_is_refused_until_the_first_is_closed() {
    let dir = directory();
    let first = open(dir.path());
    let error = Store::open(dir.path(), &Handle::current()).unwrap_err();
    assert_eq!(error.code(), "ERR_SAVED_DATA_IN_USE");
    let text = error.to_string();
    let pid = std::process::id();
    assert!(text.contains(&format!("this process ({pid})")), "{text}");
    // The refusal has taken nothing from the first.
    first.saved(first.put([saved(1, "a")])).await.unwrap();
    first.close().await;
    assert_eq!(open(dir.path()).all(), [saved(1, "a")]);
}

#[cfg(unix)]
#[tokio::test]
async fn another_process_learns_the_holder_and_a_killed_process_holds_nothing() {
    if let Some(dir) = role() {
        let _store = open(&dir);
        // Outlives its parent, as a program that an application started may.
        let mut left = Command::new("sleep").arg("60").spawn().unwrap();
        println!("left {}", left.id());
        left.wait().unwrap();
        return;
    }
    let dir = directory();
    let test = "holder::another_process_learns_the_holder_and_a_killed_process_holds_nothing";
    let mut other = Other::start(test, dir.path());
    let left = other.next("left ").expect("it holds");
    let error = Store::open(dir.path(), &Handle::current()).unwrap_err();
    let StoreError::InUse { pid, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*pid, Some(other.child.id()));
    other.kill();
    let store = Store::open(dir.path(), &Handle::current());
    let ended = Command::new("kill").arg(left).status().unwrap();
    assert!(ended.success(), "it was still there");
    store.unwrap();
}
