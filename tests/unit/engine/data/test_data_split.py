from hypothesis import given
from hypothesis import strategies as st

from ravetui.engine.data.split import choose_validation

hashes = st.text("0123456789abcdef", min_size=32, max_size=32)
files = st.dictionaries(hashes, st.integers(1, 10**9), min_size=2, max_size=40)
fractions = st.floats(0.001, 0.5)


@given(files, fractions)
def test_both_splits_have_files(frames: dict[str, int], fraction: float) -> None:
    chosen = choose_validation(frames, fraction)
    assert chosen
    assert chosen < frames.keys()


@given(files, fractions, st.randoms())
def test_the_order_of_files_does_not_matter(frames: dict[str, int], fraction: float, random: object) -> None:
    backwards = dict(reversed(frames.items()))
    assert choose_validation(backwards, fraction) == choose_validation(frames, fraction)


@given(files, fractions)
def test_no_single_file_more_or_less_in_order_would_be_closer(frames: dict[str, int], fraction: float) -> None:
    wanted = fraction * sum(frames.values())
    chosen = choose_validation(frames, fraction)
    have = sum(frames[name] for name in chosen)
    if have > 2 * wanted:
        assert [min(frames.values())] == [frames[name] for name in chosen]
    else:
        longest = max(frames.values())
        assert abs(have - wanted) <= longest


@given(st.sets(hashes, min_size=3, max_size=60), fractions)
def test_an_added_file_moves_at_most_one_other_of_the_same_length(names: set[str], fraction: float) -> None:
    *old, new = list(names)
    before = choose_validation(dict.fromkeys(old, 1000), fraction)
    after = choose_validation(dict.fromkeys([*old, new], 1000), fraction)
    assert len((before ^ after) - {new}) <= 1
