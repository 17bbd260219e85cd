"""Send messages over one connection, each client in a process of its own.

A module here is one client: ``python -m benchmarks.clients.NAME HOST PORT COUNT [MODE]`` opens a
connection, sends one message to warm up, sends COUNT more against the clock, checks that every one
was accepted, and prints ``{"messages": …, "seconds": …}``.
"""
