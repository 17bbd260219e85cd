"""SASL (RFC 4422): one generator a mechanism, and the choice between them."""
