//! The laws of the group `store`.

/// Hands them to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_registry {
    ([$($then:tt)+]) => { $($then)+! { store;
        G1 get::absent_key_is_none
            "`get` of an absent key is `None`."
        G2 get::get_leaves_the_time_to_live
            "`get` leaves the time to live as it is."
        G3 get::get_leaves_the_record
            "`get` leaves the record as it is, its version included."
        G4 get::get_returns_the_version_of_the_set
            "`get` returns the version that `set` returned."
        G5 get::exists_says_what_get_says
            "`exists` is true for a living record and false for an absent or deleted one."
        G6 get::ttl_says_what_get_says
            "`ttl` is the time left that `get` returns, and `None` for an absent key."
        G7 get::exists_and_ttl_change_nothing
            "`exists` and `ttl` change nothing."
        B1 bytes::empty_data_comes_back
            "Empty data comes back."
        B2 bytes::nul_bytes_come_back
            "NUL bytes come back, wherever they stand."
        B3 bytes::every_byte_value_comes_back
            "All 256 byte values come back."
        B4 bytes::a_mebibyte_comes_back
            "A mebibyte comes back."
        B5 bytes::bytes_that_read_like_values_stay_bytes
            "Bytes that read like a number, a text or a null stay the bytes that they are."
        B6 bytes::keys_one_bit_apart_stay_apart
            "Keys that differ in a single bit stay apart."
        B7 bytes::the_owner_comes_back
            "The owner comes back, in any script; none comes back as none."
        B8 bytes::an_empty_owner_is_an_owner
            "An owner of the empty text is an owner, not none."
        S1 set::any_creates
            "`set` with `Any` creates."
        S2 set::set_replaces_the_data
            "`set` replaces the data whole."
        S3 set::set_replaces_the_owner
            "`set` replaces the owner whole; with none it takes the owner away."
        S4 set::set_lengthens_the_time_to_live
            "`set` resets the time to live to a longer one."
        S5 set::set_shortens_the_time_to_live
            "`set` resets the time to live to a shorter one."
        S6 set::absent_creates
            "`set` with `Absent` creates where nothing is."
        S7 set::absent_conflicts_with_the_living
            "`set` with `Absent` on a living record is `Conflict` and changes nothing."
        S8 set::one_creator_wins
            "Of N concurrent creators exactly one wins, the others are told `Conflict`."
        S9 set::version_writes_at_that_version
            "`set` with `Version` writes a record that has this version."
        S10 set::version_conflicts_at_another
            "`set` with `Version` at another version is `Conflict` and changes nothing."
        S11 set::version_of_absent_is_missing
            "`set` with `Version` on an absent key is `Missing` and creates nothing."
        S12 set::version_of_deleted_is_missing
            "`set` with `Version` on a deleted record is `Missing` and revives nothing."
        S13 set::one_writer_of_a_version_wins
            "Of N concurrent writers of one version exactly one wins, the others are told `Conflict`."
        S14 set::increments_add_up
            "64 concurrent increments by compare and swap, each retried until it wins, make 64."
        S15 set::set_leaves_other_keys_alone
            "`set` leaves other keys alone."
        V1 versions::every_set_gives_a_new_version
            "Every `set` gives a version that the key never had."
        V2 versions::equal_content_gives_a_new_version
            "A `set` of equal content is a write too and gives a new version."
        V3 versions::no_version_returns_after_delete
            "No version returns after the record was deleted and created again."
        V4 versions::no_version_returns_after_expiry
            "No version returns after the record expired and was created again."
        V5 versions::concurrent_writes_get_different_versions
            "Concurrent writes of one key all get different versions."
        C1 created::later_sets_keep_created_at
            "Later sets keep `created_at`, even if they give another one."
        C2 created::a_given_created_at_comes_back
            "A `created_at` that is given at creation comes back to the millisecond."
        C3 created::created_at_is_now_otherwise
            "Without one, `created_at` is now, a true point in time whatever the store's time zone."
        C4 created::age_is_the_time_since_created_at
            "`age` is the time since `created_at`, and grows as time passes."
        C5 created::a_new_life_begins_anew
            "A record that is created again after a delete does not inherit `created_at`."
        D1 delete::delete_is_true_once
            "`delete` of a living record is `true`, a second time `false`."
        D2 delete::delete_of_absent_is_false
            "`delete` of an absent key is `false`."
        D3 delete::deleted_is_absent
            "A deleted record is absent for `get`, `exists` and `ttl`."
        D4 delete::delete_leaves_other_keys_alone
            "`delete` leaves other keys alone."
        D5 delete::one_of_many_deletes_is_true
            "Of N concurrent deletes of one record exactly one is `true`."
        D6 delete::a_racing_write_revives_nothing
            "A conditional write that races with a `delete` never revives the record."
        E1 expire::expire_lengthens
            "`expire` gives a longer time to live and is `true`."
        E2 expire::expire_shortens
            "`expire` gives a shorter time to live and is `true`."
        E3 expire::expire_leaves_the_record
            "`expire` leaves data, owner and `created_at` as they are."
        E4 expire::expire_leaves_the_version
            "`expire` leaves the version: who read before it can still write."
        E5 expire::expire_of_absent_is_false
            "`expire` of an absent key is `false` and creates nothing."
        E6 expire::expire_of_deleted_is_false
            "`expire` of a deleted record is `false` and revives nothing."
        E7 expire::expire_to_the_same_time_is_true
            "`expire` to the time that the record has anyway is `true`."
        E8 expire::expire_leaves_other_keys_alone
            "`expire` leaves other keys alone."
        E9 expire::a_racing_expire_revives_nothing
            "An `expire` that races with a `delete` revives nothing."
        E10 expire::a_racing_expire_undoes_nothing
            "An `expire` that races with a `set` never brings back what the `set` replaced."
        X1 expiry::expired_is_absent_for_get
            "Expired is absent for `get`."
        X2 expiry::expired_is_absent_for_exists
            "Expired is absent for `exists`."
        X3 expiry::expired_is_absent_for_ttl
            "Expired is absent for `ttl`."
        X4 expiry::absent_wins_over_expired
            "`set` with `Absent` wins over an expired record."
        X5 expiry::version_of_expired_is_missing
            "`set` with `Version` on an expired record is `Missing` and revives nothing."
        X6 expiry::delete_of_expired_is_false
            "`delete` of an expired record is `false`."
        X7 expiry::expire_of_expired_is_false
            "`expire` of an expired record is `false` and revives nothing."
        X8 expiry::rename_of_expired_is_missing
            "`rename` of an expired record is `Missing`, and `to` does not exist."
        X9 expiry::expired_leaves_no_created_at
            "A record that is set over an expired one inherits no `created_at` from it."
        X10 expiry::one_creator_wins_over_expired
            "Of N concurrent creators over an expired record exactly one wins."
        X11 expiry::a_record_lives_until_its_time
            "A record lives until its time is over; none is dropped early."
        X12 expiry::no_record_is_read_past_its_time
            "No record is read at or past its time: each read has time left, and none comes after."
        X13 expiry::the_time_left_is_true
            "The time left is more than zero, at most the time to live, exact to the millisecond, and falls."
        X14 expiry::a_millisecond_is_a_time_to_live
            "The shortest time to live, 1 ms, is a time to live and no eternity."
        X15 expiry::four_hundred_days_are_kept
            "The longest time to live, 400 days, comes back as 400 days."
        X16 expiry::a_shortened_record_dies_early
            "A record that `expire` shortens is gone at its new time."
        X17 expiry::a_lengthened_record_lives_on
            "A record that `expire` lengthens outlives its first time."
        X18 expiry::a_rewritten_record_lives_on
            "A record that `set` writes again outlives its first time."
        R1 rename::rename_moves
            "`rename` moves: `to` holds the new record at the returned version, `from` is gone."
        R2 rename::rename_gives_created_at
            "`rename` gives `to` the `created_at` of the new record; without one, now."
        R3 rename::rename_gives_the_time_to_live
            "`rename` gives `to` the given time to live."
        R4 rename::rename_at_another_version_conflicts
            "`rename` at another version is `Conflict` and changes nothing."
        R5 rename::rename_of_absent_is_missing
            "`rename` of an absent key is `Missing`, and `to` does not exist."
        R6 rename::rename_of_deleted_is_missing
            "`rename` of a deleted record is `Missing`, and `to` does not exist."
        R7 rename::rename_onto_the_living_conflicts
            "`rename` onto a living key is `Conflict` and changes neither record."
        R8 rename::rename_onto_expired_works
            "`rename` onto an expired key works."
        R9 rename::rename_onto_itself_conflicts
            "`rename` of a living record onto itself is `Conflict` and changes nothing."
        R10 rename::rename_gives_a_new_version
            "`rename` gives `to` a version that it never had."
        R11 rename::rename_leaves_other_keys_alone
            "`rename` leaves other keys alone."
        R12 rename_races::one_rename_of_a_record_wins
            "Of N concurrent renames of one record exactly one wins, and only its `to` exists."
        R13 rename_races::one_rename_onto_a_key_wins
            "Of N concurrent renames onto one key exactly one wins, and the others keep their `from`."
        R14 rename_races::a_racing_write_and_rename_exclude_each_other
            "A `rename` and a write of the same version never both succeed; the one that did is seen."
        R15 rename_races::a_racing_delete_leaves_no_doubt
            "A `rename` that races with a `delete` is `Stored` and `to` exists, or `Missing` and it does not."
        R16 rename_races::one_of_both_is_always_there
            "Whoever no longer finds `from` while it is renamed finds `to`."
        A1 atomic::a_cut_off_creation_is_whole_or_nothing
            "A `set` that creates and is cut off created the whole record or nothing."
        A2 atomic::a_cut_off_set_is_whole_or_nothing
            "A `set` that replaces and is cut off replaced data, owner, version and time, or nothing."
        A3 atomic::a_cut_off_delete_is_whole_or_nothing
            "A `delete` that is cut off removed the whole record or nothing."
        A4 atomic::a_cut_off_expire_leaves_the_record
            "An `expire` that is cut off leaves the record there, with one time to live or the other."
        A5 atomic::a_cut_off_rename_loses_nothing
            "A `rename` that is cut off leaves `from` or `to`, whole."
        A6 atomic::cut_off_operations_use_nothing_up
            "Operations that are cut off leave the store usable, however many they are."
        A7 atomic::tasks_on_different_keys_stay_apart
            "Tasks that work on different keys at the same time do not disturb each other."
        A8 atomic::no_reader_sees_a_mixture
            "A reader never sees a mixture of two writes."
    } };
}
