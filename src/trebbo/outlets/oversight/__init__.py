"""Health of the installation and the audit trail."""
