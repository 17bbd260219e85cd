"""The arithmetic of waiting: what is progress, what is none, and when it is enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.drive.patience import Bounds, Patience
from courriel.errors import TimedOut
from courriel.model.limits import Limits
from courriel.protocol.smtp import SmtpMachine
from courriel.wire.smtp.commands import RSET


class Clock:
    """A machine, and what patience says of it at a time."""

    def __init__(self, read: float | None = 10, rate: int = 100) -> None:
        self.machine = SmtpMachine(Limits())
        self.machine.pipelining = True
        self.patience = Patience(read, rate)

    def left(self, now: float) -> float | None:
        return self.patience.left(self.machine, now)

    def queue(self, octets: int) -> None:
        self.machine.octets_queued += octets

    def take(self, octets: int) -> None:
        self.machine.data_sent(octets)


class TestPatience:
    def test_it_runs_out(self) -> None:
        clock = Clock()
        assert [10, 7, 1, 0, 0] == [clock.left(now) for now in (100, 103, 109, 110, 111)]
        assert "within 10 s" in str(clock.patience.error())
        assert not clock.patience.error().session_usable

    def test_none_never_does(self) -> None:
        clock = Clock(read=None)
        assert [None, None] == [clock.left(now) for now in (0, 1e9)]

    def test_a_complete_answer_is_progress(self) -> None:
        clock = Clock()
        clock.left(0)
        clock.machine.receive_data(b"220 mx\r\n")
        assert 10 == clock.left(9)

    def test_half_an_answer_is_none(self) -> None:
        clock = Clock()
        clock.left(0)
        clock.machine.receive_data(b"220-mx\r\n220 m")
        assert 1 == clock.left(9)

    def test_the_wait_begins_when_the_last_octet_is_taken(self) -> None:
        clock = Clock()
        clock.left(0)
        clock.queue(5000)
        clock.take(4999)
        assert 2 == clock.left(8)
        clock.take(1)
        assert 10 == clock.left(8)

    def test_a_small_command_puts_off_no_answer(self) -> None:
        clock = Clock()
        clock.machine.receive_data(b"220 mx\r\n")
        clock.machine.submit(RSET)
        clock.take(len(clock.machine.data_to_send()))
        clock.left(0)
        clock.machine.submit(RSET)
        clock.take(len(clock.machine.data_to_send()))
        assert 2 == clock.left(8)

    def test_a_bulk_transfer_keeps_the_rate_or_not(self) -> None:
        clock = Clock()
        clock.queue(100_000)
        clock.left(0)
        clock.take(1000)
        assert 10 == clock.left(10)
        clock.take(999)
        assert 0 == clock.left(20)

    def test_a_transfer_that_stalls_is_given_up_behind_its_last_octet(self) -> None:
        clock = Clock()
        clock.queue(10**6)
        clock.left(0)
        clock.take(50_000)
        assert 9 == clock.left(1)
        clock.take(50_000)
        assert 8 == clock.left(2)
        assert 2 == clock.left(10)
        assert [0, 0] == [clock.left(12), clock.left(13)]

    def test_what_it_took_before_does_not_help_one_that_trickles(self) -> None:
        clock = Clock()
        clock.queue(10**6)
        clock.left(0)
        clock.take(500_000)
        clock.left(2)
        for second in range(3, 12):
            clock.take(1)
            assert clock.left(second)
        clock.take(1)
        assert 0 == clock.left(12)

    def test_a_slow_moment_is_none_of_a_swift_window(self) -> None:
        clock = Clock()
        clock.queue(10**6)
        clock.left(0)
        for second in range(5, 200, 5):
            clock.take(1000 if second % 10 else 0)
            assert clock.left(second)

    def test_one_that_becomes_slow_is_given_up_as_soon_as_the_window_is(self) -> None:
        clock = Clock()
        clock.queue(10**6)
        clock.left(0)
        for second in range(1, 31):
            clock.take(200)
            assert clock.left(second)
        slow = 30
        while clock.left(slow):
            slow += 1
            clock.take(10)
        assert 36 <= slow <= 38

    def test_what_arrives_of_a_body_counts_as_well(self) -> None:
        clock = Clock()
        clock.left(0)
        clock.machine.octets_of_bodies += 5000
        assert 9 == clock.left(1)
        assert 1 == clock.left(10)
        assert 0 == clock.left(11)

    @given(
        st.lists(st.tuples(st.floats(0.01, 4), st.integers(0, 900)), min_size=1, max_size=80),
        st.floats(0, 1e6),
    )
    def test_whoever_keeps_the_rate_is_waited_for(
        self, steps: list[tuple[float, int]], begin: float
    ) -> None:
        clock, now = Clock(), begin
        clock.queue(10**6)
        clock.left(now)
        advances = [(now, 0)]
        for seconds, octets in steps:
            now += seconds
            clock.take(octets)
            if octets:
                advances.append((now, octets))
            if clock.left(now) == 0:
                lately = sum(octets for then, octets in advances if now - then < 10 - 1e-3)
                assert lately < 1000
                assert now - begin >= 10 - 1e-3
                return
            begin_of_silence = advances[-1][0]
            assert now - begin_of_silence < 10
        assert 0 == clock.left(advances[-1][0] + 10)

    def test_a_rest_starts_afresh(self) -> None:
        clock = Clock()
        clock.left(0)
        clock.patience.rest()
        assert 10 == clock.left(50)


class TestBounds:
    def test_without_any_there_is_no_end(self) -> None:
        bounds = Bounds(None, 0)
        assert bounds.until is None
        assert bounds.left(1e9) is None

    def test_total_counts_from_the_start(self) -> None:
        bounds = Bounds(5, 100)
        assert 2 == bounds.left(103)
        with pytest.raises(TimedOut, match="within 5 s") as caught:
            bounds.left(105)
        assert caught.value.session_usable

    def test_a_phase_counts_from_where_it_is_allowed(self) -> None:
        bounds = Bounds(None, 0)
        bounds.allow(5, "Is it there?", 10)
        assert 1 == bounds.left(14)
        with pytest.raises(TimedOut) as caught:
            bounds.left(15)
        assert "Is it there?" == caught.value.hint
        assert not caught.value.session_usable
        bounds.allow(None, "", 15)
        assert bounds.left(99) is None

    @pytest.mark.parametrize(("phase", "until"), [(3, 13), (30, 20)])
    def test_the_earlier_end_counts(self, phase: float, until: float) -> None:
        bounds = Bounds(20, 0)
        bounds.allow(phase, "", 10)
        assert until == bounds.until
