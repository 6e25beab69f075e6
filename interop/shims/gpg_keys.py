"""A private key as gpg-agent keeps it: an S-expression without a password.

gpgsm would take it from PKCS#12, but for keys on elliptic curves that ends in a crash (2.2.40)."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CURVES = {"secp256r1": b"NIST P-256", "secp384r1": b"NIST P-384", "secp521r1": b"NIST P-521"}


def expression(pem: str) -> bytes:
    """The content of the agent's file.  Raises `ValueError` for what is no such key."""
    key = serialization.load_pem_private_key(_block(pem).encode("ascii"), None)
    if isinstance(key, rsa.RSAPrivateKey):
        return _list(b"private-key", _rsa(key))
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return _list(b"private-key", _curve(key))
    raise ValueError("a key of a kind that gpg-agent is not given")


def _rsa(key: rsa.RSAPrivateKey) -> bytes:
    numbers = key.private_numbers()
    p, q = sorted((numbers.p, numbers.q))
    named = {
        b"n": numbers.public_numbers.n, b"e": numbers.public_numbers.e, b"d": numbers.d,
        b"p": p, b"q": q, b"u": pow(p, -1, q),
    }
    return _list(b"rsa", *(_list(name, _atom(_number(n))) for name, n in named.items()))


def _curve(key: ec.EllipticCurvePrivateKey) -> bytes:
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    secret = _number(key.private_numbers().private_value)
    return _list(
        b"ecc", _list(b"curve", _atom(CURVES[key.curve.name])), _list(b"q", _atom(point)),
        _list(b"d", _atom(secret)),
    )


def _block(pem: str) -> str:
    """Without what may stand before it."""
    return pem[pem.index("-----BEGIN"):]


def _number(n: int) -> bytes:
    """Signed, as libgcrypt has it."""
    return n.to_bytes(n.bit_length() // 8 + 1, "big")


def _atom(octets: bytes) -> bytes:
    return str(len(octets)).encode("ascii") + b":" + octets


def _list(name: bytes, *members: bytes) -> bytes:
    return b"(" + _atom(name) + b"".join(members) + b")"
