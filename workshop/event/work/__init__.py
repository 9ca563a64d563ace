"""Participants' work: copied out of their workspaces into a bucket, handed out, put back, erased."""
