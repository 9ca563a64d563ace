"""The policies' reading of Karpenter, held against Karpenter's own code."""
