"""The functions that a row expression may call, by Spark's own names.

Each gives the same bits for the same row at any time, in any session that is set to UTC and ANSI mode. A function is
left out where its value depends on the clock, on chance, on who asks or on the machine, where it reads other rows or
makes several, calls Java, or parses times that text in JSON, CSV or XML may leave incomplete.
"""

from __future__ import annotations


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


LOGIC = _named("""
    coalesce equal_null if ifnull isnan isnotnull isnull nanvl nullif nullifzero nvl nvl2 zeroifnull
""")

NUMBERS = _named("""
    abs acos acosh asin asinh atan atan2 atanh bigint bit_count bit_get boolean bround cbrt ceil ceiling cos cosh
    cot csc decimal degrees double e exp expm1 factorial float floor getbit greatest hypot int least ln log log10
    log1p log2 mod negative pi pmod positive pow power radians rint round sec shiftleft shiftright
    shiftrightunsigned sign signum sin sinh smallint sqrt tan tanh tinyint try_add try_divide try_mod try_multiply
    try_subtract width_bucket
""")

TIMES = _named("""
    add_months convert_timezone date date_add date_diff date_from_unix_date date_part date_sub date_trunc dateadd
    datediff datepart day dayofmonth dayofweek dayofyear extract from_utc_timestamp hour last_day make_date
    make_dt_interval make_interval make_timestamp make_timestamp_ltz make_timestamp_ntz make_ym_interval minute
    month months_between next_day quarter second timestamp timestamp_micros timestamp_millis timestamp_seconds
    timestampadd timestampdiff to_date to_timestamp to_timestamp_ltz to_timestamp_ntz to_unix_timestamp
    to_utc_timestamp trunc try_to_date try_to_timestamp unix_date unix_micros unix_millis unix_seconds
    unix_timestamp weekday weekofyear year
""")

TEXT = _named("""
    array_join base64 bin binary btrim char chr concat concat_ws conv date_format dayname decode elt encode
    format_number format_string from_unixtime get_json_object hex initcap json_object_keys lcase left lower lpad
    ltrim mask monthname overlay parse_url printf quote regexp_extract regexp_extract_all regexp_replace
    regexp_substr repeat replace reverse right rpad rtrim soundex space split split_part str_to_map string substr
    substring substring_index to_binary to_char to_json to_varchar translate trim try_parse_url try_to_binary
    try_url_decode ucase unbase64 unhex upper url_decode url_encode
""")
"""What makes text, alone or in arrays; of constants alone it makes text that could not be seen here."""

MEASURES = _named("""
    ascii bit_length char_length character_length contains crc32 endswith find_in_set hash ilike instr is_valid_utf8
    json_array_length len length levenshtein like locate luhn_check md5 octet_length position regexp regexp_count
    regexp_instr regexp_like rlike sha sha1 sha2 startswith to_number try_to_number xxhash64
""")
"""What is said of text or bytes: numbers, answers and digests."""

COLLECTIONS = _named("""
    aggregate array array_append array_compact array_contains array_distinct array_except array_insert
    array_intersect array_max array_min array_position array_prepend array_remove array_repeat array_size array_sort
    array_union arrays_overlap arrays_zip cardinality element_at exists filter flatten forall get map map_concat
    map_contains_key map_entries map_filter map_from_arrays map_from_entries map_keys map_values map_zip_with
    named_struct reduce sequence size slice sort_array struct transform transform_keys transform_values
    try_element_at zip_with
""")

FUNCTIONS = LOGIC | NUMBERS | TIMES | TEXT | MEASURES | COLLECTIONS

WITHOUT_ARGUMENTS = frozenset({"array", "e", "map", "pi"})
"""The functions that may stand with empty brackets; ``unix_timestamp()`` is the clock's time."""

CLOCK_WORDS = frozenset({"current_time", "localtimestamp"})
"""Words without brackets that the parser takes for columns, and that Spark, where no column is called so, does not."""

_REASONS = {
    "is not deterministic": """
        aes_encrypt curdate current_date current_time current_timestamp current_timezone localtimestamp
        monotonically_increasing_id now rand randn random randstr shuffle spark_partition_id uniform uuid
        """,
    "depends on who asks and where": """
        collations current_catalog current_database current_role current_schema current_user input_file_block_length
        input_file_block_start input_file_name session_user user version
        """,
    "calls code of any kind": "java_method reflect try_reflect",
    "ends the run by itself": "assert_true raise_error",
    "makes several rows": """
        explode explode_outer inline inline_outer json_tuple posexplode posexplode_outer stack variant_explode
        variant_explode_outer window session_window
        """,
    "parses times, which may take their day from the clock": "from_avro from_csv from_json from_xml variant_get",
}

REASONS = {name: reason for reason, names in _REASONS.items() for name in names.split()}
"""Why functions that are often asked for are not allowed."""
