"""Rules on what was observed. One rule a file, named after it; what was not observed is a finding too."""
