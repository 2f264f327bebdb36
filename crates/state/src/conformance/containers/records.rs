//! Adding, finding, paging, renaming and removing containers.

use sockerless_reference::Digest;

use crate::conformance::sample::{Sample, add};
use crate::{
    Container, ContainerAdded, ContainerSelection, ContainerStore, Error, Renamed, StateStore,
};

pub(super) async fn create(store: &dyn ContainerStore, container: &Container) -> ContainerAdded {
    store.add_container(container).await.expect("adding works")
}

pub(super) async fn created(store: &dyn ContainerStore, container: &Container) {
    let added = create(store, container).await;
    assert_eq!(added, ContainerAdded::Added, "{}", container.name);
}

pub(super) async fn get(store: &dyn ContainerStore, word: &str) -> Option<Container> {
    store.container(word).await.expect("finding works")
}

pub(super) async fn rename(store: &dyn ContainerStore, id: &str, name: &str) -> Renamed {
    let renamed = store.rename_container(id, name).await;
    renamed.expect("renaming works")
}

/// A page of all containers.
pub(in crate::conformance) async fn page(
    store: &dyn ContainerStore,
    after: Option<&str>,
    limit: usize,
) -> Vec<Container> {
    let all = ContainerSelection::default();
    store.containers(&all, after, limit).await.expect("pages")
}

/// Containers of the sample, each with a name and the prefix of its ID.
fn several<const N: usize>(sample: &Sample, containers: [(&str, &str); N]) -> [Container; N] {
    containers.map(|(name, start)| Container {
        id: format!("{start:0<64}"),
        ..sample.container('0', name)
    })
}

/// By its ID, its name, and every prefix of its ID, in this order; with everything that it was
/// added with.
pub async fn a_container_is_found(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let [web, hex, long] = several(&sample, [("web", "abc"), ("abc", "def"), ("long", "fff")]);
    // A name that looks like the ID of another one.
    let named_like_web = Container {
        name: web.id.clone(),
        ..sample.container('9', "")
    };
    let no_spec = Container {
        spec: bytes::Bytes::new(),
        ..long
    };
    for container in [&web, &hex, &named_like_web, &no_spec] {
        created(store, container).await;
    }

    for (word, container) in [
        ("web", &web),
        ("ab", &web),
        ("abc", &hex),
        ("abc0", &web),
        ("d", &hex),
        ("def", &hex),
        ("9", &named_like_web),
        ("long", &no_spec),
        ("f", &no_spec),
        (&web.id, &web),
        (&web.id[..63], &web),
        (&hex.id, &hex),
    ] {
        assert_eq!(get(store, word).await.as_ref(), Some(container), "{word}");
    }
    let too_long = format!("{}0", web.id);
    for word in [
        "", "/web", "we", "WEB", "AB", "abd", "e", "abc1", "ab%", "a_", &too_long, "fg",
    ] {
        assert_eq!(get(store, word).await, None, "{word}");
    }
}

/// A prefix of several IDs is an error, unless it is a name.
pub async fn an_ambiguous_prefix_of_containers_is_an_error(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let [one, two, last] = several(&sample, [("one", "abc"), ("two", "abd"), ("ab", "fff")]);
    for container in [&one, &two] {
        created(store, container).await;
    }
    for word in ["a", "ab"] {
        let error = store.container(word).await.expect_err("ambiguous");
        let Error::Ambiguous { prefix } = error else {
            panic!("{error:?}");
        };
        assert_eq!(prefix, word);
    }
    assert_eq!(get(store, "abd").await, Some(two));
    created(store, &last).await;
    assert_eq!(get(store, "ab").await, Some(last));
    store.container("a").await.expect_err("ambiguous still");
}

/// A second container with the name is refused, and one without its image or its variant.
pub async fn a_container_needs_its_image_and_a_free_name(store: &dyn StateStore) {
    let index = Sample::index("amd", "arm");
    add(store, index.named(&["app:1"])).await;
    let first = index.container('a', "web");
    created(store, &first).await;

    let taken = create(store, &index.container('b', "web")).await;
    assert_eq!(
        taken,
        ContainerAdded::NameTaken {
            by: first.id.clone()
        }
    );
    let other = Sample::new("other").container('b', "other");
    assert_eq!(create(store, &other).await, ContainerAdded::ImageGone);
    let no_variant = Container {
        image: Digest::of("nothing"),
        ..index.container('b', "other")
    };
    assert_eq!(create(store, &no_variant).await, ContainerAdded::ImageGone);

    assert_eq!(get(store, "b").await, None);
    assert_eq!(get(store, "web").await, Some(first));
    assert_eq!(get(store, "other").await, None);
    assert_eq!(store.counts().await.expect("counts").containers, 1);
    let arm = Container {
        image: index.image.variants[1].config,
        ..index.container('b', "Web")
    };
    created(store, &arm).await;
    assert_eq!(get(store, "Web").await, Some(arm));
}

