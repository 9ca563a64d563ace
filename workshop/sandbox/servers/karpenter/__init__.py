"""What Karpenter, the scheduler and the kubelet do for workspaces, played where nobody else does."""
