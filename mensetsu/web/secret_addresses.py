"""Addresses that open a page without a login: `nonce + HMAC(secret, nonce)`, 128 bits of it.

Nothing that opens a page is stored: the table holds only the nonce, and whoever reads the table still lacks the
secret. Letters and digits only, so that no mail program cuts the address at a sign. Proofs made before the secret was
changed keep working while the old secret is one of SECRET_KEY_FALLBACKS."""

import base64
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

NONCE_LENGTH = 16
MAC_BYTES = 16
# Without 0, 1, l and o: an address is sometimes read out on the telephone.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_nonce() -> str:
    """What the table keeps of an address: 80 bits, different for every address."""
    return get_random_string(NONCE_LENGTH, _ALPHABET)


@dataclass(frozen=True)
class SecretAddresses:
    """One kind of address. The salt keeps the proof of one kind from opening another; it never changes, because every
    address that was mailed would die with it."""

    salt: str

    def token(self, nonce: str) -> str:
        """What stands in the address: the nonce and its proof under the present secret."""
        return nonce + self._proof(nonce, settings.SECRET_KEY)

    def nonce(self, token: str) -> str | None:
        """The nonce of that token; None for anything that this installation did not hand out."""
        token = token.strip().lower()
        nonce, proof = token[:NONCE_LENGTH], token[NONCE_LENGTH:]
        secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        # Every secret is compared, so that the time taken does not tell which one fits.
        fits = [constant_time_compare(proof, self._proof(nonce, secret)) for secret in secrets]
        return nonce if True in fits else None

    def _proof(self, nonce: str, secret: str) -> str:
        digest = salted_hmac(self.salt, nonce, secret=secret, algorithm="sha256").digest()[:MAC_BYTES]
        return base64.b32encode(digest).decode().rstrip("=").lower()
