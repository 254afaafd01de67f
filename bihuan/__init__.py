"""Bihuan 闭环: know the customer, capture what happens, understand, foresee, act, and steer."""

__version__ = "0.1.0"
