"""Every function that a row expression may call, called in Spark."""

import re

from tillthen.define.expressions.allowed import FUNCTIONS
from tillthen.define.expressions.expression import parse

ROW = """
    3 AS i, 5L AS j, 2.5D AS d, 0.5D AS u, 'Abc def' AS s, '42' AS s2, '20240131' AS s3, binary('ab') AS b,
    timestamp'2024-01-31 10:30:00.123456' AS at, date'2024-01-31' AS dt, timestamp_ntz'2024-01-31 10:30:00' AS ntz,
    array('a', 'b') AS a, array(1L, 2L, 1L) AS n, map('k', 1L) AS m, named_struct('x', 1) AS st,
    '{"a": 1}' AS js, '[1, 2]' AS ja, 'k:v' AS kv, 'https://a.b/c?d=e' AS url
"""

CALLS = (
    """
    coalesce(s, 'x') | equal_null(i, j) | if(i > 1, i, j) | ifnull(i, 0) | isnan(d) | isnotnull(i) | isnull(i) |
    nanvl(d, 0) | nullif(i, 9) | nullifzero(i) | nvl(i, 0) | nvl2(i, 1, 0) | zeroifnull(i) |
    abs(i) | acos(u) | acosh(d) | asin(u) | asinh(d) | atan(d) | atan2(d, u) | atanh(u) | bigint(s2) | bit_count(i) |
    bit_get(i, 0) | boolean(i) | bround(d, 1) | cbrt(d) | ceil(d) | ceiling(d) | cos(d) | cosh(d) | cot(d) | csc(d) |
    decimal(s2) | degrees(d) | double(s2) | e() | exp(d) | expm1(d) | factorial(3) | float(s2) | floor(d) |
    getbit(i, 0) | greatest(i, j) | hypot(d, u) | int(s2) | least(i, j) | ln(d) | log(2, d) | log10(d) | log1p(d) |
    log2(d) | mod(i, 2) | negative(i) | pi() | pmod(i, 2) | positive(i) | pow(d, 2) | power(d, 2) | radians(d) |
    rint(d) | round(d, 1) | sec(d) | shiftleft(i, 1) | shiftright(i, 1) | shiftrightunsigned(i, 1) | sign(d) |
    signum(d) | sin(d) | sinh(d) | smallint(s2) | sqrt(d) | tan(d) | tanh(d) | tinyint(s2) | try_add(i, j) |
    try_divide(i, j) | try_mod(i, j) | try_multiply(i, j) | try_subtract(i, j) | width_bucket(d, 0, 10, 5) |
    add_months(dt, 1) | convert_timezone('UTC', 'Asia/Tokyo', ntz) | date(at) | date_add(dt, 1) |
    date_diff(dt, date'2024-01-01') | date_from_unix_date(i) | date_part('hour', at) | date_sub(dt, 1) |
    date_trunc('hour', at) | dateadd(day, 1, at) | datediff(dt, date'2024-01-01') | datepart('hour', at) | day(dt) |
    dayofmonth(dt) | dayofweek(dt) | dayofyear(dt) | extract(hour from at) | from_utc_timestamp(at, 'Asia/Tokyo') |
    hour(at) | last_day(dt) | make_date(i, 1, 1) | make_dt_interval(i) | make_interval(i) + at |
    make_timestamp(2024, 1, 1, 0, 0, i) | make_timestamp_ltz(2024, 1, 1, 0, 0, i) |
    make_timestamp_ntz(2024, 1, 1, 0, 0, i) | make_ym_interval(i) + dt | minute(at) | month(dt) |
    months_between(at, timestamp'2024-01-01 00:00:00') | next_day(dt, 'Mon') | quarter(dt) | second(at) |
    timestamp(dt) | timestamp_micros(i) | timestamp_millis(i) | timestamp_seconds(i) | timestampadd(hour, 1, at) |
    timestampdiff(hour, timestamp'2024-01-01 00:00:00', at) | to_date(s3, 'yyyyMMdd') | to_timestamp(s3, 'yyyyMMdd') |
    to_timestamp_ltz(s3, 'yyyyMMdd') | to_timestamp_ntz(s3, 'yyyyMMdd') | to_unix_timestamp(at) |
    to_utc_timestamp(at, 'Asia/Tokyo') | trunc(dt, 'month') | try_to_date(s3, 'yyyyMMdd') |
    try_to_timestamp(s3, 'yyyyMMdd') | unix_date(dt) | unix_micros(at) | unix_millis(at) | unix_seconds(at) |
    unix_timestamp(at) | weekday(dt) | weekofyear(dt) | year(dt) |
    array_join(a, ',') | base64(b) | bin(i) | binary(s) | btrim(s) | char(i) | chr(i) | concat(s, 'x') |
    concat_ws('-', s, s2) | conv(s2, 10, 16) | date_format(at, 'EEEE HH') | dayname(dt) | decode(b, 'utf-8') |
    elt(1, s, s2) | encode(s, 'utf-8') | format_number(d, 2) | format_string('%s %d', s, i) |
    from_unixtime(i, 'yyyy-MM-dd HH') | get_json_object(js, '$.a') | hex(i) | initcap(s) | json_object_keys(js) |
    lcase(s) | left(s, 2) | lower(s) | lpad(s, 12, '0') | ltrim(s) | mask(s) | monthname(dt) |
    overlay(s placing 'x' from 2) | parse_url(url, 'HOST') | printf('%s', s) | quote(s) |
    regexp_extract(s, '([a-z]+)', 1) | regexp_extract_all(s, '([a-z])', 1) | regexp_replace(s, '[^0-9]', '') |
    regexp_substr(s, '[a-z]+') | repeat(s, 2) | replace(s, 'a', 'b') | reverse(s) | right(s, 2) | rpad(s, 12, '0') |
    rtrim(s) | soundex(s) | space(i) | split(s, ' ') | split_part(s, ' ', 1) | str_to_map(kv) | string(i) |
    substr(s, 1, 2) | substring(s from 1 for 2) | substring_index(s, ' ', 1) | to_binary(s, 'utf-8') |
    to_char(i, '999') | to_json(st) | to_varchar(i, '999') | translate(s, 'a', 'b') | trim(both 'a' from s) |
    try_parse_url(url, 'HOST') | try_to_binary(s, 'utf-8') | try_url_decode(s2) | ucase(s) | unbase64(base64(b)) |
    unhex(s2) | upper(s) | url_decode(s2) | url_encode(s) |
    ascii(s) | bit_length(s) | char_length(s) | character_length(s) | contains(s, 'a') | crc32(b) | endswith(s, 'a') |
    find_in_set(s, 'a,b') | hash(s, i) | ilike(s, 'A%') | instr(s, 'a') | is_valid_utf8(s) | json_array_length(ja) |
    len(s) | length(s) | levenshtein(s, s2) | like(s, 'a%') | locate('a', s) | luhn_check(s2) | md5(b) |
    octet_length(s) | position('a' in s) | regexp(s, 'a+') | regexp_count(s, 'a') | regexp_instr(s, 'a') |
    regexp_like(s, 'a') | rlike(s, 'a') | sha(b) | sha1(b) | sha2(b, 256) | startswith(s, 'a') |
    to_number(s2, '999') | try_to_number(s2, '999') | xxhash64(s, i) |
    aggregate(n, 0L, (acc, x) -> acc + x) | array(i, j) | array_append(n, 1L) | array_compact(n) |
    array_contains(n, 1L) | array_distinct(n) | array_except(n, array(1L)) | array_insert(n, 1, 7L) |
    array_intersect(n, array(1L)) | array_max(n) | array_min(n) | array_position(n, 1L) | array_prepend(n, 1L) |
    array_remove(n, 1L) | array_repeat(i, 2) | array_size(n) |
    array_sort(n, (x, y) -> case when x < y then 1 when x > y then -1 else 0 end) | array_union(n, array(1L)) |
    arrays_overlap(n, array(1L)) | arrays_zip(n, a) | cardinality(n) | element_at(n, 1) | exists(n, x -> x > 1) |
    filter(n, x -> x > 1) | flatten(array(n, n)) | forall(n, x -> x > 0) | get(n, 0) | map('k', i) |
    map_concat(m, map('z', 9L)) | map_contains_key(m, 'k') | map_entries(m) | map_filter(m, (k, v) -> v > 0) |
    map_from_arrays(a, a) | map_from_entries(map_entries(m)) | map_keys(m) | map_values(m) |
    map_zip_with(m, m, (k, x, y) -> x + y) | named_struct('x', i) | reduce(n, 0L, (acc, x) -> acc + x) |
    sequence(1, i) | size(n) | slice(n, 1, 1) | sort_array(n) | struct(i as x, s) | transform(n, x -> x + 1) |
    transform_keys(m, (k, v) -> upper(k)) | transform_values(m, (k, v) -> v + 1) | try_element_at(n, 1) |
    zip_with(n, n, (x, y) -> x + y) |
""".strip()
    .strip("|")
    .split("|")
)


def test_every_function_is_called_below():
    assert {re.match(r"\w+", call.strip())[0] for call in CALLS} == FUNCTIONS
    assert [parse(call).faults for call in CALLS if parse(call).faults] == []


def test_every_function_is_sparks_and_gives_the_same_bits_again(spark):
    row = spark.sql(f"SELECT {ROW}")
    first, second = (row.selectExpr(*[f"{call} AS c{i}" for i, call in enumerate(CALLS)]).first() for _ in range(2))
    assert str(first) == str(second)
    assert sum(value is None for value in first) == 0
