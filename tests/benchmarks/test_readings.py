"""Readers are measured in turns; who is missing, fails or cannot tell its memory is said to."""

from __future__ import annotations

from benchmarks.figures import Figures, Unmeasured
from benchmarks.readers import Job, Reader, Reading, absent
from benchmarks.readings import readings


def told(reading: Reading) -> Reader:
    return Reader("told", lambda _: reading)


def fails(_: Job) -> Reading:
    raise Unmeasured("Too long argument")


def test_rates_and_growths_are_kept_by_name() -> None:
    found = readings([told(Reading(50.0, 3 << 20))], 1, "ada", lambda _: 1, rounds=2)
    assert found.rates == {"told": Figures((50.0, 50.0))}
    assert found.growth("told") == "3.0 (3.0–3.0)"


def test_a_program_that_cannot_tell_its_memory_has_none() -> None:
    found = readings([told(Reading(50.0))], 1, "ada", lambda _: 1, rounds=1)
    assert found.growth("told") == ""


def test_each_reader_gets_the_job_meant_for_it() -> None:
    jobs: list[Job] = []

    def read(job: Job) -> Reading:
        jobs.append(job)
        return Reading(1.0)

    counts = {"one": 10, "other": 20}
    table = [Reader(name, read) for name in counts]
    readings(table, 143, "ada", counts.__getitem__, rounds=1)
    assert jobs == [Job(143, "ada", 10), Job(143, "ada", 20)]


def test_who_fails_or_is_not_here_stands_in_the_table_with_the_reason() -> None:
    table = [
        Reader("fails", fails),
        Reader("module", fails, "no_such_module"),
        Reader("program", fails, "no-such-program its-package"),
    ]
    found = readings(table, 1, "ada", lambda _: 1, rounds=3)
    assert found.rates == {
        "fails": "Too long argument",
        "module": "not here: `make setup` installs it",
        "program": "not here: it is in Debian's package its-package",
    }


def test_who_needs_nothing_is_here() -> None:
    assert absent([Reader("imaplib", fails), Reader("json", fails, "json")]) == {}


def test_a_goal_names_both_and_is_not_met_by_a_failure() -> None:
    table = [Reader("quick", lambda _: Reading(60.0)), Reader("slow", lambda _: Reading(20.0))]
    found = readings([*table, Reader("fails", fails)], 1, "ada", lambda _: 1, rounds=1)
    goal = found.goal("IMAP", "quick", "slow", 3.0)
    assert goal.cells() == ("IMAP: quick, of slow", "≥ 3 ×", "3.00 (3.00–3.00) ×", "met")
    assert not found.goal("IMAP", "quick", "fails", 3.0).met
