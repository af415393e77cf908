//! Every law, by group. This list, with the one in `store_list.rs`, is the only place that names
//! them; tests, documents and [`laws`](crate::laws()) follow from it.

/// Hands the laws of a group to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __registry {
    (store $then:tt) => { $crate::__store_registry! { $then } };
    (one_step_rename [$($then:tt)+]) => { $($then)+! { one_step_rename;
        T1 one_step::a_racing_delete_is_not_undone
            "Of a `rename` and a racing `delete` of `from` exactly one succeeds: no logout is undone."
        T2 one_step::a_cut_off_rename_moved_or_did_not
            "A `rename` that is cut off moved the record or did not: exactly one of both is there."
    } };
    (maintain [$($then:tt)+]) => { $($then)+! { maintain;
        M1 maintain::purge_leaves_the_living
            "`purge_expired` leaves every living record."
        M2 maintain::purge_keeps_its_limit
            "`purge_expired` removes at most `limit` records at a time."
        M3 maintain::purge_counts_the_expired_only
            "`purge_expired` never counts a record that has not expired, nor one of them twice."
        M4 maintain::purging_ends
            "A `purge_expired` that removes fewer than `limit` left none: the next one finds nothing."
        M5 maintain::purge_spares_the_recreated
            "`purge_expired` never takes a record that is created anew over an expired one meanwhile."
        M6 maintain::purge_spares_the_renewed
            "`purge_expired` never takes a record that is renewed in its last moment."
        M7 maintain::delete_all_empties
            "`delete_all` removes every record."
        M8 maintain::delete_all_counts_the_living
            "`delete_all` returns the number of living records, the expired not counted."
        M9 maintain::count_counts_the_living
            "`count` counts the living only."
        M10 maintain::count_follows
            "`count` follows every creation, replacement, `rename` and `delete`."
        M11 maintain::no_version_returns_after_delete_all
            "No version returns after `delete_all`, and the store works on."
        M12 maintain::no_version_returns_after_purge
            "No version returns after `purge_expired`."
        M13 maintain::a_racing_rename_escapes_no_delete_all
            "`delete_all` removes a record that is renamed meanwhile too."
    } };
    (owner_index [$($then:tt)+]) => { $($then)+! { owner_index;
        O1 owners::an_unknown_owner_has_nothing
            "`list` of an unknown owner is empty."
        O2 owners::list_is_exact
            "`list` holds exactly the owner's records."
        O3 owners::list_returns_what_get_returns
            "Each record that `list` returns is the one that `get` returns."
        O4 owners::another_owner_takes_the_record
            "A record that gets another owner moves to that owner's list."
        O5 owners::no_owner_leaves_the_list
            "A record that loses its owner leaves the list."
        O6 owners::a_deleted_record_leaves_the_list
            "A deleted record leaves the list."
        O7 owners::an_expired_record_leaves_the_list
            "An expired record leaves the list."
        O8 owners::a_renamed_record_is_listed_as_to
            "A renamed record is listed as `to`, under the owner of the new record."
        O9 owners::a_refused_write_changes_no_list
            "A `set` or `rename` that is refused changes no list."
        O10 owners::a_renewed_record_stays_listed
            "A record that is renewed past its first time stays in the list."
        O11 owners::a_reused_key_has_its_new_owner_only
            "A key that is used anew, after a delete or expiry, is listed for its new owner only."
        O12 owners::concurrent_records_are_all_listed
            "Records that one owner gets at the same time are all listed."
        O13 owners::owners_that_look_alike_stay_apart
            "Owners that look alike have lists of their own: by case, accent, blank, prefix or pattern."
        O14 owners::cut_off_the_list_agrees
            "A write or `delete` that is cut off leaves the list in agreement with the record."
        O15 delete_owner::delete_owner_removes_all
            "`delete_owner` removes all records of the owner."
        O16 delete_owner::delete_owner_counts_the_living
            "`delete_owner` returns how many living records it removed, the expired not counted."
        O17 delete_owner::delete_owner_keeps_the_exception
            "`delete_owner` of all but one keeps that one as it is and does not count it."
        O18 delete_owner::a_foreign_exception_keeps_nothing
            "`delete_owner` with an exception that is not the owner's removes all of the owner's."
        O19 delete_owner::an_unknown_owner_loses_nothing
            "`delete_owner` of an unknown owner is 0 and removes nothing."
        O20 delete_owner::delete_owner_leaves_the_others
            "`delete_owner` leaves the records of others and those without an owner."
        O21 delete_owner::delete_owner_leaves_the_former
            "`delete_owner` leaves what was once the owner's and is another's now."
        O22 delete_owner::a_racing_write_survives_no_delete_owner
            "A conditional write that races with `delete_owner` never revives a record."
        O23 delete_owner::each_record_is_counted_once
            "Of N concurrent calls of `delete_owner` each record is counted by exactly one."
        O24 delete_owner::a_racing_rename_escapes_no_delete_owner
            "`delete_owner` removes a record that is renamed meanwhile too: no rotation escapes."
    } };
    (full [$($then:tt)+]) => { $($then)+! { full;
        F1 full::delete_all_empties_the_lists
            "`delete_all` empties every owner's list, and what is written afterwards is listed."
        F2 full::delete_owner_lowers_the_count
            "What `delete_owner` removes is no longer counted."
        F3 full::purge_keeps_the_lists
            "`purge_expired` keeps the lists of the living exact."
    } };
    (namespaces [$($then:tt)+]) => { $($then)+! { namespaces;
        N1 namespaces::the_other_does_not_see_it
            "What one store writes is absent for every read of the other."
        N2 namespaces::both_create_under_one_key
            "Both stores create a record under the same key, and each keeps its own."
        N3 namespaces::delete_and_expire_stay_inside
            "`delete` and `expire` of a key in one store leave the other's record."
        N4 namespaces::rename_stays_inside
            "`rename` neither finds nor meets a record of the other store."
        N5 namespaces::a_foreign_version_is_missing
            "`set` with `Version` does not reach a record of the other store."
    } };
    (full_namespaces [$($then:tt)+]) => { $($then)+! { full_namespaces;
        N6 full_namespaces::count_stays_inside
            "`count` counts this store's records only."
        N7 full_namespaces::delete_all_stays_inside
            "`delete_all` removes this store's records only."
        N8 full_namespaces::purge_stays_inside
            "`purge_expired` removes this store's records only."
        N9 full_namespaces::list_stays_inside
            "`list` holds this store's records only."
        N10 full_namespaces::delete_owner_stays_inside
            "`delete_owner` removes this store's records only."
    } };
}
