//! Checks that every store has to pass, for the tests of an implementation: one suite for each of
//! the traits that a [`StateStore`] consists of.
//!
//! Each check requires a new, empty store, and panics when it fails.
//! [`each_check!`](crate::each_check) gives their names to a macro, so that an implementation can
//! make a test of each; [`all`] runs one after the other.

#![allow(
    clippy::expect_used,
    reason = "these are tests, which other crates call"
)]

pub mod blob_sources;
pub mod containers;
pub mod images;
pub mod jobs;
mod racers;
pub(crate) mod sample;

use std::sync::Arc;

use crate::StateStore;

/// Calls the macro that is named with the names of all checks: for each suite its module and in braces
/// the names in it, separated by commas.
#[macro_export]
macro_rules! each_check {
    ($macro:ident) => {
        $macro! {
            images {
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
                pages_are_newest_first,
                a_place_follows_the_first_variant,
                places_are_found_by_repository,
                images_with_large_configs_are_few,
                tags_of_a_repository_are_paged,
                counts_are_of_ids_and_names,
                documents_are_kept,
                content_size_is_the_sum_of_all_layers,
                repository_digests_are_shown_by_id,
                a_repository_digest_finds,
                a_push_is_recorded,
                a_name_is_removed_alone,
                a_repository_digest_is_removed_alone,
                an_image_goes_with_all_that_only_it_needs,
                images_with_one_id_go_together,
                a_removal_of_what_has_changed_is_refused,
                what_can_never_be_here_cannot_be_removed,
                what_was_removed_can_be_added_again,
                a_variant_goes_with_all_that_only_it_needs,
                what_other_variants_and_images_need_stays,
                what_lies_beside_the_variants_stays,
                a_removal_of_variants_that_cannot_be_is_refused,
                a_variant_that_was_removed_can_be_added_again,
                concurrent_tags_are_all_kept,
                readers_see_whole_additions,
                a_failing_neighbour_does_no_harm,
                a_tag_and_a_removal_cannot_both_win,
                an_image_that_is_added_and_removed_is_whole_or_gone,
            }
            containers {
                a_container_is_found,
                an_ambiguous_prefix_of_containers_is_an_error,
                a_container_needs_its_image_and_a_free_name,
                unstorable_containers_are_refused,
                containers_are_paged_in_order_of_id,
                containers_are_selected,
                a_page_has_containers_of_every_wanted_status,
                containers_are_renamed,
                a_state_is_kept,
                a_state_is_replaced_once,
                unstorable_states_are_refused,
                one_of_several_changes_of_a_state_wins,
                containers_are_removed,
                containers_keep_their_image,
                an_image_that_comes_back_in_another_form_is_used,
                users_are_counted_by_id,
                a_container_and_a_removal_cannot_both_win,
            }
            blob_sources {
                blobs_are_found_by_diff_id,
                references_are_known,
                locations_are_newest_first,
                encodings_are_remembered,
                what_no_image_needs_is_forgotten,
                staged_forms_are_kept,
                incomplete_staging_is_refused,
            }
            jobs {
                a_job_is_done_by_one,
            }
        }
    };
}

macro_rules! run_all {
    ($($suite:ident { $($check:ident),* $(,)? })*) => {
        /// Runs every check, each with a store that `make` has just made.
        pub async fn all(make: impl AsyncFn() -> Arc<dyn StateStore>) {
            $($($suite::$check(&*make().await).await;)*)*
        }
    };
}

each_check!(run_all);
