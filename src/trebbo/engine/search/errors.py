"""What can go wrong with a search index, in words a person who runs the service can act on."""


class SearchIndexError(Exception):
    """Base of every refusal of the search engine; `message` is plain English."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class IndexMissing(SearchIndexError):
    """There is no index yet: it has to be built."""


class IndexBroken(SearchIndexError):
    """The index cannot be read, or was written by another version: it has to be rebuilt."""


class IndexBusy(SearchIndexError):
    """Another writer holds the index: try again later."""
