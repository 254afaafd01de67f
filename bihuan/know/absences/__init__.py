"""Absences of colleagues."""
