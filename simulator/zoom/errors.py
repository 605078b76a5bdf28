"""Refusals of the REST API, in Zoom's words and numbers.

https://developers.zoom.us/docs/api/errors/
"""

from __future__ import annotations

from typing import Any

INVALID_TOKEN = "Invalid access token."
EXPIRED_TOKEN = "Access token is expired."
QUERY_TOKEN = "Invalid access token, this access token is not supported as query parameter string."
NOT_PERMITTED = "Authenticated user has not permitted access to the targeted resource."

# Zoom's messages follow the language of the account; a client that reads words instead of numbers breaks here.
FRENCH = {
    124: "Jeton d’accès non valide.",
    200: "Disponible uniquement pour les comptes payants.",
    300: "Échec de la validation.",
    429: "Vous avez dépassé la limite de requêtes.",
    1001: "L’utilisateur n’existe pas.",
    3000: "Impossible de programmer cette réunion.",
    3001: "Cette réunion n’existe pas ou a expiré.",
    3161: "Vous n’êtes pas autorisé à héberger cette réunion.",
    4711: "Jeton d’accès non valide : autorisations manquantes.",
}


class ApiError(Exception):
    """An answer of the API that is not a success: HTTP status, Zoom's code, Zoom's sentence."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status}/{code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def body(self, *, french: bool = False) -> dict[str, Any]:
        """The JSON body of the answer."""
        message = FRENCH.get(self.code, "Une erreur est survenue.") if french else self.message
        body: dict[str, Any] = {"code": self.code, "message": message}
        if self.errors:
            body["errors"] = self.errors
        return body


def invalid_fields(*names: str) -> ApiError:
    """400/300 that names each refused field."""
    return ApiError(
        400,
        300,
        "Validation Failed.",
        errors=[{"field": name, "message": "Invalid field."} for name in names],
    )


def not_json() -> ApiError:
    return ApiError(400, 300, "Request Body should be a valid JSON object.")


def meeting_gone(meeting_id: object) -> ApiError:
    return ApiError(404, 3001, f"Meeting does not exist: {meeting_id}.")


def no_such_user(user: object) -> ApiError:
    return ApiError(404, 1001, f"User does not exist: {user}.")


def missing_scopes(scopes: list[str], *, status: int) -> ApiError:
    return ApiError(status, 4711, f"Invalid access token, does not contain scopes:[{', '.join(scopes)}].")


def cannot_host() -> ApiError:
    return ApiError(
        400, 3161, "Your user account is not allowed meeting hosting and scheduling capabilities."
    )


def cannot_schedule_for(user: object) -> ApiError:
    return ApiError(400, 3000, f"You cannot schedule a meeting for {user}.")


def alternative_host_refused(email: object) -> ApiError:
    return ApiError(400, 3000, f"Unable to assign {email} as an alternative host.")
