"""Imported once, before anything is forked: what the command, the program and the server import anyway."""

import os

os.environ["MOTO_ACCOUNT_ID"] = "123456789012"  # moto reads it when it is imported

import boto3
import cloudflare
import httpx
import moto.ecr
import moto.moto_server.werkzeug_app
import pulumi_aws
import pulumi_cloudflare
import pulumi_kubernetes
import pulumi_policy

import workshop.cli.main
import workshop.cli.sandbox_backend
import workshop.cli.words
import workshop.observe.stack
import workshop.sandbox.engine.run
import workshop.sandbox.providers.packages
import workshop.sandbox.servers.__main__

__all__: list[str] = []
