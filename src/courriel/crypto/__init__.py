"""Signing, verifying, encrypting and decrypting messages (extra ``crypto``)."""
