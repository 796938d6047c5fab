"""Who may load the vocabularies and complete their labels; anybody may read them."""

from trebbo.kernel.access import Viewer


def load_vocabularies(viewer: Viewer) -> bool:
    """Whether the viewer may replace labels and add concepts."""
    return viewer.is_installation or bool(viewer.agency_networks)


def keep_labels(viewer: Viewer) -> bool:
    """Whether the viewer may write the Italian label that a concept lacks: any office may."""
    return viewer.is_installation or viewer.is_office
