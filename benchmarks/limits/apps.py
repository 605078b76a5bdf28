from allauth.account.apps import AccountConfig


class Accounts(AccountConfig):
    """The login library's tables without its demand for a middleware: the limits know who reads from the session."""

    name = "allauth.account"

    def ready(self) -> None:
        pass
