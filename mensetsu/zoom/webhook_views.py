"""Where Zoom knocks. Public; the signature is the login. The key in the address says with whose secret to look.

204 rather than 200 with a body: Zoom takes both, and there is nothing to say. 401 for whatever is not Zoom's, also
for an unknown key, so that an address cannot be guessed by its answer."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mensetsu.statements import compiled
from mensetsu.zoom import receiving
from mensetsu.zoom.models import App

_APP = compiled.Read(lambda key: App.objects.filter(key=key), key=compiled.TEXT)


@login_not_required
@csrf_exempt
@require_POST
def webhook(request: HttpRequest, app_key: str) -> HttpResponse:
    """One message from Zoom: checked, stored, answered within Zoom's three seconds."""
    app = next(iter(_APP.objects(key=app_key)), None)
    if app is None:
        return HttpResponse(status=401)
    try:
        answer = receiving.receive(
            app=app,
            body=request.body,
            timestamp=request.headers.get("x-zm-request-timestamp", ""),
            signed=request.headers.get("x-zm-signature", ""),
            now=timezone.now(),
        )
    except receiving.NotZoom:
        return HttpResponse(status=401)
    except receiving.NotUnderstood:
        return HttpResponse(status=400)
    return HttpResponse(status=204) if answer is None else JsonResponse(answer)
