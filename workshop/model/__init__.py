"""The model: settings in, plan and findings out.

Put here what follows from the settings and from observations handed in. Nothing here imports
pulumi or a client, reads a clock or a file other than the model's own data, or prints.
"""
