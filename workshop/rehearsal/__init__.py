"""A workshop rehearsed on real API servers, schedulers and Karpenter, without a cloud and without containers."""
