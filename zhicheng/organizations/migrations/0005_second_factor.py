"""A second factor beside the password, and codes for when it is out of reach.

The account says since when it has one, so that no page asks for it; a deferred trigger holds that
against the factor's own row. Secrets are never in clear: nothing encrypted is as short as one.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

FORWARD = """
ALTER TABLE organizations_secondfactor ADD CONSTRAINT second_factor_secret_is_encrypted
    CHECK (octet_length(secret_cipher) > 50 AND octet_length(pending_cipher) > 50);
ALTER TABLE organizations_recoverycode ADD CONSTRAINT recovery_code_is_kept_as_digest
    CHECK (octet_length(digest) = 32);

CREATE TRIGGER second_factor_step_never_goes_back BEFORE UPDATE ON organizations_secondfactor
    FOR EACH ROW WHEN (NEW.confirmed_at = OLD.confirmed_at AND NEW.last_step < OLD.last_step)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recovery_code_is_used_once BEFORE UPDATE ON organizations_recoverycode
    FOR EACH ROW WHEN (OLD.used_at IS NOT NULL OR NEW.digest <> OLD.digest
        OR NEW.factor_id <> OLD.factor_id)
    EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_second_factor_of(who bigint, tested text, told text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM organizations_account a
        LEFT JOIN organizations_secondfactor f ON f.account_id = a.id
        WHERE a.id = who AND a.second_factor_since IS DISTINCT FROM f.confirmed_at;
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not say what its second factor says', who
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = tested, TABLE = told;
    END IF;
END $$;
CREATE FUNCTION check_second_factor_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_second_factor_of(NEW.id, TG_NAME, TG_TABLE_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION check_account_of_second_factor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_second_factor_of(
        CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END,
        TG_NAME, TG_TABLE_NAME);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER account_says_since_when_it_has_a_second_factor
    AFTER INSERT OR UPDATE OF second_factor_since ON organizations_account
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_second_factor_of_account();
CREATE CONSTRAINT TRIGGER second_factor_is_said_by_its_account
    AFTER INSERT OR UPDATE OR DELETE ON organizations_secondfactor
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_account_of_second_factor();
"""

BACKWARD = """
DROP TRIGGER second_factor_is_said_by_its_account ON organizations_secondfactor;
DROP TRIGGER account_says_since_when_it_has_a_second_factor ON organizations_account;
DROP FUNCTION check_account_of_second_factor();
DROP FUNCTION check_second_factor_of_account();
DROP FUNCTION check_second_factor_of(bigint, text, text);
DROP TRIGGER recovery_code_is_used_once ON organizations_recoverycode;
DROP TRIGGER second_factor_step_never_goes_back ON organizations_secondfactor;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("organizations", "0004_in_name_order"),
        ("audit", "0002_append_only"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="account",
            name="second_factor_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="两步验证启用时间"),
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="organizations.account",
                        verbose_name="账号",
                    ),
                ),
                ("secret_cipher", models.BinaryField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="启用时间")),
                ("last_step", models.BigIntegerField(null=True)),
                ("pending_cipher", models.BinaryField(null=True)),
                ("pending_since", models.DateTimeField(null=True)),
                ("pending_login", models.UUIDField(null=True)),
                ("wrong_count", models.PositiveSmallIntegerField(default=0)),
                ("wrong_since", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "两步验证",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(confirmed_at=None, secret_cipher=None, last_step=None)
                        | Q(
                            confirmed_at__isnull=False,
                            secret_cipher__isnull=False,
                            last_step__isnull=False,
                        ),
                        name="confirmed_second_factor_has_secret_and_code",
                    ),
                    models.CheckConstraint(
                        condition=Q(pending_cipher=None, pending_since=None, pending_login=None)
                        | Q(
                            pending_cipher__isnull=False,
                            pending_since__isnull=False,
                            pending_login__isnull=False,
                        ),
                        name="pending_secret_says_since_when_and_where",
                    ),
                    models.CheckConstraint(
                        condition=Q(wrong_count=0, wrong_since=None)
                        | Q(wrong_count__gt=0, wrong_since__isnull=False),
                        name="wrong_codes_say_since_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "factor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="organizations.secondfactor",
                    ),
                ),
            ],
            options={
                "verbose_name": "恢复码",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("factor", "digest"), name="recovery_code_once_per_account"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
