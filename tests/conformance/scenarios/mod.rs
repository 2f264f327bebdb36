//! The requests, one topic per file.

mod containers;
mod create_container;
mod events;
mod history;
mod import;
mod inspect;
mod list;
mod load;
mod malformed;
mod names;
mod paths;
mod prune;
mod push;
mod remove;
mod save;
mod stock;
mod system;
mod tag;
mod usage;

use crate::pair::Pair;

type Scenario = (&'static str, fn(&mut Pair));

/// All scenarios with their names.
pub(crate) const SCENARIOS: &[Scenario] = &[
    ("malformed", malformed::archives),
    ("system", system::facts),
    ("nothing", system::nothing),
    ("paths", paths::unknown),
    ("versions", paths::versions),
    ("bodies", paths::bodies),
    ("load", load::fixtures),
    ("load again", load::again),
    ("load producers", load::producers),
    ("load odd configs", load::configs),
    ("inspect", inspect::fixtures),
    ("names", names::good),
    ("bad names", names::bad),
    ("ambiguous names", names::ambiguous),
    ("list", list::filters),
    ("list errors", list::errors),
    ("history", history::of_fixtures),
    ("tag", tag::good),
    ("tag errors", tag::errors),
    ("remove", remove::names),
    ("remove by id", remove::ids),
    ("remove in use", remove::in_use),
    ("remove children", remove::children),
    ("prune", prune::images),
    ("usage", usage::all),
    ("save", save::archives),
    ("save errors", save::errors),
    ("import", import::good),
    ("import changes", import::changes),
    ("import errors", import::errors),
    ("push errors", push::errors),
    ("events", events::of_images),
    ("event filters", events::filters),
    ("create container", create_container::merging),
    ("create container errors", create_container::errors),
    ("containers", containers::list),
    ("container names", containers::names),
    ("container removal", containers::remove),
];
