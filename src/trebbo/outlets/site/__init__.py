"""Home page, directory and component gallery."""
