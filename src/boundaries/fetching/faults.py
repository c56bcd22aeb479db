"""What can go wrong on the wire, in words that go on from the publisher's name.

Goes in: what a publisher answered, or what went wrong. Comes out: `WireError`. Next:
`boundaries.fetching.errand` adds the page to go to by hand.
"""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from requests import exceptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import Response

__all__ = [
    "AgainError",
    "WireError",
    "in_words",
    "object_of",
    "refuse_status",
]

_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
_STATUS: Final = {
    401: "asks for a log-in",
    403: "refuses to give it (403)",
    404: "has nothing at this address (404)",
    407: "is behind a proxy that asks for a log-in (407)",
    410: "has taken it away (410)",
    429: "is asked too often (429)",
}
_UNTRUSTED: Final = (
    "shows a certificate that this computer does not trust (perhaps the network looks into TLS: "
    "ask IT to put its certificate into the operating system's store)"
)
_CUT: Final = "cut the connection before the end"


class WireError(Exception):
    """A source cannot be had now; the text says what the publisher answered.

    Parameters
    ----------
    said
        What happened.
    status
        Of the answer (RFC 9110), 0 where there was none.
    """

    def __init__(self, said: str, *, status: int = 0) -> None:
        super().__init__(said)
        self.status = status


class AgainError(WireError):
    """A fault that may pass: it is worth asking again.

    Parameters
    ----------
    said
        What happened.
    wait_s
        Seconds that the publisher asked to wait, or None.
    """

    def __init__(self, said: str, *, wait_s: float | None = None) -> None:
        super().__init__(said)
        self.wait_s = wait_s


def object_of(text: str) -> dict[str, Any]:
    """Return a JSON object; a list stands under ``items``.

    Raises
    ------
    WireError
        When the text is no JSON, or an error under the status of success; `AgainError` when it
        may pass.
    """
    try:
        answer = json.loads(text)
    except ValueError as error:
        page = text.lstrip()[:1] == "<"
        what = "a web page" if page else "something that is no JSON"
        raise WireError(f"answers with {what} instead of data") from error
    whole = answer if isinstance(answer, dict) else {"items": answer}
    _refuse_error(whole)
    return whole


def _refuse_error(answer: Mapping[str, Any]) -> None:
    """Refuse an error that came under the status of success, as ArcGIS sends them."""
    error = answer.get("error")
    if error is None:
        return
    known = error if isinstance(error, dict) else {"message": str(error)}
    details = "; ".join(str(text) for text in known.get("details") or [])
    words = " ".join(str(known.get("message") or details or "no reason given").split())[:200]
    code = known.get("code")
    said = (
        f"answers with an error ({code}: {words})" if code else f"answers with an error ({words})"
    )
    raise AgainError(said) if code in _AGAIN else WireError(said)


def refuse_status(got: Response) -> None:
    """Refuse a status of failure; 416 is left to who asked for a range.

    Raises
    ------
    WireError
        When the publisher refuses; `AgainError` when it may pass.
    """
    status = got.status_code
    if status < 400 or status == 416:
        return
    said = _STATUS.get(status, f"answers with the error {status}")
    if status in _AGAIN:
        raise AgainError(said, wait_s=_retry_after(got.headers.get("Retry-After", "")))
    raise WireError(said, status=status)


def _retry_after(text: str) -> float | None:
    """Return the seconds to wait: the header is a number or a date (RFC 9110, 10.2.3)."""
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def in_words(error: exceptions.RequestException) -> WireError:
    """Say what happened on the wire; an `AgainError` when it may pass."""
    for kind, passing, said in _HAPPENED:
        if isinstance(error, kind):
            silent = kind is exceptions.ConnectionError and "timed out" in str(error).lower()
            words = "stopped sending" if silent else said
            return AgainError(words) if passing else WireError(words)
    return WireError(f"cannot be asked ({type(error).__name__})")


_HAPPENED: Final[tuple[tuple[type[Exception], bool, str], ...]] = (
    (exceptions.SSLError, False, _UNTRUSTED),
    (exceptions.ProxyError, True, "cannot be reached through the proxy that HTTPS_PROXY names"),
    (exceptions.TooManyRedirects, False, "sends on from address to address without end"),
    (exceptions.ConnectTimeout, True, "does not answer in time"),
    (exceptions.Timeout, True, "stopped sending"),
    (exceptions.ChunkedEncodingError, True, _CUT),
    (exceptions.ContentDecodingError, True, _CUT),
    (exceptions.ConnectionError, True, "cannot be reached"),
)
"""The library's errors, the more special first; whether they may pass; and what to say."""
