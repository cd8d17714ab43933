from inspect import isclass

import tillthen
from tillthen.define.faults import errors


def test_every_error_of_a_program_that_uses_the_library_is_public():
    """The command line's own is not: who calls functions calls no command wrongly."""
    kinds = {name for name, one in vars(errors).items() if isclass(one) and issubclass(one, errors.TillthenError)}
    assert kinds - {*tillthen.__all__} == {"UsageError"}
    assert all(getattr(tillthen, name) is getattr(errors, name) for name in kinds - {"UsageError"})
