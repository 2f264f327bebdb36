//! Quotes, escapes and variables, as Docker expands them.

use super::*;

const ENV: [&str; 4] = ["a=1", "empty=", "words=x  y", "a=2"];

fn run(word: &str, budget: &mut usize) -> Result<Expanded, Failure> {
    let variables = Variables::new(ENV.map(str::to_owned).to_vec(), false);
    expand(word, '\\', &variables, budget)
}

fn text(word: &str) -> Result<String, String> {
    match run(word, &mut 1000) {
        Ok(expanded) => Ok(expanded.text),
        Err(Failure::Reason(reason)) => Err(reason.to_string()),
        Err(Failure::TooLarge) => Err("too large".to_owned()),
    }
}

#[test]
fn expands() {
    for (word, expected) in [
        ("", ""),
        ("a b", "a b"),
        ("$a", "2"),
        ("${a}", "2"),
        ("$a$a-$a", "22-2"),
        ("$ab", ""),
        ("$a.b", "2.b"),
        ("$missing", ""),
        ("$A", ""),
        ("$", "$"),
        ("$ a", "$ a"),
        ("$.", "$."),
        ("$1a", "a"),
        ("$12a", "a"),
        ("$*$#$@$!$-$?", ""),
        ("$$a", "a"),
        ("\\$a", "$a"),
        ("\\\\", "\\"),
        ("a\\", "a"),
        ("\\\"\\'", "\"'"),
        ("'$a \"\\'", "$a \"\\"),
        ("\"$a ' \\$a \\\" \\\\ \\n\"", "2 ' $a \" \\ \\n"),
        ("'a'\"b\"c", "abc"),
        ("''\"\"", ""),
        ("${a:-d}", "2"),
        ("${a-d}", "2"),
        ("${missing:-d}", "d"),
        ("${missing-d}", "d"),
        ("${empty:-d}", "d"),
        ("${empty-d}", ""),
        ("${a:+d}", "d"),
        ("${a+d}", "d"),
        ("${missing:+d}", ""),
        ("${empty:+d}", ""),
        ("${empty+d}", "d"),
        ("${a:?no}", "2"),
        ("${empty?no}", ""),
        ("${missing:-}", ""),
        ("${missing:-${a}}", "2"),
        ("${missing:-${b:-${a}}}x", "2x"),
        ("${missing:-\"$a }\"}", "2 }"),
        ("${missing:-'}'}", "}"),
        ("${missing:-a\\}b}", "a}b"),
        ("${missing:-a b}", "a b"),
        ("é$a→", "é2→"),
    ] {
        assert_eq!(text(word).as_deref(), Ok(expected), "{word}");
    }
}

#[test]
fn refuses() {
    for (word, message) in [
        (
            "\"",
            "unexpected end of statement while looking for matching double-quote",
        ),
        (
            "\"\\",
            "unexpected end of statement while looking for matching double-quote",
        ),
        (
            "a'b",
            "unexpected end of statement while looking for matching single-quote",
        ),
        ("${", "syntax error: missing '}'"),
        ("${a", "syntax error: missing '}'"),
        ("${a:", "syntax error: missing '}'"),
        ("${a:}", "syntax error: missing '}'"),
        ("${a:-", "syntax error: missing '}'"),
        ("${a:-'}", "syntax error: missing '}'"),
        ("${a:-${b}", "syntax error: missing '}'"),
        ("${}", "syntax error: bad substitution"),
        ("${:}", "syntax error: bad substitution"),
        ("${{a}}", "syntax error: bad substitution"),
        ("${a:z}", "unsupported modifier (:z) in substitution"),
        ("${a#x}", "unsupported modifier (#) in substitution"),
        ("${a/x/y}", "unsupported modifier (/) in substitution"),
        ("${missing:?}", "missing: is not allowed to be unset"),
        ("${empty:?}", "empty: is not allowed to be empty"),
        ("${missing?say $a}", "missing: say 2"),
    ] {
        assert_eq!(text(word).expect_err(word), message, "{word}");
    }
}

#[test]
fn words() {
    for (word, expected) in [
        ("", &[][..]),
        ("a", &["a"]),
        ("$words", &["x", "y"]),
        ("a${words}b", &["ax", "yb"]),
        ("\"$words\"", &["x  y"]),
        ("$words'  z'", &["x", "y  z"]),
        ("a\u{2003}b\\ c", &["a", "b c"]),
        ("$missing", &[]),
        ("\"\"", &[]),
    ] {
        assert_eq!(run(word, &mut 1000).expect(word).words, expected, "{word}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| format!("{}{}", "${x:-".repeat(depth), "}".repeat(depth));
    assert_eq!(text(&nested(DEPTH)).as_deref(), Ok(""));
    let reason = "substitutions are nested more than 50 deep";
    assert_eq!(text(&nested(DEPTH + 1)).expect_err("too deep"), reason);
    assert_eq!(text(&nested(100_000)).expect_err("too deep"), reason);
    assert_eq!(
        text(&"${x:-".repeat(100_000)).expect_err("too deep"),
        reason
    );
}

#[test]
fn size_is_bounded() {
    for word in [
        "abcd",
        "'abcd'",
        "\"abcd\"",
        "\\a\\b\\c\\d",
        "$a$a$a$a",
        "${x:-abcd}",
    ] {
        let mut budget = 3;
        assert_eq!(run(word, &mut budget), Err(Failure::TooLarge), "{word}");
    }
    let mut budget = 10;
    run("abcd", &mut budget).expect("fits");
    assert_eq!(budget, 6);
}

#[test]
fn another_escape_and_case() {
    let expanded = |word, any_case| {
        let variables = Variables::new(vec!["Path=x".to_owned()], any_case);
        expand(word, '`', &variables, &mut 100).expect(word).text
    };
    assert_eq!(expanded("$PATH", true), "x");
    assert_eq!(expanded("$PATH", false), "");
    assert_eq!(
        expanded("`$Path c:\\d \"`$ \\\"", false),
        "$Path c:\\d $ \\"
    );
}
