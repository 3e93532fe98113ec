"""The command ricci-flow, where it is not installed: python -m ricci_flow."""

from ricci_flow.api.command import main

raise SystemExit(main())
