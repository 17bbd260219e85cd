"""The machines: one pure object a connection, which owns framing, order, state and limits."""
