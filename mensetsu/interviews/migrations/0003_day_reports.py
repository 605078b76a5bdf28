import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('interviews', '0002_rehosting'),
    ]

    operations = [
        migrations.CreateModel(
            name='DayReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('on_time', 'Coming as agreed'), ('late', 'Late'), ('no_connection', 'Cannot connect'), ('absent', 'Not coming')], max_length=16)),
                ('minutes', models.PositiveSmallIntegerField(default=0)),
                ('receiver', models.CharField(choices=[('candidate', 'Applicant'), ('agency', 'Agency'), ('interviewer', 'Interviewer')], max_length=12)),
                ('starts_at', models.DateTimeField()),
                ('made_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('interview', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_reports', to='interviews.interview')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'late'), ('minutes__gt', 0)), models.Q(models.Q(('kind', 'late'), _negated=True), ('minutes', 0)), _connector='OR'), name='only_late_has_minutes')],
            },
        ),
    ]
