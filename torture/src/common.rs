//! A few names and images that all clients change. Their current meaning is not known, but some
//! invariants always hold.

use serde_json::json;
use sockerless_testkit::http::{Request, Response, escaped};
use sockerless_testkit::image::Image;

use crate::answer::Heard;
use crate::design::{Designs, Form, archive};
use crate::finding::Sort;
use crate::random::Random;
use crate::run::{Arena, LOAD};
use crate::saved;
use crate::shown::{sorted, strings, text};

const NAMES: usize = 6;
const IMAGES: usize = 8;

/// The state that all clients share.
#[derive(Debug)]
pub(crate) struct Common {
    images: Vec<Image>,
}

impl Common {
    pub(crate) fn new(designs: &Designs) -> Self {
        Self {
            images: designs.images("common", usize::MAX - 2, IMAGES),
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        (0..NAMES).map(name).collect()
    }

    /// The image with that ID.
    pub(crate) fn image(&self, id: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.id() == id)
    }

    /// Does one operation.
    pub(crate) fn step(&self, arena: &Arena<'_>, daemon: usize, random: &mut Random) {
        let name = name(random.below(NAMES));
        let image = &self.images[random.below(IMAGES)];
        let word = match random.chance(70) {
            true => name.clone(),
            false => image.id(),
        };
        match random.below(10) {
            0..3 => {
                let names = if random.chance(80) {
                    vec![name]
                } else {
                    Vec::new()
                };
                let form = if random.chance(50) {
                    Form::Docker
                } else {
                    Form::Oci
                };
                let body = archive(form, &[(image, names)], |_| false);
                let request = Request::post("/images/load?quiet=1").body(body);
                ask(arena, daemon, LOAD, &request, &[200]);
            }
            3..5 => {
                let (repository, tag) = name.split_once(':').unwrap_or_default();
                let repository = escaped(repository);
                let source = escaped(&word);
                let target = format!("/images/{source}/tag?repo={repository}&tag={tag}");
                ask(arena, daemon, "tag", &Request::post(&target), &[201, 404]);
            }
            5..7 => {
                let force = u8::from(random.chance(50));
                let target = format!("/images/{}?force={force}", escaped(&word));
                let request = Request::new("DELETE", &target);
                ask(arena, daemon, "remove", &request, &[200, 404, 409]);
            }
            7 => {
                let target = "/containers/create";
                let request = Request::post(target).header("Content-Type", "application/json");
                let request = request.body(json!({"Image": word}).to_string());
                let created = ask(
                    arena,
                    daemon,
                    "create container",
                    &request,
                    &[201, 404, 409],
                );
                if let Some(response) = created.filter(|response| response.status == 201) {
                    let target = format!("/containers/{}", text(&response.json()["Id"]));
                    let request = Request::new("DELETE", &target);
                    ask(arena, daemon, "remove container", &request, &[204]);
                }
            }
            8 => self.inspect(arena, daemon, &word),
            _ => self.save(arena, daemon, &word),
        }
    }

    fn inspect(&self, arena: &Arena<'_>, daemon: usize, word: &str) {
        let request = Request::get(&format!("/images/{}/json", escaped(word)));
        let response = ask(arena, daemon, "inspect", &request, &[200, 404]);
        let Some(response) = response.filter(|response| response.status == 200) else {
            return;
        };
        let shown = response.json();
        let image = self.image(&text(&shown["Id"]));
        let is_whole =
            image.is_some_and(|image| strings(&shown["RootFS"]["Layers"]) == image.diff_ids());
        let is_named = word.starts_with("sha256:")
            || sorted(&shown["RepoTags"]).iter().any(|name| name == word);
        if !is_whole || !is_named {
            let what = format!("daemon {daemon}: inspect {word} shows {shown}");
            arena.find(Sort::Contradiction, what, Vec::new());
        }
    }

    fn save(&self, arena: &Arena<'_>, daemon: usize, word: &str) {
        let request = Request::get(&format!("/images/{}/get", escaped(word)));
        let response = ask(arena, daemon, "save", &request, &[200, 404]);
        if let Some(response) = response.filter(|response| response.status == 200)
            && let Err(fault) = self.verify(&response.body, word)
        {
            let what = format!("daemon {daemon}: saved {word}: {fault}");
            arena.find(Sort::Contradiction, what, Vec::new());
        }
    }

    /// Checks an archive of the image that the word means.
    pub(crate) fn verify(&self, archive: &[u8], word: &str) -> Result<(), String> {
        let id = saved::id(archive)?;
        let image = self
            .image(&id)
            .ok_or_else(|| format!("nobody loaded {id}"))?;
        let names = if word.starts_with("sha256:") {
            vec![]
        } else {
            vec![word.to_owned()]
        };
        saved::verify(archive, image, &names)
    }
}

fn name(number: usize) -> String {
    format!("torture/common:t{number}")
}

fn ask(
    arena: &Arena<'_>,
    daemon: usize,
    kind: &'static str,
    request: &Request,
    statuses: &[u16],
) -> Option<Response> {
    let heard: Heard = arena.call(kind, daemon, request);
    arena.expect(&format!("common {kind}"), daemon, heard, statuses)
}
