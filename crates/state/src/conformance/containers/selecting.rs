//! Selections of containers.

use jiff::Timestamp;
use sockerless_reference::Digest;

use super::records::created;
use crate::conformance::sample::{Sample, add, at};
use crate::{Container, ContainerSelection, ContainerState, ContainerStatus, StateStore};

async fn select(
    store: &dyn StateStore,
    selection: &ContainerSelection,
    after: Option<&str>,
    limit: usize,
) -> Vec<String> {
    let page = store.containers(selection, after, limit).await;
    let page = page.expect("pages").into_iter();
    page.map(|container| container.name).collect()
}

fn with_status(container: Container, status: ContainerStatus) -> Container {
    let state = ContainerState {
        status,
        ..ContainerState::default()
    };
    Container { state, ..container }
}

/// Each part of a selection, and several together, with any status.
pub async fn containers_are_selected(store: &dyn StateStore) {
    use ContainerStatus::{Created, Exited, Paused, Running};
    let (one, two) = (Sample::new("one"), Sample::new("two"));
    add(store, one.named(&[])).await;
    add(store, two.named(&[])).await;
    let all = [
        (&one, '1', "a", 3, Created),
        (&two, '2', "b", 1, Running),
        (&one, 'a', "c", 2, Running),
        (&two, 'c', "d", 2, Exited),
    ];
    for (sample, digit, name, seconds, status) in all {
        let container = Container {
            created_at: at(seconds),
            ..sample.container(digit, name)
        };
        created(store, &with_status(container, status)).await;
    }
    let any = ContainerSelection::default;
    let place = |seconds, digit: &str| Some((at(seconds), digit.repeat(64)));
    let prefixes = |prefixes: &[&str]| Some(prefixes.iter().map(|&text| text.into()).collect());
    let before = |place| ContainerSelection {
        before: place,
        ..any()
    };
    let since = |place| ContainerSelection {
        since: place,
        ..any()
    };
    let until = |until| ContainerSelection {
        until: Some(until),
        ..any()
    };
    let of = |images| ContainerSelection {
        images: Some(images),
        ..any()
    };
    let beginning = |texts| ContainerSelection {
        id_prefixes: prefixes(texts),
        ..any()
    };
    let whole = "a".repeat(64);
    let longer = format!("{whole}a");
    for (selection, expected) in [
        (any(), "abcd"),
        (of(vec![]), ""),
        (of(vec![one.id()]), "ac"),
        (of(vec![two.id(), Digest::of("nothing"), one.id()]), "abcd"),
        // Of the image, not of its manifest.
        (of(vec![one.target()]), ""),
        (beginning(&[]), ""),
        (beginning(&["1", "cc"]), "ad"),
        (beginning(&[&whole, "2", "22"]), "bc"),
        (beginning(&[""]), "abcd"),
        (
            beginning(&[&longer, "1\0", "\0", "g", "A", "%", "_", "a\""]),
            "",
        ),
        (until(at(1)), "b"),
        (until(at(2)), "bcd"),
        (until(Timestamp::MAX), "abcd"),
        (until(Timestamp::MIN), ""),
        (before(place(2, "c")), "bc"),
        (before(place(2, "a")), "b"),
        (before(Some((Timestamp::MAX, String::new()))), "abcd"),
        (since(place(2, "a")), "ad"),
        (since(place(2, "b")), "ad"),
        (since(place(3, "1")), ""),
        (since(Some((Timestamp::MIN, String::new()))), "abcd"),
        (
            ContainerSelection {
                before: place(2, "c"),
                since: place(1, "2"),
                ..of(vec![one.id()])
            },
            "c",
        ),
    ] {
        for (statuses, of_them) in [
            (vec![], "abcd"),
            (vec![Running], "bc"),
            (vec![Exited, Created, Exited], "ad"),
            (vec![Paused], ""),
            (ContainerStatus::ALL.to_vec(), "abcd"),
        ] {
            let selection = ContainerSelection {
                statuses,
                ..selection.clone()
            };
            let found = select(store, &selection, None, 9).await.concat();
            let both = expected.chars().filter(|&name| of_them.contains(name));
            assert_eq!(found, both.collect::<String>(), "{selection:?}");
        }
    }
}

/// A page continues after the last ID, in order of ID, with any status.
pub async fn a_page_has_containers_of_every_wanted_status(store: &dyn StateStore) {
    use ContainerStatus::{Dead, Exited, Restarting};
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let digits = ['1', '3', '5', '7', '9', 'b', 'd'];
    let statuses = [Exited, Dead, Exited, Restarting, Exited, Dead, Exited];
    for (digit, status) in digits.into_iter().zip(statuses) {
        let container = sample.container(digit, &digit.to_string());
        created(store, &with_status(container, status)).await;
    }
    let selection = ContainerSelection {
        statuses: vec![Exited, Dead],
        ..ContainerSelection::default()
    };
    let page = async |after: Option<&str>, limit| {
        let names = select(store, &selection, after, limit).await;
        names.concat()
    };
    assert_eq!(page(None, 3).await, "135");
    assert_eq!(page(Some(&"5".repeat(64)), 3).await, "9bd");
    assert_eq!(page(Some("4"), 2).await, "59");
    assert_eq!(page(Some(&"d".repeat(64)), 3).await, "");
    assert_eq!(page(None, 0).await, "");
    assert_eq!(page(None, usize::MAX).await, "1359bd");
}
