//! SQLite: core, math, date, aggregate, window, JSON and FTS functions.

use super::{Catalogue, Nature};

pub(super) const FUNCTIONS: Catalogue = Catalogue {
    pure: "
    abs char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood
    likely lower ltrim match max min nullif octet_length printf quote regexp regexpi replace round
    rtrim sign soundex substr substring subtype trim typeof unhex unicode unistr unistr_quote
    unlikely upper zeroblob cast
    acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2
    mod pi pow power radians sin sinh sqrt tan tanh trunc
    avg count group_concat median percentile percentile_cont percentile_disc string_agg sum total
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
    json json_array json_array_insert json_array_length json_each json_error_position json_extract
    json_group_array json_group_object json_insert json_object json_patch json_pretty json_quote
    json_remove json_replace json_set json_tree json_type json_valid
    jsonb jsonb_array jsonb_array_insert jsonb_each jsonb_extract jsonb_group_array
    jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set
    jsonb_tree
    generate_series decimal decimal_add decimal_cmp decimal_exp decimal_mul decimal_pow2 decimal_sub
    decimal_sum ieee754 ieee754_exponent ieee754_mantissa sha1 sha3 base64 base85 uuid_str uuid_blob
    bm25 highlight snippet matchinfo offsets geopoly_area geopoly_blob geopoly_contains_point
    geopoly_json geopoly_overlap geopoly_within geopoly_bbox",
    volatile: "
    current_date current_time current_timestamp random randomblob uuid uuid7 load_extension readfile
    writefile edit usleep sqlite_log",
    session: "
    changes last_insert_rowid total_changes sqlite_version sqlite_source_id sqlite_compileoption_get
    sqlite_compileoption_used sqlite_offset",
    catalog: "sha3_query fts5 fts3_tokenizer rtreecheck",
    special: &[
        ("date", Nature::Time(0)),
        ("datetime", Nature::Time(0)),
        ("julianday", Nature::Time(0)),
        ("time", Nature::Time(0)),
        ("timediff", Nature::Time(0)),
        ("unixepoch", Nature::Time(0)),
        ("strftime", Nature::Time(1)),
    ],
};
