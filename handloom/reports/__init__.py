"""What a person looks at: one offline HTML file per run, made from the run directory."""
