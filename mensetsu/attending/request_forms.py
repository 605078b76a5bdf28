"""What an applicant types when asking for another time, withdrawing, or asking for an accommodation."""

from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from mensetsu.attending import requests
from mensetsu.attending.wishes import WishesForm
from mensetsu.interviews.models import JoinLink
from mensetsu.web.forms import Form


class RequestForm(Form):
    """The common part: a few words of one's own."""

    message = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: QueryDict | None, *, link: JoinLink, now: datetime) -> None:
        super().__init__(data)
        self.link, self.now = link, now

    def text(self) -> str:
        """What the recruiters read: whole sentences in the company's language, the applicant's words as typed."""
        return self.cleaned_data["message"]


class WithdrawalForm(RequestForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = _("Reason")


class AccommodationForm(RequestForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = _("What would help you")
        self.fields["message"].required = True


class ChangeForm(WishesForm):
    """Another time: days that would fit, or only words."""

    def __init__(self, data: QueryDict | None, *, link: JoinLink, now: datetime) -> None:
        super().__init__(data, now=now)
        self.link = link

    def text(self) -> str:
        company = self.link.interview.organization
        with translation.override(company.language):
            wishes = self.wishes()
            lines = [
                pgettext("wish", "%(number)s. %(wish)s") % {"number": number, "wish": wish}
                for number, wish in enumerate(wishes, 1)
            ]
            if wishes:
                lines.append(self.clock_note(company.time_zone))
        return "\n".join([*filter(None, lines), self.cleaned_data["message"]]).strip()


_FORMS: dict[str, type[RequestForm | ChangeForm]] = {
    requests.Kind.CHANGE: ChangeForm,
    requests.Kind.WITHDRAWAL: WithdrawalForm,
    requests.Kind.ACCOMMODATION: AccommodationForm,
}


def form_for(kind: str, link: JoinLink, data: QueryDict | None, *, now: datetime) -> RequestForm | ChangeForm:
    """The form of that kind of request, bound if `data` is given."""
    return _FORMS[kind](data, link=link, now=now)
