"""Where factors come from."""
