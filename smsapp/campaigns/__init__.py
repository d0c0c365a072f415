"""From what a person composes to a send, in the order of what happens:

`forms` and `drafts` (what is typed) -> `order` (all that decides it) -> `plan` (worked out on the audience by the
database: `plan_table`, `render_sql`; for each key stroke `summary` with `histogram`) -> `confirmation` (shown and
signed by `signing`) -> `launch` (the one transaction) -> `smsapp.delivery`. The popup's pages are `popup_routes` and
`popup_tool_routes` with `composing`; those of sends `routes`, `send_page`, `history` and `unclear_routes`;
what has failed is sent again by `resend_routes` with `resending`. A test SMS is a send, too: `testing`, `gateway_test`.
"""
