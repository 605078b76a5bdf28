from django.db import migrations, models
from django.db.models.functions import Lower


def weigh(apps, schema_editor):
    """Where SQLite knows how selective the other indexes are, it takes one it knows nothing of for the best of all;
    PostgreSQL would rather read everybody than look up 500 values of which it knows nothing."""
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == 'sqlite':
            cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
            if not cursor.fetchone():
                return
        cursor.execute('ANALYZE candidates_candidate')


class Migration(migrations.Migration):

    dependencies = [
        ('candidates', '0003_count_those_to_be_scheduled_from_the_index'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='candidate',
            name='candidate_by_email',
        ),
        migrations.AddIndex(
            model_name='candidate',
            index=models.Index('organization', Lower('email'), name='candidate_by_email'),
        ),
        migrations.AlterField(
            model_name='savedview',
            name='query',
            field=models.CharField(max_length=2000),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('failed_at', None), ('finished_at', None), ('started_at__isnull', False)), fields=['started_at'], name='import_at_work'),
        ),
        migrations.RunPython(weigh, migrations.RunPython.noop),
    ]
