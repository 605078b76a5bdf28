from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("zoom", "0006_inactive_users")]

    operations = [
        migrations.AlterField(
            model_name="difference",
            name="kind",
            field=models.CharField(
                choices=[
                    ("gone", "The meeting no longer exists at Zoom"),
                    ("webinar", "Turned into a webinar at Zoom"),
                    ("host", "Zoom host"),
                    ("time", "Date and time"),
                    ("length", "Length"),
                    ("sign_in", "Signing in to Zoom"),
                    ("waiting_room", "Waiting room"),
                    ("early_entry", "Entering before the host"),
                    ("passcode", "Passcode"),
                    ("topic", "Topic"),
                    ("link", "Join link and passcode"),
                ],
                max_length=16,
            ),
        ),
    ]
