"""The commands: one file a command. Options, then what is asked of other packages, then one rendering."""
