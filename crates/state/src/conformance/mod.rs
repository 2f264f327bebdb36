//! What every [`StateStore`] has to do, as checks that an implementation's tests call.
//!
//! Each check wants a new, empty store, and panics when a promise is broken.
//! [`each_check!`](crate::each_check) gives their names to a macro, so that an implementation can
//! make a test of each; [`all`] runs one after the other.

#![allow(
    clippy::expect_used,
    reason = "these are tests, which other crates call"
)]

mod adding;
mod concurrency;
mod content;
mod finding;
mod listing;
mod merging;
mod pulling;
pub(crate) mod sample;
mod staging;
mod tagging;

use std::sync::Arc;

use crate::StateStore;

pub use self::adding::*;
pub use self::concurrency::*;
pub use self::content::*;
pub use self::finding::*;
pub use self::listing::*;
pub use self::merging::*;
pub use self::pulling::*;
pub use self::staging::*;
pub use self::tagging::*;

/// Calls the macro that is named with the names of all checks, separated by commas.
#[macro_export]
macro_rules! each_check {
    ($macro:ident) => {
        $macro! {
            adding_again_changes_nothing,
            adding_is_all_or_nothing,
            what_is_here_need_not_be_added_again,
            unstorable_images_and_names_are_refused,
            names_move,
            the_last_of_repeated_names_counts,
            more_variants_are_added_to_an_image,
            variants_that_do_not_come_again_stay,
            more_documents_and_blobs_are_added_to_an_image,
            a_full_digest_finds,
            a_name_finds,
            a_name_with_a_digest_finds,
            a_prefix_finds,
            an_ambiguous_prefix_is_an_error,
            a_name_wins_over_a_prefix,
            an_original_comes_before_a_generated_image,
            a_name_finds_its_own_target,
            an_image_comes_before_a_variant_with_its_id,
            variants_are_found,
            tags_point_to_what_they_found,
            tagging_nothing_changes_nothing,
            last_tagged_at_is_the_latest,
            pages_are_in_order_of_id,
            tags_of_a_repository_are_paged,
            counts_are_of_ids_and_names,
            documents_are_kept,
            blobs_are_found_by_diff_id,
            content_size_is_the_sum_of_known_layers,
            references_are_known,
            repository_digests_are_shown_by_id,
            a_repository_digest_finds,
            locations_are_newest_first,
            encodings_are_remembered,
            staged_forms_are_kept,
            incomplete_staging_is_refused,
            a_push_is_recorded,
            concurrent_tags_are_all_kept,
            readers_see_whole_additions,
            a_failing_neighbour_does_no_harm,
        }
    };
}

macro_rules! run_all {
    ($($check:ident),* $(,)?) => {
        /// Runs every check, each with a store that `make` has just made.
        pub async fn all(make: impl AsyncFn() -> Arc<dyn StateStore>) {
            $($check(&*make().await).await;)*
        }
    };
}

each_check!(run_all);
