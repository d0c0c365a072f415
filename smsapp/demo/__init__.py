"""A believable sample CRM for an empty database, made up in code: nobody in it exists."""
