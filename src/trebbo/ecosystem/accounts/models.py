"""People, and the dated facts from which their rights follow."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.accounts.choices import ClusterRoleKind, MandateRole, NetworkRoleKind


class People(BaseUserManager["Person"]):
    """Makes people; an e-mail address is kept in lower case so that it is known once."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """A person with this address; without a password they sign in by other means."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """A person for the installation's own care; it gives no right over anybody's facts."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this address, in any case."""
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=150)
    language = models.CharField(_("Language"), max_length=2, default="it")
    is_active = models.BooleanField(default=True)
    is_synthetic = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(language__in=["it", "en"]), name="person_language"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Held(models.Model):
    """Something that a person holds between two days; no end means still held."""

    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class Mandate(Held):
    """A person acts for an organisation, a unit or a Technopole."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="mandates")
    profile = models.ForeignKey(
        "organisations.Profile", on_delete=models.CASCADE, related_name="mandates"
    )
    role = models.CharField(max_length=20, choices=MandateRole)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="mandate_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["person", "profile"],
                condition=Q(valid_until__isnull=True),
                name="mandate_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.profile}"


class ClusterRole(Held):
    """A person is manager, board member or chair of a value chain in a cluster."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="cluster_roles")
    cluster = models.ForeignKey("clusters.Cluster", on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=ClusterRoleKind)
    value_chain = models.ForeignKey(
        "clusters.ValueChain",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="chairs",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="cluster_role_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(role=ClusterRoleKind.CHAIR, value_chain__isnull=False)
                | (~Q(role=ClusterRoleKind.CHAIR) & Q(value_chain__isnull=True)),
                name="only_chairs_have_a_value_chain",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class NetworkRole(Held):
    """A person works for the agency that coordinates a network, or for the Region."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="network_roles")
    network = models.ForeignKey("clusters.Network", on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=NetworkRoleKind)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="network_role_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class Invitation(models.Model):
    """An address invited to act for a profile; accepted once, or expired, or revoked."""

    email = models.EmailField()
    profile = models.ForeignKey(
        "organisations.Profile", on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.CharField(max_length=20, choices=MandateRole)
    language = models.CharField(max_length=2, default="it")
    invited_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} → {self.profile}"


def related(model: type[models.Model], field: str) -> Any:
    """The model that a foreign key leads to: a table beside this area, known by name alone."""
    return model._meta.get_field(field).related_model
