use super::Row;
use crate::peers::Sockerless;

const WIDTH: f64 = 890.0;
const LABELS: f64 = 220.0;
const VALUES: f64 = 130.0;
const BAR: f64 = 16.0;
const GAP: f64 = 5.0;
const TITLE: f64 = 34.0;

/// A bar for every contestant in every row. Each row has a scale of its own. Sockerless stands out
/// from its peers, where it has some.
pub(super) fn svg<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut body = String::new();
    let mut top = 10.0;
    for row in rows {
        let has_peers = row.entry(Sockerless::NAME).is_some();
        let longest = row.entries.iter().map(super::Entry::median);
        let longest = longest.fold(f64::MIN_POSITIVE, f64::max);
        body.push_str(&format!(
            "<text x=\"10\" y=\"{:.0}\" font-weight=\"bold\">{}</text>\n",
            top + 20.0,
            escaped(&row.title)
        ));
        top += TITLE;
        for entry in &row.entries {
            let length = entry.median() / longest * (WIDTH - LABELS - VALUES);
            let is_peer = has_peers && entry.name != Sockerless::NAME;
            let color = match is_peer {
                true => "#9aa5b1",
                false => "#1b7f5c",
            };
            let text = top + BAR - 4.0;
            let ratio = match is_peer {
                true => format!(" ({:.1} x)", row.times_better(&entry.name)),
                false => String::new(),
            };
            body.push_str(&format!(
                "<text x=\"{:.0}\" y=\"{text:.0}\" text-anchor=\"end\">{}</text>\n\
                 <rect x=\"{LABELS:.0}\" y=\"{top:.0}\" width=\"{:.1}\" height=\"{BAR:.0}\" \
                 fill=\"{color}\"/>\n\
                 <text x=\"{:.0}\" y=\"{text:.0}\">{} {}{ratio}</text>\n",
                LABELS - 8.0,
                escaped(&entry.name),
                length.max(1.0),
                LABELS + length + 6.0,
                row.unit.format(entry.median()),
                row.unit.symbol(),
            ));
            top += BAR + GAP;
        }
        top += GAP;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {top:.0}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::Unit;
    use super::super::entry::tests::entry;
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_row_and_others_are_in_proportion() {
        let entries = vec![entry("sockerless", &[1.0]), entry("a & b", &[4.0])];
        let svg = svg([Row::new("x > y", Unit::Seconds, entries)].iter());
        assert!(svg.contains("width=\"540.0\""), "{svg}");
        assert!(svg.contains("width=\"135.0\""), "{svg}");
        assert!(
            svg.contains("x &gt; y") && svg.contains("a &amp; b"),
            "{svg}"
        );
        assert!(svg.contains("4.00 s (4.0 x)"), "{svg}");
    }

    #[test]
    fn without_peers_nobody_is_compared() {
        let entries = vec![entry("one daemon", &[7.0]), entry("three daemons", &[5.0])];
        let svg = svg([Row::new("rate", Unit::PerSecond, entries)].iter());
        assert!(svg.contains("5.0 /s<") && !svg.contains(" x)"), "{svg}");
        assert_eq!(svg.matches("#1b7f5c").count(), 2, "{svg}");
    }
}
