from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interviews", "0007_preflight"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="told_passcode",
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
