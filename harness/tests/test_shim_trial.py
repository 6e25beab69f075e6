"""What a case of Secure Headers asks."""

from collections import Counter

from mailassay.shim_trial import some_of_each
from mailassay.vectors import vectors_of
from mailassay.verdicts import Edition


def test_a_sample_has_some_of_each_group() -> None:
    everything = vectors_of(Edition.RFC)
    chosen = some_of_each(everything, 2)
    groups = Counter(v.case for v in chosen)
    assert set(groups) == {v.case for v in everything}
    assert set(groups.values()) <= {1, 2}
    assert chosen == [v for v in everything if v in chosen]