/// An invalid ID, one that exists already, and an empty name.
pub async fn unstorable_containers_are_refused(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    created(store, &sample.container('a', "web")).await;
    let id = "b".repeat(64);
    for (id, name) in [
        ("a".repeat(64), "other"),
        ("a".repeat(64), "web"),
        (id[1..].to_owned(), "other"),
        (format!("{id}b"), "other"),
        (id.to_uppercase(), "other"),
        ("g".repeat(64), "other"),
        (String::new(), "other"),
        (id, ""),
    ] {
        let container = Container {
            id,
            ..sample.container('b', name)
        };
        let error = store.add_container(&container).await;
        let error = error.expect_err("refused");
        assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
        let all = page(store, None, 9).await;
        assert_eq!(all, [sample.container('a', "web")]);
    }
}

/// Each page continues after the last ID, even if that was removed.
pub async fn containers_are_paged_in_order_of_id(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let all = ["0", "1", "9", "a", "f"].map(|digit| {
        let digit = digit.chars().next().expect("one character");
        sample.container(digit, &format!("named {digit}"))
    });
    for at in [3, 0, 4, 1, 2] {
        created(store, &all[at]).await;
    }
    let page = async |after, limit| page(store, after, limit).await;

    assert_eq!(page(None, 2).await, all[..2]);
    assert_eq!(page(Some(&all[1].id), 2).await, all[2..4]);
    assert_eq!(page(Some(&all[3].id), 2).await, all[4..]);
    assert_eq!(page(Some(&all[4].id), 2).await, []);
    assert_eq!(page(Some("2"), usize::MAX).await, all[2..]);
    assert_eq!(page(None, usize::MAX).await, all);
    assert_eq!(page(None, 0).await, []);
}

/// To a free name or its own; the old one is free then.
pub async fn containers_are_renamed(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&[])).await;
    let (web, db) = (sample.container('a', "web"), sample.container('b', "db"));
    created(store, &web).await;
    created(store, &db).await;

    let taken = rename(store, &web.id, "db").await;
    assert_eq!(taken, Renamed::NameTaken { by: db.id.clone() });
    // Only the full ID works.
    for id in ["web", "a", &"c".repeat(64)] {
        for name in ["new", "db"] {
            assert_eq!(rename(store, id, name).await, Renamed::Gone, "{id}");
        }
    }
    let error = store.rename_container(&web.id, "").await;
    let error = error.expect_err("refused");
    assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
    assert_eq!(rename(store, &web.id, "web").await, Renamed::Done);
    let all = page(store, None, 9).await;
    assert_eq!(all, [web.clone(), db.clone()]);

    assert_eq!(rename(store, &web.id, "new").await, Renamed::Done);
    let renamed = Container {
        name: "new".to_owned(),
        ..web.clone()
    };
    assert_eq!(get(store, "new").await, Some(renamed));
    assert_eq!(get(store, "web").await, None);
    assert_eq!(rename(store, &db.id, "web").await, Renamed::Done);
    assert_eq!(get(store, "web").await.expect("is there").id, db.id);
}

/// Once, and only by the full ID; its name and ID are free then.
pub async fn containers_are_removed(store: &dyn StateStore) {
    let sample = Sample::new("one");
    add(store, sample.named(&["app:1"])).await;
    let (web, db) = (sample.container('a', "web"), sample.container('b', "db"));
    created(store, &web).await;
    created(store, &db).await;
    let gone = async |id: &str| store.remove_container(id).await.expect("removes");

    for id in ["web", "a", ""] {
        assert!(!gone(id).await, "{id}");
    }
    assert!(gone(&web.id).await);
    assert!(!gone(&web.id).await);
    assert_eq!(get(store, "web").await, None);
    assert_eq!(get(store, &web.id).await, None);
    let all = page(store, None, 9).await;
    assert_eq!(all, [db]);
    created(store, &web).await;
}
