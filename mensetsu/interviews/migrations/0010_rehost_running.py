from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interviews", "0009_told_zoom_id"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rehostingitem",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("moved", "The host was changed."),
                    ("busy", "The chosen account hosts another interview at that time."),
                    ("no_free_host", "No connected Zoom account is free at that time."),
                    ("host_ended", "The chosen Zoom account is no longer connected."),
                    ("changed", "Somebody changed this interview at the same moment."),
                    ("running", "It is in progress. It can be changed after it ends."),
                    ("not_needed", "It is cancelled, over or has another host already."),
                ],
                max_length=12,
            ),
        ),
    ]
