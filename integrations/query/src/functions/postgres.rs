//! PostgreSQL: what `pg_proc` marks immutable and is of use in a query, the stable functions that
//! depend on nothing but settings of the session's scope, and well-known extensions.

use super::{Catalogue, Nature};

/// Functions about the catalog, the server's state or its files, and the advisory locks.
pub(super) const CATALOG_PREFIXES: &[&str] = &[
    "pg_stat_",
    "pg_get_",
    "pg_ls_",
    "pg_is_",
    "pg_show_",
    "pg_replication_",
    "pg_logical_",
    "pg_current_",
    "pg_last_",
    "pg_index",
    "pg_control_",
    "pg_read_",
    "pg_timezone_",
    "pg_ts_",
    "pg_partition_",
    "pg_relation_",
    "pg_tablespace_",
    "pg_database_",
    "pg_available_",
    "pg_snapshot_",
    "pg_xact_",
    "pg_collation_",
    "pg_identify_",
];

pub(super) const FUNCTIONS: Catalogue = Catalogue {
    pure: "
    coalesce nullif greatest least grouping row array treat exists merge_action
    abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd
    cosh cot cotd degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale
    mod pi pow power radians round scale sign sin sind sinh sqrt tan tand tanh trim_scale trunc
    width_bucket
    ascii bit_length btrim casefold char_length character_length chr concat concat_ws convert
    convert_from convert_to decode encode format initcap is_normalized left length like lower lpad
    ltrim md5 normalize octet_length overlay parse_ident position quote_ident quote_literal
    quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace
    regexp_split_to_array regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim
    similar_escape similar_to_escape split_part starts_with string_to_array string_to_table strpos
    substr substring text textcat to_ascii to_bin to_hex to_oct translate trim unistr upper
    bit_count crc32 crc32c get_bit get_byte set_bit set_byte sha224 sha256 sha384 sha512
    to_char to_date to_number to_timestamp
    date date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days
    justify_hours justify_interval make_date make_interval make_time make_timestamp make_timestamptz
    overlaps time timestamp timestamptz timetz timezone interval
    array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims
    array_position array_positions array_prepend array_remove array_replace array_reverse array_sort
    array_to_json array_to_string array_to_tsvector array_upper cardinality generate_series
    generate_subscripts num_nonnulls num_nulls trim_array unnest
    any_value avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every max
    min mode percentile_cont percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy
    regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop
    stddev_samp string_agg sum var_pop var_samp variance xmlagg
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
    json json_agg json_agg_strict json_array json_array_elements json_array_elements_text
    json_array_length json_arrayagg json_build_array json_build_object json_each json_each_text
    json_exists json_extract_path json_extract_path_text json_object json_object_agg
    json_object_agg_strict json_object_agg_unique json_object_keys json_objectagg
    json_populate_record json_populate_recordset json_query json_scalar json_serialize
    json_strip_nulls json_table json_to_record json_to_recordset json_typeof json_value row_to_json
    to_json to_jsonb
    jsonb jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text
    jsonb_array_length jsonb_build_array jsonb_build_object jsonb_concat jsonb_contained
    jsonb_contains jsonb_delete jsonb_delete_path jsonb_each jsonb_each_text jsonb_exists
    jsonb_exists_all jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_insert
    jsonb_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_keys
    jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query
    jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz
    jsonb_path_query_tz jsonb_populate_record jsonb_populate_recordset jsonb_pretty jsonb_set
    jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof
    bit bool boolean box bpchar bytea char cidr circle float4 float8 inet int2 int4 int8 line lseg macaddr
    macaddr8 money name numeric oid path point polygon uuid varbit varchar xml
    area center diagonal diameter height isclosed isopen npoints pclose popen radius slope width
    ishorizontal isvertical isparallel isperp
    abbrev broadcast family host hostmask inet_merge inet_same_family macaddr8_set7bit masklen netmask
    network set_masklen
    daterange datemultirange int4range int4multirange int8range int8multirange numrange
    nummultirange tsrange tsmultirange tstzrange tstzmultirange multirange isempty lower_inc
    lower_inf range_merge upper_inc upper_inf
    enum_first enum_last enum_range
    json_to_tsvector jsonb_to_tsvector numnode phraseto_tsquery plainto_tsquery querytree setweight
    strip to_tsquery to_tsvector ts_delete ts_filter ts_headline ts_lexize ts_rank ts_rank_cd
    tsquery_phrase tsvector_to_array websearch_to_tsquery
    xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlcomment xmlconcat
    xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize xmltext xpath xpath_exists
    pg_typeof pg_size_pretty pg_size_bytes pg_input_is_valid pg_input_error_info
    uuid_extract_timestamp uuid_extract_version uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url
    uuid_ns_x500 uuid_generate_v3 uuid_generate_v5
    similarity word_similarity strict_word_similarity show_trgm unaccent levenshtein
    levenshtein_less_equal soundex metaphone dmetaphone digest hmac crypt hstore akeys
    avals svals skeys lquery ltree ltxtquery nlevel subltree subpath text2ltree ltree2text
    l2_distance inner_product cosine_distance l1_distance vector_dims vector_norm l2_normalize
    earth_distance ll_to_earth earth_box
    st_area st_asbinary st_asgeojson st_asewkb st_asewkt st_asmvtgeom st_astext st_azimuth st_boundary
    st_buffer st_centroid st_collect st_contains st_convexhull st_covers st_coveredby st_crosses
    st_difference st_disjoint st_distance st_distancesphere st_dwithin st_endpoint st_envelope
    st_equals st_expand st_extent st_geogfromtext st_geographyfromtext st_geohash st_geomfromgeojson
    st_geomfromtext st_geomfromewkt st_geomfromwkb st_intersection st_intersects st_isempty
    st_isvalid st_length st_makeenvelope st_makeline st_makepoint st_makepolygon st_npoints
    st_numpoints st_overlaps st_perimeter st_point st_pointfromtext st_pointonsurface st_setsrid
    st_simplify st_snaptogrid st_srid st_startpoint st_symdifference st_touches st_transform
    st_union st_within st_x st_xmax st_xmin st_y st_ymax st_ymin st_z",
    volatile: "
    now current_date current_time current_timestamp localtime localtimestamp clock_timestamp
    statement_timestamp transaction_timestamp timeofday random random_normal setseed array_shuffle
    array_sample gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4
    gen_random_bytes gen_salt nextval currval lastval setval pg_sleep pg_sleep_for pg_sleep_until
    txid_current txid_current_if_assigned txid_current_snapshot txid_status txid_snapshot_xip
    txid_snapshot_xmax txid_snapshot_xmin txid_visible_in_snapshot pg_visible_in_snapshot",
    session: "
    current_catalog current_database current_query current_role current_schema current_schemas
    current_setting current_user session_user system_user user getpgusername set_config version
    inet_client_addr inet_client_port inet_server_addr inet_server_port pg_backend_pid
    pg_blocking_pids pg_listening_channels pg_my_temp_schema pg_is_other_temp_schema pg_trigger_depth
    pg_notify pg_notification_queue_usage pg_conf_load_time pg_postmaster_start_time
    pg_export_snapshot pg_client_encoding getdatabaseencoding get_current_ts_config
    pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
    pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
    pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
    pg_cancel_backend pg_terminate_backend row_security_active",
    catalog: "
    col_description obj_description shobj_description format_type has_any_column_privilege
    has_column_privilege has_database_privilege has_foreign_data_wrapper_privilege
    has_function_privilege has_language_privilege has_parameter_privilege has_schema_privilege
    has_sequence_privilege has_server_privilege has_table_privilege has_tablespace_privilege
    has_type_privilege pg_has_role pg_column_size pg_column_compression pg_column_is_updatable
    pg_describe_object pg_encoding_to_char pg_char_to_encoding pg_filenode_relation
    pg_function_is_visible pg_options_to_table pg_sequence_last_value pg_sequence_parameters
    pg_table_is_visible pg_table_size pg_total_relation_size pg_type_is_visible aclexplode
    makeaclitem to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc
    to_regprocedure to_regrole to_regtype ts_debug ts_parse ts_token_type pg_lock_status
    pg_prepared_xact pg_prepared_statement pg_cursor pg_config pg_hba_file_rules regclass oidvectortypes",
    special: &[("age", Nature::PureWith(2))],
};
