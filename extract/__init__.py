"""Typed objects out of documents: declare a type, get it back filled, checked and on record."""
