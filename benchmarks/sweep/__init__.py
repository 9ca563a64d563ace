"""Whether Karpenter launches the nodes that the plan says, for many stacks on one set of control planes."""
