"""Tenants, units, people, roles and the settings of a tenant."""
