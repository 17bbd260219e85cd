"""What goes in comes out: whole, in order, later, and the end of it too."""

from __future__ import annotations

import random
import socket
import threading
import time

DELAY = 0.002


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def accept(listener: socket.socket) -> socket.socket:
    far, _ = listener.accept()
    far.settimeout(10)
    return far


def everything(end: socket.socket) -> bytes:
    return b"".join(iter(lambda: end.recv(65536), b""))


def test_both_directions_carry_data(line: int, listener: socket.socket) -> None:
    with connect(line) as near, accept(listener) as far:
        near.sendall(b"hello")
        assert far.recv(100) == b"hello"
        far.sendall(b"good day")
        assert near.recv(100) == b"good day"


def test_nothing_arrives_before_its_time(line: int, listener: socket.socket) -> None:
    with connect(line) as near, accept(listener) as far:
        started = time.perf_counter()
        near.sendall(b"?")
        assert far.recv(1) == b"?"
        far.sendall(b"!")
        assert near.recv(1) == b"!"
        assert time.perf_counter() - started >= 2 * DELAY


def test_a_mass_of_data_arrives_whole_and_in_order(line: int, listener: socket.socket) -> None:
    sent = random.Random(8).randbytes(8 << 20)
    with connect(line) as near, accept(listener) as far:

        def send() -> None:
            near.sendall(sent)
            near.shutdown(socket.SHUT_WR)

        sending = threading.Thread(target=send)
        sending.start()
        assert everything(far) == sent
        sending.join()


def test_a_reader_who_waits_loses_nothing(line: int, listener: socket.socket) -> None:
    # More than both kernels' buffers hold: the line keeps the rest until it is asked for.
    sent = random.Random(9).randbytes(24 << 20)
    with connect(line) as near, accept(listener) as far:
        near.sendall(sent)
        near.shutdown(socket.SHUT_WR)
        assert everything(far) == sent


def test_half_closed_connections_go_on_the_other_way(line: int, listener: socket.socket) -> None:
    with connect(line) as near, accept(listener) as far:
        near.sendall(b"that is all")
        near.shutdown(socket.SHUT_WR)
        assert everything(far) == b"that is all"
        far.sendall(b"thank you")
        far.shutdown(socket.SHUT_WR)
        assert everything(near) == b"thank you"


def test_the_far_end_may_hang_up_first(line: int, listener: socket.socket) -> None:
    with connect(line) as near:
        with accept(listener) as far:
            far.sendall(b"bye")
        assert everything(near) == b"bye"


def test_connections_do_not_mix(line: int, listener: socket.socket) -> None:
    nears = [connect(line) for _ in range(40)]
    fars: list[socket.socket] = []
    try:
        for number, near in enumerate(nears):
            near.sendall(f"from {number}\n".encode())
        for _ in nears:
            far = accept(listener)
            fars.append(far)
            far.sendall(b"seen " + far.recv(100))
        assert [near.recv(100) for near in nears] == [
            f"seen from {number}\n".encode() for number in range(40)
        ]
    finally:
        for end in nears + fars:
            end.close()


def test_whom_nobody_answers_is_hung_up_on(line: int, listener: socket.socket) -> None:
    listener.close()
    with connect(line) as near:
        assert everything(near) == b""


def test_one_reset_leaves_the_line_standing(line: int, listener: socket.socket) -> None:
    with accept_after(connect(line), listener) as far:
        # Zero seconds of lingering: closing sends a reset instead of an end.
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    with connect(line) as near, accept(listener) as far:
        near.sendall(b"still here?")
        assert far.recv(100) == b"still here?"


def accept_after(near: socket.socket, listener: socket.socket) -> socket.socket:
    with near:
        return accept(listener)
