"""The addresses of accounts: `/account/…` for everybody who has one, `/organise/…` for stewards."""

from storyhub.accounts.routes import (
    confirming,
    desk,
    me,
    passkeys,
    people,
    recovery,
    settings,
    sign_in,
    support,
    urgent,
)

# The other modules hang their views on the same blueprint, `sign_in.account`, when they are imported.
__all__ = ["confirming", "desk", "me", "passkeys", "people", "recovery", "settings", "sign_in", "support", "urgent"]
