"""Answers to ideas, files, the discussion, followers, endorsements, reviewers and their scores."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from trebbo.ecosystem.clusters.models import ValueChain
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.text import Bilingual
from trebbo.sharing.ideas.choices import MOST_POINTS, AnswerState
from trebbo.sharing.ideas.models.ideas import Idea, PartnerSought


class Answer(models.Model):
    """A body answers a challenge, or would join a project idea in a role.

    `reply` is what the idea's owner said to it, with the decision.
    """

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="answers")
    body = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="answers")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    role = models.ForeignKey(
        PartnerSought, on_delete=models.SET_NULL, null=True, blank=True, related_name="answers"
    )
    text = models.TextField()
    state = models.CharField(max_length=10, choices=AnswerState, default=AnswerState.GIVEN)
    reply = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    given_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idea", "body"], name="one_answer_of_a_body"),
            models.CheckConstraint(condition=Q(state__in=AnswerState.values), name="answer_state"),
        ]

    def __str__(self) -> str:
        return f"{self.idea} · {self.body.title}"


class AttachedFile(models.Model):
    """A file of an idea or of an answer, checked to be what its name says; its bytes are here.

    Only they who may read what it is attached to may have it.
    """

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="files")
    answer = models.ForeignKey(
        Answer, on_delete=models.CASCADE, null=True, blank=True, related_name="files"
    )
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    attached_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["attached_at", "pk"]

    def __str__(self) -> str:
        return self.name


class Comment(models.Model):
    """Something said in the discussion of an idea; it may quote another."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    label = models.CharField(max_length=200)
    text = models.TextField()
    quotes = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.idea} · {self.label}"


class Follow(models.Model):
    """A person wishes to hear what happens to an idea."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="followers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idea", "person"], name="followed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.idea} · {self.person}"


class Endorsement(models.Model):
    """A value chain stands behind an idea."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="endorsements")
    value_chain = models.ForeignKey(ValueChain, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idea", "value_chain"], name="endorsed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.idea} · {self.value_chain}"


class Criterion(models.Model):
    """What reviewers give points for; weights of an idea's criteria add up to 100."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="criteria")
    label_it = models.CharField(max_length=200, blank=True)
    label_en = models.CharField(max_length=200, blank=True)
    weight = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~(Q(label_it="") & Q(label_en="")), name="criterion_has_label"
            ),
            models.CheckConstraint(condition=Q(weight__range=(1, 100)), name="criterion_weight"),
        ]

    def __str__(self) -> str:
        return self.label

    label = Bilingual()


class Reviewer(models.Model):
    """A person named to score the answers to an idea; they declare their interests first.

    `in_conflict` is blank until they have declared. One in conflict reads and scores no answer.
    """

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="reviewers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    named_at = models.DateTimeField()
    in_conflict = models.BooleanField(null=True, blank=True)
    declaration = models.CharField(max_length=500, blank=True)
    declared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idea", "person"], name="reviewer_once"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class Score(models.Model):
    """The points (0 to MOST_POINTS) that a reviewer gives an answer for one criterion."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="scores")
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="scores")
    points = models.PositiveSmallIntegerField(validators=[MaxValueValidator(MOST_POINTS)])
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reviewer", "answer", "criterion"], name="scored_once"),
            models.CheckConstraint(
                condition=Q(points__range=(0, MOST_POINTS)), name="points_on_the_scale"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer} · {self.criterion}: {self.points}"
