"""The official layouts that can be taken in."""

from trebbo.engine.warehouse.layouts.contracts import Layout
from trebbo.engine.warehouse.layouts.cordis import Cordis
from trebbo.engine.warehouse.layouts.opencoesione import OpenCoesione
from trebbo.engine.warehouse.layouts.participations import Participations
from trebbo.engine.warehouse.layouts.ror import Ror

__all__ = ["LAYOUTS"]

LAYOUTS: dict[str, Layout] = {
    layout.name: layout for layout in (Cordis(), OpenCoesione(), Participations(), Ror())
}
