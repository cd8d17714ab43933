import numpy as np
import pyarrow as pa
import pytest

from tillthen.pit.kernel.values import Values

QUIET, NEGATIVE, SIGNALLING = 0x7FF8000000000000, -0x0008000000000000, 0x7FF0000000000001


@pytest.fixture
def numbers():
    """Three kinds of NaN, both zeros, null and the infinities."""
    nans = np.array([QUIET, NEGATIVE, SIGNALLING], dtype=np.int64).view(np.float64)
    rest = pa.array([0.0, -0.0, None, np.inf, -np.inf], pa.float64())
    return Values(pa.concat_arrays([pa.array(nans, from_pandas=False), rest]))


def test_every_nan_is_one_value_and_the_greatest(numbers):
    assert np.isnan(nans := numbers.array.to_numpy(zero_copy_only=False)[:3]).all()
    assert len(set(nans.view(np.int64))) == 3
    codes = numbers.order
    assert set(np.flatnonzero(codes == codes.max())) == {0, 1, 2}
    assert codes[5] < codes[7] < codes[4] < codes[3] < codes[6]


def test_values_that_are_equal_have_one_identity_and_the_same_bits(numbers):
    assert len(set(numbers.identity[:3])) == 1
    assert numbers.identity[3] == numbers.identity[4]
    bits = numbers.alike.to_numpy(zero_copy_only=False).view(np.int64)
    assert set(bits[:3]) == {QUIET}
    assert set(bits[3:5]) == {0}
    assert numbers.alike[5].as_py() is None
