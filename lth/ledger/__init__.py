"""The ledger: every claim of the sources beside what the collected tables say of it. Reads tables alone."""
