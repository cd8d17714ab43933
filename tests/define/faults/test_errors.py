from collections import Counter
from inspect import isclass

import tillthen
from tillthen.define.faults import errors


def test_every_error_of_a_program_that_uses_the_library_is_public():
    """The command line's own is not: who calls functions calls no command wrongly."""
    kinds = {name for name, one in vars(errors).items() if isclass(one) and issubclass(one, errors.TillthenError)}
    assert kinds - {*tillthen.__all__} == {"UsageError"}
    assert all(getattr(tillthen, name) is getattr(errors, name) for name in kinds - {"UsageError"})


def test_each_kind_of_error_ends_a_command_with_a_code_of_its_own():
    """Those without one are kinds of another; 1 is what is no one's fault but the program's."""
    kinds = [one for one in vars(errors).values() if isclass(one) and issubclass(one, errors.TillthenError)]
    codes = Counter(one.exit_code for one in kinds if "exit_code" in vars(one))
    assert set(codes.values()) == {1}
    assert min(codes) == errors.TillthenError.exit_code == 1
