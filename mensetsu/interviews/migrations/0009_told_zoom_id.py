from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interviews", "0008_told_passcode")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="told_zoom_id",
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
