//! The rights to a file of Windows, as its security descriptor has them: whether all of them come from its directory.

/// Where in a descriptor the control bits and the way to the list of rights are.
const CONTROL: usize = 2;
const LIST: usize = 16;

/// There is a list of rights, it is not protected from the directory's, and the ways in the descriptor are from its start.
const LIST_PRESENT: u16 = 0x0004;
const LIST_PROTECTED: u16 = 0x1000;
const SELF_RELATIVE: u16 = 0x8000;

/// The head of a list: its revision, its size, and how many entries it has.
const LIST_HEAD: usize = 8;

/// The head of an entry: its kind, its flags, and its size.
const ENTRY_HEAD: usize = 4;

/// The entry comes from the directory.
const INHERITED: u8 = 0x10;

/// Whether a new file in the same directory has the same rights: all come from there. False for a descriptor that cannot be
/// read.
pub(super) fn is_inherited(descriptor: &[u8]) -> bool {
    reads_inherited(descriptor).unwrap_or(false)
}

fn reads_inherited(descriptor: &[u8]) -> Option<bool> {
    let control = short(descriptor, CONTROL)?;
    if control & SELF_RELATIVE == 0 || control & LIST_PRESENT == 0 || control & LIST_PROTECTED != 0
    {
        return Some(false);
    }
    let at = usize::try_from(u32::from_le_bytes(piece(descriptor, LIST)?)).ok()?;
    // Without a list everybody may do everything, which no directory passes on.
    if at == 0 {
        return Some(false);
    }
    let list = descriptor.get(at..)?;
    let list = list.get(..usize::from(short(list, 2)?))?;
    let mut entries = list.get(LIST_HEAD..)?;
    for _ in 0..short(list, 4)? {
        let (flags, size) = (*entries.get(1)?, usize::from(short(entries, 2)?));
        if flags & INHERITED == 0 || size < ENTRY_HEAD {
            return Some(false);
        }
        entries = entries.get(size..)?;
    }
    Some(true)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    piece(bytes, at).map(u16::from_le_bytes)
}

fn piece<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A descriptor with entries of these flags.
    fn descriptor(control: u16, flags: &[u8]) -> Vec<u8> {
        let mut all = vec![1, 0];
        all.extend((control | SELF_RELATIVE).to_le_bytes());
        all.extend([0_u32, 0, 0, 20].map(u32::to_le_bytes).concat());
        let size = u16::try_from(LIST_HEAD + flags.len() * 20).expect("small");
        let count = u16::try_from(flags.len()).expect("small");
        all.extend([2, 0]);
        all.extend([size, count, 0].map(u16::to_le_bytes).concat());
        for flags in flags {
            all.extend([0, *flags, 20, 0]);
            all.extend([7; 16]);
        }
        all
    }

    #[test]
    fn a_file_has_the_rights_of_its_directory_if_every_entry_comes_from_there() {
        assert!(is_inherited(&descriptor(
            LIST_PRESENT,
            &[INHERITED, INHERITED | 3]
        )));
        assert!(is_inherited(&descriptor(LIST_PRESENT, &[])));
        for (control, flags) in [
            (LIST_PRESENT, &[INHERITED, 0][..]),
            (LIST_PRESENT, &[3]),
            (LIST_PRESENT | LIST_PROTECTED, &[INHERITED]),
            (0, &[INHERITED]),
        ] {
            assert!(
                !is_inherited(&descriptor(control, flags)),
                "{control} {flags:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_taken_for_rights_of_its_own() {
        let whole = descriptor(LIST_PRESENT, &[INHERITED, INHERITED]);
        for len in 0..whole.len() {
            assert!(!is_inherited(&whole[..len]), "{len}");
        }
        let mut without_list = whole.clone();
        without_list[LIST..LIST + 4].fill(0);
        assert!(!is_inherited(&without_list));
        let mut far = whole.clone();
        far[LIST..LIST + 4].fill(0xff);
        assert!(!is_inherited(&far));
        let mut endless = whole;
        endless[LIST + 4 + LIST_HEAD + 2] = 0;
        assert!(!is_inherited(&endless));
    }
}
