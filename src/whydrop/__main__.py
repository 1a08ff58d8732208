"""`python -m whydrop` is the `whydrop` command."""

from whydrop.cli.main import main

main()
