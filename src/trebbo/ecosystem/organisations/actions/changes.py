"""The one way to change a profile: rights, version, audit line and news in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.models import AuditLine

Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class OtherChange:
    """What somebody else did to one field meanwhile: the value before and the one after."""

    field: str
    before: Any
    after: Any
    whole: bool
    """Whether `before` is the whole value: the audit trail shortens very long texts."""


class ProfileConflict(Refusal):
    """Somebody else saved the same fields first; nothing was written.

    `version` is the present one; `others` are the fields they changed since the version that the
    person had read, `by` the labels of who did it.
    """

    status = 409

    def __init__(
        self, version: int, others: Mapping[str, OtherChange], by: tuple[str, ...]
    ) -> None:
        names = ", ".join(by)
        super().__init__(
            _(
                "While you were writing, %(names)s changed the same profile. "
                "Nothing is lost: compare and choose."
            )
            % {"names": names}
        )
        self.version = version
        self.others = dict(others)
        self.by = by


def demand_edit(actor: Viewer, profile: Profile) -> None:
    """Refuse unless the actor may edit the profile."""
    edit_profile.demand(
        actor, profile, _("You do not look after this profile, so you cannot change it.")
    )


def locked_profile(profile_id: int) -> Profile:
    """The profile, held until the transaction ends where the database can hold a row."""
    return Profile.objects.select_for_update().get(pk=profile_id)


def base_of(profile: Profile) -> Profile:
    """The row that all kinds of profile share, to which audit lines belong."""
    return profile if type(profile) is Profile else profile.profile_ptr  # type: ignore[attr-defined]


def touch(
    *, actor: Viewer, profile: Profile, verb: str, changes: Changes, version: int | None = None
) -> None:
    """Count one more version of the profile, write the audit line and send the news on commit.

    Call it inside the action's transaction. With a `version`, refuses (`ProfileConflict`) if
    somebody else changed one of the same fields since; changes of other fields do not disturb.
    """
    row = Profile.objects.filter(pk=profile.pk)
    if version is not None:
        row = row.filter(version=version)
    if not row.update(version=F("version") + 1, changed_at=actor.now):
        _overtake(actor, profile, version or 0, changes)
    base = base_of(profile)
    base.refresh_from_db(fields=["version", "changed_at"])
    counted = {**changes, "version": (base.version - 1, base.version)}
    audit.record(actor=actor, verb=verb, subject=base, changes=counted)
    announce(profile.pk)


def announce(profile_id: int) -> None:
    """Tell the areas above, once the change is safe."""
    transaction.on_commit(partial(profile_changed.send, sender=Profile, profile_id=profile_id))


def save_profile(
    *,
    actor: Viewer,
    profile: Profile,
    values: Mapping[str, Any],
    version: int,
    verb: str = "edit_profile",
) -> Profile:
    """Write clean `values` to a profile of any type; areas above use it for their own types.

    Call it inside a transaction, after checking rights and words. Returns the profile as it is
    now; writes nothing where nothing differs. Refuses as `touch`.
    """
    changes = {
        name: (getattr(profile, name), value)
        for name, value in values.items()
        if getattr(profile, name) != value
    }
    if changes:
        touch(actor=actor, profile=profile, verb=verb, changes=changes, version=version)
        for name, (_old, new) in changes.items():
            setattr(profile, name, new)
        profile.save(update_fields=list(changes))
        profile.refresh_from_db(fields=["version", "changed_at"])
    return profile


def _overtake(actor: Viewer, profile: Profile, version: int, changes: Changes) -> None:
    """The version has moved on: refuse if the same fields moved, else count this change too."""
    current = locked_profile(profile.pk)
    lines = lines_since(current, version)
    others = changed_since(lines)
    if set(others) & set(changes):
        by = tuple(dict.fromkeys(line.actor_label for line in lines))
        raise ProfileConflict(current.version, others, by)
    Profile.objects.filter(pk=profile.pk).update(version=F("version") + 1, changed_at=actor.now)


def lines_since(profile: Profile, version: int) -> list[AuditLine]:
    """The audit lines by which the profile left `version`, oldest first."""
    lines = []
    for line in audit.history_of(profile).order_by("-pk").iterator(chunk_size=50):
        step = line.changes.get("version")
        if step is None:
            continue
        if step[0] < version:
            break
        lines.append(line)
    return lines[::-1]


def changed_since(lines: list[AuditLine]) -> dict[str, OtherChange]:
    """Each field that the lines changed, with its value before the first and after the last."""
    others: dict[str, OtherChange] = {}
    for line in lines:
        for name, (old, new) in line.changes.items():
            if name == "version":
                continue
            first = others.get(name)
            before = first.before if first else old
            others[name] = OtherChange(name, before, new, whole=_whole(before))
    return others


def _whole(value: Any) -> bool:
    versions = value.values() if isinstance(value, dict) else [value]
    return not any(isinstance(v, str) and len(v) > audit.LONGEST_VALUE for v in versions)
