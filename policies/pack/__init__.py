"""How the policies become a pack: which there are, the stack's config, exemptions, pages, and a harness for tests."""
