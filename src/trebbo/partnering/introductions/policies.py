"""Who may have the search index built: the installation and the agency; everybody may ask."""

from trebbo.kernel.access import Viewer


def keep_index(viewer: Viewer) -> bool:
    """Whether the viewer may rebuild the index, or put its upkeep off while working in bulk."""
    return viewer.is_installation or bool(viewer.agency_networks)
