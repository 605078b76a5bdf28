"""The doctor's questions to the world outside: mail server, clock, and our own address from before the proxy."""

import smtplib
import ssl
import time
from datetime import datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from cryptography import x509
from django.conf import settings
from django.core.mail import get_connection

from mensetsu.operating.finding import Finding, error, note, ok, warning

PATIENCE = 10  # seconds
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OFF, FAR_OFF = 10.0, 60.0  # seconds
# What renews certificates by itself does so a month before; two weeks before the end it has failed for two weeks.
ENDING = timedelta(days=14)


def mail() -> list[Finding]:
    """Greet the mail server and log in, as every mail does. Nothing is sent."""
    if not settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
        sentence = f"Mails go to {settings.EMAIL_BACKEND}: nobody receives any."
        return [warning("mail", sentence, "Remove MENSETSU_EMAIL_BACKEND to send them by SMTP.")]
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    door = get_connection(timeout=min(settings.EMAIL_TIMEOUT or PATIENCE, PATIENCE))
    try:
        door.open()
        door.connection.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as problem:
        return [error("mail", *_why_no_mail(server, problem))]
    finally:
        door.close()
    return _of_letters(server) or [ok("mail", f"{server} greets us and lets us in.")]


def _of_letters(server: str) -> list[Finding]:
    found = []
    is_open = not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST not in LOOPBACK
    if is_open:
        sentence = f"Mails and the password travel to {server} readable."
        found.append(
            warning(
                "mail", sentence, "MENSETSU_SMTP_STARTTLS=1 (port 587) or MENSETSU_SMTP_TLS=1 (port 465)."
            )
        )
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if "." not in host:
        sentence = f"Notices come from {settings.DEFAULT_FROM_EMAIL}: most servers refuse that."
        found.append(
            warning("mail", sentence, "Set MENSETSU_MAIL_FROM to an address that your mail server may use.")
        )
    return found


def _why_no_mail(server: str, problem: Exception) -> tuple[str, str]:
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return (
            f"{server} refuses the user or the password ({problem.smtp_code}).",
            "Check MENSETSU_SMTP_USER and MENSETSU_SMTP_PASSWORD; many providers want a password for programs.",
        )
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return (
            f"{server} does not offer what is set: {problem}",
            "Check MENSETSU_SMTP_STARTTLS, MENSETSU_SMTP_TLS and whether this server wants a login at all.",
        )
    if isinstance(problem, ssl.SSLError):
        return (
            f"{server} and we do not agree on encryption: {problem}",
            "Port 465: MENSETSU_SMTP_TLS=1; 587: MENSETSU_SMTP_STARTTLS=1; the certificate must name the host.",
        )
    if isinstance(problem, smtplib.SMTPException):
        return (
            f"{server} does not greet us as a mail server does: {problem}",
            "Ask the server's operator for the reason.",
        )
    return (
        f"{server} cannot be reached: {problem}",
        "Check MENSETSU_SMTP_HOST and MENSETSU_SMTP_PORT, and the firewall.",
    )


def clock() -> list[Finding]:
    """Our clock beside Zoom's: meetings, signatures and tokens are judged by it."""
    try:
        answer = requests.head(settings.ZOOM_API_BASE, timeout=PATIENCE, allow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        sentence = f"The clock could not be compared: {settings.ZOOM_API_BASE} did not say what time it is."
        return [
            warning(
                "clock",
                sentence,
                "Check that this machine reaches Zoom, and its clock by hand (timedatectl).",
            )
        ]
    # The one place where the machine's clock is the question and not the answer.
    return [apart(time.time() - theirs.timestamp())]


def apart(seconds: float) -> Finding:
    """How far our clock is ahead of Zoom's (which tells whole seconds)."""
    said = (
        f"This machine's clock is {abs(seconds):.0f} seconds {'ahead' if seconds > 0 else 'behind'} of Zoom's"
    )
    if abs(seconds) > FAR_OFF:
        return error(
            "clock",
            f"{said}: mails and meetings come at the wrong time.",
            "Switch on time synchronization (NTP).",
        )
    if abs(seconds) > OFF:
        return warning("clock", f"{said}.", "Switch on time synchronization (NTP).")
    return ok("clock", "This machine's clock agrees with Zoom's.")


def proxy(now: datetime) -> list[Finding]:
    """Ask for our own address as a browser does: certificate, name and scheme come through to us."""
    is_https = settings.BASE_URL.startswith("https://")
    found = []
    if is_https and settings.SECURE_PROXY_SSL_HEADER is None:
        sentence = "The address is https, but the program does not know that a proxy speaks it."
        found.append(
            error("proxy", sentence, "MENSETSU_BEHIND_PROXY=1, and let the proxy set X-Forwarded-Proto.")
        )
    try:
        answer = requests.get(f"{settings.BASE_URL}/healthz", timeout=PATIENCE, allow_redirects=False)
    except requests.exceptions.SSLError as problem:
        next_ = "Renew the certificate, with its chain, for this name."
        return [
            *found,
            error("proxy", f"The certificate of {settings.BASE_URL} is not accepted: {problem}", next_),
        ]
    except requests.RequestException:
        sentence = f"Nothing answers at {settings.BASE_URL} (asked from this machine)."
        next_ = "Start bin/mensetsu web; check the name in DNS, the proxy and the firewall."
        return [*found, warning("proxy", sentence, next_)]
    found += _of_answer(answer, is_https)
    if is_https:
        found += _of_certificate(now)
    return found or [ok("proxy", f"{settings.BASE_URL} leads to us.")]


def _of_answer(answer: requests.Response, is_https: bool) -> list[Finding]:
    if answer.status_code == 400:
        host = urlsplit(settings.BASE_URL).hostname
        next_ = f"Let the proxy pass the header Host as it came, and {host} stand in MENSETSU_ALLOWED_HOSTS."
        return [error("proxy", "The program is reached under a name that it does not know.", next_)]
    if answer.status_code != 200 or answer.text.strip() != "ok":
        sentence = f"{settings.BASE_URL}/healthz answers {answer.status_code}, and not as we do."
        return [
            error(
                "proxy",
                sentence,
                "Let the proxy lead there to MENSETSU_BIND:MENSETSU_PORT, and start bin/mensetsu web.",
            )
        ]
    # Whoever has not said that a proxy is there has been told above.
    if is_https and settings.SECURE_PROXY_SSL_HEADER and answer.headers.get("X-Scheme-Seen") != "https":
        next_ = "Let the proxy set X-Forwarded-Proto: https (and remove what browsers send under that name)."
        return [error("proxy", "The program is not told that the browser speaks https.", next_)]
    if is_https and not settings.SECURE_HSTS_SECONDS:
        return [note("proxy", "MENSETSU_HSTS_SECONDS is not set: browsers may be led to http by others.")]
    return []


def _of_certificate(now: datetime) -> list[Finding]:
    """It has just been accepted; for how long yet?"""
    parts = urlsplit(settings.BASE_URL)
    try:
        shown = ssl.get_server_certificate((parts.hostname or "", parts.port or 443), timeout=PATIENCE)
    except OSError:
        return []  # asked a second time, it did not answer; that it answers has been told already
    ends = x509.load_pem_x509_certificate(shown.encode()).not_valid_after_utc
    if ends - now > ENDING:
        return []
    sentence = f"The certificate of {settings.BASE_URL} ends on {ends:%Y-%m-%d}, in {(ends - now).days} days."
    return [warning("proxy", sentence, "Renew it, and look why it did not renew itself.")]
