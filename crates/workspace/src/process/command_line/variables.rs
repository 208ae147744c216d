//! The variables of a command: their names have no case, and the system gets them in order.

use std::collections::BTreeMap;

use super::refused::Refused;

/// Variables by their names, whatever the case.
#[derive(Debug, Default)]
pub(crate) struct Variables(BTreeMap<Vec<u16>, (Vec<u16>, Vec<u16>)>);

impl Variables {
    /// Sets one. The case of the name is that of the last one who has set it.
    ///
    /// # Errors
    /// A name or a value that would be read as another one.
    pub(crate) fn set(&mut self, name: Vec<u16>, value: Vec<u16>) -> Result<(), Refused> {
        // The system itself has names like `=C:`.
        let behind = name.get(1..).unwrap_or_default();
        if name.is_empty() || behind.contains(&u16::from(b'=')) {
            return Err(Refused("the name of a variable is empty or contains ="));
        }
        if name.contains(&0) || value.contains(&0) {
            return Err(Refused("a variable contains a NUL character"));
        }
        self.0.insert(upper(&name), (name, value));
        Ok(())
    }

    /// Takes one away.
    pub(crate) fn remove(&mut self, name: &[u16]) {
        self.0.remove(&upper(name));
    }

    /// The value of one.
    pub(crate) fn get(&self, name: &[u16]) -> Option<&[u16]> {
        self.0.get(&upper(name)).map(|(_, value)| &value[..])
    }

    /// The block that a process begins with: sorted, as the system searches it.
    pub(crate) fn block(self) -> Vec<u16> {
        let mut block = Vec::new();
        for (name, value) in self.0.into_values() {
            block.extend(name);
            block.push(u16::from(b'='));
            block.extend(value);
            block.push(0);
        }
        if block.is_empty() {
            block.push(0);
        }
        block.push(0);
        block
    }
}

/// The name in capitals, unit by unit as the system does it.
fn upper(name: &[u16]) -> Vec<u16> {
    let upper = |unit: &u16| {
        let character = char::from_u32((*unit).into())?;
        let mut capitals = character.to_uppercase();
        match (capitals.next(), capitals.next()) {
            (Some(one), None) => u16::try_from(u32::from(one)).ok(),
            _ => None,
        }
    };
    name.iter()
        .map(|unit| upper(unit).unwrap_or(*unit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::wide;
    use super::*;

    #[test]
    fn names_have_no_case_and_the_last_value_counts() {
        let mut all = Variables::default();
        for (name, value) in [
            ("Path", "1"),
            ("z", "2"),
            ("PATH", "3"),
            ("=C:", r"C:\x"),
            ("straße", "4"),
            ("Ä", "5"),
            ("ä", "6"),
            ("gone", "7"),
        ] {
            all.set(wide(name), wide(value)).expect(name);
        }
        all.remove(&wide("GONE"));
        assert_eq!(all.get(&wide("pAtH")), Some(&wide("3")[..]));
        let block = String::from_utf16_lossy(&all.block());
        assert_eq!(block, "=C:=C:\\x\0PATH=3\0straße=4\0z=2\0ä=6\0\0");
        assert_eq!(Variables::default().block(), [0, 0]);
    }

    #[test]
    fn what_would_begin_another_variable_is_refused() {
        let mut all = Variables::default();
        for (name, value) in [("", "x"), ("a=b", "x"), ("a\0", "x"), ("a", "x\0y")] {
            assert!(all.set(wide(name), wide(value)).is_err(), "{name:?}");
        }
    }
}
