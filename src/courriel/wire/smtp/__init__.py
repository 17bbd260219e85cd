"""SMTP and LMTP on the wire: commands, replies, capabilities, bodies, quirks."""
