from django.db import migrations, models


def weigh(apps, schema_editor):
    """Where SQLite knows how selective the other indexes are, it takes one it knows nothing of for the best of all."""
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == 'sqlite':
            cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
            if cursor.fetchone():
                cursor.execute('ANALYZE candidates_candidate')


class Migration(migrations.Migration):

    dependencies = [
        ('candidates', '0002_import_trial_version_and_awaiting'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='candidate',
            name='candidate_by_status',
        ),
        migrations.AddIndex(
            model_name='candidate',
            index=models.Index(fields=['organization', 'status', '-created_at', 'next_interview_at'], name='candidate_by_status'),
        ),
        migrations.RunPython(weigh, migrations.RunPython.noop),
    ]
