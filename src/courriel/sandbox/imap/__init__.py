"""The server's side of IMAP, without I/O."""
