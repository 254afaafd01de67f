"""The importer: mapping files in, nouns and events stored, a data-quality report out."""
