//! The name of a blob, computed from its contents as git does it.

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

use super::index::ObjectId;

/// Takes contents in pieces.
pub(crate) struct Hasher(Context);

impl Hasher {
    /// For contents of this size.
    pub(crate) fn new(size: u64) -> Self {
        let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
        context.update(format!("blob {size}\0").as_bytes());
        Self(context)
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    pub(crate) fn finish(self) -> ObjectId {
        let mut object = ObjectId::default();
        object.copy_from_slice(self.0.finish().as_ref());
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_name_that_git_gives() {
        let mut hasher = Hasher::new(6);
        hasher.update(b"hel");
        hasher.update(b"lo\n");
        let name = data_encoding::HEXLOWER.encode(&hasher.finish());
        assert_eq!(name, "ce013625030ba8dba906f756967f9e9ca394464a");
    }
}
