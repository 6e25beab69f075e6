"""The shim protocol's outermost layer: lines of JSON in, lines of JSON out.

    serve({"info": info, "verify": verify})

An operation takes the request and returns the result; what it raises as `RequestError`, `OSError`,
`ValueError` or `SubprocessError` is answered as an error of the shim's, which is no verdict on the
message, and `LeftOut` as a message that the program is not asked about.
"""

from __future__ import annotations

import base64
import binascii
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Operation = Callable[[Mapping[str, Any]], dict[str, Any]]
MAX_LINE = 64 * 1024 * 1024


class RequestError(Exception):
    """A request is not what it should be, or can't be carried out; the text is one line."""


class LeftOut(Exception):
    """The program has its own way with messages of this kind; which, on one line."""


def octets(request: Mapping[str, Any], key: str) -> bytes:
    """A member in base64."""
    try:
        return base64.b64decode(request[key], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError) as problem:
        raise RequestError(f"{key} should be base64: {problem}") from None


def roots(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The trusted certificates, PEM."""
    told = request.get("trust", [])
    if not isinstance(told, list) or not all(isinstance(root, str) for root in told):
        raise RequestError("trust should be a list of certificates")
    return tuple(told)


def moment(request: Mapping[str, Any]) -> str:
    """When chains are judged, as 2026-06-01T12:00:00Z; empty: now."""
    told = request.get("time", "")
    try:
        if told:
            time.strptime(told, "%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError):
        raise RequestError("time should be as 2026-06-01T12:00:00Z") from None
    return str(told)


def answer(operations: Mapping[str, Operation], line: bytes) -> dict[str, Any]:
    """The answer to one line."""
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError
    except (ValueError, RecursionError):
        return {"id": "", "error": "this line is no JSON object"}
    who = {"id": request.get("id")}
    carry_out = operations.get(str(request.get("op")))
    if carry_out is None:
        return {**who, "unimplemented": True}
    try:
        return {**who, "result": carry_out(request)}
    except LeftOut as why:
        return {**who, "unimplemented": True, "reason": str(why)}
    except (RequestError, OSError, ValueError, subprocess.SubprocessError) as problem:
        return {**who, "error": " ".join(str(problem).split())}


def serve(operations: Mapping[str, Operation]) -> int:
    """Answers requests on standard input until it ends; the exit code."""
    while line := sys.stdin.buffer.readline(MAX_LINE):
        print(json.dumps(answer(operations, line)), flush=True)
    return 0
