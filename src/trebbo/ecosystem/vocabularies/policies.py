"""Who may load the vocabularies: they are public to read, and the installation's to change."""

from trebbo.kernel.access import Viewer


def load_vocabularies(viewer: Viewer) -> bool:
    """Whether the viewer may replace labels and add concepts."""
    return viewer.is_installation or bool(viewer.agency_networks)
