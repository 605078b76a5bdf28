from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("zoom", "0009_ahead_of_host")]

    operations = [
        migrations.AddField(
            model_name="webhookevent",
            name="unread_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=models.Q(("unread_since__isnull", False)),
                fields=["unread_since"],
                name="webhook_unread",
            ),
        ),
    ]
