"""The server's side of POP3, without I/O."""
