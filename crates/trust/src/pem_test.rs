use super::*;

/// A block with this content; the content is not looked at by [`blocks`].
fn block(label: &str, content: &str) -> String {
    format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
}

fn labels(text: &str) -> Vec<String> {
    let blocks = blocks(text.as_bytes()).unwrap();
    blocks.iter().map(|block| block.label.to_owned()).collect()
}

fn fails(text: &str) -> (usize, &'static str) {
    match blocks(text.as_bytes()).unwrap_err() {
        PemError::Block { number, reason } => (number, reason),
        PemError::Utf16 => panic!("it is not UTF-16"),
    }
}

#[test]
fn blocks_are_found_whatever_an_editor_did_around_them() {
    let (one, two) = (block("CERTIFICATE", "AAAA"), block("CERTIFICATE", "BBBB"));
    for text in [
        format!("{one}{two}"),
        format!("\u{feff}{one}{two}"),
        format!("{one}\u{feff}{two}"),
        format!("\u{feff}{one}\u{feff}{two}\u{feff}"),
        format!("\u{feff}\u{feff}  {one}{two}"),
        format!("{one}{two}").replace('\n', "\r\n"),
        format!("{one}{two}").replace('\n', "\r"),
        format!("{one}{two}").replace('\n', " \t\n  "),
        format!("\n\n{one}\n\n{two}\n\n"),
        format!("{one}{two}").trim_end().to_owned(),
        format!("subject=a\n-----\n{one}Bag Attributes\n    friendlyName: x\n{two}that was all"),
        format!("# -----BEGIN CERTIFICATE-----\n# AAAA\n# -----END CERTIFICATE-----\n{one}{two}"),
    ] {
        let found = blocks(text.as_bytes()).unwrap();
        let found: Vec<_> = found.iter().map(Block::text).collect();
        assert_eq!(found, [one.as_bytes(), two.as_bytes()], "{text:?}");
    }
    assert!(labels("no PEM at all").is_empty() && labels("").is_empty());
}

#[test]
fn a_begin_without_a_block_is_an_error_with_its_number() {
    let one = block("CERTIFICATE", "AAAA");
    for (text, number) in [
        (format!("{one}x{one}"), 2),
        (format!("{one}> {one}"), 2),
        (format!("{one}\u{a0}{one}"), 2),
        (format!("{one}\u{200b}{one}"), 2),
        (format!("{}{one}", one.trim_end()), 1),
        (format!("{one}{one}{}", &one[..40]), 3),
        (
            format!("{one}{}{one}", one.replace("-----END", "----END")),
            2,
        ),
        (
            format!("{one}{}", one.replace("-----BEGIN", "----BEGIN")),
            2,
        ),
        (
            format!(
                "{one}{}",
                one.replace("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE----")
            ),
            2,
        ),
        (
            format!("{one}{}", one.replace("END CERTIFICATE", "END PRIVATE KEY")),
            2,
        ),
        ("-----BEGIN CERT".to_owned(), 1),
    ] {
        assert_eq!(fails(&text).0, number, "{text}");
    }
}

#[test]
fn utf_16_is_named() {
    let text = block("CERTIFICATE", "AAAA");
    let wide = |swap: bool| {
        let units = text.encode_utf16();
        let bytes = units.flat_map(move |unit| {
            if swap {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        });
        bytes.collect::<Vec<u8>>()
    };
    for text in [
        [&b"\xff\xfe"[..], &wide(false)].concat(),
        [&b"\xfe\xff"[..], &wide(true)].concat(),
        wide(false),
        wide(true),
    ] {
        assert_eq!(blocks(&text).unwrap_err(), PemError::Utf16);
    }
    assert!(PemError::Utf16.to_string().contains("UTF-8"));
}

#[test]
fn encryption_is_seen_in_the_label_and_in_the_header_alone() {
    let encrypted = |text: &str| blocks(text.as_bytes()).unwrap()[0].is_encrypted();
    assert!(encrypted(&block("ENCRYPTED PRIVATE KEY", "AAAA")));
    let header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA";
    assert!(encrypted(&block("RSA PRIVATE KEY", header)));
    assert!(!encrypted(&format!(
        "not ENCRYPTED\n{}",
        block("PRIVATE KEY", "ENCRYPTED")
    )));
}

#[test]
fn a_trusted_certificate_is_cut_after_the_certificate() {
    // A sequence of three bytes, and what OpenSSL puts behind it.
    let der = |text: &str| certificates(text.as_bytes()).unwrap()[0].to_vec();
    assert_eq!(
        der(&block("TRUSTED CERTIFICATE", "MAMBAgMwAgUA")),
        [0x30, 3, 1, 2, 3]
    );
    assert_eq!(
        der(&block("X509 CERTIFICATE", "MAMBAgM=")),
        [0x30, 3, 1, 2, 3]
    );
    // The other kinds are left as they are: what is too much in them is found when they are parsed.
    assert_eq!(der(&block("CERTIFICATE", "MAMBAgMwAgUA")).len(), 9);
    for cut in ["MA==", "MIE=", "MIUAAAAAAQ==", "MH8B"] {
        assert!(certificates(block("TRUSTED CERTIFICATE", cut).as_bytes()).is_err());
    }
}
