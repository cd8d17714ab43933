import pytest

from tillthen.define.faults.errors import DefinitionError
from tillthen.runtime.texts_as_times import refuse_times_of_text

COLUMNS = """
    timestamp'2024-01-31 10:30:00' AS at, date'2024-01-31' AS day, '12:30' AS told, array('12:30') AS items,
    named_struct('time', '12:30') AS nested, 1L AS seconds
"""


@pytest.fixture(scope="module")
def frame(spark):
    return spark.sql(f"SELECT {COLUMNS}")


@pytest.mark.parametrize(
    "text",
    [
        "cast(told AS timestamp)",
        "told::timestamp",
        "timestamp(told)",
        "to_timestamp(told)",
        "try_cast(told AS timestamp)",
        "at < told",
        "at BETWEEN '2024-01-31' AND told",
        "at IN (told)",
        "date_trunc('day', told)",
        "date_format(told, 'yyyy')",
        "hour(told)",
        "at < items[0]",
        "at < nested.time",
        "at < cast(concat('12', ':', told) AS timestamp)",
        "CASE WHEN at IS NULL THEN hour(told) END",
    ],
)
def test_text_that_becomes_a_time_may_be_of_the_day_of_the_run(frame, text):
    with pytest.raises(DefinitionError, match=r"Column: .*to_timestamp\("):
        refuse_times_of_text(frame, [text], "Column")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("at < '12:30'", r"reads the text '12:30' as a time.*Write timestamp'2024-01-31 10:30:00', or compare"),
        ("exists(items, one -> at < one)", r"reads the text one as a time.*to_timestamp\(one, "),
    ],
)
def test_a_text_and_a_variable_are_told_as_they_are_written(frame, text, fix):
    with pytest.raises(DefinitionError, match=fix):
        refuse_times_of_text(frame, [text], "Column")


@pytest.mark.parametrize(
    "text",
    [
        "to_timestamp(told, 'HH:mm')",
        "at < '2024-01-31 12:30:00'",
        "at < timestamp'2024-01-31 12:30:00'",
        "cast(told AS date) IS NULL",
        "cast(day AS timestamp)",
        "cast(seconds AS timestamp)",
        "told < '12:30'",
        "date_format(at, 'HH:mm') < told",
        "unix_timestamp(told, 'HH:mm')",
        "told",
    ],
)
def test_what_says_its_day_or_its_form_is_none(frame, text):
    refuse_times_of_text(frame, [text], "Column")
