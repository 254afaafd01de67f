"""Questions and answers: one door for pages, REST and the command line."""
