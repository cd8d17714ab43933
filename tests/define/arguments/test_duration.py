import pytest

from tillthen import days, hours, months, weeks, years
from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import DefinitionError


def test_a_day_is_24_hours_and_keeps_its_own_text():
    assert days(1) == hours(24)
    assert (str(days(1)), str(hours(24)), str(weeks(2))) == ("1d", "24h", "14d")


@pytest.mark.parametrize("calendar", [months, years])
def test_calendar_spans_are_refused_with_the_fixed_one_to_use(calendar):
    with pytest.raises(DefinitionError, match=r"expected a fixed duration.*Use days\(\d+\)"):
        calendar(1)


@pytest.mark.parametrize("number", [0.3, True, "1"])
def test_what_is_no_whole_number_of_microseconds_is_refused(number):
    with pytest.raises(DefinitionError):
        Duration(number)


@pytest.mark.parametrize(
    ("text", "micros"), [("7d", 604_800_000_000), ("5ms", 5_000), ("1us", 1), ("90m", 5_400_000_000)]
)
def test_parse_reads_what_str_writes(text, micros):
    assert Duration.parse(text).micros == micros
    assert Duration.parse(str(Duration(micros))).micros == micros


@pytest.mark.parametrize("text", ["7", "d", "1mo", "-1d", "1.5h", ""])
def test_parse_refuses_what_is_no_duration(text):
    with pytest.raises(DefinitionError, match="Write for example '7d'"):
        Duration.parse(text)
