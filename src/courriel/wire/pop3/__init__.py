"""POP3 on the wire: commands to octets, octets to answers (RFC 1939, 2449, 5034, 6856)."""
