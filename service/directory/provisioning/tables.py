"""Provisioned people as stored."""

from piccolo.columns import JSONB, UUID, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB


class ProvisionedUser(Table, db=DB, tablename="provisioned_user"):
    """A person whom an identity provider looks after; gone when it says so."""

    organisation = Varchar(length=40, primary_key=True, default=None)
    person = UUID(primary_key=True, default=None)
    user_name = Varchar(length=254, default=None)
    name_key = Text(default=None, help_text="The name as it is compared.")
    external_id = Varchar(length=120, default=None, null=True)
    active = Boolean(default=None)
    said = JSONB(default=None, help_text="The last word, as SCIM writes it.")
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)
