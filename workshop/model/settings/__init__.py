"""All settings of a stack: a file for each section, the types of its values, and how they are read.

Add a setting to the section it belongs to, with a description; checks across fields stand beside the type they check.
Not here: what follows from settings (plan) or forbids them (rules).
"""
