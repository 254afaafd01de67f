"""Mining without a database: logs, the token game, alignments, figures, comparison, simulation."""
