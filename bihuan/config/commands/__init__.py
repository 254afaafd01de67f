"""The sub-commands of `bihuan`, one module each (a trailing underscore keeps `import_` a legal name)."""
