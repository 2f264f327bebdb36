//! The progress of pushes and pulls, in Docker's words.

use std::time::Duration;

use sockerless_images::{Digest, LayerStep, Update};

use crate::message::{Aux, Message, Named};

/// The lines for an event of a push or a pull. The result of a whole pull is for its last line.
pub(super) fn lines(event: Update) -> Vec<Message> {
    match event {
        Update::PushBegins { repository } => vec![Message::status(format!(
            "The push refers to repository [{}]",
            repository.repository()
        ))],
        Update::PullBegins { name } => {
            let text = format!("Pulling from {}", name.path());
            // A digest takes precedence over a tag.
            let id = match name.digest() {
                Some(digest) => digest.to_string(),
                None => name.tag().unwrap_or_default().to_owned(),
            };
            vec![Message::status_of(id, text)]
        }
        Update::Retrying { what, why, wait } => {
            vec![Message::status(format!(
                "Retrying in {}: {what}: {why}",
                seconds(wait)
            ))]
        }
        Update::Layer { id, step } => vec![layer(id, step)],
        Update::Pushed {
            tag,
            digest,
            size,
            instead_of,
        } => {
            let mut lines = vec![Message::status(format!(
                "{tag}: digest: {digest} size: {size}"
            ))];
            // Some clients take the digest from the last aux that there is, so this must not be the
            // last one.
            lines.extend(instead_of.map(|index| {
                Message::push_aux(Aux::InsteadOfIndex {
                    manifest_pushed_instead_of_index: true,
                    original_index: Named {
                        digest: index,
                        size: None,
                    },
                    selected_manifest: Named {
                        digest,
                        size: Some(size),
                    },
                })
            }));
            lines.push(Message::push_aux(Aux::Pushed { tag, digest, size }));
            lines
        }
        Update::Skipped { name, artifact } => {
            let tag = name.tag().unwrap_or_default().to_owned();
            let text = format!("Skipped, not an image: {artifact}");
            vec![Message::status_of(tag, text)]
        }
        Update::Pulled { digest, .. } => vec![Message::status(format!("Digest: {digest}"))],
    }
}

/// Whole seconds, as Docker counts them down.
fn seconds(wait: Duration) -> String {
    match wait.as_secs_f64().ceil() as u64 {
        0 | 1 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

fn layer(id: Digest, step: LayerStep) -> Message {
    let id = id.short();
    match step {
        LayerStep::Preparing => Message::step(id, "Preparing"),
        LayerStep::Pushing { current, total } => Message::progress(id, "Pushing", current, total),
        LayerStep::Pushed => Message::step(id, "Pushed"),
        LayerStep::Exists => Message::step(id, "Layer already exists"),
        LayerStep::MountedFrom(repository) => {
            Message::step(id, format!("Mounted from {repository}"))
        }
        LayerStep::PullingFsLayer => Message::step(id, "Pulling fs layer"),
        LayerStep::PullComplete => Message::step(id, "Pull complete"),
        LayerStep::AlreadyExists => Message::step(id, "Already exists"),
    }
}

#[cfg(test)]
mod tests {
    use sockerless_images::Reference;

    use super::*;
    use crate::message::texts;

    fn name(text: &str) -> Reference {
        text.parse().expect("a name")
    }

    #[test]
    fn beginnings() {
        let digest = Digest::of("manifest");
        let begins = |text: &str| lines(Update::PullBegins { name: name(text) });
        for (lines, text) in [
            (
                lines(Update::PushBegins {
                    repository: name("alpine"),
                }),
                r#"{"status":"The push refers to repository [docker.io/library/alpine]"}"#,
            ),
            (
                lines(Update::PushBegins {
                    repository: name("127.0.0.1:5000/a/b"),
                }),
                r#"{"status":"The push refers to repository [127.0.0.1:5000/a/b]"}"#,
            ),
            (
                begins("alpine:3"),
                r#"{"status":"Pulling from library/alpine","id":"3"}"#,
            ),
            (
                begins("127.0.0.1:5000/p/one:1"),
                r#"{"status":"Pulling from p/one","id":"1"}"#,
            ),
            (
                begins(&format!("p/one:1@{digest}")),
                &format!(r#"{{"status":"Pulling from p/one","id":"{digest}"}}"#),
            ),
        ] {
            assert_eq!(texts(&lines), [text]);
        }
    }

    #[test]
    fn layers() {
        let id = Digest::of("layer");
        let short = id.short();
        for (step, status, detail) in [
            (LayerStep::Preparing, "Preparing", "{}"),
            (
                LayerStep::Pushing {
                    current: 512,
                    total: Some(1024),
                },
                "Pushing",
                r#"{"current":512,"total":1024}"#,
            ),
            (
                LayerStep::Pushing {
                    current: 512,
                    total: None,
                },
                "Pushing",
                r#"{"current":512}"#,
            ),
            (LayerStep::Pushed, "Pushed", "{}"),
            (LayerStep::Exists, "Layer already exists", "{}"),
            (
                LayerStep::MountedFrom("library/x".to_owned()),
                "Mounted from library/x",
                "{}",
            ),
            (LayerStep::PullingFsLayer, "Pulling fs layer", "{}"),
            (LayerStep::PullComplete, "Pull complete", "{}"),
            (LayerStep::AlreadyExists, "Already exists", "{}"),
        ] {
            assert_eq!(
                texts(&lines(Update::Layer { id, step })),
                [format!(
                    r#"{{"status":"{status}","progressDetail":{detail},"id":"{short}"}}"#
                )]
            );
        }
    }

    #[test]
    fn retries() {
        for (milliseconds, told) in [(1, "1 second"), (1500, "2 seconds"), (60_000, "60 seconds")] {
            let lines = lines(Update::Retrying {
                what: "h:5000/a".to_owned(),
                why: "connection reset".to_owned(),
                wait: Duration::from_millis(milliseconds),
            });
            let text = format!(r#"{{"status":"Retrying in {told}: h:5000/a: connection reset"}}"#);
            assert_eq!(texts(&lines), [text]);
        }
    }

    #[test]
    fn ends() {
        let (digest, index) = (Digest::of("manifest"), Digest::of("index"));
        let pushed = |instead_of| {
            texts(&lines(Update::Pushed {
                tag: "1".to_owned(),
                digest,
                size: 730,
                instead_of,
            }))
        };
        let status = format!(r#"{{"status":"1: digest: {digest} size: 730"}}"#);
        let aux = format!(
            r#"{{"progressDetail":{{}},"aux":{{"Tag":"1","Digest":"{digest}","Size":730}}}}"#
        );
        assert_eq!(pushed(None), [status.as_str(), &aux]);
        let instead = format!(
            concat!(
                r#"{{"progressDetail":{{}},"aux":{{"manifestPushedInsteadOfIndex":true,"#,
                r#""originalIndex":{{"digest":"{index}"}},"#,
                r#""selectedManifest":{{"digest":"{digest}","size":730}}}}}}"#
            ),
            index = index,
            digest = digest
        );
        assert_eq!(pushed(Some(index)), [status, instead, aux]);
        let pulled = lines(Update::Pulled {
            name: name("alpine:3"),
            digest,
            newer: true,
        });
        assert_eq!(
            texts(&pulled),
            [format!(r#"{{"status":"Digest: {digest}"}}"#)]
        );
    }
}
