//! The functions of the header.

use std::fmt::Write as _;

use crate::support::include;

/// A function as the header declares it.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) result: String,
    pub(crate) name: String,
    parameters: usize,
}

/// All of them.
pub(crate) fn functions() -> Vec<Function> {
    let text = std::fs::read_to_string(include().join("loopwire.h")).unwrap();
    let mut code = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("/*") {
        code.push_str(before);
        rest = after.split_once("*/").unwrap().1;
    }
    code.push_str(rest);
    let lines = code.lines().filter(|line| !line.starts_with('#'));
    let code = lines.collect::<Vec<_>>().join(" ");
    let declared = code.rsplit_once("extern \"C\" {").unwrap().1;
    declared.split(';').filter_map(function).collect()
}

fn function(declaration: &str) -> Option<Function> {
    let (before, after) = declaration.trim().split_once('(')?;
    let parameters = after.strip_suffix(')')?;
    let name = before.rsplit([' ', '*']).next()?;
    let result = before.strip_suffix(name)?.replace(' ', "");
    let count = match parameters {
        "void" | "" => 0,
        more => more.split(',').count(),
    };
    Some(Function {
        result,
        name: name.to_owned(),
        parameters: count,
    })
}

/// What needs nothing of what a fork breaks.
const ALWAYS: [&str; 8] = [
    "loopwire_free",
    "loopwire_version",
    "loopwire_last_error_code",
    "loopwire_last_error_message",
    "FreeBuf",
    "SDKGetLastError",
    "GetVersionInfo",
    "GetVersionCode",
];

/// A C function that calls each with nothing but zeros, and finds that it is refused.
pub(crate) fn calls() -> String {
    let mut text = String::from("static void refuse_every_function(void) {\n");
    for function in functions() {
        if ALWAYS.contains(&function.name.as_str()) {
            continue;
        }
        let zeros = vec!["0"; function.parameters].join(", ");
        let call = format!("{}({zeros})", function.name);
        let checked = match function.result.as_str() {
            "loopwire_result" | "enumloopwire_result" => {
                format!("CHECK({call} == LOOPWIRE_RESULT_FORKED)")
            }
            "void" => call,
            _ => format!("(void){call}"),
        };
        writeln!(text, "  {checked};").unwrap();
    }
    text.push_str("  CHECK(last_error_has(\"forked\"));\n}\n");
    text
}
