"""AWS as Karpenter's AWS provider asks it: moto in a process of its own, with what it lacks around it."""
