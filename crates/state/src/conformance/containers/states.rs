//! The states of containers, and concurrent changes of them.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::records::{created, get, rename};
use crate::conformance::sample::{Sample, add, at};
use crate::{Container, ContainerState, ContainerStatus, Error, Renamed, StateStore};

/// A state that differs from the default in everything.
fn ended() -> ContainerState {
    ContainerState {
        status: ContainerStatus::Exited,
        exit_code: -1,
        error: "no such file".to_owned(),
        oom_killed: true,
        started_at: Some(at(6)),
        finished_at: Some(at(7)),
        restart_count: 3,
        owner: Some("one".to_owned()),
    }
}

async fn update(store: &dyn StateStore, id: &str, revision: u64, state: &ContainerState) -> bool {
    let updated = store.update_state(id, revision, state).await;
    updated.expect("updates")
}

/// A container is found with the state that it was added with or given later.
pub async fn a_state_is_kept(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let added = Container {
        state: ended(),
        revision: 4,
        ..sample.container('a', "added")
    };
    created(store, &added).await;
    assert_eq!(get(store, "added").await.as_ref(), Some(&added));

    let mut changed = sample.container('b', "changed");
    created(store, &changed).await;
    let states = ContainerStatus::ALL.map(|status| ContainerState { status, ..ended() });
    for state in states.into_iter().chain([ContainerState {
        exit_code: i64::MAX,
        owner: Some(String::new()),
        started_at: None,
        ..ended()
    }]) {
        assert!(update(store, &changed.id, changed.revision, &state).await);
        changed.revision += 1;
        changed.state = state;
        assert_eq!(get(store, "changed").await.as_ref(), Some(&changed));
    }
    assert_eq!(get(store, "added").await, Some(added));
}

/// Only a caller that has seen the last change can make the next; other changes of the container do
/// not matter.
pub async fn a_state_is_replaced_once(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let container = sample.container('a', "web");
    created(store, &container).await;
    let running = ContainerState {
        status: ContainerStatus::Running,
        ..ContainerState::default()
    };

    for (id, revision) in [
        ("web", 0),
        ("a", 0),
        ("", 0),
        (&"b".repeat(64), 0),
        (&container.id, 1),
        (&container.id, i64::MAX as u64 - 1),
    ] {
        assert!(!update(store, id, revision, &running).await, "{id}");
    }
    assert_eq!(get(store, "web").await, Some(container.clone()));

    assert_eq!(rename(store, &container.id, "new").await, Renamed::Done);
    assert!(update(store, &container.id, 0, &running).await);
    assert!(!update(store, &container.id, 0, &ended()).await);
    let expected = Container {
        name: "new".to_owned(),
        state: running,
        revision: 1,
        ..container.clone()
    };
    assert_eq!(get(store, "new").await, Some(expected));
    assert!(update(store, &container.id, 1, &ended()).await);
    let removed = store.remove_container(&container.id).await;
    assert!(removed.expect("removes"));
    assert!(!update(store, &container.id, 2, &ended()).await);
}

/// A text with a zero byte, a time that does not fit into a column, and a number that is too large;
/// nothing is changed then.
pub async fn unstorable_states_are_refused(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let container = sample.container('a', "web");
    created(store, &container).await;
    for state in [
        ContainerState {
            error: "a\0b".to_owned(),
            ..ended()
        },
        ContainerState {
            owner: Some("\0".to_owned()),
            ..ended()
        },
        ContainerState {
            started_at: Some(Timestamp::MAX),
            ..ended()
        },
        ContainerState {
            finished_at: Some(Timestamp::MIN),
            ..ended()
        },
        ContainerState {
            restart_count: u64::MAX,
            ..ended()
        },
    ] {
        let error = store.update_state(&container.id, 0, &state).await;
        let error = error.expect_err("refused");
        assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
        let other = Container {
            state,
            ..sample.container('b', "other")
        };
        let error = store.add_container(&other).await.expect_err("refused");
        assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
    }
    assert_eq!(get(store, "web").await, Some(container));
    assert_eq!(get(store, "other").await, None);
}

/// Many callers that have seen the same state change it at once: one succeeds, and its state is
/// stored.
pub async fn one_of_several_changes_of_a_state_wins(store: &dyn StateStore) {
    const CALLERS: u64 = 16;
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let container = sample.container('a', "web");
    created(store, &container).await;

    for revision in 0..4 {
        let changes = join_all((0..CALLERS).map(async |caller| {
            let state = ContainerState {
                restart_count: revision * CALLERS + caller,
                ..ended()
            };
            let done = update(store, &container.id, revision, &state).await;
            done.then_some(state)
        }));
        let done: Vec<_> = changes.await.into_iter().flatten().collect();
        assert_eq!(done.len(), 1);
        let now = get(store, "web").await.expect("is there");
        assert_eq!((now.revision, &now.state), (revision + 1, &done[0]));
    }
}
