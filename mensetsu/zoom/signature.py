"""Is this webhook really Zoom's? And the answer to its question whether we are really us. Knows no Django.

https://developers.zoom.us/docs/api/webhooks/"""

import hashlib
import hmac
from datetime import datetime

TOLERANCE = 300  # seconds between Zoom's clock and ours; our choice, Zoom names none


def sign(body: bytes, timestamp: str, secret: str) -> str:
    """The value of x-zm-signature. Over the raw bytes: serializing again could change them."""
    message = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def verify(body: bytes, timestamp: str, signature: str, secret: str, now: datetime) -> bool:
    """True only for a right signature no older (and no younger) than five minutes. No secret: always False."""
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(body, timestamp, secret).encode(), signature.encode())


def validation_answer(plain_token: str, secret: str) -> dict[str, str]:
    """What Zoom expects within three seconds at set-up and every 72 hours."""
    encrypted = hmac.new(secret.encode(), plain_token.encode(), hashlib.sha256).hexdigest()
    return {"plainToken": plain_token, "encryptedToken": encrypted}
