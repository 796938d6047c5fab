"""Who may load the vocabularies, complete their labels and write words; anybody may read them."""

from trebbo.kernel.access import Viewer


def load_vocabularies(viewer: Viewer) -> bool:
    """Whether the viewer may replace labels and add concepts."""
    return viewer.is_installation or bool(viewer.agency_networks)


def keep_labels(viewer: Viewer) -> bool:
    """Whether the viewer may write the Italian label that a concept lacks: any office may."""
    return viewer.is_installation or viewer.is_office


def keep_words(viewer: Viewer) -> bool:
    """Whether the viewer may say which words mean the same in both languages: any office may."""
    return viewer.is_installation or viewer.is_office
