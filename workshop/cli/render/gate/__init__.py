"""The gate's report in the formats that other tools read, a file for each."""
