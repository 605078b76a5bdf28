from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mensetsu.candidates import finding
from mensetsu.candidates.labels import FIELD_LABELS
from mensetsu.history import wording


class CandidatesConfig(AppConfig):
    name = "mensetsu.candidates"

    def ready(self) -> None:
        post_migrate.connect(finding.ensure, sender=self)
        wording.register(
            {
                "candidate.registered": _("Registered the applicant"),
                "candidate.imported": _("Registered the applicant from the file %(file)s"),
                "candidate.edited": _("Changed the applicant's details: %(fields)s"),
                "candidate.owner_changed": _("Changed the owner: %(owner)s"),
                "candidate.stage_changed": _("Moved to the stage %(stage)s"),
                "candidate.stage_unset": _("Put back to no stage"),
                "candidate.withdrawn": _("The applicant withdrew"),
                "candidate.reinstated": _("Took back the withdrawal"),
                "candidate.noted": pgettext_lazy("history", "Memo: %(text)s"),
                "user.exported_candidates": _("Exported %(count)s applicants to a file"),
            },
            words={"fields": FIELD_LABELS},
        )
        wording.register(
            {
                "agency.registered": _("Registered the agency %(name)s"),
                "agency.edited": _("Changed the agency %(name)s"),
                "agency.closed": _("Closed the agency %(name)s"),
                "agency.reopened": _("Reopened the agency %(name)s"),
                "agency.contact_added": _("Added the contact %(contact)s"),
                "agency.contact_edited": _("Changed the contact %(contact)s"),
                "agency.contact_left": _("%(contact)s left the agency"),
                "agency.contact_returned": _("%(contact)s is at the agency again"),
                "job.added": _("Added the job %(name)s"),
                "job.renamed": _("Renamed the job to %(name)s"),
                "job.closed": _("Closed the job %(name)s"),
                "job.reopened": _("Reopened the job %(name)s"),
                "job.stage_added": _("Added the stage %(name)s"),
                "job.stage_renamed": _("Renamed the stage to %(name)s"),
                "job.stage_removed": _("Removed the stage %(name)s"),
            }
        )
