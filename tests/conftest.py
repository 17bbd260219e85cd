"""What all tests share: async tests, the two faces, the real servers."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from typing import Any

import pytest
from hypothesis import settings

from courriel.drive.scripted import virtual_loop
from tests.faces import Face

pytest_plugins = ["tests.servers.fixtures"]

# In CI the laws are tried on the same examples each time; everywhere else on new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Shells ignore Ctrl-C for what runs in the background, and programs that tests start inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run async tests: on virtual time where marked so, else on a plain loop."""
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(function):
        return None
    names = inspect.signature(function).parameters
    arguments: dict[str, Any] = {
        n: pyfuncitem.funcargs[n] for n in names if n in pyfuncitem.funcargs
    }
    virtual = pyfuncitem.get_closest_marker("virtual") is not None
    with asyncio.Runner(loop_factory=virtual_loop if virtual else None) as runner:
        runner.run(function(**arguments))
    return True


@pytest.fixture(params=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest) -> Face:
    """Each colour in turn: one body, both faces."""
    return Face(request.param)
