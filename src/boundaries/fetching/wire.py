"""Asks publishers politely and patiently, one question at a time.

Goes in: an address. Comes out: the answer, or `WireError` in words. Certificates are those of the
operating system (networks of the NHS and councils look into TLS with certificates of their own),
proxies come from the environment. Next: `boundaries.fetching.download` for files.
"""

from __future__ import annotations

import random
import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import truststore
from requests.adapters import HTTPAdapter

from boundaries.errors import InputError
from boundaries.fetching.faults import (
    AgainError,
    WireError,
    in_words,
    object_of,
    refuse_status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from boundaries.fetching.shelf import Shelf

__all__ = ["CHUNK", "Manners", "Wire", "fits"]

CHUNK: Final = 64 * 1024
_MOST_ANSWER: Final = 64 * 1024 * 1024  # a list or a page; files have limits of their own
T = TypeVar("T")


@dataclass(frozen=True)
class Manners:
    """How publishers are asked: where, how patiently and how politely; times in seconds.

    Parameters
    ----------
    mirror
        Address under which every publisher's host is a folder; empty: the publishers themselves.
    today
        The day that months are counted back from; None is the present day.
    attempts
        Tries of one question before it is given up.
    backoff_s
        Wait before the second try; doubled each time, with some chance in it.
    longest_wait_s
        A publisher that asks to wait longer (Retry-After) is given up for now.
    pause_s
        Between two questions to one host.
    connect_s, silence_s
        To reach a host; without a byte from it.
    slow_s, slow_bytes
        Fewer bytes than this in so many seconds is too slow.
    """

    mirror: str = ""
    today: date | None = None
    attempts: int = 5
    backoff_s: float = 1.0
    longest_wait_s: float = 120.0
    pause_s: float = 0.2
    connect_s: float = 15.0
    silence_s: float = 60.0
    slow_s: float = 60.0
    slow_bytes: int = 32 * 1024


class _Adapter(HTTPAdapter):
    """Trusts what the operating system trusts."""

    def init_poolmanager(self, *args: Any, **words: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_context(), **words)

    def proxy_manager_for(self, proxy: str, **words: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=_context(), **words)


def _context() -> ssl.SSLContext:
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _Session(requests.Session):
    """Follows redirects, never from https to http; those of a mirror stay in it."""

    mirror = ""

    def get_redirect_target(self, resp: Any) -> str | None:
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        whole = mirrored(urljoin(resp.url, target), self.mirror)
        if urlsplit(resp.url).scheme == "https" and urlsplit(whole).scheme != "https":
            raise WireError(f"sends on to {urlsplit(target).netloc}, which is not trusted")
        return whole


def mirrored(address: str, mirror: str) -> str:
    """Return the address at a mirror, where each host is a folder; without a mirror, itself."""
    if not mirror or address.startswith(mirror):
        return address
    return f"{mirror}/{address.split('://', 1)[1]}"


class Wire:
    """One way out, for one errand.

    Parameters
    ----------
    shelf
        Keeps answers with their ETags, so that they are asked for once only.
    manners
        Where, how patiently and how politely.
    tell
        Called with a sentence when it waits.
    """

    def __init__(self, shelf: Shelf, manners: Manners, *, tell: Callable[[str], None]) -> None:
        mirror = manners.mirror
        if mirror and not mirror.startswith(("http://", "https://")):
            said = f"The mirror {mirror!r} is no address. Give one that begins with https://"
            raise InputError(said)
        self.shelf, self.manners = shelf, manners
        self._mirror = mirror.rstrip("/")
        self._tell = tell
        self._asked: dict[str, float] = {}
        self._session = _Session()
        self._session.mirror = self._mirror
        self._session.max_redirects = 5
        self._session.mount("https://", _Adapter())
        self._session.headers["User-Agent"] = "boundaries/0.1 (open-source planning tool, England)"

    @property
    def today(self) -> date:
        """The day that months are counted back from."""
        return self.manners.today or datetime.now(UTC).date()

    def close(self) -> None:
        """Let go of every connection."""
        self._session.close()

    def text(self, address: str, read: Callable[[str], T]) -> T:
        """Read a page or list; where one is kept, the publisher is asked whether it changed.

        Parameters
        ----------
        address
            Where it is.
        read
            Makes something of the text, or raises `WireError`: then the text is not kept.

        Raises
        ------
        WireError
            When it cannot be had or read.
        """
        kept = self.shelf.answer(address)
        headers = {} if kept is None else fits(kept.etag, kept.changed, name="If-None-Match")

        def ask() -> T:
            with self.open("GET", address, headers=headers) as got:
                if got.status_code == 304 and kept is not None:
                    return read(kept.body)
                body = _whole(got)
                self.shelf.keep_answer(address, body, got.headers)
                return read(body)

        try:
            return self.patiently(ask)
        except WireError:
            self.shelf.forget_answer(address)
            raise

    def json(self, address: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return a JSON object: by GET and kept, or by POST when there is a form.

        Raises
        ------
        WireError
            When it cannot be had, is no JSON, or is an error under a status that says all is well.
        """
        if form is None:
            return self.text(address, object_of)

        def ask() -> dict[str, Any]:
            with self.open("POST", address, data=form) as got:
                return object_of(_whole(got))

        return self.patiently(ask)

    @contextmanager
    def open(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> Iterator[requests.Response]:
        """Give one answer (status below 400, or 416) whose body is not read yet.

        Raises
        ------
        WireError
            When the publisher refuses.
        AgainError
            When it may be worth asking again.
        """
        self._wait_for(urlsplit(address).netloc)
        manners = self.manners
        try:
            with self._session.request(
                method, mirrored(address, self._mirror), headers=dict(headers or {}), data=data,
                stream=True, timeout=(manners.connect_s, manners.silence_s),
            ) as got:  # fmt: skip
                refuse_status(got)
                yield got
        except requests.exceptions.RequestException as error:
            raise in_words(error) from error

    def patiently(self, ask: Callable[[], T]) -> T:
        """Ask until there is an answer, waiting longer each time.

        Raises
        ------
        WireError
            When the publisher refuses, or after the last try.
        """
        for attempt in range(1, self.manners.attempts + 1):
            try:
                return ask()
            except AgainError as fault:
                if attempt == self.manners.attempts:
                    raise WireError(f"{fault}, {attempt} times") from fault
                self._pause(fault, attempt)
        raise AssertionError  # pragma: no cover - the last try returns or raises

    def _pause(self, fault: AgainError, attempt: int) -> None:
        wait = self.manners.backoff_s * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311
        if fault.wait_s is not None:
            if fault.wait_s > self.manners.longest_wait_s:
                asked = f"and asks to wait {fault.wait_s:,.0f} s: try again after that"
                raise WireError(f"{fault} {asked}") from fault
            wait = max(wait, fault.wait_s)
        if wait >= 1:
            self._tell(f"The publisher {fault}; asking again in {wait:.0f} s")
        time.sleep(wait)

    def _wait_for(self, host: str) -> None:
        rest = self._asked.get(host, 0.0) + self.manners.pause_s - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._asked[host] = time.monotonic()


def fits(etag: str, changed: str, *, name: str) -> dict[str, str]:
    """Return the header that makes a question conditional: by ETag, else by date.

    Parameters
    ----------
    name
        ``If-None-Match`` (only if it has changed) or ``If-Range`` (the rest, if it has not).
    """
    if name == "If-Range":
        exact = etag and not etag.startswith("W/")  # a weak ETag does not promise the same bytes
        return {name: etag} if exact else {name: changed} if changed else {}
    if etag:
        return {name: etag}
    return {"If-Modified-Since": changed} if changed else {}


def _whole(got: requests.Response) -> str:
    body = bytearray()
    for chunk in got.iter_content(CHUNK):
        body += chunk
        if len(body) > _MOST_ANSWER:
            raise WireError(f"answers with more than {_MOST_ANSWER:,} bytes")
    return body.decode("utf-8-sig", errors="replace")
