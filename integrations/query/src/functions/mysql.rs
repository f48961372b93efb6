//! MySQL and MariaDB built-in functions: a stored function cannot take their names. Those that only one
//! of the two has, and that one may well write oneself (`median`, `nvl`), are left out.

use super::{Catalogue, Nature};

pub(super) const FUNCTIONS: Catalogue = Catalogue {
    pure: "
    coalesce if ifnull nullif isnull greatest least interval grouping values any_value exists row
    abs acos asin atan atan2 ceil ceiling conv cos cot crc32 crc32c degrees exp floor ln log log10
    log2 mod pi pow power radians round sign sin sqrt tan truncate bit_count
    ascii bin bit_length char char_length character_length  concat concat_ws elt export_set field
    find_in_set format format_bytes format_pico_time from_base64 hex insert instr lcase left length
     like locate lower lpad ltrim make_set mid oct octet_length ord position
    quote regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right rpad
    rtrim  soundex space strcmp substr substring substring_index to_base64  trim ucase
    unhex upper weight_string natural_sort_key translate convert cast binary charset collation
    coercibility
    aes_decrypt aes_encrypt compress uncompress uncompressed_length md5 sha sha1 sha2 
    statement_digest statement_digest_text
    adddate addtime convert_tz date date_add date_format date_sub datediff day dayname dayofmonth
    dayofweek dayofyear extract from_days from_unixtime get_format hour last_day makedate maketime
    microsecond minute month monthname period_add period_diff quarter sec_to_time second str_to_date
    subdate subtime time time_format time_to_sec timediff timestamp timestampadd timestampdiff
    to_days to_seconds week weekday weekofyear year yearweek 
    avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max  min
      std stddev stddev_pop stddev_samp sum var_pop var_samp variance
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
    json_array json_array_append json_array_insert json_array_intersect json_compact json_contains
    json_contains_path json_depth json_detailed json_equals json_exists json_extract json_insert
    json_keys json_length json_loose json_merge json_merge_patch json_merge_preserve json_normalize
    json_object json_object_filter_keys json_object_to_array json_overlaps json_pretty json_query
    json_quote json_remove json_replace json_schema_valid json_schema_validation_report json_search
    json_set json_storage_free json_storage_size json_table json_type json_unquote json_valid
    json_value member
    bin_to_uuid uuid_to_bin is_uuid inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4
    is_ipv4_compat is_ipv4_mapped is_ipv6 extractvalue updatexml name_const   
    geomcollection geometrycollection linestring mbrcontains mbrcoveredby mbrcovers mbrdisjoint
    mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin multilinestring multipoint multipolygon
    point polygon st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid
    st_collect st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint
    st_distance st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_geohash
    st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb st_intersection
    st_intersects st_isclosed st_isempty st_issimple st_isvalid st_latfromgeohash st_latitude
    st_length st_linefromtext st_longfromgeohash st_longitude st_makeenvelope st_numgeometries
    st_numpoints st_overlaps st_pointfromgeohash st_pointfromtext st_pointn st_polyfromtext
    st_simplify st_srid st_startpoint st_swapxy st_symdifference st_touches st_transform st_union
    st_validate st_within st_x st_y
    vector_dim vector_to_string string_to_vector vec_distance vec_distance_cosine
    vec_distance_euclidean vec_fromtext vec_totext  ",
    volatile: "
    now curdate current_date current_time current_timestamp curtime localtime localtimestamp sysdate
    utc_date utc_time utc_timestamp rand random_bytes uuid uuid_short uuid_v4 uuid_v7 sys_guid sleep
    benchmark nextval lastval setval load_file encrypt",
    session: "
    connection_id current_role current_user database found_rows last_insert_id row_count rownum
    schema session_user system_user user version get_lock is_free_lock is_used_lock release_all_locks
    release_lock icu_version ps_current_thread_id ps_thread_id
    master_pos_wait master_gtid_wait source_pos_wait wait_for_executed_gtid_set gtid_subset
    gtid_subtract binlog_gtid_pos",
    catalog: "",
    special: &[("unix_timestamp", Nature::PureWith(1))],
};
