"""The arithmetic of the report, and the order in which things are measured."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.figures import Figures, Unmeasured, in_turns


def test_the_middle_counts_and_the_range_is_told() -> None:
    assert Figures((3.0, 1.0, 2000.0)).text() == "3 (1–2,000)"
    assert Figures((1.26, 1.0)).text(1) == "1.1 (1.0–1.3)"


def test_a_ratio_is_taken_round_by_round() -> None:
    assert Figures((10.0, 30.0)).ratio(Figures((5.0, 10.0))) == Figures((2.0, 3.0))


def test_measures_take_turns_and_turn_about() -> None:
    order: list[str] = []

    def measure(name: str) -> Callable[[], float]:
        def now() -> float:
            order.append(name)
            return float(len(order))

        return now

    found = in_turns({name: measure(name) for name in "abc"}, rounds=2)

    assert "".join(order) == "abccba"
    assert found == {
        "a": Figures((1.0, 6.0)),
        "b": Figures((2.0, 5.0)),
        "c": Figures((3.0, 4.0)),
    }


def test_what_fails_once_is_not_tried_again() -> None:
    tries: list[int] = []

    def fail() -> float:
        tries.append(1)
        raise Unmeasured("no such program")

    found = in_turns({"one": lambda: 1.0, "other": fail}, rounds=3)

    assert found == {"one": Figures((1.0, 1.0, 1.0)), "other": "no such program"}
    assert len(tries) == 1
