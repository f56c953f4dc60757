"""Roles and data-sharing agreements as stored."""

from piccolo.columns import UUID, Date, Timestamptz, Varchar
from piccolo.table import Table

from service.access.rules import Role
from service.db import DB, one_of


class RoleGrant(Table, db=DB, tablename="role_grant"):
    """One role that one person holds in one organisation, until a date."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None)
    role = Varchar(length=40, default=None)
    granted_by = Varchar(length=120, default=None)
    granted_at = Timestamptz(default=None)
    until = Date(default=None)
    ended_at = Timestamptz(default=None, null=True)

    role_grant_role_is_known = one_of("role", Role)


class DataSharing(Table, db=DB, tablename="data_sharing"):
    """One agreement by which two organisations share, between two dates."""

    organisation = Varchar(length=40, default=None, help_text="First by code.")
    partner = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    purpose = Varchar(length=200, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None)
