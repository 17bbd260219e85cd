"""A goal is met by its median, and the report says so in a table anybody can read."""

from __future__ import annotations

from benchmarks.figures import Figures
from benchmarks.report import Goal, Section, goals_table, table
from benchmarks.sending import ratio, rows


def test_a_goal_is_met_by_the_median() -> None:
    assert Goal("quick", 2.0, Figures((1.0, 2.0, 3.0))).met
    assert not Goal("quick", 2.0, Figures((1.0, 1.9, 9.0))).met
    assert Goal("small", 20, Figures((20.0,)), at_most=True).met
    assert not Goal("small", 20, Figures((20.1,)), at_most=True).met


def test_what_was_not_measured_is_not_met() -> None:
    goal = Goal("quick", 2.0, None)
    assert not goal.met
    assert goal.cells() == ("quick", "≥ 2 ×", "–", "not measured")


def test_the_verdict_stands_beside_the_figure() -> None:
    goal = Goal("small", 20, Figures((21.0,)), unit="KiB", at_most=True, digits=1)
    assert goal.cells() == ("small", "≤ 20 KiB", "21.0 (21.0–21.0) KiB", "**not met**")


def test_tables_line_up() -> None:
    assert table(("A", "Rate"), [("first", "1")]) == (
        "| A     | Rate |\n|-------|------|\n| first | 1    |"
    )


def test_the_goals_of_all_sections_are_one_table() -> None:
    sections = [
        Section("One", "", ("A",), [("x",)], goals=[Goal("quick", 1, Figures((1.0,)))]),
        Section("Two", "", ("A",), [("y",)], goals=[Goal("small", 1, None, at_most=True)]),
    ]
    assert [line.split("|")[1].strip() for line in goals_table(sections).splitlines()[2:]] == [
        "quick",
        "small",
    ]


def test_rates_stand_beside_their_ratios() -> None:
    found: dict[str, Figures | str] = {
        "peer": Figures((100.0,)),
        "ours": Figures((250.0,)),
        "gone": "not here",
    }
    assert rows(found, ["peer"]) == [
        ("peer", "100 (100–100)", "1.00"),
        ("ours", "250 (250–250)", "2.50"),
        ("gone", "not here", ""),
    ]
    assert ratio(found, "ours", "gone") is None
