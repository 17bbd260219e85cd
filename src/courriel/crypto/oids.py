"""Name the object identifiers of CMS, S/MIME and certificates.

Only names live here. Sources: RFC 5652 (CMS), RFC 8551 (S/MIME), RFC 5035 (ESS), RFC 5754 and 4056
(signatures), RFC 5753 (elliptic curves), RFC 5084 (GCM), RFC 8419 (Ed25519), RFC 9598 (addresses in
UTF-8).
"""

from __future__ import annotations

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
ENVELOPED_DATA = "1.2.840.113549.1.7.3"
AUTH_ENVELOPED_DATA = "1.2.840.113549.1.9.16.1.23"

CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SMIME_CAPABILITIES = "1.2.840.113549.1.9.15"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"

RSA = "1.2.840.113549.1.1.1"
RSA_OAEP = "1.2.840.113549.1.1.7"
MGF1 = "1.2.840.113549.1.1.8"
OAEP_LABEL = "1.2.840.113549.1.1.9"
RSA_PSS = "1.2.840.113549.1.1.10"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
ED25519 = "1.3.101.112"

SHA1 = "1.3.14.3.2.26"
SHA224 = "2.16.840.1.101.3.4.2.4"
SHA256 = "2.16.840.1.101.3.4.2.1"
SHA384 = "2.16.840.1.101.3.4.2.2"
SHA512 = "2.16.840.1.101.3.4.2.3"

RSA_WITH = {
    "1.2.840.113549.1.1.11": SHA256,
    "1.2.840.113549.1.1.12": SHA384,
    "1.2.840.113549.1.1.13": SHA512,
}
"""PKCS #1 v1.5 signature -> its digest."""
ECDSA_WITH = {
    "1.2.840.10045.4.3.2": SHA256,
    "1.2.840.10045.4.3.3": SHA384,
    "1.2.840.10045.4.3.4": SHA512,
}
"""ECDSA signature -> its digest."""

AES_CBC = {
    "2.16.840.1.101.3.4.1.2": 16,
    "2.16.840.1.101.3.4.1.22": 24,
    "2.16.840.1.101.3.4.1.42": 32,
}
"""AES in CBC -> octets of its key."""
AES_GCM = {
    "2.16.840.1.101.3.4.1.6": 16,
    "2.16.840.1.101.3.4.1.26": 24,
    "2.16.840.1.101.3.4.1.46": 32,
}
"""AES in GCM -> octets of its key."""
AES_WRAP = {
    "2.16.840.1.101.3.4.1.5": 16,
    "2.16.840.1.101.3.4.1.25": 24,
    "2.16.840.1.101.3.4.1.45": 32,
}
"""AES key wrap -> octets of its key."""
AES_256_CBC = "2.16.840.1.101.3.4.1.42"
AES_256_GCM = "2.16.840.1.101.3.4.1.46"
AES_256_WRAP = "2.16.840.1.101.3.4.1.45"

ECDH_WITH = {
    "1.3.133.16.840.63.0.2": SHA1,
    "1.3.132.1.11.0": SHA224,
    "1.3.132.1.11.1": SHA256,
    "1.3.132.1.11.2": SHA384,
    "1.3.132.1.11.3": SHA512,
}
"""ECDH with the key derivation of X9.63 -> the digest of that derivation."""
ECDH_COFACTOR_WITH = {
    "1.3.133.16.840.63.0.3": SHA1,
    "1.3.132.1.14.0": SHA224,
    "1.3.132.1.14.1": SHA256,
    "1.3.132.1.14.2": SHA384,
    "1.3.132.1.14.3": SHA512,
}
"""The same with the cofactor, which is 1 on the curves over prime fields: there it is the same."""
ECDH_SHA256 = "1.3.132.1.11.1"

SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9"
