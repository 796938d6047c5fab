"""Foreign keys point down, or sideways in the same storey."""

from django.apps import apps
from django.db.models import ForeignKey, Model

from tests.architecture.house import STOREYS, storey_height


def _ours(model: type[Model]) -> bool:
    return model.__module__.startswith("trebbo.")


def test_foreign_keys_point_down_or_sideways() -> None:
    """A table never depends on a storey above, nor on a sibling of its own storey."""
    wrong = []
    keys = 0
    for model in filter(_ours, apps.get_models()):
        for field in model._meta.get_fields():
            target = field.related_model
            if not isinstance(field, ForeignKey) or not isinstance(target, type):
                continue
            if not _ours(target):
                continue
            keys += 1
            height, depth = storey_height(model.__module__), storey_height(target.__module__)
            storey, other = model.__module__.split(".")[1], target.__module__.split(".")[1]
            if depth > height or (depth == height and storey != other):
                wrong.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert wrong == []
    assert keys > 0


def test_every_storey_is_known() -> None:
    """The heights that the check above uses cover every app of the product."""
    known = {name for names in STOREYS for name in names}
    found = {
        config.name.split(".")[1] for config in apps.get_app_configs() if _is_ours(config.name)
    }
    assert found <= known


def _is_ours(name: str) -> bool:
    return name.startswith("trebbo.")
