"""Places on a map: chosen by facets and window, drawn as markers, at a cost that hardly grows."""
