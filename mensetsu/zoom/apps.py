from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mensetsu.history import wording


class ZoomConfig(AppConfig):
    name = "mensetsu.zoom"

    def ready(self) -> None:
        wording.register(
            {
                "connection.connected": _("Connected the Zoom account"),
                "connection.disconnected": _("Disconnected the Zoom account"),
                "connection.deauthorized": _("The app was removed at Zoom; the connection ended"),
                "connection.revoked": _("Zoom no longer accepts the connection; it ended"),
                "connection.refresh_lost": _("Zoom's answer to a renewal was lost; the connection ended"),
                "connection.replaced": _("Connected the same Zoom account anew"),
                "connection.user_gone": _("The Zoom user no longer exists; the connection ended"),
                "connection.shared": _("Shared the Zoom account with the recruiting team"),
                "connection.unshared": _("Stopped sharing the Zoom account"),
                "connection.capacity_changed": _("Set meetings at the same time: %(capacity)s"),
                "zoom_app.changed": _("Changed the settings of the Zoom app"),
                "zoom_app.removed": _("Went back to the common Zoom app"),
            }
        )
