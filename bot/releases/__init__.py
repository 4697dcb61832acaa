"""Releases: every change of bases, prompts or settings, numbered and kept as it was.

A release is published by :mod:`bot.releases.publisher`, stands on the disk as
:mod:`bot.releases.store` says, and answers turns by way of :mod:`bot.releases.serving`.
"""
