use super::{Machine, Page, Row, table};

/// The page, with its text around the figures.
pub(super) fn page(about: &Page, machine: &Machine, rows: &[Row]) -> String {
    let mut page = format!("# {}\n\n{}\n", about.title, about.introduction);
    page.push_str(&format!(
        "Measured on {}; rounds: {}.\n\n",
        machine.hardware, machine.rounds
    ));
    for (name, version) in &machine.versions {
        page.push_str(&format!("- {name}: {version}\n"));
    }
    page.push('\n');
    for picture in about.pictures {
        page.push_str(&format!("![{}]({})\n\n", picture.says, picture.file));
    }
    page.push_str("## Goals\n\n| work | goal | found | |\n|---|---|---|---|\n");
    for row in rows {
        for goal in &row.goals {
            let cells = [
                row.title.clone(),
                goal.wanted(),
                goal.found(),
                goal.verdict(),
            ];
            page.push_str(&line(&cells));
        }
    }
    page.push_str("\n## Works\n");
    for row in rows {
        page.push_str(&section(row));
    }
    page.push('\n');
    page.push_str(about.closing);
    page
}

fn section(row: &Row) -> String {
    let mut text = format!("\n### {}\n\n", capitalized(&row.title));
    for (at, cells) in table::cells(row).iter().enumerate() {
        text.push_str(&line(cells));
        if at == 0 {
            let numbers = "---:|".repeat(cells.len().saturating_sub(1));
            text.push_str(&format!("|---|{numbers}\n"));
        }
    }
    for note in &row.notes {
        text.push_str(&format!("\n{note}\n"));
    }
    text
}

/// A line of a table, in which a bar would begin another cell.
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|it| it.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::super::{BENCHMARK, Goal, Unit};
    use super::*;

    #[test]
    fn the_page_has_goals_and_a_table_for_each_work() {
        let machine = Machine {
            hardware: "2 processors".to_owned(),
            versions: vec![("skopeo".to_owned(), "skopeo version 1".to_owned())],
            rounds: 3,
        };
        let entries = vec![
            entry("sockerless", &[1.0]),
            entry("dockerd", &[8.0]),
            entry("a | b", &[1.0]),
        ];
        let row = Row::new("load it", Unit::Seconds, entries).goal(Goal::at_least(
            9.0,
            "times as fast",
            8.0,
        ));
        let page = page(&BENCHMARK, &machine, &[row]);
        for line in [
            "Measured on 2 processors; rounds: 3.",
            "- skopeo: skopeo version 1",
            "| load it | at least 9 times as fast | 8 | **missed by 11 %** |",
            "### Load it",
            "|  | median s | min s | CPU s | peak MiB | written MB | sockerless is better by |",
            "|---|---:|---:|---:|---:|---:|---:|",
            "| a \\| b | 1.00 | 1.00 | 1.00 | 3.0 | 2.0 | 1.00 x |",
            "| dockerd | 8.00 | 8.00 | 1.00 | 3.0 | 2.0 | 8.00 x |",
        ] {
            assert!(page.lines().any(|it| it == line), "{line}\n{page}");
        }
    }
}
