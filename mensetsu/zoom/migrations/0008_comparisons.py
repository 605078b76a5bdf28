from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("zoom", "0007_passcode_differences")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="compared_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="connection",
            name="compare_problem",
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
