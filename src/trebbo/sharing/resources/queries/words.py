"""The words by which a body is found through what of it can be used."""

from trebbo.sharing.resources.models import Resource


def words_of_resource(resource: Resource) -> tuple[str, str]:
    """What it is called and what it measures or makes, in Italian and in English."""
    return (
        _joined(resource.name_it, resource.measurements_it),
        _joined(resource.name_en, resource.measurements_en),
    )


def _joined(name: str, does: str) -> str:
    return ": ".join(filter(None, (name, " ".join(does.split()))))
